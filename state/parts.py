"""The sitemaps that an index names, as they were read last: address, ETag, Last-Modified and hash of each."""

from collections.abc import Iterable

from sqlite_utils import Database

from state.rows import clean

Part = tuple[str, str, str, str]


def keep(db: Database, feed_id: str, parts: Iterable[Part]) -> None:
    """Remember exactly these of an index."""
    db.execute("DELETE FROM parts WHERE feed_id = ?", [feed_id])
    db.conn.executemany(
        "INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?, ?)",
        [(feed_id, *map(clean, part)) for part in parts],
    )


def parts_of(db: Database, feed_id: str) -> list[Part]:
    """Those of an index, as they were kept."""
    rows = db.execute("SELECT url, etag, last_modified, body_hash FROM parts WHERE feed_id = ?", [feed_id])
    return [(row["url"], row["etag"], row["last_modified"], row["body_hash"]) for row in rows]
