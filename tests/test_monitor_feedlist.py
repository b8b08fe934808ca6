"""Feeds are added to and removed from the user's file, and everything else in it stays."""

import stat
import threading
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import feedlist
from monitor.config import load
from monitor.feedtext import added, removed
from rules.mistakes import Mistakes
from rules.records import Feed

LIST = """\
# who we are
contact = "desk@example.org"  # us
feeds = [
  "https://a.example/",   # the first
  # the second is slow
  { url = "https://b.example/", name = "B" }   # no comma, a comment
  # the end
]

[polling] # bounds
min = "5m"
"""

TABLES = """\
# our feeds
[[feeds]]
url = "https://a.example/"   # the first
# every = "2m"

[[feeds]]
name = "B"
url = "https://b.example/"
# bounds
[polling]
min = "5m"

# the last one, apart
[[feeds]]
url = "https://c.example/"
# the end
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "wirebell.toml"


def urls(text: str) -> list[str]:
    return [one if isinstance(one, str) else one["url"] for one in tomllib.loads(text).get("feeds", [])]


def refusal(call: Any, *arguments: Any) -> str:
    with pytest.raises(Mistakes) as caught:
        call(*arguments)
    return str(caught.value)


def test_a_feed_joins_a_list_of_several_lines_behind_its_comments(file: Path) -> None:
    file.write_text(LIST)

    feedlist.add(file, [Feed(url="https://c.example/")], {})

    assert file.read_text() == LIST.replace('name = "B" } ', 'name = "B" }, ').replace(
        "  # the end\n", '  # the end\n  "https://c.example/",\n'
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("feeds = []\n", 'feeds = ["https://z.example/"]\n'),
        ("feeds = [ ] # none\n", 'feeds = ["https://z.example/"] # none\n'),
        ('feeds = ["https://a.example/"]', 'feeds = ["https://a.example/", "https://z.example/"]'),
        ('feeds = ["https://a.example/",]', 'feeds = ["https://a.example/", "https://z.example/",]'),
        ("feeds = [\n  # none yet\n]\n", 'feeds = [\n  # none yet\n  "https://z.example/",\n]\n'),
        ('feeds = ["https://a.example/",\n\t"https://b.example/"]\n',
         'feeds = ["https://a.example/",\n\t"https://b.example/",\n\t"https://z.example/",\n]\n'),
        ("", '[[feeds]]\nurl = "https://z.example/"\n'),
        ('contact = "me"', 'contact = "me"\n\n[[feeds]]\nurl = "https://z.example/"\n'),
        ('[polling]\nmin = "5m"\n\n\n', '[polling]\nmin = "5m"\n\n[[feeds]]\nurl = "https://z.example/"\n'),
    ],
)  # fmt: skip
def test_a_feed_joins_in_the_form_that_is_there(before: str, after: str) -> None:
    assert added(before, [{"url": "https://z.example/"}]) == after


def test_a_list_in_one_line_grows_into_lines_where_it_gets_long() -> None:
    text = 'feeds = ["https://a.example/"]\n'

    grown = added(text, [{"url": f"https://{number}.example/"} for number in range(9)])

    assert grown.startswith('feeds = ["https://a.example/",\n  "https://0.example/",\n')
    assert len(urls(grown)) == 10


def test_a_feed_with_name_tags_interval_and_language_is_written_whole(file: Path) -> None:
    wired = Feed(url="https://w.example/", name='The "Wire"', tags=("press", "us"), every=120.0, language="en")

    for text in (LIST, TABLES):
        file.write_text(text)
        feedlist.add(file, [wired], {})
        assert wired in load(file, {}).feeds


def test_a_feed_joins_the_tables_behind_the_last_one(file: Path) -> None:
    file.write_text(TABLES)

    feedlist.add(file, [Feed(url="https://z.example/", name="Z")], {})

    assert file.read_text() == TABLES + '\n[[feeds]]\nurl = "https://z.example/"\nname = "Z"\n'


def test_a_comment_right_above_the_next_table_stays_there() -> None:
    text = '[[feeds]]\nurl = "https://a.example/"\n# bounds\n[polling]\nmin = "5m"\n'

    assert added(text, [{"url": "https://z.example/"}]) == (
        '[[feeds]]\nurl = "https://a.example/"\n\n[[feeds]]\nurl = "https://z.example/"\n\n'
        '# bounds\n[polling]\nmin = "5m"\n'
    )


@pytest.mark.parametrize(
    ("before", "index", "after"),
    [
        ('feeds = ["a", "b", "c"]\n', 0, 'feeds = ["b", "c"]\n'),
        ('feeds = ["a", "b", "c"]\n', 1, 'feeds = ["a", "c"]\n'),
        ('feeds = ["a", "b", "c"]\n', 2, 'feeds = ["a", "b"]\n'),
        ('feeds = ["a"] # one\n', 0, "feeds = [] # one\n"),
        ('feeds = [\n  "a", # A\n  # about b\n  "b"  # B\n]\n', 0, 'feeds = [\n  # about b\n  "b"  # B\n]\n'),
        ('feeds = [\n  "a", # A\n  # about b\n  "b"  # B\n]\n', 1, 'feeds = [\n  "a", # A\n  # about b\n]\n'),
        ('feeds = [\n  "a" # A\n  , "b"\n]\n', 0, 'feeds = [\n   "b"\n]\n'),
        ('feeds = [ # all\n "a", "b",\n "c" ]\n', 2, 'feeds = [ # all\n "a", "b",\n ]\n'),
        ('[[feeds]]\nurl = "a"\n', 0, ""),
        ('x = 1\n\n[[feeds]]\nurl = "a"\n\n[p]\ny = 1\n', 0, "x = 1\n\n[p]\ny = 1\n"),
    ],
)
def test_a_feed_leaves_and_its_neighbours_stay(before: str, index: int, after: str) -> None:
    assert removed(before, index) == after


@pytest.mark.parametrize("which", ["https://b.example/", "B"])
@pytest.mark.parametrize("text", [LIST, TABLES])
def test_a_feed_is_removed_by_address_or_name(file: Path, text: str, which: str) -> None:
    file.write_text(text)

    feedlist.remove(file, which, {})

    assert "https://b.example/" not in urls(file.read_text())
    assert [line for line in text.splitlines() if "#" in line and "b.example" not in line] == [
        line for line in file.read_text().splitlines() if "#" in line
    ]


def test_a_feed_that_is_there_is_refused(file: Path) -> None:
    file.write_text(LIST)

    said = refusal(feedlist.add, file, [Feed(url="https://b.example/"), Feed(url="https://new.example/")], {})

    assert said == "https://b.example/: this feed is in wirebell.toml already; name another one"
    assert file.read_text() == LIST


def test_a_feed_named_twice_at_once_is_refused(file: Path) -> None:
    file.write_text(LIST)

    assert "already" in refusal(
        feedlist.add, file, [Feed(url="https://n.example/"), Feed(url="https://n.example/")], {}
    )


@pytest.mark.parametrize(
    ("feed", "said"),
    [
        (Feed(url="file:///etc/passwd"), "file:///etc/passwd: url `file:` is not reached; only http and https are"),
        (Feed(url="https://n.example/", every=5), "https://n.example/: every is less than a minute"),
        (Feed(url="https://n.example/", language="?"), "https://n.example/: language is not a language tag"),
    ],
)
def test_what_could_not_be_read_again_is_not_written(file: Path, feed: Feed, said: str) -> None:
    file.write_text(LIST)

    assert refusal(feedlist.add, file, [feed], {}).startswith(said)
    assert file.read_text() == LIST


def test_a_feed_that_is_not_there_cannot_be_removed(file: Path) -> None:
    file.write_text(LIST)

    assert refusal(feedlist.remove, file, "nothing", {}) == "nothing: no feed of wirebell.toml has this address or name"


def test_two_feeds_of_one_name_are_told_apart_by_address(file: Path) -> None:
    file.write_text('feeds = [{ url = "https://a.example/", name = "N" }, { url = "https://b.example/", name = "N" }]')

    assert "give the address" in refusal(feedlist.remove, file, "N", {})


def test_a_secret_that_only_the_service_has_is_no_hindrance(file: Path) -> None:
    file.write_text(LIST + '[channels]\nnewsroom = "slack:${SLACK_WEBHOOK_URL}"\n')

    feedlist.add(file, [Feed(url="https://c.example/")], {})

    assert "https://c.example/" in urls(file.read_text())


def test_a_file_that_is_no_toml_is_left_alone(file: Path) -> None:
    file.write_text("feeds = [\n")

    assert refusal(feedlist.add, file, [Feed(url="https://c.example/")], {}).startswith("wirebell.toml:2")
    assert file.read_text() == "feeds = [\n"


def test_feeds_that_could_not_be_read_again_are_told_apart() -> None:
    good, bad = Feed(url="https://a.example/"), Feed(url="https://b.example/", tags=("",))

    taken, refused = feedlist.usable([good, bad])

    assert taken == [good]
    assert [str(one) for one in refused] == [
        "https://b.example/: tags is empty or holds control characters; write a name"
    ]


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    said = refusal(feedlist.add, tmp_path / "nowhere" / "wirebell.toml", [Feed(url="https://a.example/")], {})

    assert said.endswith("nowhere: cannot be opened: No such file or directory; name a file in a folder")


def test_mode_and_link_stay_as_they_are(file: Path, tmp_path: Path) -> None:
    real = tmp_path / "real.toml"
    real.write_text(LIST)
    real.chmod(0o640)
    file.symlink_to(real)

    feedlist.add(file, [Feed(url="https://c.example/")], {})

    assert file.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert "https://c.example/" in urls(real.read_text())
    assert sorted(one.name for one in tmp_path.iterdir()) == ["real.toml", "wirebell.toml"]


def test_line_ends_and_byte_order_mark_of_windows_stay(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + LIST.replace("\n", "\r\n").encode())

    feedlist.add(file, [Feed(url="https://c.example/")], {})

    content = file.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf#")
    assert content.count(b"\n") == content.count(b"\r\n") == LIST.count("\n") + 1


def test_two_who_add_at_once_both_get_in(file: Path) -> None:
    file.write_text(LIST)
    adding = [
        threading.Thread(target=feedlist.add, args=(file, [Feed(url=f"https://{number}.example/")], {}))
        for number in range(8)
    ]

    for thread in adding:
        thread.start()
    for thread in adding:
        thread.join(20)

    assert len(urls(file.read_text())) == 2 + 8


def test_five_thousand_feeds_are_added_at_once(file: Path) -> None:
    file.write_text(LIST)

    feedlist.add(file, [Feed(url=f"https://{number}.example/", name=f"{number}") for number in range(5000)], {})

    assert len(load(file, {}).feeds) == 5002


GAPS = st.sampled_from(["", " ", "\n", "\n\n  ", " # why, [x]\n", '\n  # "comment\n\n'])


@st.composite
def lists(draw: st.DrawFn) -> str:
    count = draw(st.integers(0, 5))
    text = "# above\nfeeds = ["
    for number in range(count):
        url = f'"https://{number}.example/"'
        element = draw(st.sampled_from([url, f"{{ url = {url}, tags = ['a,]', \"b\"] }}", f"'''{url[1:-1]}'''"]))
        comma = "," if number < count - 1 or draw(st.booleans()) else ""
        text += draw(GAPS) + element + draw(GAPS) + comma
    return text + draw(GAPS) + "] # behind\n[polling] # below\n"


@st.composite
def tables(draw: st.DrawFn) -> str:
    comments = st.sampled_from(["", "\n", "# mine\n", "# one\n\n# two\n"])
    text = draw(comments)
    for number in range(draw(st.integers(0, 4))):
        text += f'[[feeds]] # {number}\n{draw(comments)}url = "https://{number}.example/" # its own\n{draw(comments)}'
        if draw(st.booleans()):
            text += f"[polling{number}]\n{draw(comments)}x = 1\n{draw(comments)}"
    return text


@given(lists() | tables(), st.integers(1, 3))
def test_added_feeds_come_last_and_no_line_is_lost(text: str, count: int) -> None:
    new = [{"url": f"https://new{number}.example/", "tags": ["x"]} for number in range(count)]

    after = added(text, new)

    assert urls(after) == urls(text) + [str(one["url"]) for one in new]
    assert comments(after) == comments(text)


@given(lists() | tables(), st.data())
def test_a_removed_feed_takes_no_other_along(text: str, data: st.DataObject) -> None:
    before = urls(text)
    if not before:
        return
    index = data.draw(st.integers(0, len(before) - 1))

    after = removed(text, index)

    assert urls(after) == before[:index] + before[index + 1 :]
    others = {key: value for key, value in tomllib.loads(text).items() if key != "feeds"}
    assert others == {key: value for key, value in tomllib.loads(after).items() if key != "feeds"}
    assert {"# above", "# behind", "# below"} & set(comments(text)) <= set(comments(after))


def comments(text: str) -> list[str]:
    return [line[line.index("#") :] for line in text.splitlines() if "#" in line]
