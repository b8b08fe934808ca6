"""The shape of the file, one numbered step at a time. A step that has been released is never edited: add another.

Every time is an INTEGER of UTC microseconds, every id a hash of what it names. `STEPS` becomes `user_version`.
"""

from sqlite_utils import Database, Migrations

APPLICATION_ID = int.from_bytes(b"WIRE", "big")

migrations = Migrations("wirebell")


def migrate(db: Database) -> None:
    """Every step the file has not taken yet, each whole or not at all."""
    migrations.apply(db)


@migrations()
def m001_memory(db: Database) -> None:
    """Feeds, what they carried, what it rang, and who must hear of it."""
    for statement in _MEMORY:
        db.execute(statement)
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute("PRAGMA user_version = 1")


@migrations()
def m002_history(db: Database) -> None:
    """What the full-text index knows; `state.history` fills it by and by."""
    for statement in _HISTORY:
        db.execute(statement)
    db.execute("PRAGMA user_version = 2")


@migrations()
def m003_rhythm(db: Database) -> None:
    """What is learnt of each feed's publishing, and how often that makes it worth asking."""
    for statement in _RHYTHM:
        db.execute(statement)
    db.execute("PRAGMA user_version = 3")


@migrations()
def m004_health(db: Database) -> None:
    """What the operator was told of each feed, and the alerts that are held for a person to decide."""
    for statement in _HEALTH:
        db.execute(statement)
    db.execute("PRAGMA user_version = 4")


@migrations()
def m005_pushes(db: Database) -> None:
    """What hubs were asked to push."""
    db.execute(_SUBSCRIPTIONS)
    db.execute("PRAGMA user_version = 5")


@migrations()
def m006_skips(db: Database) -> None:
    """The hours and days at which a feed asks not to be polled, as JSON."""
    for column in ("skip_hours", "skip_days"):
        db.execute(f"ALTER TABLE feeds ADD COLUMN {column} TEXT NOT NULL DEFAULT '[]'")
    db.execute("PRAGMA user_version = 6")


@migrations()
def m007_articles(db: Database) -> None:
    """Articles behind links that are still to be read, what robots.txt files say, and the sitemaps of an index."""
    for statement in _ARTICLES:
        db.execute(statement)
    db.execute("PRAGMA user_version = 7")


@migrations()
def m008_titles(db: Database) -> None:
    """What each feed calls itself: the configuration may give it no name."""
    for statement in _TITLES:
        db.execute(statement)
    db.execute("PRAGMA user_version = 8")


STEPS = 8
"""The version of the schema this program writes: one for each step above."""

