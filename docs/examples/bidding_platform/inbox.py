"""Every event takes effect once and in its turn, however often and in whatever order it is delivered.

The inbox keeps the last `sequence` that was applied for each subject of each source, in the database of the effects and
in their transaction:

    not greater than the last     it was applied already: nothing happens
    the next one                  effect and new last, in one transaction
    a later one                   something is missing: it waits until the gap is filled
    a snapshot                    the whole state of its subject: whatever is missing before it no longer matters

An event whose effect fails waits too, and all later ones of its subject with it; other subjects go on.
"""

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum

from bidding_platform.event import Event

SCHEMA = """
CREATE TABLE IF NOT EXISTS inbox (
    source TEXT, subject TEXT, sequence INTEGER NOT NULL,
    PRIMARY KEY (source, subject)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS waiting (
    source TEXT, subject TEXT, sequence INTEGER, body TEXT NOT NULL,
    PRIMARY KEY (source, subject, sequence)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS read_to_end (once INTEGER PRIMARY KEY CHECK (once = 1));
"""
log = logging.getLogger(__name__)


class Outcome(Enum):
    APPLIED = "applied"
    DUPLICATE = "was applied before"
    WAITING = "waits: an earlier event of its subject is missing, or it cannot be read"


class Inbox:
    """`effect` changes tables through the same connection; it raises KeyError, TypeError or ValueError, before it
    changes anything, for an event that it cannot read."""

    def __init__(self, connection: sqlite3.Connection, effect: Callable[[Event], None]):
        self._connection = connection
        self._effect = effect
        connection.executescript(SCHEMA)

    def receive(self, event: Event) -> Outcome:
        """Take one event in. When this returns it is on disk, applied or waiting, and its offset may be committed."""
        with self._transaction():
            if event.sequence <= self._last(event.source, event.subject):
                return Outcome.DUPLICATE
            self._connection.execute(
                "INSERT OR IGNORE INTO waiting VALUES (?, ?, ?, ?)",
                (event.source, event.subject, event.sequence, event.body),
            )
            self._apply_waiting(event.source, event.subject)
            applied = event.sequence <= self._last(event.source, event.subject)
        return Outcome.APPLIED if applied else Outcome.WAITING

    def retry(self) -> None:
        """Try again what waits: a newer version of the effect may be able to read it."""
        for source, subject in {(event.source, event.subject) for event in self.waiting()}:
            with self._transaction():
                self._apply_waiting(source, subject)

    def waiting(self) -> list[Event]:
        rows = self._connection.execute("SELECT body FROM waiting ORDER BY source, subject, sequence")
        return [Event.from_record(body.encode()) for (body,) in rows]

    def note_read_to_end(self) -> None:
        self._connection.execute("INSERT OR IGNORE INTO read_to_end VALUES (1)")

    def was_read_to_end(self) -> bool:
        """Whether all that the topic held was received once. Before, that something is not here says nothing."""
        return self._connection.execute("SELECT 1 FROM read_to_end").fetchone() is not None

    def _apply_waiting(self, source: str, subject: str) -> None:
        waiting = [event for event in self.waiting() if (event.source, event.subject) == (source, subject)]
        for event in waiting:
            if event.is_snapshot or event.sequence == self._last(source, subject) + 1:
                try:
                    self._effect(event)
                except (KeyError, TypeError, ValueError) as error:
                    log.error("%s of %s cannot be read: %r", event.type, subject, error)
                    continue
                position = (source, subject, event.sequence)
                self._connection.execute("INSERT OR REPLACE INTO inbox VALUES (?, ?, ?)", position)
        position = (source, subject, self._last(source, subject))
        self._connection.execute("DELETE FROM waiting WHERE source = ? AND subject = ? AND sequence <= ?", position)

    def _last(self, source: str, subject: str) -> int:
        query = "SELECT sequence FROM inbox WHERE source = ? AND subject = ?"
        row = self._connection.execute(query, (source, subject)).fetchone()
        return row[0] if row else 0

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")
