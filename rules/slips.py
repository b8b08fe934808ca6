"""What people write in a query that means something else elsewhere, or nothing: each with what is written here."""

import re

from rules.wording import did_you_mean, shortened

FIELDS = ("title", "summary", "text", "author", "category", "link", "site", "feed", "tag", "lang")

_FIELDS_ELSEWHERE = {
    **dict.fromkeys(("headline", "heading", "intitle", "allintitle"), "title"),
    **dict.fromkeys(("description", "abstract", "excerpt"), "summary"),
    **dict.fromkeys(("body", "content", "article", "intext"), "text"),
    **dict.fromkeys(("by", "byline", "creator"), "author"),
    **dict.fromkeys(("topic", "section"), "category"),
    **dict.fromkeys(("url", "href", "inurl"), "link"),
    **dict.fromkeys(("host", "domain", "website"), "site"),
    **dict.fromkeys(("source", "publication", "publisher", "outlet"), "feed"),
    **dict.fromkeys(("keyword", "label"), "tag"),
    **dict.fromkeys(("language", "locale"), "lang"),
}

_Rows = tuple[tuple[re.Pattern[str], str, str], ...]

_BEHIND: _Rows = (
    (re.compile(r"~(\d*).*"), "`{0}` is not known here", "write a NEAR/10 b: at most ten words between"),
    (re.compile(r"\^.*"), "`{0}` is not known here", "leave it out: a rule rings or not, and weighs nothing"),
    (re.compile(r"\*.*"), "the * stands outside the quotes", 'write it inside: "chain of thou*"'),
)
"""Right behind a quote or a bracket."""

_WORDS: _Rows = (
    (re.compile(r"['‘’].*"), "`{0}` begins with a single quote", 'write "..." around a phrase'),
    (re.compile(r"[\[{].*"), "`{0}` begins a range, which is not known here", "write the words with OR"),
    (re.compile(r"=@.*"), "= does not stand before a list", "write exact = true at its entries"),
    (re.compile(r"@.*"), "`{0}` names no list", 'write @labs, or @"our labs" where the name has a space'),
    (re.compile(r"=/.*"), "= and /.../ do not go together", "write /(?-i).../ where case counts"),
    (re.compile(r"="), "= stands before a word or a phrase", 'write =MSL or ="Meta AI"'),
    (re.compile(r"/.*/[A-Za-z]+"), "`{0}` has letters behind it", "leave them out: case does not matter"),
    (re.compile(r"/.*"), "the expression `{0}` is never closed", r"end it with /, write \/ for a slash"),
    (re.compile(r".*~[\d.]*"), "`{0}` asks for similar words: not known here", "write a prefix*, or spellings with OR"),
    (re.compile(r".*\^\d[\d.]*"), "`{0}` weighs a word: not known here", "leave the ^ out"),
    (re.compile(r".*\w\?\w.*|\?\w.*"), "`{0}`: a ? stands for nothing", r"write /gr.y/, or quotes where it is meant"),
    (re.compile(r"\w+://.*"), "`{0}` is an address", 'write link:"..." or site:example.org'),
    (re.compile(r".*\w\|\w.*"), "`{0}`: | is no operator", "write OR"),
    (re.compile(r"\*+"), "a * alone is everything", "write the beginning of a word before it"),
    (re.compile(r"[-–—−]+"), "a dash alone means nothing", "write -word without a space, or NOT"),
    (re.compile(r"[\W_]+"), "there is no word in `{0}`", "write letters or digits"),
)  # fmt: skip

_LOWER_CASE = {"and": "AND", "or": "OR"}
_NEAR = re.compile(r"near|(?:(?:o?near|within|adj)/?|(?:w|n|pre)/)(\d{1,6})", re.IGNORECASE)


def slip_in(word: str) -> tuple[str, str] | None:
    """What is wrong with a word without quotes, and what would be right."""
    return None if word.isalnum() else _first(_WORDS, word)


def slip_behind(word: str) -> tuple[str, str] | None:
    """What is wrong with something right behind a quote or a bracket, and what would be right."""
    return _first(_BEHIND, word)


def _first(rows: _Rows, word: str) -> tuple[str, str] | None:
    return next(((problem.format(shortened(word)), how) for what, problem, how in rows if what.fullmatch(word)), None)


def operator_meant(word: str) -> str:
    """The operator that a word between two terms is in other languages, or by a slip; else ''."""
    near = _NEAR.fullmatch(word)
    return f"NEAR/{near[1] or 10}" if near else _LOWER_CASE.get(word.lower(), "")


def field_meant(name: str) -> str:
    """What to write instead of an unknown field."""
    meant = _FIELDS_ELSEWHERE.get(name)
    remedy = f"did you mean `{meant}`?" if meant else did_you_mean(name, FIELDS)
    return f"{remedy}{'' if remedy.endswith('?') else '.'} Words with a colon stand in quotes"
