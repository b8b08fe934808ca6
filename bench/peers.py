"""What else decides which of many queries a text answers: SQLite's FTS5, PostgreSQL, and a loop of `re`.

Each takes the same folded texts and the same rules, and returns how many pairs of text and rule match, or which, and
the seconds.
"""

import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.drawing import Drawn
from rules.records import Item

BATCH = 500
"""Texts in one FTS5 table."""


def fts5(texts: Sequence[Item], rules: Sequence[Drawn]) -> tuple[set[tuple[int, int]], float]:
    """Texts are indexed by the batch, and each rule is asked of the index; returns the pairs of text and rule."""
    queries = [_fts5(rule) for rule in rules]
    matches: set[tuple[int, int]] = set()
    started = time.process_time()
    for first in range(0, len(texts), BATCH):
        index = sqlite3.connect(":memory:")
        index.execute("CREATE VIRTUAL TABLE texts USING fts5(title, text, content='', tokenize=\"unicode61\")")
        rows = [
            (number, texts[number].title, texts[number].text) for number in range(first, min(first + BATCH, len(texts)))
        ]
        index.executemany("INSERT INTO texts (rowid, title, text) VALUES (?, ?, ?)", rows)
        for rule, query in enumerate(queries):
            found = index.execute("SELECT rowid FROM texts WHERE texts MATCH ?", (query,))
            matches.update((text, rule) for (text,) in found)
        index.close()
    return matches, time.process_time() - started


def _fts5(rule: Drawn) -> str:
    either = [" OR ".join(f'"{term}"' for term in group) for group in (rule.first, *rule.also)]
    groups = [f"({group})" for group in either]
    if rule.title:
        groups[0] = f"title : {groups[0]}"
    if rule.near:
        near = [f'NEAR("{one}" "{other}", 10)' for one in rule.first for other in rule.also[0]]
        groups[:2] = [f"({' OR '.join(near)})"]
    query = " AND ".join(groups)
    never = " OR ".join(f'"{term}"' for term in rule.never)
    return f"({query}) NOT ({never})" if never else query


def loop_of_re(texts: Sequence[Item], rules: Sequence[Drawn]) -> tuple[int, float]:
    """An expression for each term, searched in each text. NEAR is taken as AND."""
    terms = {term for rule in rules for group in (rule.first, *rule.also, rule.never) for term in group}
    compiled = {term: re.compile(rf"\b{re.escape(term)}\b").search for term in terms}
    started, matches = time.process_time(), 0
    for item in texts:
        whole = f"{item.title} | {item.text}"
        there = {term for term, search in compiled.items() if search(whole)}
        matches += sum(
            not there.isdisjoint(rule.first)
            and not any(there.isdisjoint(group) for group in rule.also)
            and there.isdisjoint(rule.never)
            for rule in rules
        )
    return matches, time.process_time() - started


def postgres(texts: Sequence[Item], rules: Sequence[Drawn]) -> tuple[int, float] | None:
    """Anchor lexemes in a GIN index, then `@@`; NEAR is taken as AND. None where it is not installed."""
    programs = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr/local/bin").glob("initdb/..")]
    binaries = next((folder for folder in programs if (folder / "initdb").exists()), None)
    if not binaries or not shutil.which("psql"):
        return None
    with tempfile.TemporaryDirectory() as folder, _server(binaries, Path(folder)) as ask:
        ask("CREATE TABLE texts (words tsvector); CREATE TABLE rules (id int, query tsquery, anchors text[])")
        ask(_rows("texts", (f"to_tsvector('simple', {_quoted(f'{item.title} | {item.text}')})" for item in texts)))
        ask(_rows("rules", (_postgres_row(number, rule) for number, rule in enumerate(rules))))
        ask("CREATE INDEX ON rules USING gin (anchors); ANALYZE")
        query = (
            "SELECT count(*) FROM texts, LATERAL (SELECT id FROM rules"
            " WHERE anchors && tsvector_to_array(words) AND words @@ query) AS found"
        )
        ask(query)
        started = time.monotonic()
        matches = int(ask(query))
        return matches, time.monotonic() - started


def _postgres_row(number: int, rule: Drawn) -> str:
    groups = [[_phrase(term) for term in group] for group in (rule.first, *rule.also)]
    wanted = " && ".join(f"({' || '.join(group)})" for group in groups)
    never = "".join(f" && !!{_phrase(term)}" for term in rule.never)
    # The longest word of each term of the first group, as a name is rarer than its context.
    anchors = ", ".join(_quoted(max(term.split(), key=len)) for term in rule.first)
    return f"({number}, {wanted}{never}, ARRAY[{anchors}])"


def _phrase(term: str) -> str:
    return f"phraseto_tsquery('simple', {_quoted(term)})"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''").replace("\0", "") + "'"


def _rows(table: str, rows: Iterator[str]) -> str:
    values = [row if row.startswith("(") else f"({row})" for row in rows]
    return ";".join(
        f"INSERT INTO {table} VALUES {','.join(values[first : first + 1000])}" for first in range(0, len(values), 1000)
    )


@contextmanager
def _server(binaries: Path, folder: Path) -> Iterator[Callable[[str], str]]:
    """A server of its own in `folder`, on a socket there, as long as it is asked."""
    data = folder / "data"
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if user:
        shutil.chown(folder, "postgres")
    make: list[str | Path] = [*user, binaries / "initdb", "-D", data, "-U", "bench", "-A", "trust"]
    subprocess.run(make, check=True, stdout=subprocess.DEVNULL, cwd="/")
    options = f"-k {folder} -c listen_addresses='' -c fsync=off -c jit=off -c max_parallel_workers_per_gather=0"
    start: list[str | Path] = [*user, binaries / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options]
    subprocess.run([*start, "start"], check=True, stdout=subprocess.DEVNULL, cwd="/")
    psql = [*user, "psql", "-h", folder, "-U", "bench", "-d", "postgres", "-qtA", "-v", "ON_ERROR_STOP=1"]

    def ask(query: str) -> str:
        found = subprocess.run([*map(str, psql)], input=query, check=True, capture_output=True, text=True, cwd="/")
        return found.stdout.strip()

    try:
        yield ask
    finally:
        subprocess.run([*start, "-m", "immediate", "stop"], check=True, stdout=subprocess.DEVNULL, cwd="/")
