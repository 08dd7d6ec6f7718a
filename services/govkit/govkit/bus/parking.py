"""Events that a consumer could not apply, every later event of their subjects, and records that are no event of ours.

Rows of `parked`, for operators:

    _id         of an event `<source>|<subject>|<sequence, ten digits>`, of a record that is none of ours
                `<topic>/<partition>/<offset>`
    key         `<source>|<subject>`; null for a record that is no event of ours, which holds back no subject
    reason      name of a `failures.Reason`
    at          when it was parked
    sequence, type, event_id          of an event, else null
    expected    with GAP: the sequence that should have come; the events from there on are missing
    error       with a failure: type, message without personal data, frames; null where the reason says it all
    attempts    how often its effect was tried
    topic, partition, offset          where it lies on the broker, null when it came another way
    body, size  its bytes, of a record that is no event of ours the first 64 KiB; how many they were

A subject is parked while it has a row; its rows by sequence are the events that it still has to see. Its position,
which `Inbox` keeps, does not move meanwhile.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase

from govkit.bus.envelope import Envelope
from govkit.bus.failures import NotApplied, Reason, database_is_away, reason_of
from govkit.runtime.logs import describe

Row = dict[str, Any]
Apply = Callable[[Sequence[Envelope]], Awaitable[int]]
KEPT_BYTES = 64 * 1024


WAITING = frozenset({Reason.GAP.name, Reason.BEHIND.name})
"""Nothing is wrong with these events: they are applied by themselves as soon as it is their turn."""

MENDING = frozenset({Reason.EFFECT_FAILED, Reason.CONTENDED})
"""What may not happen again the next time."""

RELEASES = 5
"""So often a waiting event is tried, each time that somebody looks, before it waits for an operator."""


@dataclass(frozen=True)
class Place:
    """Where a record lies on the broker."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"


