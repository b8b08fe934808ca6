"""What is asked of an index of words, what just misses, and what a rule would be with a term more or less."""


from hypothesis import given
from hypothesis import strategies as st

from rules.asking import AllOf, AnyOf, Asked, words_of
from rules.backtesting import Trial
from rules.judge import Rule
from rules.mistakes import Mistakes
from rules.records import Item
from rules.watchlist import Watchlist
from tests.judging import LISTS

PIECES = [
    *("Jason Wei", "jason", "OpenAI", "Open AI", "Meta", "meta", "AI", "A.I.", "MSL", "Google", "Anthropic", "the"),
    *("super-intelligence", "superintelligence", "super intelligence", "state-of-the-art", "J. Wei", "J.Wei", "J Wei"),
    *("C++", "C", ".NET", "AT&T", "GPT-4", "GPT4", "gpt", "4.5", "Müller", "Straße", "STRASSE", "’s", "l’IA", "½"),
    *(
        "人工智能",
        "人",
        "工",
        "智能",
        "人-工",
        "安全",
        "離開OpenAI加入Meta",
        "ｶﾞ",
        "東京",
        "ปัญญาประดิษฐ์",
        "ปัญญา",
        "ก-ั",
        "ข",
    ),
    *(
        "삼성전자는",
        "삼성전자",
        "정형원",
        "범용 인공지능",
        "범용인공지능",
        "메타버스",
        "الذكاء",
        "والـMeta",
        "сбер",
        "Сбера",
    ),
    *("-", ",", ".", "|", "\n", "\u00ad", "\u200b", "--", "(", ")", "'"),
]
TERMS = [
    *("jason", '"Jason Wei"', "=Meta", "meta", "ai", "A.I.", "superintelligence", '"super intelligence"', "super*"),
    *(
        "state-of-the-art",
        '"J. Wei"',
        "C++",
        "C",
        ".NET",
        "AT&T",
        "GPT-4",
        "gpt4",
        "4.5",
        "Müller",
        "strasse",
        '"l IA"',
    ),
    *("人工智能", "人", "智能", '"人 工"', "安全", "ガ", "東*", "ปัญญา", "ปัญญาประดิษฐ์", '"กั ข"', "삼성전자", "메타"),
    *(
        "범용 인공지능",
        '"범용 인공지능"',
        "والذكاء",
        "Сбер*",
        "/s[a-z]+r/",
        "/인공/",
        "@labs",
        "@researchers",
        "=인공지능",
    ),
    *("title:meta", "summary:@labs", "text:人工智能", 'author:"Jane Doe"', "category:ai", "link:post", "feed:wire"),
    *("site:example.org", "lang:pt", "tag:press", "link:/p[a-z]st/", "title:(meta OR 人工)"),
]


def joined(parts: list[str], how: list[str]) -> str:
    return "".join(a + b for a, b in zip(parts, how, strict=False))


texts = st.builds(
    joined,
    st.lists(st.sampled_from(PIECES), max_size=9),
    st.lists(st.sampled_from([" ", " ", "", "-"]), min_size=9, max_size=9),
)
items = st.builds(
    Item,
    title=texts,
    summary=texts,
    text=texts,
    authors=st.sampled_from([(), ("Jane Doe",), ("Ana Lee", "Jason Wei")]),
    categories=st.sampled_from([(), ("AI", "press")]),
    link=st.sampled_from(["", "https://example.org/post/1", "https://meta.example/x"]),
    language=st.sampled_from(["", "pt", "pt-BR", "en"]),
    feed=st.sampled_from(["", "The Wire"]),
    tags=st.sampled_from([(), ("press",)]),
)
queries = st.recursive(
    st.sampled_from(TERMS),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(" AND ".join).map("({})".format),
        st.tuples(inner, inner).map(" OR ".join).map("({})".format),
        inner.map("(NOT {})".format),
        st.tuples(inner, inner, inner).map(lambda three: f"2 OF ({', '.join(three)})"),
        st.tuples(st.sampled_from(TERMS[:48]), st.sampled_from(TERMS[:48])).map(" NEAR/3 ".join).map("({})".format),
    ),
    max_leaves=6,
)


def trial(when: str, lists: tuple[Watchlist, ...] = LISTS) -> Trial | None:
    try:
        return Trial(Rule(name="rule", when=when, where="rule"), lists)
    except Mistakes:
        return None  # it would ring for nearly everything, or has a field in a field


def a_trial(when: str, *lists: Watchlist) -> Trial:
    return Trial(Rule(name="rule", when=when, where="rule"), lists or LISTS)


def has(words: set[str], what: Asked | None) -> bool:
    """Whether an index that keeps `words` of an item finds it."""
    match what:
        case None:
            return True
        case AllOf(parts):
            return all(has(words, part) for part in parts)
        case AnyOf(parts):
            return any(has(words, part) for part in parts)
    return any(word.startswith(what[:-1]) for word in words) if what.endswith("*") else what in words


@given(items, queries)
def test_whatever_rings_is_among_what_the_index_finds(item: Item, when: str) -> None:
    one = trial(when)
    if one and one.hit(item):
        assert has(words_of(item), one.asked), one.asked
        assert has(words_of(item), one.asked_nearly)


@given(items, st.sampled_from(TERMS))
def test_a_single_term_that_rings_is_found_in_every_script(item: Item, when: str) -> None:
    one = a_trial(when)
    if one.hit(item):
        assert has(words_of(item), one.asked), one.asked
