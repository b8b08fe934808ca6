"""`match`, `group`, `rules`: what rings, and what is one story, with no state touched."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any

import typer

from monitor.commands.common import (
    AsJson,
    JsonAnyway,
    Status,
    print_json,
    print_lines,
    print_table,
    rule_of,
    say,
    show,
    the_config_to_read,
)
from monitor.commands.explanations import explanation
from monitor.commands.items import Items
from rules.folding import Folding
from rules.judge import Judge, Rule
from rules.links import canonical_link
from rules.stories import title_key

ItemsFile = Annotated[
    str,
    typer.Argument(metavar="FILE", help="Items as JSON Lines; - or nothing is standard input.", show_default=False),
]

SPAN = ("watchlist", "entry", "field", "start", "end", "surface")


def match(
    context: typer.Context,
    file: ItemsFile = "-",
    explain: Annotated[bool, typer.Option("--explain", help="Say of every rule why it rings or not.")] = False,
    as_json: JsonAnyway = False,
) -> Status:
    """Run items through the rules and print what rings.

    An item has an id and, as far as known: title, summary, text, link, lang, published, authors, categories, feed,
    tags. HTML is read as in a feed.

    Example: wirebell feeds parse https://openai.com/news/rss.xml | wirebell match
    """
    del as_json
    judge = the_config_to_read(context).judge
    items = Items(file)
    for given, item in items:
        hits = judge.judge(item)
        matches = dict.fromkeys(match for hit in hits for match in hit.matches)
        said: dict[str, Any] = {
            "id": given,
            "rules": [hit.rule for hit in hits],
            "matches": [{name: getattr(match, name) for name in SPAN} for match in matches],
            "events": [],
        }
        if explain:
            said["explain"] = [explanation(rule.name, one) for rule, one in judge.explain(item)]
        print_json(said)
    return items.status


def group(file: ItemsFile = "-", as_json: JsonAnyway = False) -> Status:
    """Fold items, in order of arrival, to stories.

    One story is the same article, or the same title of five words or more within three days.

    Example: wirebell group items.jsonl
    """
    del as_json
    items, folding = Items(file), Folding()
    first: dict[str, Any] = {}
    for number, (given, item) in enumerate(items):
        name = str(number)
        first[name] = given
        keys = {"link_key": canonical_link(item.link), "title_key": title_key(item.title)}
        story = folding.story_of(name, **keys, at=item.published)
        print_json({"id": given, "story": first[story], "new": story == name})
    return items.status


def list_rules(context: typer.Context, as_json: AsJson = False) -> Status:
    """List the rules, those of lists without a rule included.

    Example: wirebell rules list
    """
    configured = the_config_to_read(context)
    rows: list[dict[str, Any]] = [
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
        shown = ((*(row[name] for name in ("rule", "when", "priority")), ", ".join(row["notify"])) for row in rows)
        print_table(("RULE", "WHEN", "PRIORITY", "NOTIFY"), shown)
    return Status.DONE


def try_rule(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="RULE", help="The rule, or a list that is one.")],
    titles: Annotated[
        list[str] | None, typer.Argument(metavar="TITLE", help="Titles to try, beside the rule's own examples.")
    ] = None,
    as_json: AsJson = False,
) -> Status:
    """Run a rule's examples, and titles of your own.

    Exits 1 where one of its `should_match` and `should_not_match` disagrees.

    Example: wirebell rules test talent "Jason Wei joins Meta"
    """
    configured = the_config_to_read(context)
    rule = rule_of(configured, name)
    tried = [_tried(configured.judge, rule, title, expected) for title, expected in _examples(rule, titles or ())]
    for one in tried:
        if as_json:
            print_json(one)
        else:
            verdict = f"rings for {', '.join(one['surfaces'])}" if one["surfaces"] else "rings"
            show(f"{'' if one['right'] else 'WRONG '}{verdict if one['rings'] else 'does not ring'}: {one['title']}")
    if not tried:
        say(f"the rule {name} has no examples; give some titles, or write should_match and should_not_match")
    return Status.DONE if all(one["right"] for one in tried) else Status.NO


def _examples(rule: Rule, titles: Iterable[str]) -> Iterator[tuple[str, bool | None]]:
    """Titles, and whether each should ring; None where nobody has said."""
    yield from ((title, True) for title in rule.should_match)
    yield from ((title, False) for title in rule.should_not_match)
    yield from ((title, None) for title in titles)


def _tried(judge: Judge, rule: Rule, title: str, expected: bool | None) -> dict[str, Any]:
    """What the rule says of a title, and whether that is `right`."""
    hit = judge.example(rule.name, title, expected=expected is not False)
    return {
        "title": title,
        "rings": bool(hit),
        "expected": expected,
        "right": expected in (None, bool(hit)),
        "surfaces": list(dict.fromkeys(match.surface for match in hit.matches)) if hit else [],
    }
