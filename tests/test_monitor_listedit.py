"""Names are added to the watchlists of the user's file, and everything else in it stays."""

import re
import threading
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import listedit
from monitor.config import load
from monitor.listedit import Added, Addition
from monitor.listtext import with_alias, with_entry
from rules.mistakes import Mistakes
from tests.builders import an_item

FILE = """\
# who we are
feeds = ["https://a.example/"]  # one

[watchlists] # all of them
keywords = ["superintelligence"] # topics
researchers = [
  "Jason Wei",   # the first
  # the second has other names
  { name = "Hyung Won Chung", aliases = ["정형원"], context = ["OpenAI"] }, # the second
  'Ilya Sutskever' # no comma
  # the end
]

[watchlists.labs]
kind = "organization" # not people
files = ["labs.csv"]  # a file
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "labs.csv").write_text("name,aliases\nOpenAI,Open AI\nAnthropic,\n", "utf-8")
    path = tmp_path / "wirebell.toml"
    path.write_text(FILE, "utf-8")
    return path


def add(file: Path, *additions: tuple[str, str, str], dry_run: bool = False) -> Added:
    watchlists = load(file, {}).watchlists
    return listedit.add(file, [Addition(*one) for one in additions], watchlists, {}, dry_run=dry_run)


def refusal(file: Path, *additions: tuple[str, str, str]) -> str:
    with pytest.raises(Mistakes) as caught:
        add(file, *additions)
    return str(caught.value)


@pytest.mark.parametrize(
    ("addition", "before", "after"),
    [
        (("keywords", "superintelligence", "superinteligencia"), 'keywords = ["superintelligence"] # topics',
         'keywords = [{ name = "superintelligence", aliases = ["superinteligencia"] }] # topics'),
        (("keywords", "", "reasoning model"), '["superintelligence"] #', '["superintelligence", "reasoning model"] #'),
        (("researchers", "Jason Wei", "Джейсон Вэй"), '"Jason Wei",   # the first',
         '{ name = "Jason Wei", aliases = ["Джейсон Вэй"] },   # the first'),
        (("researchers", "Hyung  Won Chung", "Хён Вон Чон"), '["정형원"]', '["정형원", "Хён Вон Чон"]'),
        (("researchers", "Ilya Sutskever", 'Ilya "S"'), "'Ilya Sutskever' #",
         "{ name = 'Ilya Sutskever', aliases = [\"Ilya \\\"S\\\"\"] } #"),
        (("researchers", "", "Mira Murati"), "'Ilya Sutskever' # no comma\n  # the end\n",
         "'Ilya Sutskever', # no comma\n  # the end\n  \"Mira Murati\",\n"),
        (("labs", "OpenAI", "オープンAI"), 'files = ["labs.csv"]  # a file',
         'files = ["labs.csv"]  # a file\nentries = [{ name = "OpenAI", aliases = ["オープンAI"] }]'),
        (("labs", "", "Thinking Machines"), 'files = ["labs.csv"]  # a file',
         'files = ["labs.csv"]  # a file\nentries = ["Thinking Machines"]'),
    ],
)  # fmt: skip
def test_a_name_joins_in_the_form_that_is_there(
    file: Path, addition: tuple[str, str, str], before: str, after: str
) -> None:
    add(file, addition)

    assert before in FILE
    assert file.read_text("utf-8") == FILE.replace(before, after)


def test_a_name_for_an_entry_of_a_file_is_found_as_that_entry(file: Path) -> None:
    add(file, ("labs", "OpenAI", "オープンAI"))

    (hit,) = load(file, {}).judge.judge(an_item("オープンAIとOpen AI"))
    assert {(match.entry, match.surface) for match in hit.matches} == {("OpenAI", "オープンAI"), ("OpenAI", "Open AI")}


def test_several_names_are_added_at_once_and_told(file: Path) -> None:
    added = add(
        file,
        ("labs", "OpenAI", "オープンAI"),
        ("labs", "OpenAI", "오픈AI"),
        ("researchers", "Hyung Won Chung", "정형원"),
        ("labs", "OpenAI", "오픈AI"),
    )

    assert 'entries = [{ name = "OpenAI", aliases = ["オープンAI", "오픈AI"] }]' in file.read_text("utf-8")
    assert [one.form for one in added.written] == ["オープンAI", "오픈AI"]
    assert [one.form for one in added.present] == ["정형원"]


def test_what_is_there_already_changes_nothing(file: Path) -> None:
    added = add(file, ("keywords", "", "superintelligence"), ("keywords", "superintelligence", "superintelligence"))

    assert not added.written
    assert file.read_text("utf-8") == FILE


def test_a_dry_run_tells_the_difference_and_writes_nothing(file: Path) -> None:
    added = add(file, ("keywords", "", "reasoning model"), dry_run=True)

    assert '"reasoning model"' in added.edited.after
    assert added.edited.before == FILE == file.read_text("utf-8")


@pytest.mark.parametrize(
    ("addition", "said"),
    [
        (("reserchers", "", "X"), "reserchers: there is no watchlist of this name; did you mean `researchers`?"),
        (("labs", "OpnAI", "X"), "OpnAI: there is no entry of this name in labs; did you mean `OpenAI`?"),
        (("labs", "", " "), "labs: the name to add is empty; write one"),
        (("labs", "OpenAI", "a | b"), "wirebell.toml:17: watchlists.labs.entries[0].aliases[0]: `a | b` looks like"),
        (("labs", "", "/(/"), "wirebell.toml:17: watchlists.labs.entries[0]: /(/ is no regular expression"),
    ],
)
def test_what_could_not_be_read_again_is_not_written(file: Path, addition: tuple[str, str, str], said: str) -> None:
    assert refusal(file, addition).startswith(said)
    assert file.read_text("utf-8") == FILE


def test_line_ends_byte_order_mark_and_mode_stay(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + FILE.replace("\n", "\r\n").encode())
    file.chmod(0o640)

    add(file, ("labs", "", "xAI"), ("researchers", "", "Mira Murati"))

    content = file.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf#")
    assert content.count(b"\n") == content.count(b"\r\n") == FILE.count("\n") + 2
    assert file.stat().st_mode & 0o777 == 0o640


def test_two_who_add_at_once_both_get_in(file: Path) -> None:
    adding = [threading.Thread(target=add, args=(file, ("labs", "", f"Lab {number}"))) for number in range(6)]

    for thread in adding:
        thread.start()
    for thread in adding:
        thread.join(20)

    entries = tomllib.loads(file.read_text("utf-8"))["watchlists"]["labs"]["entries"]
    assert sorted(entries) == [f"Lab {number}" for number in range(6)]


NAMES = st.sampled_from(["labs", "my list", "a.b", "c [d]", 'q"q', "清单", "x = y"])
WORDS = st.sampled_from(["OpenAI", "Jason Wei", "정형원", "a # b", 'say "x"', "l'IA", "back\\slash", "] [", "x, y"])
SPACE = st.sampled_from(["", " ", "\n", "\n\n  ", " # why, [x]\n", '\n  # "comment\n\n\t'])
COMMENT = st.sampled_from(["", " # its own", "\n# below", "\n\n# apart = [1]"])


def quoted(draw: st.DrawFn, text: str) -> str:
    forms = ['"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"']
    forms += [f"'{text}'", f"'''{text}'''"] if "'" not in text else []
    return draw(st.sampled_from(forms))


def key(draw: st.DrawFn, text: str) -> str:
    bare = text.isascii() and text.isalnum()
    literal = [] if "'" in text else [f"'{text}'"]
    return draw(st.sampled_from([*([text] if bare else []), *literal, '"' + text.replace('"', '\\"') + '"']))


def array(draw: st.DrawFn, values: list[str], *, lines: bool = True) -> str:
    space = SPACE if lines else st.sampled_from(["", " "])
    text = "["
    for number, value in enumerate(values):
        comma = "," if number < len(values) - 1 or draw(st.booleans()) else ""
        text += draw(space) + value + draw(space) + comma
    return text + draw(space) + "]"


def entry(draw: st.DrawFn, name: str) -> str:
    """A name, or an inline table with it."""
    written = quoted(draw, name)
    aliases = array(draw, [quoted(draw, one) for one in draw(st.lists(WORDS, max_size=2))])
    return draw(
        st.sampled_from(
            [
                written,
                f"{{name={written}}}",
                f"{{ name = {written}, aliases = {aliases} }}",
                f'{{ "aliases" = {aliases}, exact = true, "name" = {written}}}',
                f"{{ context = ['a, }}', \"b\"], name = {written} }}",
            ]
        )
    )


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, str]:
    """A configuration with a watchlist, and the name of the list."""
    name, end = draw(NAMES), draw(COMMENT)
    names = draw(st.lists(WORDS, unique=True, max_size=4))
    written = key(draw, name)
    entries = array(draw, [entry(draw, one) for one in names])
    one_line = array(draw, [entry(draw, one).replace("\n", " ") for one in names if "#" not in one], lines=False)
    if "#" in one_line.replace("a # b", ""):
        one_line = "[]"
    listed = array(draw, ['"z"'])
    tables = "".join(
        f"[[watchlists . {written}.entries]] # {number}\n# above\n  name = {quoted(draw, one)} # n{end}\n"
        + draw(st.sampled_from(["", "exact = true # e\n", f"aliases = {listed} # al\n"]))
        for number, one in enumerate(names)
    )
    body = draw(
        st.sampled_from(
            [
                f"[watchlists]\n{written} = {entries}{end}\n",
                f"watchlists.{written} = {entries}{end}\n",
                f"[watchlists]\nfirst = ['one'] # f\n {written}.entries = {entries}{end}\n {written}.kind = 'topic'\n",
                f"[watchlists]\n{written} = {{ kind = 'person', entries = {one_line} }}{end}\n",
                f"[watchlists]\n{written} = {{ kind = 'person' }}{end}\n",
                f"[watchlists]\n{written}={{}}{end}\n",
                f"[watchlists]\n{written}.kind = 'person'{end}\n",
                f"[ watchlists.{written} ] # t\nkind = 'topic' # k\nentries = {entries}{end}\n",
                f"[watchlists.{written}] # t{end}\n",
                f"[watchlists.{written}] # t\n  kind = 'topic' # k{end}\n",
                f"[watchlists.{written}] # t\nkind = 'topic'\n{tables}",
                tables or f"[watchlists.{written}]\n",
            ]
        )
    )
    before = draw(st.sampled_from(["", "# first\ncontact = 'me' # us\n\n"]))
    after = draw(st.sampled_from(["", "\n# polling\n[polling] # p\nmin = '5m'\n", "[polling]\nmin = '5m'"]))
    return before + body + after, name


def entries_of(data: dict[str, Any], name: str) -> list[Any]:
    value = data["watchlists"][name]
    found: list[Any] = value if isinstance(value, list) else value.setdefault("entries", [])
    return found


@settings(max_examples=300)
@given(documents(), WORDS, st.data())
def test_the_data_after_is_the_data_before_and_the_change(
    document: tuple[str, str], word: str, data: st.DataObject
) -> None:
    text, name = document
    before = tomllib.loads(text)
    path = ("watchlists", name)
    whole = path if isinstance(before["watchlists"][name], list) else (*path, "entries")
    entries = entries_of(before, name)
    index = data.draw(st.integers(-1, len(entries) - 1))
    if index < 0:
        new = data.draw(st.sampled_from([word, {"name": word, "aliases": [word]}]))
        after = with_entry(text, path, whole, new)
        entries.append(new)
    else:
        after = with_alias(text, whole, index, word)
        entry = {"name": entries[index]} if isinstance(entries[index], str) else entries[index]
        entries[index] = {**entry, "aliases": [*entry.get("aliases", []), word]}

    found = tomllib.loads(after)
    for one in (found, before):
        listed = entries_of(one, name)
        listed[:] = [{"name": each} if isinstance(each, str) else each for each in listed]
    assert found == before
    assert comments(after) == comments(text)


def comments(text: str) -> list[str]:
    found = re.findall(r"""\'{3}.*?\'{3}|"(?:\\.|[^"\\])*"|'[^'\n]*'|(#[^\n]*)""", text, re.DOTALL)
    return [comment for comment in found if comment]
