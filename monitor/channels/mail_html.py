"""An alert as the HTML part of a mail: one column, styles inline, nothing loaded, readable in light and dark."""

from collections.abc import Iterator
from html import escape

from monitor.channels.message import Message, Report, host_of
from monitor.channels.runs import Runs
from monitor.channels.text import footer, source, why
from rules.records import Priority

_FONT = "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_LINE = "#d0d7de"
_QUIET = "margin:0;font-size:13px;color:#656d76"
_STROKE = {Priority.FLASH: "#d1242f", Priority.URGENT: "#bc6c00", Priority.ROUTINE: "#656d76"}

# Dark mode: mail programs that know the query take these colours, the others turn ours over themselves.
_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; supported-color-schemes: light dark; }}
@media (prefers-color-scheme: dark) {{
  body {{ background: #17191c !important; color: #e2e5e9 !important; }}
  a {{ color: #82b7ff !important; }}
  a.title {{ color: #f0f2f4 !important; }}
  .quiet {{ color: #9aa3ad !important; }}
  .line {{ border-color: #3b4149 !important; }}
  .flash {{ color: #ff8078 !important; }}
  .urgent {{ color: #e3a04f !important; }}
}}
</style></head>
"""


def as_html(message: Message) -> str:
    """The whole document."""
    return "".join(_document(message))


def _document(message: Message) -> Iterator[str]:
    yield _HEAD.format(title=escape(message.subject))
    yield f'<body style="margin:0;padding:24px 16px;font:16px/1.5 {_FONT};color:#24292f">\n'
    yield '<div style="max-width:600px;margin:0 auto">\n'
    yield from _top(message)
    for excerpt in message.excerpts:
        style = f"margin:0 0 14px;padding-left:14px;border-left:3px solid {_LINE}"
        yield f'<p dir="auto" class="line" style="{style}">{marked(excerpt)}</p>\n'
    if message.of_the_news:
        yield from _why(message)
    if message.reports:
        yield from _elsewhere(message)
    style = f"margin:28px 0 0;padding-top:12px;border-top:1px solid {_LINE};font-size:13px;color:#656d76"
    yield f'<p class="quiet line" style="{style}">{escape(footer(message))}</p>\n</div></body></html>\n'


def _top(message: Message) -> Iterator[str]:
    priority = message.priority if message.of_the_news else Priority.ROUTINE
    style = f"margin:0 0 6px;font-size:13px;font-weight:600;color:{_STROKE[priority]}"
    name = "quiet" if priority is Priority.ROUTINE else str(priority)
    yield f'<p class="{name}" style="{style}">{escape(message.label)}</p>\n'
    title = marked(message.title)
    if message.link:
        style = "color:#1b1f24;text-decoration:none"
        title = f'<a class="title" href="{escape(message.link)}" style="{style}">{title}</a>'
    yield f'<h1 dir="auto" style="margin:0 0 8px;font-size:22px;line-height:1.3;font-weight:600">{title}</h1>\n'
    if message.of_the_news:
        yield f'<p class="quiet" style="{_QUIET}">{escape(source(message))}</p>\n'
    if message.link:
        yield f'<p style="margin:10px 0 0">{_linked(message.link, f"Read it at {message.host}")}</p>\n'
    yield '<div style="height:18px"></div>\n'


def _why(message: Message) -> Iterator[str]:
    yield f'<p class="quiet" style="{_QUIET};margin-top:22px">{escape(why(message))}</p>\n'
    if message.reasons:
        lines = "".join(f'<li dir="auto">{marked(reason)}</li>' for reason in message.reasons)
        yield f'<ul style="margin:4px 0 0;padding-left:20px;font-size:15px">{lines}</ul>\n'


def _elsewhere(message: Message) -> Iterator[str]:
    yield f'<p class="quiet" style="{_QUIET};margin-top:22px">The same story elsewhere</p>\n'
    yield '<ul style="margin:4px 0 0;padding-left:20px;font-size:15px">'
    yield from (f'<li dir="auto">{_report(report)}</li>' for report in message.reports)
    if message.more_reports:
        yield f"<li>and {message.more_reports} more</li>"
    yield "</ul>\n"


def _report(report: Report) -> str:
    title = _linked(report.link, report.title) if report.link else escape(report.title)
    host = f" ({escape(host_of(report.link))})" if report.link else ""
    return f"{escape(report.feed)}: {title}{host}" if report.feed else f"{title}{host}"


def _linked(link: str, words: str) -> str:
    return f'<a href="{escape(link)}" style="color:#0a5fc4">{escape(words)}</a>'


def marked(runs: Runs) -> str:
    """HTML of `runs`: bold and underlined says it without a colour, and in the dark."""
    style = "font-weight:700;border-bottom:2px solid #d97706"
    return "".join(f'<b style="{style}">{escape(run.text)}</b>' if run.marked else escape(run.text) for run in runs)
