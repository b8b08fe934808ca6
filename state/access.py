"""How the parts of the memory read and write: a connection for each thread that reads, one writer for all of them."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from sqlite_utils import Database

from state.database import open_reader
from state.errors import StateError, told
from state.writer import Writer

T = TypeVar("T")


class Access:
    """To the file at `path`; without a writer it is only read. Raises, or sets on a Future, StateError alone."""

    def __init__(self, path: Path, writer: Writer | None) -> None:
        self.path = path
        self._writer = writer
        self._local = threading.local()
        self._readers: list[Database] = []

    @property
    def writer(self) -> Writer:
        """The one that writes. Raises StateError where this is only read."""
        if self._writer is None:
            raise StateError(self.path, "it was opened to be read", "this is a mistake in Wirebell; please report it")
        return self._writer

    @property
    def waited(self) -> float:
        """Seconds the writer has got nothing done while there was something to do."""
        return self._writer.idle_for() if self._writer else 0.0

    @property
    def complaint(self) -> str:
        """Why nothing can be written at the moment, as a sentence; empty where all is well."""
        return self._writer.complaint if self._writer else ""

    def write(self, name: str, work: Callable[[Database], T], *, patient: bool = False) -> Future[T]:
        """What `work` returns, once all that it did in the open transaction is on the disk.

        The Future of a `patient` one waits for room on a full disk.
        """
        return self.writer.submit(name, work, patient=patient)

    def read(self, work: Callable[[Database], T]) -> T:
        """What `work` returns; all its statements see one picture."""
        with self._translated():
            db = self._reader()
            with db.atomic():
                return work(db)

    def alone(self, work: Callable[[Database], T]) -> T:
        """`work` on a connection of its own, outside any transaction."""
        with self._translated():
            db = open_reader(self.path)
            try:
                return work(db)
            finally:
                db.conn.close()

    def begin(self) -> None:
        """Open the connection of this thread: what is wrong with the file is told at once."""
        self._reader()

    def close(self) -> None:
        """Close what was opened to read."""
        for reader in self._readers:
            reader.conn.close()
        self._readers.clear()

    def _reader(self) -> Database:
        reader: Database | None = getattr(self._local, "reader", None)
        if reader is None:
            reader = self._local.reader = open_reader(self.path)
            self._readers.append(reader)
        return reader

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise told(error, self.path) from error
