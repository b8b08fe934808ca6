"""The table of commands. To add one, write a function that returns its Status and give it a row; docs/ must show it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from monitor.commands import (
    alerts,
    backtest,
    demo,
    discovering,
    feed_health,
    feeds,
    matching,
    running,
    setup,
    suggesting,
    trial,
    upkeep,
    watchlists,
    why,
)
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
    "why": why.why,
    "group": matching.group,
    "test-alert": trial.try_channel,
    "status": upkeep.status,
}

GROUPS: Mapping[str, Group] = {
    "feeds": Group(
        "The feeds: list, add, remove, discover, import, export, health, parse.\n\nExample: wirebell feeds list",
        {
            "list": feeds.list_feeds,
            "add": feeds.add,
            "remove": feeds.remove,
            "discover": discovering.discover,
            "import": feeds.import_feeds,
            "export": feeds.export,
            "health": feed_health.health,
            "parse": feeds.parse,
        },
    ),
    "rules": Group(
        "The rules: list, test, backtest.\n\nExample: wirebell rules list",
        {"list": matching.list_rules, "test": matching.try_rule, "backtest": backtest.backtest},
    ),
    "watchlists": Group(
        "The watchlists: list, show, suggest, accept; packs that are shipped.\n\nExample: wirebell watchlists list",
        {
            "list": watchlists.list_watchlists,
            "show": watchlists.show_watchlist,
            "packs": watchlists.list_packs,
            "suggest": suggesting.suggest,
            "accept": suggesting.accept,
        },
    ),
    "alerts": Group(
        "What rang: list, show, retry what did not arrive; release or drop what is held."
        "\n\nExample: wirebell alerts --since 24h",
        {
            "list": alerts.list_alerts,
            "show": alerts.show_alert,
            "retry": alerts.retry,
            "held": alerts.list_held,
            "release": alerts.release,
            "drop": alerts.drop,
        },
        alone=alerts.list_alerts,
    ),
    "db": Group(
        "The database: backup, check, stats, prune.\n\nExample: wirebell db stats",
        {"backup": upkeep.backup, "check": upkeep.check, "stats": upkeep.stats, "prune": upkeep.prune},
    ),
}

NOT_YET: Mapping[str, str] = {
    "stories": "`wirebell alerts` lists what rang",
    "alerts silence": "take the rule out of the configuration and reload",
}
"""Commands that are promised and not there; each with what helps until then."""