_MEMORY = (
    """CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT""",
    """INSERT INTO meta VALUES ('instance', lower(hex(randomblob(8))))""",
    # The feed as configured, then how far we are in it.
    """CREATE TABLE feeds (
        feed_id TEXT PRIMARY KEY,
        url TEXT NOT NULL, name TEXT NOT NULL, tags TEXT NOT NULL, every REAL, language TEXT NOT NULL,
        active INTEGER NOT NULL, added_at INTEGER NOT NULL, read_at INTEGER,
        cursor_url TEXT NOT NULL, etag TEXT NOT NULL, last_modified TEXT NOT NULL, body_hash TEXT NOT NULL,
        failures INTEGER NOT NULL, error TEXT NOT NULL, baseline INTEGER NOT NULL, gone INTEGER NOT NULL,
        interval REAL NOT NULL, hint REAL NOT NULL, next_poll INTEGER, last_poll INTEGER, last_success INTEGER,
        last_change INTEGER, validated_since INTEGER, moved_to TEXT NOT NULL, moved_polls INTEGER NOT NULL,
        moved_since INTEGER
    ) STRICT""",
    """CREATE INDEX feeds_due ON feeds (next_poll) WHERE active AND NOT gone""",
    """CREATE TABLE stories (
        story_id TEXT PRIMARY KEY, title TEXT NOT NULL, first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL
    ) STRICT""",
    """CREATE INDEX stories_last_seen ON stories (last_seen)""",
    # What folds a report into a story: kind is 'link' or 'title'.
    """CREATE TABLE story_keys (
        kind TEXT NOT NULL, key TEXT NOT NULL, story_id TEXT NOT NULL REFERENCES stories ON DELETE CASCADE,
        seen_at INTEGER NOT NULL, PRIMARY KEY (kind, key)
    ) STRICT, WITHOUT ROWID""",
    """CREATE INDEX story_keys_story ON story_keys (story_id)""",
    """CREATE TABLE items (
        item_id TEXT PRIMARY KEY, feed_id TEXT NOT NULL REFERENCES feeds, story_id TEXT NOT NULL REFERENCES stories,
        guid TEXT NOT NULL, link TEXT NOT NULL, title TEXT NOT NULL, summary TEXT NOT NULL, text TEXT NOT NULL,
        authors TEXT NOT NULL, categories TEXT NOT NULL, language TEXT NOT NULL,
        published INTEGER, updated INTEGER, seen_at INTEGER NOT NULL, edited_at INTEGER
    ) STRICT""",
    """CREATE INDEX items_feed ON items (feed_id, seen_at)""",
    """CREATE INDEX items_story ON items (story_id)""",
    """CREATE INDEX items_seen ON items (seen_at)""",
    # They outlive their items, so that what comes back after the retention does not ring: no reference.
    """CREATE TABLE identities (
        feed_id TEXT NOT NULL REFERENCES feeds, key TEXT NOT NULL, item_id TEXT NOT NULL, fingerprint TEXT NOT NULL,
        seen_at INTEGER NOT NULL, PRIMARY KEY (feed_id, key)
    ) STRICT, WITHOUT ROWID""",
    """CREATE INDEX identities_seen ON identities (seen_at)""",
    """CREATE TABLE alerts (
        alert_id TEXT PRIMARY KEY, kind TEXT NOT NULL, story_id TEXT REFERENCES stories, rule TEXT NOT NULL,
        priority TEXT NOT NULL, item_id TEXT, title TEXT NOT NULL, link TEXT NOT NULL,
        first_seen INTEGER NOT NULL, created_at INTEGER NOT NULL, payload TEXT NOT NULL
    ) STRICT""",
    """CREATE UNIQUE INDEX alerts_once ON alerts (story_id, rule) WHERE kind = 'alert.created'""",
    """CREATE INDEX alerts_story ON alerts (story_id)""",
    """CREATE INDEX alerts_created ON alerts (created_at)""",
    # What an item rang, and why it made an alert or none.
    """CREATE TABLE hits (
        item_id TEXT NOT NULL REFERENCES items ON DELETE CASCADE, rule TEXT NOT NULL, priority TEXT NOT NULL,
        verdict TEXT NOT NULL CHECK (verdict IN ('rang', 'folded', 'baseline', 'old')),
        alert_id TEXT, seen_at INTEGER NOT NULL, PRIMARY KEY (item_id, rule)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE matches (
        item_id TEXT NOT NULL, rule TEXT NOT NULL, watchlist TEXT NOT NULL, entry TEXT NOT NULL,
        field TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL, surface TEXT NOT NULL,
        PRIMARY KEY (item_id, rule, watchlist, entry, field, start, "end"),
        FOREIGN KEY (item_id, rule) REFERENCES hits ON DELETE CASCADE
    ) STRICT, WITHOUT ROWID""",
    # What a story has rung for; the row without an entry is the rule itself.
    """CREATE TABLE rung (
        story_id TEXT NOT NULL REFERENCES stories ON DELETE CASCADE, rule TEXT NOT NULL, watchlist TEXT NOT NULL,
        entry TEXT NOT NULL, alert_id TEXT NOT NULL, rung_at INTEGER NOT NULL,
        PRIMARY KEY (story_id, rule, watchlist, entry)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE deliveries (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        delivery_id TEXT NOT NULL UNIQUE, alert_id TEXT NOT NULL REFERENCES alerts ON DELETE CASCADE,
        channel TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN
            ('held', 'pending', 'leased', 'sent', 'digested', 'suppressed', 'dead', 'expired')),
        reason TEXT NOT NULL, attempts INTEGER NOT NULL, not_before INTEGER NOT NULL, deadline INTEGER NOT NULL,
        owner TEXT NOT NULL, follows TEXT REFERENCES deliveries (delivery_id) ON DELETE SET NULL,
        created_at INTEGER NOT NULL, finished_at INTEGER, UNIQUE (alert_id, channel)
    ) STRICT""",
    """CREATE INDEX deliveries_due ON deliveries (channel, not_before) WHERE state = 'pending'""",
    """CREATE INDEX deliveries_late ON deliveries (deadline) WHERE state IN ('held', 'pending')""",
    """CREATE INDEX deliveries_state ON deliveries (state, channel)""",
    """CREATE INDEX deliveries_follows ON deliveries (follows) WHERE follows IS NOT NULL""",
    # `started_at` is committed before the socket is opened: no row, no message.
    """CREATE TABLE attempts (
        attempt_id INTEGER PRIMARY KEY,
        delivery_id TEXT NOT NULL REFERENCES deliveries (delivery_id) ON DELETE CASCADE,
        n INTEGER NOT NULL, owner TEXT NOT NULL, started_at INTEGER NOT NULL, finished_at INTEGER,
        outcome TEXT NOT NULL, code INTEGER, reason TEXT NOT NULL, retry_after REAL, UNIQUE (delivery_id, n)
    ) STRICT""",
    """CREATE TABLE channel_state (
        channel TEXT PRIMARY KEY, open_until INTEGER, failures INTEGER NOT NULL, error TEXT NOT NULL,
        last_ok INTEGER, last_attempt INTEGER
    ) STRICT""",
    # For people with Datasette or the sqlite3 shell: times in words.
    """CREATE VIEW outbox AS
        SELECT d.channel, d.state, d.reason, d.attempts, a.kind, a.rule, a.priority, a.title, a.link,
               datetime(d.created_at / 1000000, 'unixepoch') AS created,
               datetime(d.not_before / 1000000, 'unixepoch') AS due,
               datetime(d.finished_at / 1000000, 'unixepoch') AS finished,
               d.delivery_id, a.alert_id, a.story_id
        FROM deliveries d JOIN alerts a USING (alert_id) ORDER BY d.seq DESC""",
    """CREATE VIEW seen AS
        SELECT f.name AS feed, i.title, i.link, h.rule, h.verdict,
               datetime(i.published / 1000000, 'unixepoch') AS published,
               datetime(i.seen_at / 1000000, 'unixepoch') AS seen, i.story_id, i.item_id
        FROM items i JOIN feeds f USING (feed_id) LEFT JOIN hits h USING (item_id) ORDER BY i.seen_at DESC""",
)

