"""An alert as lines of plain text: for a terminal, for the text part of a mail, for a notification."""

from collections.abc import Callable, Iterable, Iterator

from monitor.channels.message import Message, Report
from monitor.channels.runs import Run, Runs


def as_text(message: Message, mark: Callable[[str], str] = str) -> str:
    """The lines of `message` as one text; `mark` is given the words that rang."""
    return "\n".join("".join(mark(run.text) if run.marked else run.text for run in line) for line in lines(message))


def lines(message: Message) -> Iterator[Runs]:
    """What `message` says, from the headline down; a blank line between parts."""
    yield (Run(f"{message.label}: "), *message.title)
    for part in (source(message), message.link):
        if part:
            yield (Run(part),)
    yield from _part(message.excerpts)
    if message.of_the_news:
        yield from _part([(Run(why(message)),), *((Run("  "), *reason) for reason in message.reasons)])
    yield from _part((Run(line),) for line in _elsewhere(message))
    yield from _part([(Run(footer(message)),)])


def _part(part: Iterable[Runs]) -> Iterator[Runs]:
    found = list(part)
    return iter([(), *found] if found else [])


def source(message: Message) -> str:
    """Who published it, and when; '' for what comes from Wirebell itself."""
    return ", ".join(part for part in (message.source, message.age) if part and message.of_the_news)


def why(message: Message) -> str:
    """Which rule rang; `reasons` follow."""
    return f"Why it rang: rule {message.rule} ({message.priority})"


def _elsewhere(message: Message) -> Iterator[str]:
    if message.reports:
        yield "The same story elsewhere:"
    for report in message.reports:
        yield f"  {heard(report)}"
        if report.link:
            yield f"  {report.link}"
    if message.more_reports:
        yield f"  and {message.more_reports} more"


def heard(report: Report) -> str:
    """Who reports it, under which title."""
    return f"{report.feed}: {report.title}" if report.feed else report.title


def footer(message: Message) -> str:
    """By which name to ask for more."""
    return f"Wirebell, alert {message.alert_id[:8]}"
