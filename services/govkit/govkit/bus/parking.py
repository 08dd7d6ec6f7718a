"""Events that a consumer could not apply, and every later event of their subjects, kept for an operator.

`parked`: `{_id, key: "<source>|<subject>", sequence, type, event_id, body: JSON bytes, error, attempts, parked_at}`.
A subject is parked while it has a row; the rows of one key, by sequence, are the events that it still has to see.
"""

from datetime import UTC, datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase

from govkit.bus.envelope import Envelope
from govkit.runtime.logs import describe

Row = dict[str, Any]


class Parking:
    """The parked events of one consumer, with the parked subjects in memory so that the usual case asks nothing."""

    def __init__(self, database: "AsyncIOMotorDatabase[Row]"):
        self._parked = database["parked"]
        self._inbox = database["inbox"]
        self._keys: set[str] = set()

    @property
    def subjects(self) -> int:
        return len(self._keys)

    async def load(self) -> None:
        """Learn the parked subjects; whenever partitions come from another process."""
        await self._parked.create_index([("key", 1), ("sequence", 1)])
        self._keys = {key for key in await self._parked.distinct("key") if key}

    async def holds(self, envelope: Envelope) -> bool:
        """Whether an earlier event of the subject is parked, so that this one must wait behind it."""
        key = subject_key(envelope)
        if key not in self._keys:
            return False
        # An operator may have emptied it meanwhile.
        if await self._parked.find_one({"key": key}, {"_id": 1}) is None:
            self._keys.discard(key)
            return False
        return True

    async def park(self, envelope: Envelope, error: BaseException | None = None, attempts: int = 0) -> bool:
        """Keep the event (once). False when it had taken effect before, so that there is nothing to keep."""
        key = subject_key(envelope)
        position = await self._inbox.find_one({"_id": key})
        if position is not None and envelope.sequence <= position["sequence"]:
            return False
        row = {
            "key": key,
            "sequence": envelope.sequence,
            "type": envelope.type,
            "event_id": envelope.id,
            "body": envelope.to_json(),
            "error": describe(error) if error else None,
            "attempts": attempts,
            "parked_at": datetime.now(UTC),
        }
        row_id = f"{key}|{envelope.sequence:010}"
        await self._parked.update_one({"_id": row_id}, {"$setOnInsert": row}, upsert=True)
        self._keys.add(key)
        return True

    async def park_malformed(self, place: str, body: bytes, error: BaseException) -> None:
        """Keep a record that is no event; `place` is `<topic>/<partition>/<offset>`. It holds back no subject."""
        row = {"key": None, "body": body, "error": describe(error), "attempts": 1, "parked_at": datetime.now(UTC)}
        await self._parked.update_one({"_id": place}, {"$setOnInsert": row}, upsert=True)


def subject_key(envelope: Envelope) -> str:
    return f"{envelope.source}|{envelope.subject}"
