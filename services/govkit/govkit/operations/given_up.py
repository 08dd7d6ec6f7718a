"""Events that will never take effect here, by an operator's word: rows of `dropped`.

    a parked event     its row as it was parked
    events that        {_id: "<source>|<subject>|<from>-<to>", key, from, to}, one row for each run of sequences
    never came

each with the run, by whom, why, and `dropped_at`. Such events count as seen: one that comes later is dropped as a
duplicate. So a rebuild leaves them out, too.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import ReplaceOne, UpdateOne

from govkit.bus.envelope import Envelope
from govkit.operations.journal import Order
from govkit.store.rows import RowWrite

DROPPED = "dropped"

Row = dict[str, Any]
Database = AsyncIOMotorDatabase[Row]


@dataclass(frozen=True)
class Missing:
    """The events `first` to `last` of a subject, which have not come."""

    key: str
    first: int
    last: int

    @property
    def events(self) -> int:
        return self.last - self.first + 1

    def __str__(self) -> str:
        return f"events {self.first} to {self.last}"

    def write(self, order: Order) -> RowWrite:
        """Notes that nobody waits for them any more."""
        id = f"{self.key}|{self.first:010}-{self.last:010}"
        return write_given_up({"_id": id, "key": self.key, "from": self.first, "to": self.last}, order)


def write_given_up(row: Row, order: Order) -> RowWrite:
    given_up = {"run": order.run, "by": order.by, "why": order.reason, "dropped_at": datetime.now(UTC)}
    return DROPPED, ReplaceOne({"_id": row["_id"]}, row | given_up, upsert=True)


async def given_up_unseen(database: Database) -> int:
    """How many events were given up that had not come."""
    ranges = database[DROPPED].find({"from": {"$ne": None}}, {"from": 1, "to": 1})
    return sum([row["to"] - row["from"] + 1 async for row in ranges])


async def position_of(database: Database, key: str) -> int:
    """The sequence up to which the subject's events count as seen; 0 when none does."""
    row = await database["inbox"].find_one({"_id": key})
    return row["sequence"] if row else 0


def position_write(key: str, before: int, sequence: int) -> RowWrite:
    """As the inbox moves it: the commit fails when the subject is no longer where it was."""
    moved = {"$set": {"sequence": sequence, "at": datetime.now(UTC)}}
    return "inbox", UpdateOne({"_id": key, "sequence": before}, moved, upsert=not before)


@dataclass(frozen=True)
class GivenUp:
    """All of them, as they were when they were read."""

    events: set[str]
    ranges: dict[str, list[range]]

    @classmethod
    async def read(cls, database: Database) -> "GivenUp":
        found = cls(set(), {})
        async for row in database[DROPPED].find({}, {"key": 1, "from": 1, "to": 1}):
            if "from" in row:
                found.ranges.setdefault(row["key"], []).append(range(row["from"], row["to"] + 1))
            else:
                found.events.add(row["_id"])
        return found

    def __contains__(self, envelope: Envelope) -> bool:
        if f"{envelope.key}|{envelope.sequence:010}" in self.events:
            return True
        return any(envelope.sequence in span for span in self.ranges.get(envelope.key, ()))
