"""The table of publishers: what they do with validators, statuses, redirects, caches and bytes.

A new bad feed is one more row: a name, what it does, and the checks it is there for beside those that hold for all.
"""

import gzip
import zlib
from datetime import UTC, datetime

from tests import behaviour as does
from tests.behaviour import DAY, HOUR, PLAIN, feed, later, leads, page, pairs, raw, says, status, then, turns, wired
from tests.crowd import Answer, Behaviour, Personality, Visit, Wire
from tests.newsroom import item, rss
from tests.personalities_news import NEWS_ROWS, PAGE

OK = b"HTTP/1.1 200 OK\r\n"


def row(name: str, behaves: Behaviour, *checks: str, **more: object) -> Personality:
    return Personality(name=name, behaves=behaves, checks=checks, **more)  # type: ignore[arg-type]


def fails(name: str, behaves: Behaviour, *checks: str, **more: object) -> Personality:
    """He never has news."""
    return row(name, behaves, *checks, rings=False, **more)


def hangs(name: str, wire: Wire) -> Personality:
    """He keeps the first visitor until he leaves, and is broken later."""
    return fails(name, turns(wired(wire), status(500)), "C25", "C43", hangs=True)


SILENT = wired(says(hangs=True))


def tells_part(visit: Visit) -> Answer:
    """Only what is new since the ETag, which counts the headlines."""
    known = visit.validators()[0].strip('"')
    whole = feed(etag=f'"{len(visit.titles)}"')
    if not known.isdigit() or int(known) == len(visit.titles) or visit.n > 9:
        return whole(visit)
    new = visit.titles[int(known) :]
    body = rss(*(item(title) for title in new))
    return Answer(status=226, headers=(("IM", "feed"), ("ETag", f'"{len(visit.titles)}"')), body=body, titles=new)


def skipping(inner: str) -> Behaviour:
    """`{hours}` are this hour and the two after it, `{days}` is today."""

    def answers(visit: Visit) -> Answer:
        now = datetime.now(UTC)
        hours = "".join(f"<hour>{(now.hour + ahead) % 24}</hour>" for ahead in range(3))
        return feed(head=inner.format(hours=hours, days=f"<day>{now:%A}</day>"))(visit)

    return answers


def _raw_deflate(data: bytes) -> bytes:
    squeezer = zlib.compressobj(wbits=-15)
    return squeezer.compress(data) + squeezer.flush()


