"""Who may bid: the restrictions that follow from the county's red and black lists.

A consequence of the kind BIDDING_RESTRICTED keeps an enterprise from bidding from `startOn` to `endOn`, both included;
when it was lifted, no longer from `liftedOn`. That it has run out no event says: the date does.
"""

import logging
import sqlite3
from datetime import date
from enum import Enum
from pathlib import Path

from bidding_platform.event import Event, text
from bidding_platform.inbox import Inbox, Outcome

# All events about consequences: those that are not known here count in the sequences, too.
CONCERNS = ("cn.lanling.consequence.", "cn.lanling.linked_consequence.")
KIND = "BIDDING_RESTRICTED"
SCHEMA = """
CREATE TABLE IF NOT EXISTS restriction (
    consequence TEXT PRIMARY KEY,
    enterprise TEXT NOT NULL,
    start_on TEXT NOT NULL,
    end_on TEXT NOT NULL,
    lifted_on TEXT
) WITHOUT ROWID;
"""
Row = tuple[str, str, str, str, str | None]
log = logging.getLogger(__name__)


class Answer(Enum):
    YES = "may bid"
    NO = "may not bid"
    UNKNOWN = "unknown: events about this enterprise are missing, or not all have been read yet"


class Eligibility:
    """Its database is one file. One process receives events; any number of processes may ask meanwhile."""

    def __init__(self, file: Path):
        self._connection = sqlite3.connect(file, isolation_level=None, timeout=10)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")  # what was received survives a power failure
        self._connection.executescript(SCHEMA)
        self.inbox = Inbox(self._connection, self._apply)

    def receive(self, event: Event) -> Outcome | None:
        """None when it is not about consequences."""
        return self.inbox.receive(event) if event.type.startswith(CONCERNS) else None

    def may_bid(self, enterprise: str, on: date) -> Answer:
        if not self.inbox.was_read_to_end():
            return Answer.UNKNOWN
        if any(event.data.get("subjectId") == enterprise for event in self.inbox.waiting()):
            return Answer.UNKNOWN
        query = """SELECT 1 FROM restriction WHERE enterprise = ? AND ? BETWEEN start_on AND end_on
                   AND (lifted_on IS NULL OR ? < lifted_on)"""
        day = on.isoformat()
        restricted = self._connection.execute(query, (enterprise, day, day)).fetchone()
        return Answer.NO if restricted else Answer.YES

    def restrictions(self) -> list[Row]:
        """Consequence, enterprise, from, to, lifted on; ordered, so that two databases can be compared."""
        return self._connection.execute("SELECT * FROM restriction ORDER BY consequence").fetchall()

    def close(self) -> None:
        self._connection.close()

    def _apply(self, event: Event) -> None:
        match event.type:
            case "cn.lanling.consequence.activated.v1" | "cn.lanling.linked_consequence.snapshot.v1":
                if event.data["kind"] == KIND:
                    row = _row(event)
                    self._connection.execute("INSERT OR REPLACE INTO restriction VALUES (?, ?, ?, ?, ?)", row)
            case "cn.lanling.consequence.lifted.v1":
                change = (_lifted_on(event), event.subject)
                self._connection.execute("UPDATE restriction SET lifted_on = ? WHERE consequence = ?", change)
            case "cn.lanling.consequence.expired.v1":
                pass  # Until when it holds was said when it was activated.
            case unknown:
                # A new type, or a newer version of one of these, which comes beside the old until a stated day.
                log.warning("%s is not known here and changes nothing", unknown)


def _row(event: Event) -> Row:
    data = event.data
    lifted = data.get("liftedOn") or data.get("state") == "LIFTED"
    return (
        event.subject,
        text(data["subjectId"]),
        _day(data["startOn"]),
        _day(data["endOn"]),
        _lifted_on(event) if lifted else None,
    )


def _lifted_on(event: Event) -> str:
    """`liftedOn` was added later and may be null: then the day on which it was told."""
    told = event.data.get("liftedOn")
    return _day(told) if told else event.day.isoformat()


def _day(text: str) -> str:
    """Raises ValueError when it is no ISO date."""
    return date.fromisoformat(text).isoformat()
