"""`match`, `group`, `rules`: what rings, and what is one story, with no state touched."""

import json
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from monitor.commands.common import (
    AsJson,
    CommandError,
    Status,
    out,
    print_json,
    print_lines,
    print_table,
    say,
    the_config,
)
from monitor.formats.text import plain
from rules.folding import Folding
from rules.links import canonical_link
from rules.records import Item
from rules.stories import title_key

ItemsFile = Annotated[
    str,
    typer.Argument(metavar="[FILE]", help="Items as JSON Lines; - or nothing is standard input.", show_default=False),
]

TEXTS = ("title", "summary", "text")
LISTS = ("authors", "categories", "tags")


def match(context: typer.Context, file: ItemsFile = "-") -> Status:
    """Run items through the rules and print what rings.

    Example: echo '{"id": 1, "title": "Jason Wei leaves OpenAI"}' | wirebell match
    """
    judge = the_config(context).judge
    reading = _Reading(file)
    for given, item in reading:
        hits = judge.judge(item)
        matches = {match: None for hit in hits for match in hit.matches}
        print_json(
            {
                "id": given["id"],
                "rules": [hit.rule for hit in hits],
                "matches": [
                    {name: getattr(match, name) for name in ("watchlist", "entry", "field", "start", "end", "surface")}
                    for match in matches
                ],
                "events": [],
            }
        )
    return reading.status


def group(file: ItemsFile = "-") -> Status:
    """Fold items, in order of arrival, to stories.

    Example: wirebell group items.jsonl
    """
    reading, folding = _Reading(file), Folding()
    for given, item in reading:
        keys = {"link_key": canonical_link(item.link), "title_key": title_key(item.title)}
        name = json.dumps(given["id"])
        story = folding.story_of(name, **keys, at=item.published)
        print_json({"id": given["id"], "story": json.loads(story), "new": story == name})
    return reading.status


def list_rules(context: typer.Context, as_json: AsJson = False) -> Status:
    """List the rules, those of lists without a rule included.

    Example: wirebell rules list
    """
    configured = the_config(context)
    rows = [
        {
            "rule": rule.name,
            "when": rule.when,
            "priority": str(rule.priority),
            "notify": list(rule.notify or configured.readers),
            "from_list": rule.name in configured.judge.lists_without_rules,
        }
        for rule in configured.judge.rules
    ]
    if as_json:
        print_lines(rows)
    else:
        shown = ((row["rule"], row["when"], row["priority"], ", ".join(row["notify"])) for row in rows)
        print_table(("RULE", "WHEN", "PRIORITY", "NOTIFY"), shown)
    return Status.DONE


def try_rule(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The rule.")],
    text: Annotated[list[str] | None, typer.Argument(help="Titles to try, beside the rule's own examples.")] = None,
    as_json: AsJson = False,
) -> Status:
    """Run a rule's `should_match` and `should_not_match`, and titles of your own; 1 where an example disagrees.

    Example: wirebell rules test talent-moves "Jason Wei joins Meta"
    """
    judge = the_config(context).judge
    rule = next((rule for rule in judge.rules if rule.name == name), None)
    if rule is None:
        names = ", ".join(rule.name for rule in judge.rules)
        raise CommandError(f"no rule is called {name}; there are {names}", Status.MISUSE)
    examples: list[tuple[str, bool | None]] = [
        *((text, True) for text in rule.should_match),
        *((text, False) for text in rule.should_not_match),
        *((text, None) for text in text or ()),
    ]
    failed = False
    for title, expected in examples:
        hit = next((hit for hit in judge.judge(Item(title=title)) if hit.rule == name), None)
        wrong = expected is not None and expected is not bool(hit)
        failed = failed or wrong
        surfaces = [match.surface for match in hit.matches] if hit else []
        if as_json:
            print_json({"title": title, "rings": bool(hit), "expected": expected, "surfaces": surfaces})
        else:
            verdict = f"rings for {', '.join(surfaces) or 'its absence of words'}" if hit else "does not ring"
            out.print(f"{'WRONG ' if wrong else ''}{verdict}: {title}", markup=False)
    if not examples:
        say(f"the rule {name} has no examples; give some titles, or write should_match and should_not_match")
    return Status.NO if failed else Status.DONE


class _Reading:
    """The items of a file in JSON Lines. A line that is none is told and passed over; `status` is MISUSE then."""

    def __init__(self, file: str) -> None:
        self._file = file
        self.status = Status.DONE

    def __iter__(self) -> Iterator[tuple[dict[str, Any], Item]]:
        for number, line in enumerate(self._lines(), 1):
            if not line.strip():
                continue
            try:
                given = json.loads(line)
                item = _item(given)
            except (ValueError, RecursionError) as error:
                place = "standard input" if self._file == "-" else self._file
                say(f"{place}:{number}: {error}; each line is an object with at least an id")
                self.status = Status.MISUSE
            else:
                yield given, item

    def _lines(self) -> Iterator[str]:
        if self._file == "-":
            sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
            yield from sys.stdin
            return
        try:
            with Path(self._file).open(encoding="utf-8", errors="replace") as lines:
                yield from lines
        except OSError as error:
            raise CommandError(f"{self._file}: {error.strerror}; give a file of JSON Lines", Status.MISUSE) from error


def _item(given: object) -> Item:
    """An item as a feed would have given it. Raises ValueError."""
    if not isinstance(given, dict) or given.get("id") in (None, ""):
        raise ValueError("no id")
    texts = {name: plain(_text(given, name)) for name in TEXTS}
    lists = {name: _list(given, name) for name in LISTS}
    return Item(
        guid=str(given["id"]),
        link=_text(given, "link"),
        language=_text(given, "lang"),
        published=_time(_text(given, "published")),
        feed=_text(given, "feed"),
        feed_url=_text(given, "feed_url"),
        title=texts["title"],
        summary=texts["summary"],
        text=texts["text"],
        authors=lists["authors"],
        categories=lists["categories"],
        tags=lists["tags"],
    )


def _text(given: dict[str, Any], name: str) -> str:
    value = given.get(name)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{name} is not a string")
    return value or ""


def _list(given: dict[str, Any], name: str) -> tuple[str, ...]:
    value = given.get(name) or []
    if isinstance(value, str):
        return (plain(value),)
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ValueError(f"{name} is not a list of strings")
    return tuple(plain(one) for one in value)


def _time(value: str) -> datetime | None:
    if not value:
        return None
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(f"published is not a time in RFC 3339: {value[:40]}") from None
    if read.tzinfo is None:
        raise ValueError(f"published has no time zone: {value[:40]}")
    return read
