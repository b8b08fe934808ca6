"""`watchlists suggest` and `accept`: names that the stored items offer, and their way into the configuration."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from difflib import unified_diff
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from monitor import listedit
from monitor.commands.common import (
    AsJson,
    CommandError,
    Status,
    config_path,
    counted,
    length,
    now,
    out,
    print_json,
    print_lines,
    printable,
    progress,
    say,
    show,
    store_of,
    the_config_to_read,
)
from monitor.commands.feeds import RELOAD
from monitor.config import Config
from monitor.listedit import Added, Addition
from rules.evidence import Sample
from rules.offers import Suggestion
from rules.suggesting import Suggester
from rules.wording import did_you_mean

Since = Annotated[str, typer.Option("--since", metavar="TIME", help="How far back the items go: 12h, 30d.")]
Limit = Annotated[
    int, typer.Option("--limit", metavar="N", min=1, help="At most so many other names and new names of each list.")
]

UNLIKE_ITEM = 'write {"list": "labs", "entry": "OpenAI", "form": "オープンAI"} in a line of its own'


def suggest(
    context: typer.Context,
    watchlist: Annotated[str, typer.Argument(metavar="LIST", help="Only for this list.", show_default=False)] = "",
    since: Since = "30d",
    limit: Limit = 20,
    as_json: AsJson = False,
) -> Status:
    """Offer names that the lists lack: other spellings of theirs in any language, and new names beside them.

    Nothing is matched by them until one is accepted.

    Example: wirebell watchlists suggest researchers --since 7d
    """
    configured = the_config_to_read(context)
    _known(configured, watchlist)
    found = _suggestions(configured, since)
    offered = list(_first([one for one in found if watchlist in ("", one.watchlist)], limit))
    if as_json:
        print_lines(map(_row, offered))
        return Status.DONE
    for (name, entry), group in groupby(offered, key=lambda one: (one.watchlist, one.entry)):
        show(f"{name}: {entry or 'new names'}")
        for one in group:
            _show(one)
    if offered:
        again = "" if since == "30d" else f" --since {since}"
        say(f"`wirebell watchlists accept {offered[0].id}{again}` adds the first; it takes several ids")
    else:
        say("the stored items offer nothing new; --since looks further back")
    return Status.DONE


def accept(  # noqa: PLR0917  the command line gives them by name
    context: typer.Context,
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID", help="As `suggest` shows them.")] = None,
    source: Annotated[
        str,
        typer.Option("--from", metavar="FILE", help="JSON Lines as `suggest --json` prints them; - is standard input."),
    ] = "",
    since: Since = "30d",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the difference, and write nothing.")] = False,
    as_json: AsJson = False,
) -> Status:
    """Add suggested names to the configuration, whose comments and layout stay.

    Ids are looked for in what `suggest` offers at this moment; each line of a file has a list, an entry (or none, for
    a new one) and a form, and needs no stored items.

    Example: wirebell watchlists accept 3f2a91c0 --dry-run
    """
    if bool(ids) == bool(source):
        raise CommandError("give ids as `wirebell watchlists suggest` shows them, or --from FILE", Status.MISUSE)
    configured = the_config_to_read(context)
    additions = list(_given(source) if source else _chosen(configured, ids or [], since))
    path = config_path(context)
    added = listedit.add(path, additions, configured.watchlists, dry_run=dry_run)
    if dry_run and not as_json:
        print(printable("".join(_difference(added, path))), end="")
    for one in added.present:
        say(f"{one.form} is in {one.watchlist} already")
    for one in added.written:
        what = f"a name of {one.entry}" if one.entry else "an entry"
        say(f"{'would add' if dry_run else 'added'} {one.form} to {one.watchlist} as {what}")
    if added.written and not dry_run:
        say(f"{path} is written; {RELOAD}")
    if as_json:
        given = {"added": list(map(_plain, added.written)), "present": list(map(_plain, added.present))}
        print_json({"config": path, "dry_run": dry_run, **given})
    return Status.DONE


def _known(configured: Config, watchlist: str) -> None:
    names = [one.name for one in configured.watchlists]
    if watchlist and watchlist not in names:
        raise CommandError(f"no watchlist is called {watchlist}; {did_you_mean(watchlist, names)}", Status.MISUSE)


def _suggestions(configured: Config, since: str) -> list[Suggestion]:
    """From every item seen since. Raises CommandError, StateError."""
    oldest = now() - length("--since", since)
    suggester = Suggester(configured.watchlists)
    with store_of(configured, read_only=True) as store, progress() as bars:
        task = bars.add_task("reading items", total=store.seen_since(oldest))
        for item in store.stream(oldest):
            suggester.take(item)
            bars.advance(task)
    return suggester.suggestions()


def _first(found: Sequence[Suggestion], limit: int) -> Iterator[Suggestion]:
    """Of each list at most `limit` names of its entries, and as many new ones."""
    met: dict[tuple[str, bool], int] = {}
    for one in found:
        key = (one.watchlist, bool(one.entry))
        met[key] = met.get(key, 0) + 1
        if met[key] <= limit:
            yield one


def _show(one: Suggestion) -> None:
    languages = f" ({', '.join(one.languages)})" if one.languages else ""
    show(f"  {one.id}  {one.form}: {one.why}; {counted(one.count, 'item')}{languages}")
    for sample in one.samples:
        out.print(_marked(sample))


def _marked(sample: Sample) -> Text:
    """A sample with the word marked: by a colour on a terminal, by stars in a pipe."""
    before, word, after = (
        printable(part)
        for part in (sample.text[: sample.start], sample.text[sample.start : sample.end], sample.text[sample.end :])
    )
    if not out.is_terminal:
        return Text(f"            {before}*{word}*{after}")
    return Text.assemble("            ", before, (word, "bold reverse"), after)


def _row(one: Suggestion) -> dict[str, Any]:
    samples = [{"text": each.text, "start": each.start, "end": each.end, "link": each.link} for each in one.samples]
    return {
        "id": one.id,
        "list": one.watchlist,
        "entry": one.entry or None,
        "form": one.form,
        "kind": one.kind,
        "why": one.why,
        "count": one.count,
        "languages": list(one.languages),
        "samples": samples,
    }


def _plain(one: Addition) -> dict[str, Any]:
    return {"list": one.watchlist, "entry": one.entry or None, "form": one.form}


def _chosen(configured: Config, ids: Sequence[str], since: str) -> Iterator[Addition]:
    """The suggestions of these ids, or beginnings of ids."""
    found = _suggestions(configured, since)
    for wanted in ids:
        chosen = [one for one in found if one.id.startswith(wanted.lower())]
        if len(chosen) != 1:
            many = "several suggestions begin so: write more of the id"
            none = (
                "nothing that is offered has this id; `wirebell watchlists suggest` shows what is, for the same --since"
            )
            raise CommandError(f"{wanted}: {many if chosen else none}", Status.NO)
        yield Addition(chosen[0].watchlist, chosen[0].entry, chosen[0].form)


def _given(source: str) -> Iterator[Addition]:
    name = "standard input" if source == "-" else source
    for number, line in enumerate(_lines(source), start=1):
        if line.strip():
            yield _addition(line, f"{name}:{number}")


def _lines(source: str) -> Iterable[str]:
    try:
        content = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
        return content.decode("utf-8-sig").split("\n")
    except OSError as error:
        raise CommandError(f"{source}: {error.strerror}; give a file of JSON Lines", Status.MISUSE) from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{source}: this is not UTF-8; save it as UTF-8", Status.MISUSE) from error


def _addition(line: str, where: str) -> Addition:
    try:
        given = json.loads(line)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise CommandError(f"{where}: this is no JSON object; {UNLIKE_ITEM}", Status.MISUSE)
    match {**given, "entry": given.get("entry") or ""}:
        case {"list": str(watchlist), "entry": str(entry), "form": str(form)}:
            return Addition(watchlist, entry, form)
    raise CommandError(f"{where}: list, entry or form is missing or no text; {UNLIKE_ITEM}", Status.MISUSE)


def _difference(added: Added, path: Path) -> Iterator[str]:
    before, after = (text.splitlines(keepends=True) for text in (added.edited.before, added.edited.after))
    for line in unified_diff(before, after, f"{path.name} (before)", f"{path.name} (after)"):
        yield line if line.endswith("\n") else f"{line}\n"