class Parking:
    """The parked rows of one service, with the parked subjects in memory so that the usual case asks nothing."""

    def __init__(self, database: "AsyncIOMotorDatabase[Row]"):
        self._parked = database["parked"]
        self._inbox = database["inbox"]
        self._keys: set[str] = set()

    @property
    def subjects(self) -> int:
        """How many subjects were parked when this process last looked."""
        return len(self._keys)

    def holds(self, key: str) -> bool:
        """Whether the subject was parked when this process last looked."""
        return key in self._keys

    async def load(self) -> None:
        """Learn the parked subjects; whenever partitions come from another process."""
        groups = self._parked.aggregate([{"$match": {"key": {"$ne": None}}}, {"$group": {"_id": "$key"}}])
        self._keys = {group["_id"] async for group in groups}

    async def counts(self) -> dict[str, int]:
        """How many rows there are by reason; every reason is named."""
        groups = self._parked.aggregate([{"$group": {"_id": "$reason", "rows": {"$sum": 1}}}])
        found = {group["_id"]: group["rows"] async for group in groups}
        return {reason.name: found.get(reason.name, 0) for reason in Reason}

    async def first(self, key: str) -> Row | None:
        """The subject's first row that waits, without its body; None when it is not parked, mostly without asking."""
        if key not in self._keys:
            return None
        await self._remove_seen(key)
        row = await self._parked.find_one({"key": key}, {"body": 0}, sort=[("sequence", 1)])
        if row is None:
            await self._emptied(key)
        return row

    async def _emptied(self, key: str) -> None:
        """In this order, or a row that is parked at this moment would be overlooked."""
        self._keys.discard(key)
        if await self._parked.find_one({"key": key}, {"_id": 1}):
            self._keys.add(key)

    async def _remove_seen(self, key: str) -> None:
        """Rows whose events have taken effect: delivered once more to whom they did not fail, or applied just before
        the process ended that would have removed the row."""
        position = await self._inbox.find_one({"_id": key})
        if position is not None:
            await self._parked.delete_many({"key": key, "sequence": {"$lte": position["sequence"]}})

    async def park(
        self,
        envelope: Envelope,
        body: bytes,
        reason: Reason,
        *,
        error: BaseException | None = None,
        attempts: int = 0,
        expected: int | None = None,
        place: Place | None = None,
    ) -> bool:
        """Keep the event, with its bytes as they came, once. False, with nothing kept, when it has taken effect."""
        position = await self._inbox.find_one({"_id": envelope.key})
        if position is not None and envelope.sequence <= position["sequence"]:
            return False
        row = {
            "key": envelope.key,
            "sequence": envelope.sequence,
            "type": envelope.type,
            "event_id": envelope.id,
            "expected": expected,
            **_parked(reason, body, place, error, attempts),
        }
        await self._keep(f"{envelope.key}|{envelope.sequence:010}", row)
        self._keys.add(envelope.key)
        return True

    async def park_record(self, place: Place, body: bytes, reason: Reason, error: BaseException | None = None) -> None:
        """Keep a record that is no event of ours."""
        row = {"key": None, "sequence": None, "type": None, "event_id": None, "expected": None}
        await self._keep(str(place), row | _parked(reason, body[:KEPT_BYTES], place, error, 0) | {"size": len(body)})

    async def release(self, key: str, apply: Apply, reasons: frozenset[str] | None = None) -> int:
        """Apply the subject's parked events in their order, each row removed when it took effect; how many did.

        Stops before the first row of another reason than `reasons` (None: never). Raises what `apply` raises, with
        that event and all later ones still parked and the row telling why. Interrupted between an effect and the
        removal of its row, the next call finds the event seen and removes the row.
        """
        released = 0
        await self._remove_seen(key)
        while row := await self._parked.find_one({"key": key}, sort=[("sequence", 1)]):
            if reasons is not None and row["reason"] not in reasons:
                return released
            try:
                await apply([Envelope.from_json(row["body"])])
            except Exception as error:
                if not database_is_away(error):
                    await self._note_failure(row, error)
                raise
            await self._parked.delete_one({"_id": row["_id"]})
            released += 1
        await self._emptied(key)
        return released

    async def _note_failure(self, row: Row, error: Exception) -> None:
        reason = reason_of(error)
        found: Row = {"reason": reason.name}
        if isinstance(error, NotApplied):
            found["expected"] = error.expected
        if reason in MENDING and row["reason"] in WAITING and row["attempts"] + 1 < RELEASES:
            found = {}
        cause = error.__cause__ or error
        found["error"] = None if reason is Reason.GAP else describe(cause)
        await self._parked.update_one({"_id": row["_id"]}, {"$set": found, "$inc": {"attempts": 1}})

    async def due(self, most: int = 100) -> list[str]:
        """Subjects whose first parked event waits for nothing any more, or has taken effect; without asking when none
        is parked."""
        if not self._keys:
            return []
        rows = self._parked.aggregate(
            [
                {"$match": {"key": {"$ne": None}}},
                {"$sort": {"key": 1, "sequence": 1}},
                {"$group": {"_id": "$key", "sequence": {"$first": "$sequence"}, "reason": {"$first": "$reason"}}},
                {"$lookup": {"from": "inbox", "localField": "_id", "foreignField": "_id", "as": "position"}},
                {"$set": {"position": {"$ifNull": [{"$first": "$position.sequence"}, 0]}}},
                {"$set": {"ahead": {"$subtract": ["$sequence", "$position"]}}},
                {"$match": {"$or": [{"ahead": {"$lte": 0}}, {"ahead": 1, "reason": {"$in": sorted(WAITING)}}]}},
                {"$limit": most},
            ]
        )
        return [row["_id"] async for row in rows]

    async def _keep(self, id: str, row: Row) -> None:
        await self._parked.update_one({"_id": id}, {"$setOnInsert": row}, upsert=True)


def _parked(reason: Reason, body: bytes, place: Place | None, error: BaseException | None, attempts: int) -> Row:
    return {
        "reason": reason.name,
        "at": datetime.now(UTC),
        "error": describe(error) if error else None,
        "attempts": attempts,
        "topic": place and place.topic,
        "partition": place and place.partition,
        "offset": place and place.offset,
        "body": body,
        "size": len(body),
    }
