"""How far the events of each subject have come, and whether one of them is missing.

`inbox`: `{_id: "<source>|<subject>", sequence, at}`, one row for each subject of which any event was seen, also of
types that nobody here consumes: else the holes that those leave could not be told from lost events. Rows never expire.

    sequence ≤ position        seen before: dropped
    position + 1               its turn
    further                    a gap: held until what is missing comes, or an operator says that it never will
    no position yet            its turn when it is the first event, or a snapshot, which stands for all before it;
                               else a gap

A service need not have a topic's whole history: the broker may have dropped the beginning by retention, or rows are
older than this rule. `histories`: `{_id: "<topic>/<partition>", source, first: lowest offset seen}`. Of a source with a
partition that began later than offset 0 the first event seen of a subject is its turn, whatever its sequence; so is the
next one after a row without `at`, which an older release wrote.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import UpdateOne

from govkit.bus.envelope import Envelope
from govkit.bus.failures import NotApplied, Reason
from govkit.bus.parking import Place
from govkit.store.rows import RowWrite

Database = AsyncIOMotorDatabase[dict[str, Any]]


class Positions:
    """The positions of the subjects of some events, read or assumed, moved on by `advance`, written by a commit."""

    def __init__(self, database: Database, rows: dict[str, dict[str, Any]]):
        self._database = database
        self._rows = rows
        self._now: dict[str, int] = {key: row["sequence"] for key, row in rows.items()}
        self._cut: dict[str, bool] = {}

    @classmethod
    async def read(cls, database: Database, envelopes: Sequence[Envelope]) -> "Positions":
        keys = list({envelope.key for envelope in envelopes})
        rows = database["inbox"].find({"_id": {"$in": keys}})
        return cls(database, {row["_id"]: row async for row in rows})

    @classmethod
    def assumed(cls, database: Database, envelopes: Sequence[Envelope]) -> "Positions":
        """As they are when each event is new and its turn has come, without reading; else the commit is refused."""
        before: dict[str, int] = {}
        for envelope in envelopes:
            before.setdefault(envelope.key, envelope.sequence - 1)
        return cls(database, {key: {"sequence": last, "at": None} for key, last in before.items() if last})

    async def advance(self, envelope: Envelope) -> bool:
        """Move on to this event. False when it was seen before. Raises NotApplied when events before it are missing."""
        position = self._now.get(envelope.key, 0)
        if envelope.sequence <= position:
            return False
        if envelope.sequence > position + 1 and not await self._may_begin(envelope):
            raise NotApplied(envelope, Reason.GAP, expected=position + 1)
        self._now[envelope.key] = envelope.sequence
        return True

    async def _may_begin(self, envelope: Envelope) -> bool:
        if envelope.key not in self._now:
            return is_snapshot(envelope) or await self._is_cut(envelope.source)
        row = self._rows.get(envelope.key)
        return row is not None and "at" not in row and row["sequence"] == self._now[envelope.key]

    async def _is_cut(self, source: str) -> bool:
        if source not in self._cut:
            cut = await self._database["histories"].find_one({"source": source, "first": {"$gt": 0}})
            self._cut[source] = cut is not None
        return self._cut[source]

    def writes(self, at: datetime) -> list[RowWrite]:
        """The rows that moved. The commit fails when one of them is not where it was thought to be."""
        moved = []
        for key, sequence in self._now.items():
            before = self._rows[key]["sequence"] if key in self._rows else 0
            if sequence > before:
                condition = {"_id": key, "sequence": before}
                move = {"$set": {"sequence": sequence, "at": at}}
                moved.append(("inbox", UpdateOne(condition, move, upsert=not before)))
        return moved


def is_snapshot(envelope: Envelope) -> bool:
    """Whether the event carries the whole present state: `….snapshot.v<n>`."""
    return envelope.type.split(".")[-2:-1] == ["snapshot"]


async def note_start(database: Database, place: Place, source: str) -> None:
    """Remember the lowest offset that was seen of a partition; for the first record after partitions were assigned."""
    await database["histories"].update_one(
        {"_id": f"{place.topic}/{place.partition}"},
        {"$set": {"source": source}, "$min": {"first": place.offset}},
        upsert=True,
    )