_HISTORY = (
    # An item's row in the index of words. A row is never used twice: the words of an earlier one stay in the index.
    """CREATE TABLE indexed (
        doc INTEGER PRIMARY KEY AUTOINCREMENT,
        item_id TEXT NOT NULL UNIQUE REFERENCES items ON DELETE CASCADE, seen_at INTEGER NOT NULL
    ) STRICT""",
    # How the words were folded; '' where there is no index. Items seen at `behind` or before may be missing from it.
    """CREATE TABLE word_index (folding TEXT NOT NULL, behind INTEGER) STRICT""",
    """INSERT INTO word_index VALUES ('', NULL)""",
)

_SUBSCRIPTIONS = """CREATE TABLE subscriptions (
        token TEXT PRIMARY KEY, feed_id TEXT NOT NULL REFERENCES feeds, hub TEXT NOT NULL, topic TEXT NOT NULL,
        callback TEXT NOT NULL, secret TEXT NOT NULL, stage TEXT NOT NULL, asked_at INTEGER, failures INTEGER NOT NULL,
        verified_at INTEGER, lease_until INTEGER, pushed_at INTEGER, missed INTEGER NOT NULL, error TEXT NOT NULL
    ) STRICT"""
_RHYTHM = (
    """ALTER TABLE feeds ADD COLUMN rhythm TEXT NOT NULL DEFAULT ''""",
    """ALTER TABLE feeds ADD COLUMN pace REAL NOT NULL DEFAULT 0""",
)

