"""Folds reports into stories in memory, as the store does in the database: same article, or same title in time."""

from datetime import datetime, timedelta

from rules.stories import LINK_WINDOW, WINDOW

Seen = tuple[str, datetime | None]


class Folding:
    """The stories met so far; a story is named by the name of its first report."""

    def __init__(self) -> None:
        self._links: dict[str, Seen] = {}
        self._titles: dict[str, Seen] = {}

    def story_of(self, name: str, *, link_key: str, title_key: str, at: datetime | None) -> str:
        """The story of the report `name`. Where a time is not known, the two are taken to be near enough."""
        given = ((self._links, link_key, LINK_WINDOW), (self._titles, title_key, WINDOW))
        story = next(filter(None, (_found(*one, at) for one in given)), name)
        for keys, key, window in given:
            # A key keeps the time of its first report, so that a daily column never becomes one endless story.
            if key and not _found(keys, key, window, at):
                keys[key] = (story, at)
        return story


def _found(keys: dict[str, Seen], key: str, window: timedelta, at: datetime | None) -> str:
    story, then = keys.get(key, ("", None))
    near = then is None or at is None or abs(at - then) <= window
    return story if near else ""
