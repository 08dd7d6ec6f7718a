"""Published events once more: the same ids and sequences, from the rows that the outbox still keeps.

Whoever drops what it has seen sees nothing new; whoever lost events gets them again. The events of an aggregate go out
in order, through a producer of its own: rows that wait for the relay are left to it, and nothing is marked, so it may
work at the same time.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from aiokafka.errors import KafkaError
from motor.motor_asyncio import AsyncIOMotorDatabase

from govkit.bus.envelope import Envelope
from govkit.bus.kafka import new_producer
from govkit.operations.journal import Run
from govkit.operations.progress import Advance
from govkit.operations.target import OperationError, Target

OUTBOX = "outbox"
BATCH = 500
SEND_SECONDS = 30.0

Row = dict[str, Any]
Database = AsyncIOMotorDatabase[Row]


@dataclass(frozen=True, kw_only=True)
class Span:
    """Published rows of one aggregate, of a time range (committed from … on, before …), of both, or all.

    `subject` is the aggregate's id, or until `of` looks at it `<source>|<id>`, as subscribers name it.
    """

    subject: str | None = None
    since: datetime | None = None
    before: datetime | None = None

    def of(self, source: str) -> "Span":
        """With the aggregate's id alone. Raises OperationError when it belongs to another service than `source`."""
        given, bar, id = (self.subject or "").partition("|")
        if not bar:
            return self
        if given != source:
            raise OperationError(f"{self.subject} is of {given}: republish it there, not in {source}")
        return replace(self, subject=id)

    def query(self) -> Row:
        times = {"$gte": self.since, "$lt": self.before}
        between = {operator: time for operator, time in times.items() if time is not None}
        return {
            "published": True,
            **({"subject": self.subject} if self.subject is not None else {}),
            **({"created_at": between} if between else {}),
        }

    @property
    def given(self) -> Row:
        values = {"subject": self.subject, "since": self.since, "before": self.before}
        return {name: str(value) for name, value in values.items() if value is not None}


@dataclass(frozen=True)
class Kept:
    """What the outbox has of a span, and of how many aggregates its first events are no longer kept."""

    events: int
    aggregates: int
    begun_later: int


async def kept(database: Database, span: Span) -> Kept:
    """An aggregate counts as begun later when the first row that is left of it is not its event 1."""
    groups = database[OUTBOX].aggregate(
        [
            {"$match": span.query()},
            {"$group": {"_id": "$subject", "events": {"$sum": 1}}},
            {
                "$lookup": {
                    "from": OUTBOX,
                    "localField": "_id",
                    "foreignField": "subject",
                    "pipeline": [
                        {"$sort": {"subject": 1, "sequence": 1}},
                        {"$limit": 1},
                        {"$project": {"sequence": 1}},
                    ],
                    "as": "first",
                }
            },
            {
                "$group": {
                    "_id": None,
                    "events": {"$sum": "$events"},
                    "aggregates": {"$sum": 1},
                    "later": {"$sum": {"$cond": [{"$gt": [{"$first": "$first.sequence"}, 1]}, 1, 0]}},
                }
            },
        ],
        allowDiskUse=True,
    )
    async for group in groups:
        return Kept(group["events"], group["aggregates"], group["later"])
    return Kept(0, 0, 0)


async def republish(target: Target, run: Run, span: Span, advance: Advance) -> None:
    """Send every row of the span, by (subject, sequence), from where the run stands.

    Raises OperationError when the broker refuses one or does not answer in time; the run stands behind the last batch
    that was acknowledged whole.
    """
    query = span.query()
    async with _producer(target) as producer:
        while rows := await _next(target.store.database, query, run.place):
            try:
                async with asyncio.timeout(SEND_SECONDS):
                    await _send(producer, target.topic, rows)
            except (KafkaError, TimeoutError) as error:
                raise OperationError(f"the broker did not take all events: {type(error).__name__}: {error}") from error
            run.place = [rows[-1]["subject"], rows[-1]["sequence"]]
            run.count("events", len(rows))
            await run.save()
            advance(len(rows))


async def _next(database: Database, query: Row, place: Any) -> list[Row]:
    if place is not None:
        subject, sequence = place
        later = [{"subject": {"$gt": subject}}, {"subject": subject, "sequence": {"$gt": sequence}}]
        query = {"$and": [query, {"$or": later}]}
    cursor = database[OUTBOX].find(query, sort=[("subject", 1), ("sequence", 1)], limit=BATCH, allow_disk_use=True)
    return await cursor.to_list(BATCH)


async def _send(producer: Any, topic: str, rows: list[Row]) -> None:
    """All in order: an idempotent producer keeps the order of sends to a partition, also when it repeats one."""
    sends = [
        await producer.send(
            topic,
            value=row["envelope"],
            key=row["subject"].encode(),
            headers=Envelope.from_json(row["envelope"]).headers(),
        )
        for row in rows
    ]
    await asyncio.gather(*sends)


@asynccontextmanager
async def _producer(target: Target) -> AsyncIterator[Any]:
    producer = new_producer(target.broker)
    try:
        await producer.start()
        yield producer
    finally:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await producer.stop()
        except TimeoutError:
            # It waits for sends that never end; the process does not.
            pass
