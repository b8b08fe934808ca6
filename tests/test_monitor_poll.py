"""One poll of one feed: what a publisher sees, what rings, and when he is asked again."""

import asyncio
import re
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest

from monitor.fetch import FetchFailed
from rules.records import AlertKind, Cursor, Feed
from tests.newsroom import ADA, GRACE, OTHER, Newsroom, Page, a_newsroom, ago, item, rss
from tests.servers import Response

pytestmark = pytest.mark.anyio

HOUR = 3600.0
DAY = 24 * HOUR


# What the publisher sees.


async def test_both_validators_come_back_as_they_were_given(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        room.page.headers = {"ETag": 'W/"a b', "Last-Modified": "yesterday, at noon"}
        await room.polled(item(OTHER))
        await room.poll()

        asked = room.page.asked[-1].headers
        assert (asked["if-none-match"], asked["if-modified-since"]) == ('W/"a b', "yesterday, at noon")
        assert "if-none-match" not in room.page.asked[0].headers


async def test_an_unchanged_body_brings_its_new_validators(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        await room.polled(item(OTHER))
        room.page.headers = {"ETag": '"2"', "Last-Modified": "then"}
        assert (await room.poll()).unchanged
        await room.poll()

        assert room.page.asked[-1].headers["if-none-match"] == '"2"'


async def test_validators_of_a_304_replace_the_stored_ones(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        room.page.headers = {"ETag": '"1"', "Last-Modified": "then"}
        await room.polled(item(OTHER))
        room.server.routes["/feed.xml"] = Response(status=304, headers={"ETag": '"2"'})
        await room.poll()

        assert (room.cursor().etag, room.cursor().last_modified) == ('"2"', "then")


@pytest.mark.parametrize("body", [b"<html><body>Sign in</body></html>", b"", b"moment please", b'{"error": "busy"}'])
async def test_an_error_page_with_200_costs_neither_validators_nor_items(body: bytes, tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        room.page.headers = {"ETag": '"1"'}
        await room.polled(item(OTHER))
        before = room.cursor()
        room.server.routes["/feed.xml"] = Response(headers={"ETag": '"error"'}, body=body)

        polled = await room.poll()

        assert polled.problem
        after = room.cursor()
        assert (after.etag, after.body_hash, after.failures) == (before.etag, before.body_hash, 1)
        assert room.rang == []


async def test_a_server_that_says_304_for_ever_is_asked_without_conditions_once_a_week(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        room.page.headers = {"ETag": '"1"'}
        await room.polled(item(OTHER))
        room.page.body = rss(item(OTHER), item(ADA))
        await room.poll()
        assert room.rang == []

        await room.poll(validated_since=ago(days=9))
        assert "if-none-match" not in room.page.asked[-1].headers
        assert room.rang == [ADA]
        await room.poll()
        assert room.page.asked[-1].headers["if-none-match"] == '"1"'


async def test_a_host_that_punishes_the_request_without_conditions_is_asked_with_them_next(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        room.page.headers = {"ETag": '"1"'}
        await room.polled(item(OTHER))
        room.server.routes["/feed.xml"] = Response(status=429, headers={"Retry-After": "86400"})
        await room.poll(validated_since=ago(days=9))
        await room.poll()

        assert "if-none-match" not in room.server.log[-2].headers
        assert room.server.log[-1].headers["if-none-match"] == '"1"'


async def test_an_answer_that_was_cut_off_is_asked_for_again(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        room.page.headers = {"ETag": '"1"'}
        await room.polled(item(OTHER))
        whole = rss(item(OTHER), item(ADA), item(GRACE))
        room.page.headers, room.page.body = {"ETag": '"2"'}, whole[: whole.index(b"Grace")]

        await room.poll()
        assert room.rang == [ADA]
        assert room.cursor().etag == '"1"'
        room.page.body = whole
        await room.poll()
        assert room.rang == [ADA, GRACE]


async def test_a_feed_that_always_ends_early_is_asked_with_conditions_in_the_end(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        await room.polled(item(OTHER))
        room.page.headers, room.page.body = {"ETag": '"2"'}, rss(item(OTHER), item(ADA))[:-20]
        for _ in range(3):
            await room.poll()

        assert room.page.asked[-1].headers["if-none-match"] == '"2"'


async def test_half_a_first_answer_makes_no_news_of_the_other_half(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        whole = rss(item(OTHER), item(ADA), item(GRACE))
        room.page.body = whole[: whole.index(b"Ada")]
        assert "cut off" in (await room.poll()).problem
        room.page.body = whole
        await room.poll()

        assert room.rang == []


async def test_a_feed_that_is_always_cut_off_rings_all_the_same(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        for items in ([item(OTHER)], [item(OTHER), item(GRACE)], [item(ADA), item(OTHER)]):
            room.page.body = rss(*items)[:-20]
            await room.poll()

        assert room.rang == [ADA]


# What rings.


async def test_the_first_poll_is_silent_and_news_after_it_rings_once(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        assert (await room.polled(item(GRACE))).alerts == 0
        polled = await room.polled(item(GRACE), item(ADA))
        await room.poll()

        assert (polled.items, polled.new, polled.alerts) == (2, 1, 1)
        assert room.rang == [ADA]


AGAIN = {
    "as it was": item(ADA, guid="1", link="https://a.example/1"),
    "re-titled": item("Lovelace, Ada Lovelace's laboratory", guid="1", link="https://a.example/1"),
    "with a new guid": item(ADA, guid="2", link="https://a.example/1"),
    "with a new guid and a campaign": item(ADA, guid="2", link="https://a.example/1?utm_source=rss&utm_medium=x"),
    "with a new guid and link": item(ADA, guid="3", link="https://a.example/moved/1"),
    "with a date": item(ADA, guid="1", more="<pubDate>Fri, 01 Jan 2100 00:00:00 GMT</pubDate>"),
    "without a guid": item(ADA, guid="-", link="https://a.example/1"),
    "with more words": item(ADA, guid="1", link="https://a.example/1", text="Ada Lovelace told reporters on Monday."),
}


@pytest.mark.parametrize("again", AGAIN.values(), ids=AGAIN)
async def test_the_same_item_rings_no_second_time(again: str, tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        await room.polled(item(OTHER))
        await room.polled(item(OTHER), AGAIN["as it was"])
        await room.polled(item(OTHER), again)

        assert room.rang == [ADA]


async def test_what_was_dropped_and_comes_back_does_not_ring(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        await room.polled(item(OTHER))
        for _ in range(3):
            await room.polled(item(OTHER), item(ADA), item(GRACE))
            await room.polled(item(OTHER))

        assert sorted(room.rang) == sorted([ADA, GRACE])


async def test_another_order_is_no_news(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        items = [item(OTHER), item(GRACE, link="https://a.example/g"), item("Ada Lovelace writes another program")]
        await room.polled(*items)

        polled = await room.polled(*reversed(items))

        assert (polled.new, room.rang) == (0, [])


async def test_an_archive_that_is_published_again_with_new_guids_and_links_does_not_ring(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:

        def archive(version: int) -> list[str]:
            return [
                item(f"Ada Lovelace writes letter number {n} of the year", text=f"Letter {n}, in full, to Babbage.",
                     guid=f"{version}-{n}", link=f"https://v{version}.example/{n}")
                for n in range(50)
            ]  # fmt: skip

        await room.polled(*archive(1))
        await room.polled(*archive(2))

        assert room.rang == []


async def test_an_edit_that_adds_a_watched_name_rings_once(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        await room.polled(item(GRACE))
        await room.polled(item(OTHER, guid="1"))
        for text in ("By Ada Lovelace.", "By Ada Lovelace and others.", "By Ada Lovelace."):
            await room.polled(item(OTHER, guid="1", text=text))

        assert room.rang == [OTHER]


async def test_an_edit_is_not_counted_as_news_for_the_schedule(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        await room.polled(item(OTHER, guid="1"))
        before = room.cursor().pace

        await room.polled(item(OTHER, guid="1", text="1,000 readers so far"))

        assert room.cursor().pace <= before


async def test_the_same_article_in_two_feeds_is_one_story_and_one_alert(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path, "/one.xml", "/two.xml") as room:
        one, two = room.poller.plan.feeds.values()
        other = room.server.routes["/two.xml"] = Page(rss(item(OTHER)))
        await room.polled(item(OTHER))
        await room.poll(two)
        other.body = rss(item("Ada's laboratory", guid="two", link="https://a.example/1?utm_source=two"))

        await room.polled(item(ADA, link="https://a.example/1"), feed=one)
        assert (await room.poll(two)).new == 1

        assert [alert.kind for alert in room.store.alerts()] == [AlertKind.CREATED]
        assert room.store.stories()[0].sources == 2


async def test_what_breaks_while_the_server_is_down_rings_after_it(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        await room.polled(item(OTHER))
        room.server.routes["/feed.xml"] = Response(status=503)
        await room.poll()
        room.server.routes["/feed.xml"] = room.page
        await room.polled(item(OTHER), item(ADA), item(GRACE))

        assert room.rang == [ADA, GRACE]


async def test_backfill_rings_for_what_is_young_on_the_first_poll(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path, polling='backfill = "24h"') as room:

        def dated(title: str, **time: float) -> str:
            return item(title, more=f"<pubDate>{format_datetime(ago(**time))}</pubDate>")

        await room.polled(dated(ADA, hours=2), dated(GRACE, hours=30), item("Ada Lovelace, without a date"))

        assert room.rang == [ADA]


@pytest.mark.parametrize(
    "date", ["Fri, 01 Jan 2100 00:00:00 GMT", "Thu, 01 Jan 1970 00:00:00 GMT", "yesterday", "Mon, 32 Foo 2026"]
)
async def test_an_odd_date_neither_hides_an_item_nor_what_comes_after_it(date: str, tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        await room.polled(item(OTHER))
        odd = item(ADA, more=f"<pubDate>{date}</pubDate>")
        await room.polled(odd)
        await room.polled(odd, item(GRACE))

        assert room.rang == [ADA, GRACE]


async def test_items_with_next_to_nothing_in_them_ring(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        await room.polled(item(OTHER))
        bare = item("Ada Lovelace", guid="-"), item("", guid="-", text="Grace Hopper, in the text alone")
        await room.polled(*bare)
        await room.polled(*bare)

        assert len(room.rang) == 2


@pytest.mark.parametrize("status", [200, 304, 500, 410])
async def test_a_poll_that_a_reload_overtakes_is_kept_by_the_plan_it_began_with(status: int, tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        room.page.headers = {"ETag": '"1"'}
        await room.polled(item(OTHER))
        cursor = room.cursor()

        def reloads(_: object) -> Response:
            room.poller.plan = replace(room.poller.plan, feeds={})
            return Response(status=status, body=rss(item(ADA)) if status == 200 else b"")

        room.server.routes["/feed.xml"] = reloads
        polled = await room.poller.poll(cursor)

        assert polled.feed.id == cursor.feed_id
        assert room.rang == [ADA] * (status == 200)


# When he is asked again.


async def test_news_shortens_the_wait_and_silence_lengthens_it_within_the_bounds(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path, polling='min = "10m"\nmax = "20m"') as room:
        waits = []
        for titles in ([OTHER], [OTHER], [OTHER], [OTHER], [OTHER], [ADA]):
            await room.polled(*map(item, titles))
            waits.append(room.wait())

        assert all(600.0 <= wait <= 1200.0 for wait in waits[1:])
        assert waits[-1] < waits[-2]


async def test_a_fixed_interval_is_kept(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path, feed=', every = "2m"') as room:
        waits = []
        for _ in range(3):
            await room.polled(item(OTHER))
            waits.append(room.wait())

        assert waits[1:] == [120.0, 120.0]
        assert 120.0 <= waits[0] < 180.0


HINTS = {
    "max-age": ({"Cache-Control": "max-age=3600"}, ""),
    "max-age less the age": ({"Cache-Control": "public, max-age=4000", "Age": "400"}, ""),
    "Expires": (
        {"Date": "Mon, 23 Nov 2026 12:00:00 GMT", "Expires": "Mon, 23 Nov 2026 13:00:00 GMT"}, "",
    ),
    "ttl": ({}, "<ttl>60</ttl>"),
    "sy": ({}, "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>24</sy:updateFrequency>"),
}  # fmt: skip


@pytest.mark.parametrize("hint", HINTS.values(), ids=HINTS)
async def test_the_publisher_is_not_asked_before_his_hints_allow(
    hint: tuple[dict[str, str], str], tmp_path: Path
) -> None:
    async with a_newsroom(tmp_path, feed=', every = "60s"') as room:
        headers, head = hint
        room.page.headers, room.page.body = {"ETag": '"1"', **headers}, rss(item(OTHER), head=head)
        for _ in range(3):  # what the document said holds for the 304 after it
            await room.poll()
            assert room.wait() == HOUR


async def test_hours_to_skip_hold_for_the_answers_after_it_whatever_they_are(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path, feed=', every = "60s"') as room:
        hour = datetime.now(UTC).hour
        hours = "".join(f"<hour>{(hour + ahead) % 24}</hour>" for ahead in range(3))
        room.page.body = rss(item(OTHER), head=f"<skipHours>{hours}</skipHours>")
        room.page.headers = {"ETag": '"1"'}
        for answer in (room.page, room.page, Response(status=500)):
            room.server.routes["/feed.xml"] = answer
            await room.poll()
            poll = room.cursor().next_poll
            assert poll
            assert (poll.hour - hour) % 24 in (3, 4)  # the clock may have struck meanwhile


async def test_an_answer_of_what_is_new_alone_leaves_the_rest_as_it_was(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        room.page.headers = {"ETag": '"1"'}
        await room.polled(item(OTHER))
        body_hash = room.cursor().body_hash
        room.server.routes["/feed.xml"] = Response(status=226, headers={"ETag": '"2"'}, body=rss(item(ADA)))
        await room.poll()
        assert (room.cursor().etag, room.cursor().body_hash) == ('"2"', body_hash)
        room.server.routes["/feed.xml"] = room.page
        await room.polled(item(GRACE), item(ADA), item(OTHER))

        assert room.rang == [ADA, GRACE]


@pytest.mark.parametrize("answer", [Response(status=404), Response(body=b"<html>soon</html>")])
async def test_a_page_of_an_error_is_not_asked_for_again_while_it_is_fresh(answer: Response, tmp_path: Path) -> None:
    async with a_newsroom(tmp_path, feed=', every = "60s"') as room:
        await room.polled(item(OTHER))
        room.server.routes["/feed.xml"] = replace(answer, headers={"Cache-Control": "max-age=3600"})
        await room.poll()

        assert room.wait() == HOUR


async def test_an_answer_that_ends_before_its_first_item_is_a_failure_each_time(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path, feed=', every = "60s"') as room:
        await room.polled(item(OTHER))
        room.server.routes["/feed.xml"] = Response(headers={"Content-Length": "900"}, body=b"<rss><channel>")
        waits = []
        for _ in range(3):
            await room.poll()
            waits.append(room.wait())

        assert waits == [120.0, 240.0, 480.0]
        assert room.cursor().error == "the answer was cut off before its first item"


async def test_a_poll_that_a_stop_ends_has_had_its_turn(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path, feed=', every = "5m"') as room:
        room.page.headers = {"ETag": '"1"'}
        await room.polled(item(OTHER))
        asked, never = asyncio.Event(), asyncio.Event()

        async def silent(writer: asyncio.StreamWriter) -> None:
            asked.set()
            await never.wait()

        room.server.routes["/feed.xml"] = lambda _: silent
        poll = asyncio.create_task(room.poll())
        await asked.wait()
        poll.cancel()
        await asyncio.gather(poll, return_exceptions=True)
        await asyncio.wrap_future(room.store.reopen())  # what was written before it is on the disk

        assert room.wait() == pytest.approx(room.cursor().interval)
        assert (room.cursor().etag, room.cursor().failures) == ('"1"', 0)
        assert room.cursor().error == "no answer yet when Wirebell stopped"


async def test_a_hint_that_is_taken_back_holds_no_more(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path, feed=', every = "60s"') as room:
        room.page.body = rss(item(OTHER), head="<ttl>60</ttl>")
        await room.poll()
        await room.polled(item(OTHER), item(ADA))

        assert room.wait() == 60.0


@pytest.mark.parametrize("asked", ["max-age=31536000", "max-age=99999999999999999999"])
async def test_a_hint_silences_a_feed_for_a_day_at_most(asked: str, tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        room.page.headers = {"Cache-Control": asked}
        await room.polled(item(OTHER))

        assert room.wait() == DAY


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "7200"},
        {"Date": "Mon, 23 Nov 2026 12:00:00 GMT", "Retry-After": "Mon, 23 Nov 2026 14:00:00 GMT"},
    ],
)
async def test_retry_after_is_obeyed_in_both_forms(status: int, headers: dict[str, str], tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        await room.polled(item(OTHER))
        room.server.routes["/feed.xml"] = Response(status=status, headers=headers)
        await room.poll()

        assert room.wait() == 7200.0


@pytest.mark.parametrize("answer", [Response(status=n) for n in (403, 404, 429, 500, 503)])
async def test_a_feed_that_fails_is_asked_less_and_less_and_as_before_when_it_is_well(
    answer: Response, tmp_path: Path
) -> None:
    async with a_newsroom(tmp_path, feed=', every = "60s"') as room:
        await room.polled(item(OTHER))
        room.server.routes["/feed.xml"] = answer
        waits = []
        for _ in range(4):
            await room.poll()
            waits.append(room.wait())
        room.server.routes["/feed.xml"] = room.page
        await room.poll()

        assert waits == [120.0, 240.0, 480.0, 960.0]
        assert (room.cursor().failures, room.cursor().error) == (0, "")


async def test_a_feed_that_fails_for_long_is_asked_once_a_day_for_ever(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        room.server.routes["/feed.xml"] = Response(status=500)
        await room.poll(failures=4000)

        assert room.wait() == DAY


async def test_a_feed_that_is_gone_is_asked_no_more_and_the_operator_told(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        await room.polled(item(OTHER))
        room.server.routes["/feed.xml"] = Response(status=410)
        await room.poll()

        assert room.store.due(ago(days=-400)) == []
        (notice,) = room.notices
        assert notice.startswith("The Wire is gone") or "/feed.xml is gone" in notice


class Unplugged:
    """Nobody answers."""

    async def fetch(self, feed_url: str, cursor: Cursor) -> FetchFailed:
        del feed_url, cursor
        return FetchFailed(reason="the name could not be resolved")


async def unplugged(room: Newsroom, *hosts: str) -> list[Feed]:
    """Poll a feed on each of these hosts, none of which answers."""
    feeds = [replace(room.feed, url=f"https://{host}/feed") for host in hosts]
    room.store.enrol(feeds, now=ago()).result()
    room.poller.fetcher = Unplugged()  # type: ignore[assignment]
    for feed in feeds:
        await room.poll(feed)
    return feeds


async def test_our_own_dead_network_is_no_feeds_failure(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        hosts = [f"{n}.example" for n in range(6)]
        feeds = [replace(room.feed, url=f"https://{host}/feed") for host in hosts]
        room.poller.plan = replace(room.poller.plan, feeds={feed.id: feed for feed in feeds})
        await unplugged(room, *hosts)
        assert [room.cursor(feed).failures for feed in feeds] == [1, 1, 1, 0, 0, 0]
        for _ in range(9):
            polled = [await room.poll(feed) for feed in feeds]

        assert "our own network" in polled[0].problem
        assert [room.cursor(feed).failures for feed in feeds] == [1, 1, 1, 0, 0, 0]
        assert {room.wait(feed) for feed in feeds} == {300.0}
        assert room.notices == []


@pytest.mark.parametrize("alive", [4, 40])
async def test_a_few_dead_hosts_among_many_have_failed(alive: int, tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        hosts = [f"{n}.example" for n in range(3 + alive)]
        feeds = [replace(room.feed, url=f"https://{host}/feed") for host in hosts]
        room.poller.plan = replace(room.poller.plan, feeds={feed.id: feed for feed in feeds})

        assert [room.cursor(feed).failures for feed in await unplugged(room, *hosts[:3])] == [1, 1, 1]


async def test_hosts_beside_us_do_not_fail_for_our_networks_sake(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        hosts = [f"127.0.0.{n}:9" for n in range(2, 7)]
        feeds = [replace(room.feed, url=f"https://{host}/feed") for host in hosts]
        room.poller.plan = replace(room.poller.plan, feeds={feed.id: feed for feed in feeds})

        assert [room.cursor(feed).failures for feed in await unplugged(room, *hosts)] == [1] * 5


# Where he is asked.


async def test_a_permanent_redirect_is_learnt_after_its_trial(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        room.server.routes["/new.xml"] = room.page
        room.server.routes["/feed.xml"] = Response(status=301, headers={"Location": "/new.xml"})
        for _ in range(3):
            await room.polled(item(OTHER))
            assert room.cursor().url == room.feed.url
        await room.poll(moved_since=ago(hours=25))
        asked = len(room.server.log)
        await room.polled(item(OTHER), item(ADA))

        assert [request.target for request in room.server.log[asked:]] == ["/new.xml"]
        assert room.rang == [ADA]
        assert [re.search(r"has (\w+):", notice)[1] for notice in room.notices] == ["moved"]  # type: ignore[index]


@pytest.mark.parametrize("status", [302, 303, 307])
async def test_a_temporary_redirect_is_never_learnt(status: int, tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        room.server.routes["/new.xml"] = room.page
        room.server.routes["/feed.xml"] = Response(status=status, headers={"Location": "/new.xml"})
        for _ in range(4):
            await room.poll(moved_since=ago(hours=25))

        assert (room.cursor().url, room.cursor().moved_to) == (room.feed.url, "")


async def test_a_portal_that_answers_301_is_never_learnt(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        room.server.routes["/portal"] = Response(body=b"<html>Room number?</html>")
        room.server.routes["/feed.xml"] = Response(status=301, headers={"Location": "/portal"})
        for _ in range(4):
            await room.poll(moved_since=ago(hours=25), moved_polls=9)

        assert room.cursor().url == room.feed.url


async def test_a_learnt_address_that_fails_for_long_is_given_up_for_the_configured_one(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        await room.polled(item(OTHER))
        for failures in (6, 7):
            await room.poll(url=f"{room.server.url}/lapsed.xml", failures=failures)
        assert room.cursor().url == room.feed.url
        await room.polled(item(OTHER), item(ADA))

        assert room.rang == [ADA]
        assert "/lapsed.xml, where it had moved, is given up" in room.notices[1]


async def test_the_operator_hears_once_of_a_broken_feed_and_once_that_it_is_back(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        room.server.routes["/feed.xml"] = Response(status=500)
        for _ in range(12):
            await room.poll()
        room.server.routes["/feed.xml"] = room.page
        await room.poll()
        await room.poll()

        assert [re.search(r"is (\w+):", notice)[1] for notice in room.notices] == ["broken", "back"]  # type: ignore[index]


async def test_no_notice_tells_the_password_of_a_feed(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        secret = replace(room.feed, url=room.feed.url.replace("//", "//user:canary@"), name="")
        room.store.enrol([secret], now=ago()).result()
        room.poller.plan = replace(room.poller.plan, feeds={secret.id: secret})
        room.server.routes["/feed.xml"] = Response(status=410)
        await room.poll(secret)

        assert len(room.notices) == 1
        assert "canary" not in room.notices[0]


# Together.


async def test_feeds_that_were_asked_together_are_asked_apart_from_then_on(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path, *[f"/{n}" for n in range(40)], feed=', every = "300s"') as room:
        for path in room.poller.plan.feeds.values():
            room.server.routes[path.url.removeprefix(room.server.url)] = Response(body=rss(item(OTHER)))
            await room.poll(path)
        waits = sorted(room.wait(feed) for feed in room.poller.plan.feeds.values())

        assert waits[0] >= 300.0
        assert all(sum(start <= wait < start + 15.0 for wait in waits) <= 20 for start in waits)
        for feed in room.poller.plan.feeds.values():
            await room.poll(feed)
        assert {room.wait(feed) for feed in room.poller.plan.feeds.values()} == {300.0}

        for feed in room.poller.plan.feeds.values():  # after a night without us
            await room.poll(feed, next_poll=ago(hours=8))
        assert len({room.wait(feed) for feed in room.poller.plan.feeds.values()}) == 40


async def test_a_restart_brings_no_poll_forward_and_the_first_is_conditional(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        room.page.headers = {"ETag": '"1"'}
        await room.polled(item(OTHER))
        room.store.enrol(list(room.poller.plan.feeds.values()), now=ago()).result()

        assert room.store.due(ago()) == []
        await room.poll()
        assert room.page.asked[-1].headers["if-none-match"] == '"1"'


async def test_a_feed_that_is_taken_away_and_added_again_rings_for_nothing_it_had_shown(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        await room.polled(item(OTHER), item(GRACE))
        room.store.enrol([], now=ago()).result()
        room.store.enrol([room.feed], now=ago()).result()
        assert room.store.due(ago()) == []
        await room.polled(item(OTHER), item(GRACE), item(ADA))

        assert room.rang == [ADA]


async def test_a_large_archive_is_judged_in_turns_with_everything_else(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        await room.polled(item(OTHER))
        polled = await room.polled(*(item(f"Ada Lovelace writes letter number {n} of the year") for n in range(2000)))

        assert (polled.new, polled.alerts) == (2000, 2000)
