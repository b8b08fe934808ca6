"""The table of commands. To add one, write a function that returns its Status and give it a row; docs/ must show it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from monitor.commands import alerts, demo, feeds, matching, running, setup, suggesting, trial, upkeep
from monitor.commands.common import Status

Function = Callable[..., Status]


@dataclass(frozen=True, slots=True)
class Group:
    """Commands under one word. `alone` is what the word by itself does."""

    help: str
    commands: Mapping[str, Function]
    alone: Function | None = None


COMMANDS: Mapping[str, Function] = {
    "init": setup.init,
    "check": setup.check,
    "run": running.run,
    "once": running.once,
    "demo": demo.demo,
    "match": matching.match,
    "group": matching.group,
    "test-alert": trial.try_channel,
    "status": upkeep.status,
}

GROUPS: Mapping[str, Group] = {
    "feeds": Group(
        "The feeds: list, add, remove, import, export, parse.\n\nExample: wirebell feeds list",
        {
            "list": feeds.list_feeds,
            "add": feeds.add,
            "remove": feeds.remove,
            "import": feeds.import_opml,
            "export": feeds.export,
            "parse": feeds.parse,
        },
    ),
    "rules": Group(
        "The rules: list, test.\n\nExample: wirebell rules list",
        {"list": matching.list_rules, "test": matching.try_rule},
    ),
    "watchlists": Group(
        "The watchlists: what the news offers for them.\n\nExample: wirebell watchlists suggest",
        {"suggest": suggesting.suggest, "accept": suggesting.accept},
    ),
    "alerts": Group(
        "What rang: list, show, retry what did not arrive.\n\nExample: wirebell alerts --since 24h",
        {"list": alerts.list_alerts, "show": alerts.show_alert, "retry": alerts.retry},
        alone=alerts.list_alerts,
    ),
    "db": Group(
        "The database: backup, check, stats, prune.\n\nExample: wirebell db stats",
        {"backup": upkeep.backup, "check": upkeep.check, "stats": upkeep.stats, "prune": upkeep.prune},
    ),
}

NOT_YET: Mapping[str, str] = {
    "why": "`wirebell match` tells which words of an item ring, `wirebell alerts show` what became of it",
    "stories": "`wirebell alerts` lists what rang",
    "feeds discover": "give the address of the feed itself to `wirebell feeds add`",
    "feeds health": "`wirebell feeds list` shows failures and last news",
    "rules backtest": "`wirebell match FILE` runs items of your own through the rules",
    "alerts silence": "take the rule out of the configuration and reload",
}
"""Commands that are promised and not there; each with what helps until then."""
