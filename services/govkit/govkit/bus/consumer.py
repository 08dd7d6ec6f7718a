"""The inbox consumer: events from Kafka to effects, in order for each subject, side by side over subjects.

One round: poll → drop the types that nobody consumes (by header, without parsing) → spread the rest over lanes by
subject → each lane applies chunks of events, one commit a chunk → commit the offsets of the poll.

    the commit conflicts, the database is away    wait and try again, for ever: the event is not at fault
    an effect fails                               one event at a time; five tries; then the event and all later ones
                                                  of its subject are parked, and all other subjects flow on
    the process dies                              the poll comes again; the inbox drops what had taken effect
    partitions move to another member             lanes stop at the next chunk, the offsets stay, as if it had died
"""

import asyncio
import contextlib
import random
import time
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from aiokafka.errors import KafkaError
from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo.errors import ConnectionFailure, ExecutionTimeout, PyMongoError, WTimeoutError

from govkit.bus.envelope import Envelope
from govkit.bus.kafka import Broker, Rebalances, new_consumer
from govkit.bus.parking import Parking, Place, Reason
from govkit.runtime import metrics
from govkit.runtime.logs import get_logger
from govkit.steps import Step, reached
from govkit.store.store import ConcurrentChange

POLL_RECORDS = 2_000
POLL_SECONDS = 0.5
CHUNK_EVENTS = 200
LANES = 2
TRIES = 5
FIRST_WAIT_SECONDS = 0.05
RECOVERY_SECONDS = 1.0
WATCH_SECONDS = 10.0
STUCK_SECONDS = 60.0
CLOSE_SECONDS = 10.0

_NOT_THE_EVENTS_FAULT = (ConcurrentChange, ConnectionFailure, ExecutionTimeout, WTimeoutError)
_TRANSIENT_LABELS = ("TransientTransactionError", "UnknownTransactionCommitResult", "RetryableWriteError")
log = get_logger(__name__)


class EventInbox(Protocol):
    """What the consumer needs of an inbox."""

    def handles(self, type: str) -> bool: ...

    async def apply(self, envelopes: Sequence[Envelope]) -> int:
        """All of these in order, or none, in one commit with their inbox positions; returns how many were new."""
        ...


class Abandoned(Exception):
    """Partitions are being revoked or the service stops: what is not committed will be delivered again."""


class Stuck(Exception):
    """There are events, and none arrives."""


