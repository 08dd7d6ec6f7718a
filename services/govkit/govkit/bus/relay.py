"""The outbox relay: committed events to Kafka, at least once, in order for each subject.

The poll of the outbox is the truth; `wake` only makes the next poll come sooner. One pass:

    read unpublished rows in one snapshot, by (subject, sequence)      so that version 6 never shows without version 5
    for each subject: send, wait for the broker's acknowledgement, send the next        subjects run side by side
    mark the rows that were acknowledged                               a crash before this publishes them once more

A subject stops at its first failure, so nothing of it overtakes. After an error or an unknown outcome the producer is
replaced (its sequence numbers no longer fit the broker's) and the same event, with the same id, is sent again.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from aiokafka.errors import KafkaError, MessageSizeTooLargeError
from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo.errors import PyMongoError

from govkit.bus.envelope import Envelope
from govkit.bus.kafka import Broker, new_producer
from govkit.runtime import metrics
from govkit.runtime.logs import get_logger
from govkit.steps import Step, reached

POLL_SECONDS = 0.25
BATCH_ROWS = 2_000
SEND_SECONDS = 15.0
CLOSE_SECONDS = 3.0
BACK_OFF_SECONDS = 1.0
# A row that can never be sent must not fill every batch; its subject is tried again after so many passes.
BLOCKED_PASSES = 240

Row = dict[str, Any]
log = get_logger(__name__)


class OutboxRelay:
    """Publishes `database.outbox` to `topic`.

    Rows: `{_id: event id, subject, sequence, envelope: JSON bytes, published: false, created_at}`, indexed by
    (subject, sequence) where `published` is false. Published rows stay, with `published: true` and `published_at`.
    """

    def __init__(self, database: "AsyncIOMotorDatabase[Row]", broker: Broker, topic: str):
        self._outbox = database["outbox"]
        self._client = database.client
        self._broker = broker
        self._topic = topic
        self._producer: Any = None
        self._broken = False
        self._blocked: dict[str, int] = {}
        self._wake = asyncio.Event()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None
        self._healthy = False

    async def start(self) -> None:
        self._stopping = False
        self._task = asyncio.create_task(self._run(), name=f"outbox relay {self._topic}")

    async def stop(self) -> None:
        """Finish the pass that runs, for at most the time of one send, and close the producer."""
        self._stopping = True
        self._wake.set()
        if self._task is not None:
            with contextlib.suppress(TimeoutError, asyncio.CancelledError):
                await asyncio.wait_for(self._task, CLOSE_SECONDS)
            self._task = None
        await self._close_producer()

    def wake(self) -> None:
        """Say that rows were committed. Never needed for correctness."""
        self._wake.set()

    async def healthy(self) -> bool:
        """Whether the last pass reached the database and, if there was something to send, the broker."""
        return self._healthy and self._task is not None and not self._task.done()

    async def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            try:
                published = await self.publish_pending()
                self._healthy = not self._broken
            except (KafkaError, PyMongoError, OSError, TimeoutError) as error:
                self._healthy = published = False
                log.warning("outbox pass failed", topic=self._topic, exc_info=error)
            if not published:
                await self._pause(POLL_SECONDS if self._healthy else BACK_OFF_SECONDS)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), seconds)

    async def publish_pending(self) -> int:
        """One pass; returns how many rows it published. Raises what the database or the start of a producer raises."""
        rows = await self._read()
        await self._measure(rows)
        if not rows:
            return 0
        reached(Step.RELAY_READ)
        producer = await self._working_producer()
        subjects = [list(group) for _, group in groupby(rows, key=lambda row: row["subject"])]
        sent = await asyncio.gather(*(self._send_in_order(producer, subject) for subject in subjects))
        published = [event_id for ids in sent for event_id in ids]
        if published:
            reached(Step.RELAY_ACKNOWLEDGED)
            mark = {"$set": {"published": True, "published_at": datetime.now(UTC)}}
            await self._outbox.update_many({"_id": {"$in": published}, "published": False}, mark)
            reached(Step.RELAY_MARKED)
            metrics.OUTBOX_PUBLISHED.labels(self._topic).inc(len(published))
        return len(published)

    async def _read(self) -> list[Row]:
        self._blocked = {subject: passes - 1 for subject, passes in self._blocked.items() if passes > 1}
        query: Row = {"published": False}
        if self._blocked:
            query["subject"] = {"$nin": list(self._blocked)}
        async with await self._client.start_session(snapshot=True) as session:
            cursor = self._outbox.find(
                query, {"published": 0}, sort=[("subject", 1), ("sequence", 1)], limit=BATCH_ROWS, session=session
            )
            return await cursor.to_list(BATCH_ROWS)

    async def _send_in_order(self, producer: Any, rows: Sequence[Row]) -> list[str]:
        """Send one subject's rows; returns the ids that were acknowledged, a prefix of them."""
        acknowledged: list[str] = []
        for row in rows:
            try:
                headers = Envelope.from_json(row["envelope"]).headers()
                reached(Step.RELAY_BEFORE_SEND)
                async with asyncio.timeout(SEND_SECONDS):
                    await producer.send_and_wait(
                        self._topic, value=row["envelope"], key=row["subject"].encode(), headers=headers
                    )
            except (MessageSizeTooLargeError, ValueError) as error:
                self._blocked[row["subject"]] = BLOCKED_PASSES
                self._failed(row, error)
                break
            except (KafkaError, TimeoutError) as error:
                self._broken = True
                self._failed(row, error)
                break
            acknowledged.append(row["_id"])
        return acknowledged

    def _failed(self, row: Row, error: Exception) -> None:
        metrics.OUTBOX_FAILURES.labels(self._topic, type(error).__name__).inc()
        log.warning("event not published", topic=self._topic, event_id=row["_id"], exc_info=error)

    async def _working_producer(self) -> Any:
        if self._broken:
            await self._close_producer()
        if self._producer is None:
            producer = new_producer(self._broker)
            try:
                await producer.start()
            except BaseException:
                await _close(producer)
                raise
            self._producer, self._broken = producer, False
        return self._producer

    async def _close_producer(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await _close(producer)

    async def _measure(self, rows: Sequence[Row]) -> None:
        backlog = len(rows)
        if backlog == BATCH_ROWS:
            backlog = await self._outbox.count_documents({"published": False}, hint="unpublished")
        metrics.OUTBOX_BACKLOG.labels(self._topic).set(backlog)
        oldest = min((row["created_at"] for row in rows), default=None)
        now = datetime.now(UTC).replace(tzinfo=oldest.tzinfo if oldest else None)
        metrics.OUTBOX_OLDEST_SECONDS.labels(self._topic).set((now - oldest).total_seconds() if oldest else 0)


async def _close(producer: Any) -> None:
    """Close a producer that may have sends which never end: aiokafka's `stop` waits for them without a limit."""
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await producer.stop()
    except (TimeoutError, KafkaError, OSError):
        with contextlib.suppress(KafkaError, OSError, TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await producer._sender.close()
                await producer.client.close()