def zipped(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def coded(name: str) -> tuple[tuple[str, str], ...]:
    return (("Content-Encoding", name),)


VALIDATORS = (
    row("strong etag", PLAIN),
    row("weak etag", feed(etag='W/"{v}"')),
    row("unquoted etag", feed(etag="{v}")),
    row("empty etag", feed(etag='""', modified="{day}", conditional=False)),
    row("etag of nothing", feed(etag="", headers=(("ETag", ""),), modified="{day}")),
    row("etag list", feed(etag='"a,b", W/"{v}"')),
    row("etag of apache", feed(etag='"{v}-gzip"', modified="{day}", conditional=False)),
    row("etag of latin letters", feed(etag='"caf\xe9 \xff {v}"')),
    row("etag of 6000 letters", feed(etag='"' + "x" * 6000 + '{v}"')),
    row("etag with spaces and backslashes", feed(etag='"a  b\\c {v}"')),
    row("etag new at every poll", feed(etag='"{n}"', conditional=False), "C05"),
    row("modified new at every poll", feed(etag="", modified="day {n}", conditional=False), "C05"),
    row("etag new in every 304", feed(etag='"{n}"', forgets=True), "C06"),
    row("modified new in every 304", feed(etag='"1"', modified="day {n}", forgets=True), "C06"),
    row("modified alone", feed(etag="", modified="{day}")),
    row("modified in words", feed(etag="", modified="about noon {v}")),
    row("modified zero", feed(etag="", modified="0", conditional=False)),
    row("modified in other zone", feed(etag="", modified="Mon, 23 Nov 2026 13:00:00 +0100 {v}")),
    row("both validators", feed(etag='"{v}"', modified="{day}")),
    row("no validators", feed(etag="")),
    row("validators in 304 alone", feed(in_200=False)),
    row("304 without validators", feed(in_304=False)),
    row("validators dropped later", turns(PLAIN, PLAIN, feed(etag=""))),
    row("304 for ever", feed(forgets=True)),
    fails("304 unasked", status(304)),
    row("200 to every condition", feed(conditional=False)),
    row("errors with validators", turns(PLAIN, status(500, headers=pairs(etag='"e"', last_modified="e")), PLAIN)),
    row("only what is new", tells_part, "C42"),
    fails("226 of nothing", turns(PLAIN, status(226, headers=(("IM", "feed"),)), PLAIN)),
)

WRONG_DATE = "Wed, 01 Jan 2020 00:00:00 GMT"
ROWS_OF_LATER = tuple(
    row(f"{code} {name}", turns(PLAIN, later(code, value, asks, why, date), PLAIN), why)
    for code, checks in ((429, ("C21", "C22", "C24")), (503, ("C23", "C23", "C25")))
    for name, value, asks, why, date in (
        ("seconds", "3000", 3000, checks[0], ""),
        ("date", "{ahead}", 3000, checks[1], ""),
        ("date of a wrong clock", "{ahead}", 3000, checks[1], WRONG_DATE),
        ("year 9999", "Fri, 31 Dec 9999 23:59:59 GMT", 2 * DAY, checks[1], ""),
        ("for years", "99999999999", 2 * DAY, checks[0], ""),
        ("negative", "-5", 0, checks[2], ""),
        ("in words", "in a minute", 0, checks[2], ""),
        ("zero", "0", 0, checks[2], ""),
    )
)

STATUSES = (
    fails("429 for ever", status(429), "C24"),
    fails("429 unreadable for ever", status(429, headers=(("Retry-After", "soon"),)), "C24"),
    *(fails(f"{code} for ever", status(code), "C25") for code in (500, 502, 503, 504, 520)),
    *(fails(f"{code} for ever", status(code), "C28") for code in (403, 404)),
    *(fails(f"{code} for ever", status(code)) for code in (401, 418, 451, 204, 206, 300, 599)),
    row("410 after a while", then(PLAIN, 3, status(410)), "C27"),
    fails("410 at once", status(410), "C27"),
    row("500 twice", turns(PLAIN, status(500), status(500), PLAIN), "C26", "C57"),
    row("404 for an hour", turns(PLAIN, PLAIN, status(404), status(404), PLAIN), "C26", "C57"),
    row("first answers are errors", then(status(503), 2, PLAIN), "C26"),
    fails("404 that is fresh", status(404, headers=pairs(cache_control="max-age=3000"), asks=3000, why="C12")),
    row("page that is fresh",
        turns(PLAIN, status(200, headers=pairs(cache_control="max-age=3000"), body=PAGE, asks=3000, why="C12"), PLAIN)),
)  # fmt: skip

REDIRECTS = (
    row("301", leads(301, "{path}/{hop}"), "C29"),
    row("308", leads(308, "http://{host}{path}/{hop}"), "C29"),
    row("301 twice", leads(301, "{path}/{hop}", hops=2), "C29"),
    row("301 to another host", leads(301, "http://127.2.0.1:{port}{path}/{hop}"), "C29"),
    row("301 with a fragment", leads(301, "{path}/{hop}#top"), "C29"),
    *(row(str(code), leads(code, "{path}/{hop}"), "C30") for code in (302, 303, 307)),
    row("307 and a query", leads(307, "{path}/{hop}?utm_source=x"), "C30", asked="?format=rss&x=%3A"),
    row("301 to a page for a while", then(PLAIN, 2, *[leads(301, "{path}/{hop}", page(PAGE))] * 4, PLAIN), "C30"),
    fails("301 to a page", leads(301, "{path}/{hop}", page(PAGE)), "C30"),
    fails("302 to itself", leads(302, "{path}", hops=99), "C31"),
    fails("301 to itself", leads(301, "{path}", hops=99), "C31"),
    fails("302 ever on", leads(302, "{path}/{hop}", hops=99), "C31"),
    *(
        row(f"302 to {name}", turns(PLAIN, leads(302, target), PLAIN), "C47")
        for name, target in (
            ("a file", "file:///etc/passwd"), ("a script", "javascript:alert(1)"), ("ftp", "ftp://127.0.0.1/x"),
            ("a private network", "http://10.255.255.1/"), ("metadata", "http://169.254.169.254/latest/"),
            ("loopback of six", "http://[::1]/"), ("a broken address", "http://["), ("data", "data:text/xml,<rss/>"),
        )
    ),
    row("302 to nowhere", turns(PLAIN, status(302), PLAIN)),
    row("302 to nothing", turns(PLAIN, status(302, headers=(("Location", ""),)), PLAIN)),
    row("302 with a password", leads(302, "http://thief:x@127.2.0.2:{port}{path}/{hop}"), "C32", user="me:secret@"),
    row("302 at home with a password", leads(302, "{path}/{hop}"), user="me:secret@"),
    row("302 without a scheme", leads(302, "//{host}{path}/{hop}"), "C30"),
    row("302 with a cookie", leads(302, "{path}/{hop}", headers=(("Set-Cookie", "a=b; Path=/"),)), "C33"),
)  # fmt: skip


def cached(name: str, asks: float, **headers: str) -> Personality:
    why = "C12" if "cache_control" in headers else "C13"
    return row(f"cache {name}", feed(headers=pairs(**headers), asks=asks, why=why))


def expiring(name: str, asks: float, ahead: float, **headers: str) -> Personality:
    """He says when it expires by the clock of this machine."""

    def answers(visit: Visit) -> Answer:
        dates = pairs(date=does.http_date(), expires=does.http_date(ahead), **headers)
        return feed(headers=dates, asks=asks, why="C12" if headers else "C13")(visit)

    return row(f"expires {name}", answers)


CACHES = (
    cached("max-age", 3000, cache_control="max-age=3000"),
    cached("max-age in capitals", 3000, cache_control='PUBLIC, MAX-AGE="3000"'),
    cached("max-age and age", 2000, cache_control="max-age=3000", age="1000"),
    cached("max-age all used", 0, cache_control="max-age=3000", age="4000"),
    cached("max-age of a year", DAY, cache_control="public, max-age=31536000, immutable"),
    cached("max-age broken", 0, cache_control="max-age=soon"),
    cached("max-age negative", 0, cache_control="max-age=-1"),
    cached("max-age of thirty digits", DAY, cache_control="max-age=" + "9" * 30),
    cached("s-maxage alone", 0, cache_control="s-maxage=90000"),
    cached("s-maxage beside", 3000, cache_control="s-maxage=10, max-age=3000, stale-while-revalidate=60"),
    cached("no-cache", 0, cache_control="no-cache, max-age=0", pragma="no-cache"),
    cached("no-store", 0, cache_control="no-store"),
    row("cache headers twice",
        feed(headers=(("Cache-Control", "public"), ("Cache-Control", "max-age=3000")), asks=3000, why="C12")),
    expiring("in an hour", HOUR, HOUR),
    expiring("in a year", DAY, 365 * DAY),
    expiring("in the past", 0, -HOUR),
    expiring("beside max-age", 3000, 10 * HOUR, cache_control="max-age=3000"),
    cached("expires zero", 0, expires="0"),
    cached("expires in words", 0, expires="never"),
    cached("expires by a wrong clock", HOUR, date=WRONG_DATE, expires="Wed, 01 Jan 2020 01:00:00 GMT"),
)  # fmt: skip

HINTS = (
    row("ttl", feed(head="<ttl>50</ttl>", asks=3000, why="C14")),
    row("ttl of years", feed(head="<ttl>99999</ttl>", asks=DAY, why="C14")),
    row("ttl and errors", turns(feed(head="<ttl>50</ttl>", asks=3000, why="C14"),
                                status(500, asks=3000, why="C14"), feed(head="<ttl>50</ttl>", asks=3000, why="C14"))),
    row("ttl in words", feed(head="<ttl>often</ttl>")),
    row("ttl zero", feed(head="<ttl>0</ttl>")),
    row("sy hourly", feed(head="<sy:updatePeriod>hourly</sy:updatePeriod>", asks=HOUR, why="C15")),
    row("sy daily by 24", feed(asks=HOUR, why="C15",
        head="<sy:updatePeriod> daily\n</sy:updatePeriod><sy:updateFrequency>24</sy:updateFrequency>")),
    row("sy always", feed(head="<sy:updatePeriod>always</sy:updatePeriod>")),
    row("sy by zero", feed(head="<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>")),
    row("skip hours", skipping("<skipHours>{hours}</skipHours>"), "C16"),
    row("skip days", skipping("<skipDays>{days}</skipDays>"), "C16"),
    row("skip hours in words", skipping("<skipHours><hour>noon</hour>{hours}<hour>99</hour></skipHours>"), "C16"),
    row("skip all hours",
        skipping(f"<skipHours>{''.join(f'<hour>{h}</hour>' for h in range(1, 25))}</skipHours>")),
    row("busy", feed(etag='"{n}"', conditional=False), every="300s"),
    row("quiet", feed(render=lambda visit: b"<rss><channel><title>Old</title></channel></rss>", etag='"1"'), "C20",
        rings=False),
)  # fmt: skip

BYTES = (
    row("gzip", feed(headers=coded("gzip"), encode=zipped)),
    row("deflate", feed(headers=coded("deflate"), encode=zlib.compress)),
    row("deflate raw", feed(headers=coded("deflate"), encode=_raw_deflate)),
    row("gzip that is none", feed(headers=coded("gzip"))),
    row("gzip without a word", feed(encode=zipped)),
    fails("brotli unasked", status(200, headers=coded("br"), body=b"\x8b\x02\x80")),
    fails("zstd unasked", status(200, headers=coded("zstd"), body=b"\x28\xb5\x2f\xfd")),
    fails("gzip of gzip", status(200, headers=coded("gzip, gzip"), body=zipped(zipped(b"<rss/>")))),
    fails("gzip bomb", status(200, headers=coded("gzip"), body=does.zipped_bomb()), "C45"),
    fails("deflate bomb", status(200, headers=coded("deflate"), body=zlib.compress(bytes(60_000_000), 9)), "C45"),
    row("chunked", raw(
        lambda _, body: OK + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(body), body))),
    fails("chunked and broken", wired(says(OK, b"Transfer-Encoding: chunked\r\n\r\nzz\r\n<rss>"))),
    row("content-length short", turns(PLAIN, wired(says(OK, b"Content-Length: 9000\r\n\r\n<rss><channel>")), PLAIN)),
    row("no length", raw(lambda _, body: OK + b"Content-Type: text/xml\r\n\r\n" + body)),
    row("http 1.0", raw(lambda _, body: b"HTTP/1.0 200 OK\r\n\r\n" + body)),
    row("line feeds alone", raw(lambda _, body: b"HTTP/1.1 200 OK\nContent-Type: text/xml\n\n" + body), rings=False),
    row("early hints", raw(
        lambda _, body: b"HTTP/1.1 103 Early Hints\r\nLink: </x.css>\r\n\r\n" + OK + b"\r\n" + body)),
    row("latin headers", raw(lambda _, body: OK + b"Server: caf\xe9 \xff\r\nX: \xe4\r\n\r\n" + body)),
    fails("header flood", wired(says(OK, *[b"X-%d: y\r\n" % n * 100 for n in range(100)], b"\r\n<rss/>"))),
    fails("header of a megabyte", wired(says(OK, b"X: " + b"y" * 1_000_000 + b"\r\n\r\n<rss/>"))),
    fails("headers for ever", wired(does.endless(b"X: y\r\n", OK))),
    fails("folded headers", wired(says(OK, b"X: a\r\n b\r\n\r\n<rss/>"))),
    fails("not http", wired(says(b"SSH-2.0-OpenSSH_9.2\r\n")), "C25"),
    fails("closes at once", wired(says()), "C25"),
    fails("resets", wired(says(resets=True)), "C25"),
    fails("resets in the body", wired(says(OK, b"Content-Length: 900\r\n\r\n<rss>", resets=True)), "C25"),
    hangs("drips", does.drips(0.5)),
    hangs("drips headers", does.drips(0.5, OK + b"X: ", b"y")),
    hangs("silent", says(hangs=True)),
    hangs("silent in the headers", says(OK, b"Content-", hangs=True)),
    hangs("silent in the body", says(OK, b"Content-Length: 900\r\n\r\n<rss>", hangs=True)),
    fails("silent at the stop", lambda visit: (SILENT if visit.crowd.hushed else PLAIN)(visit), hangs=True),
    fails("tls to a plain port", PLAIN, scheme="https", hangs=True),
    fails("endless", wired(does.endless(b"<item/>" * 10_000)), "C44"),
    fails("endless zeros in gzip",
          wired(does.endless(zipped(bytes(3_000_000)), OK + b"Content-Encoding: gzip\r\n\r\n")), "C44"),
    row("cookies", feed(headers=(("Set-Cookie", "id=1; Path=/"), ("Set-Cookie", "b=2"))), "C33"),
    row("sends elsewhere", feed(headers=(
        ("Strict-Transport-Security", "max-age=1"), ("Link", "</icon.png>; rel=icon, </hub>; rel=hub"),
        ("Refresh", "0; url=/refreshed"), ("Alt-Svc", 'h3=":443"'), ("Content-Location", "/elsewhere"))), "C41"),
    row("query as given", PLAIN, "C34", asked="?a=b%2Fc%3A&d=%7e+e&&f"),
    row("fixed interval", PLAIN, every="600s"),
    *(row(f"one of two {n}", PLAIN, "C17", "C18", host="two") for n in range(2)),
    *(row(f"one of six that meet {n}", leads(302, "http://127.2.0.3:{port}{path}/{hop}", does.slow(PLAIN)), "C17")
      for n in range(6)),
    *(row(f"one of four {n}", PLAIN, "C17", "C18", host="four") for n in range(4)),
)  # fmt: skip

TABLE = (*VALIDATORS, *ROWS_OF_LATER, *STATUSES, *REDIRECTS, *CACHES, *HINTS, *BYTES, *NEWS_ROWS)