class InboxConsumer:
    """Feeds `inbox` with the events of `topics` as a member of the consumer group `group`."""

    def __init__(
        self,
        broker: Broker,
        group: str,
        topics: Sequence[str],
        inbox: EventInbox,
        database: "AsyncIOMotorDatabase[dict[str, Any]]",
    ):
        self._broker = broker
        self._group = group
        self._topics = list(topics)
        self._inbox = inbox
        self._parking = Parking(database)
        self._round = asyncio.Lock()
        self._leaving = asyncio.Event()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None
        self._assigned = False
        self._parking_known = False
        self._polled_at = 0.0
        self._progress_at = 0.0

    async def start(self) -> None:
        self._stopping = False
        if self._topics:
            self._task = asyncio.create_task(self._run(), name=f"inbox consumer {self._group}")

    async def stop(self) -> None:
        """Finish the chunks that run, leave the group."""
        self._stopping = True
        self._leaving.set()
        if self._task is not None:
            with contextlib.suppress(TimeoutError, asyncio.CancelledError):
                await asyncio.wait_for(self._task, CLOSE_SECONDS)
            self._task = None

    async def healthy(self) -> bool:
        """Whether this member has its partitions and polls. True for a service that consumes nothing."""
        if not self._topics:
            return True
        return self._assigned and time.monotonic() - self._polled_at < STUCK_SECONDS

    async def _run(self) -> None:
        while not self._stopping:
            consumer = new_consumer(self._broker, self._group)
            try:
                self._leaving.clear()
                consumer.subscribe(self._topics, listener=Rebalances(self._on_revoked, self._on_assigned))
                await consumer.start()
                self._polled_at = self._progress_at = time.monotonic()
                await self._consume(consumer)
            except (KafkaError, PyMongoError, OSError, Stuck) as error:
                log.warning("consumer starts again", group=self._group, exc_info=error)
                await self._wait(RECOVERY_SECONDS)
            finally:
                self._assigned = False
                with contextlib.suppress(TimeoutError, KafkaError, OSError):
                    async with asyncio.timeout(CLOSE_SECONDS):
                        await consumer.stop()

    async def _consume(self, consumer: Any) -> None:
        watched_at = time.monotonic()
        while not self._stopping:
            polled = await consumer.getmany(timeout_ms=int(POLL_SECONDS * 1000), max_records=POLL_RECORDS)
            self._polled_at = time.monotonic()
            if polled:
                reached(Step.CONSUMER_POLLED)
                self._progress_at = self._polled_at
                await self._work_off(consumer, polled)
            if time.monotonic() - watched_at >= WATCH_SECONDS:
                watched_at = time.monotonic()
                await self._watch(consumer)

    async def _work_off(self, consumer: Any, polled: Mapping[Any, Sequence[Any]]) -> None:
        async with self._round:
            if not self._parking_known:
                await self._parking.load()
                self._parking_known = True
            mine = {partition: records for partition, records in polled.items() if partition in consumer.assignment()}
            try:
                await self._process([record for records in mine.values() for record in records])
                await consumer.commit({partition: records[-1].offset + 1 for partition, records in mine.items()})
                reached(Step.CONSUMER_OFFSETS_COMMITTED)
            except Abandoned:
                log.info("round abandoned", group=self._group)
            except KafkaError as error:
                # The group moved on without this member. The events come again, to whoever has the partitions now.
                log.info("offsets not committed", group=self._group, exc_info=error)

    async def _process(self, records: Sequence[Any]) -> None:
        lanes: list[list[Envelope]] = [[] for _ in range(LANES)]
        for record in records:
            if self._is_skipped(record):
                continue
            try:
                envelope = Envelope.from_json(record.value)
            except ValueError as error:
                await self._park_malformed(record, error)
                continue
            if self._inbox.handles(envelope.type):
                lanes[hash(envelope.subject) % LANES].append(envelope)
        handled = sum(map(len, lanes))
        metrics.INBOX_EVENTS.labels(self._group, "SKIPPED").inc(len(records) - handled)
        outcomes = await asyncio.gather(*(self._run_lane(lane) for lane in lanes if lane), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    def _is_skipped(self, record: Any) -> bool:
        """Whether the header alone says that nobody here consumes it: an unknown type, or a newer version of one."""
        for name, value in record.headers:
            if name == "ce_type":
                return not self._inbox.handles(value.decode(errors="replace"))
        return False

    async def _run_lane(self, lane: Sequence[Envelope]) -> None:
        for start in range(0, len(lane), CHUNK_EVENTS):
            chunk = lane[start : start + CHUNK_EVENTS]
            held = [envelope for envelope in chunk if await self._parking.first(envelope.key)]
            if held or not await self._apply_chunk(chunk):
                for envelope in chunk:
                    await self._apply_or_park(envelope)

    async def _apply_chunk(self, chunk: Sequence[Envelope]) -> bool:
        """The chunk as one commit; False when an effect failed, so that none of it happened."""
        while True:
            try:
                await self._apply(chunk)
            except Abandoned:
                raise
            except Exception as error:
                if not _is_transient(error):
                    self._retried(error)
                    return False
                await self._recover(error)
            else:
                return True

    async def _apply_or_park(self, envelope: Envelope) -> None:
        if await self._parking.first(envelope.key):
            await self._park(envelope, Reason.BEHIND)
            return
        tries = 0
        while True:
            try:
                await self._apply([envelope])
            except Abandoned:
                raise
            except Exception as error:
                if _is_transient(error):
                    await self._recover(error)
                    continue
                tries += 1
                self._retried(error)
                if tries == TRIES:
                    await self._park(envelope, Reason.EFFECT_FAILED, error, tries)
                    return
                await self._wait(FIRST_WAIT_SECONDS * 2**tries)
            else:
                return

    async def _apply(self, envelopes: Sequence[Envelope]) -> None:
        if self._leaving.is_set():
            raise Abandoned
        applied = await self._inbox.apply(envelopes)
        metrics.INBOX_EVENTS.labels(self._group, "APPLIED").inc(applied)
        metrics.INBOX_EVENTS.labels(self._group, "DUPLICATE").inc(len(envelopes) - applied)

    async def _park(
        self, envelope: Envelope, reason: Reason, error: Exception | None = None, attempts: int = 0
    ) -> None:
        if await self._parking.park(envelope, reason, error=error, attempts=attempts):
            metrics.INBOX_EVENTS.labels(self._group, "PARKED").inc()
            metrics.INBOX_PARKED.labels(self._group).set(len(self._parking.keys))
            log.error("event parked", group=self._group, event_id=envelope.id, type=envelope.type, exc_info=error)

    async def _park_malformed(self, record: Any, error: ValueError) -> None:
        place = Place(record.topic, record.partition, record.offset)
        await self._parking.park_record(place, record.value or b"", Reason.UNREADABLE, error)
        log.error("record is no event", group=self._group, place=str(place), exc_info=error)

    def _retried(self, error: Exception) -> None:
        metrics.INBOX_RETRIES.labels(self._group, type(error).__name__).inc()

    async def _recover(self, error: Exception) -> None:
        self._retried(error)
        if not isinstance(error, ConcurrentChange):
            log.warning("effects wait for the database", group=self._group, exc_info=error)
        await self._wait(FIRST_WAIT_SECONDS if isinstance(error, ConcurrentChange) else RECOVERY_SECONDS)

    async def _wait(self, seconds: float) -> None:
        """Wait, with jitter, or until the partitions go."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._leaving.wait(), seconds * random.uniform(0.5, 1.5))

    async def _on_revoked(self, _partitions: Any) -> None:
        reached(Step.CONSUMER_REVOKED)
        self._leaving.set()
        self._assigned = False
        async with self._round:
            pass

    async def _on_assigned(self, _partitions: Any) -> None:
        # The member that had them before may have parked subjects.
        self._parking_known = False
        if not self._stopping:
            self._leaving.clear()
        self._assigned = True

    async def _watch(self, consumer: Any) -> None:
        """Measure the lag. Raises Stuck when events wait and none arrived for a minute: aiokafka can hang silently."""
        partitions = consumer.assignment()
        if not partitions:
            return
        ends = await consumer.end_offsets(partitions)
        lags = dict.fromkeys(self._topics, 0)
        for partition, end in ends.items():
            lags[partition.topic] += max(0, end - await consumer.position(partition))
        for topic, lag in lags.items():
            metrics.INBOX_LAG.labels(self._group, topic).set(lag)
        if any(lags.values()) and time.monotonic() - self._progress_at > STUCK_SECONDS:
            raise Stuck


def _is_transient(error: Exception) -> bool:
    if isinstance(error, _NOT_THE_EVENTS_FAULT):
        return True
    return isinstance(error, PyMongoError) and any(map(error.has_error_label, _TRANSIENT_LABELS))