_HEALTH = (
    # What is wrong with a feed, since when, and whether the operator knows. `feed_id` is '' where it is all of them.
    # It is over from `over_at` on, and the row goes when that is told as well.
    """CREATE TABLE troubles (
        feed_id TEXT NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('broken', 'silent', 'gone', 'moved')),
        since INTEGER NOT NULL, found_at INTEGER NOT NULL, told_at INTEGER, over_at INTEGER, detail TEXT NOT NULL,
        PRIMARY KEY (feed_id, kind)
    ) STRICT, WITHOUT ROWID""",
    # One for each poll that brought an archive: `items` were new in it. `notice_id` is the alert that tells of it,
    # `told_at` when that had arrived: from then on what is held can expire.
    """CREATE TABLE holds (
        hold_id TEXT PRIMARY KEY, feed_id TEXT NOT NULL REFERENCES feeds, held_at INTEGER NOT NULL,
        items INTEGER NOT NULL, notice_id TEXT, told_at INTEGER
    ) STRICT, WITHOUT ROWID""",
    """CREATE INDEX holds_feed ON holds (feed_id)""",
    """ALTER TABLE deliveries ADD COLUMN hold_id TEXT REFERENCES holds""",
    """CREATE INDEX deliveries_hold ON deliveries (hold_id) WHERE hold_id IS NOT NULL""",
    # How many a day, and how late: read from the index alone, whatever an item's text weighs.
    """DROP INDEX items_feed""",
    """CREATE INDEX items_feed ON items (feed_id, seen_at, published)""",
)

_ARTICLES = (
    # Whether `text` is that of the article behind the link, and not the feed's.
    """ALTER TABLE items ADD COLUMN from_article INTEGER NOT NULL DEFAULT 0""",
    # An item whose article was wanted. `url` is where its link has led so far; `host_until` is until when its host
    # asked to be left alone. 'waiting': to be fetched when due; 'fetched': its text is there, and is to be judged.
    """CREATE TABLE articles (
        item_id TEXT PRIMARY KEY REFERENCES items ON DELETE CASCADE, feed TEXT NOT NULL,
        link_key TEXT NOT NULL, url TEXT NOT NULL, host TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('waiting', 'fetched', 'judged', 'given_up')),
        reason TEXT NOT NULL, attempts INTEGER NOT NULL, hops INTEGER NOT NULL,
        due INTEGER NOT NULL, host_until INTEGER, wanted_at INTEGER NOT NULL, fetched_at INTEGER
    ) STRICT""",
    """CREATE INDEX articles_due ON articles (due) WHERE state IN ('waiting', 'fetched')""",
    """CREATE INDEX articles_link ON articles (link_key)""",
    """CREATE INDEX articles_resting ON articles (host_until) WHERE host_until IS NOT NULL""",
    # By scheme, host and port. `rules` is the file; '' allows everything. `problem` says why nothing may be asked.
    """CREATE TABLE robots (
        origin TEXT PRIMARY KEY, rules TEXT NOT NULL, problem TEXT NOT NULL, until INTEGER NOT NULL
    ) STRICT""",
    """CREATE TABLE parts (
        feed_id TEXT NOT NULL REFERENCES feeds, url TEXT NOT NULL, etag TEXT NOT NULL, last_modified TEXT NOT NULL,
        body_hash TEXT NOT NULL, PRIMARY KEY (feed_id, url)
    ) STRICT, WITHOUT ROWID""",
)

_TITLES = (
    """ALTER TABLE feeds ADD COLUMN title TEXT NOT NULL DEFAULT ''""",
    """DROP VIEW seen""",
    """CREATE VIEW seen AS
        SELECT coalesce(nullif(f.name, ''), nullif(f.title, ''), f.url) AS feed, i.title, i.link, h.rule, h.verdict,
               datetime(i.published / 1000000, 'unixepoch') AS published,
               datetime(i.seen_at / 1000000, 'unixepoch') AS seen, i.story_id, i.item_id
        FROM items i JOIN feeds f USING (feed_id) LEFT JOIN hits h USING (item_id) ORDER BY i.seen_at DESC""",
)
