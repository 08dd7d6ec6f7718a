"""The outbox in the database: which events wait, which were published, how long published ones stay.

A row: `{_id: event id, subject, sequence, envelope: JSON bytes, published: false, created_at}`; later `published: true`
and `published_at`, by the database's clock. (subject, sequence) is unique.

Published rows stay for `RETENTION_SECONDS`, as long as receipts, for operators who publish them again; the topic itself
keeps all events. The last published row of a subject stays for ever: it is the subject's position, from which the relay
knows what comes next. It loses `published_at`, so that no sweep looks at it twice.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import ASCENDING, DeleteMany, IndexModel
from pymongo.write_concern import WriteConcern

from govkit.bus.lease import Lease

RETENTION_SECONDS = 30 * 24 * 3600
SWEEP_ROWS = 1_000
PART_ROWS = 100
MOST_BYTES = 16 << 20
MEASURE_MILLISECONDS = 20_000

Row = dict[str, Any]
Place = tuple[str, int]
"""Subject and sequence: where a row stands."""

INDEXES = [
    IndexModel(
        [("subject", ASCENDING), ("sequence", ASCENDING)],
        name="unpublished",
        partialFilterExpression={"published": False},
    ),
    IndexModel([("subject", ASCENDING), ("sequence", ASCENDING)], name="place", unique=True),
    IndexModel([("published_at", ASCENDING)], name="published_at", sparse=True),
]


@dataclass(frozen=True)
class Backlog:
    """How many rows wait, and since when the first of them."""

    rows: int
    oldest: datetime | None


class Outbox:
    def __init__(self, database: "AsyncIOMotorDatabase[Row]"):
        self._rows = database["outbox"]
        self._client = database.client

    async def unpublished(self, start: Place, limit: int, without: Collection[str]) -> tuple[list[Row], bool]:
        """Waiting rows by (subject, sequence) from `start` on, of other subjects than those `without`; whether there
        may be more of them than `limit`, or than some MOST_BYTES hold.

        One snapshot: of a subject's commits it shows the first ones, never a later one without an earlier one.
        """
        query: Row = {"published": False}
        if without:
            query["subject"] = {"$nin": list(without)}
        async with await self._client.start_session(snapshot=True) as session:
            cursor = self._rows.find(query, {"published": 0}, session=session).hint("unpublished").limit(limit)
            cursor.min(list(zip(("subject", "sequence"), start, strict=True)))
            rows: list[Row] = []
            size = 0
            while part := await cursor.to_list(PART_ROWS):
                rows += part
                size += sum(len(row["envelope"]) for row in part)
                if size >= MOST_BYTES:
                    await cursor.close()
                    return rows, True
            return rows, len(rows) == limit

    async def published_among(self, places: Collection[Place]) -> set[Place]:
        """Those of the places whose rows were published."""
        subjects, sequences = {subject for subject, _ in places}, {sequence for _, sequence in places}
        query = {"subject": {"$in": list(subjects)}, "sequence": {"$in": list(sequences)}, "published": True}
        found = self._rows.find(query, {"_id": 0, "subject": 1, "sequence": 1}).hint("place")
        return {(row["subject"], row["sequence"]) async for row in found} & set(places)

    async def mark_published(self, ids: Sequence[str], lease: Lease) -> None:
        """Note that the broker has acknowledged these, and renew the lease, in one transaction. Raises LeaseLost."""
        async with (
            await self._client.start_session() as session,
            session.start_transaction(write_concern=WriteConcern(w="majority", wtimeout=20_000)),
        ):
            asked = await lease.renew(session)
            mark = {"$set": {"published": True}, "$currentDate": {"published_at": True}}
            await self._rows.update_many({"_id": {"$in": ids}, "published": False}, mark, session=session)
        lease.renewed(asked)

    async def backlog(self) -> Backlog:
        """Looks at every waiting row: some seconds for a million. Raises ExecutionTimeout beyond 20 seconds."""
        found = self._rows.aggregate(
            [
                {"$match": {"published": False}},
                {"$group": {"_id": None, "rows": {"$sum": 1}, "oldest": {"$min": "$created_at"}}},
            ],
            hint="unpublished",
            maxTimeMS=MEASURE_MILLISECONDS,
        )
        async for group in found:
            return Backlog(group["rows"], group["oldest"])
        return Backlog(0, None)

    async def sweep(self, now: datetime | None = None) -> bool:
        """Delete a part of the published rows whose time is over, by the rule above. True: there may be more."""
        before = (now or datetime.now(UTC)) - timedelta(seconds=RETENTION_SECONDS)
        expired = {"published": True, "published_at": {"$lt": before}}
        rows = await self._rows.find(expired, {"subject": 1, "sequence": 1}).limit(SWEEP_ROWS).to_list(SWEEP_ROWS)
        if not rows:
            return False
        last: dict[str, int] = {}
        for row in rows:
            last[row["subject"]] = max(row["sequence"], last.get(row["subject"], 0))
        # What is gone twice is gone: a sweep that was interrupted, or that two processes do, does no harm.
        await self._rows.bulk_write(
            [
                DeleteMany({"subject": subject, "sequence": {"$lt": sequence}, "published": True})
                for subject, sequence in last.items()
            ],
            ordered=False,
        )
        await self._rows.update_many(
            {"_id": {"$in": [row["_id"] for row in rows]}, "published": True}, {"$unset": {"published_at": ""}}
        )
        return len(rows) == SWEEP_ROWS
