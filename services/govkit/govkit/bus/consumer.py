"""A service's member of its consumer group: events from Kafka to the lane, offsets back when their effects are there.

    poll     as much as there is room for → each record an event, or why it is none → the lane of its subject
    commit   a few times a second: of each partition the offset up to which everything is finished
    watch    lag, parked rows, events whose turn has come; a consumer that has fallen silent is replaced
    revoke   running commits finish, the rest is dropped, offsets are committed; what was dropped comes again

A process that dies is a revocation without the commit of offsets: the events come again, to whoever has the partitions
now, and the inbox drops those that had taken effect.
"""

import asyncio
import contextlib
import random
import signal
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from uuid import uuid4

from aiokafka.errors import KafkaError
from motor.motor_asyncio import AsyncIOMotorDatabase

from govkit.bus.failures import database_is_away
from govkit.bus.kafka import CLOSE_SECONDS, Broker, Rebalances, close_consumer, ended, new_consumer
from govkit.bus.lane import Abandoned, EventInbox, Lane
from govkit.bus.offsets import Unfinished
from govkit.bus.parking import Parking, Place
from govkit.bus.positions import note_start
from govkit.bus.predecessor import leave_for
from govkit.bus.queue import Item
from govkit.bus.records import BadRecord, read_record
from govkit.bus.watchdog import Stuck, Watchdog
from govkit.runtime import metrics
from govkit.runtime.logs import get_logger
from govkit.steps import Step, reached

POLL_SECONDS = 0.5
# Within the group's max_poll_interval, so that a member whose effects wait for the database stays in the group.
IDLE_SECONDS = 60.0
MOST_EVENTS = 4_000
MOST_BYTES = 16 << 20
COMMIT_SECONDS = 0.25
WATCH_SECONDS = 10.0
EFFECT_SECONDS = 300.0
RECOVERY_SECONDS = 1.0
# To reach the broker and to be let into the group; until then nothing else watches the consumer.
START_SECONDS = 90.0
STUCK_TIMES = 3

Database = AsyncIOMotorDatabase[dict[str, Any]]
log = get_logger(__name__)


def drain() -> None:
    """End this process as an operator would; its platform starts it again."""
    signal.raise_signal(signal.SIGTERM)


class _Assignment:
    """What one assignment of partitions has under way. Every rebalance makes a new one."""

    def __init__(self, group: str, inbox: EventInbox, parking: Parking):
        self.unfinished = Unfinished(MOST_EVENTS, MOST_BYTES)
        self.lane = Lane(group, inbox, parking, self._finished)
        self.started: set[Any] = set()
        self.parking_known = False
        self.learning = asyncio.Lock()

    def put(self, item: Item) -> None:
        self.unfinished.take(item.partition, item.place.offset, len(item.body))
        self.lane.put(item)

    def _finished(self, item: Item) -> None:
        self.unfinished.finish(item.partition, item.place.offset, len(item.body))


class InboxConsumer:
    """Feeds `inbox` as a member of the consumer group `group`.

    `topics`: each with the CloudEvents source of the service that it belongs to. `name` is that of this instance: a
    process that starts under it takes over at once from a dead one. `give_up` is called when replacing the consumer did
    not help.
    """

    def __init__(
        self,
        broker: Broker,
        group: str,
        topics: Mapping[str, str],
        inbox: EventInbox,
        database: Database,
        name: str | None = None,
        give_up: Callable[[], None] = drain,
    ):
        self._broker = broker
        self._group = group
        self._topics = dict(topics)
        self._inbox = inbox
        self._database = database
        self._parking = Parking(database)
        self._name = name or str(uuid4())
        self._watchdog = Watchdog(group, list(topics))
        self._give_up = give_up
        self._stuck_times = 0
        self._assignment: _Assignment | None = None
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._stopping.clear()
        if self._topics:
            self._task = asyncio.create_task(self._run(), name=f"inbox consumer {self._group}")

    async def stop(self) -> None:
        """Finish the commits that run, leave the group."""
        self._stopping.set()
        if self._task is not None:
            with contextlib.suppress(TimeoutError, asyncio.CancelledError):
                await asyncio.wait_for(self._task, 2 * CLOSE_SECONDS)
            self._task = None

    async def healthy(self) -> bool:
        """Whether this member is in its group and not stuck. True for a service that consumes nothing."""
        return not self._topics or (self._watchdog.is_member and not self._watchdog.stuck)

    async def progressing(self) -> bool:
        """False while events wait and a consumer that was replaced for it has not received any yet, and when nothing
        asks for events any more.

        A broker that is away stops nobody's progress: then there is nothing to tell a healthy member by.
        """
        return not self._watchdog.stuck and not (self._task is not None and self._task.done())

    # --- the life of one aiokafka consumer ---------------------------------------------------------------------------

    async def _run(self) -> None:
        while not self._stopping.is_set():
            consumer = new_consumer(self._broker, self._group, self._name)
            rebalances = Rebalances(partial(self._on_revoked, consumer), self._on_assigned)
            consumer.subscribe(list(self._topics), listener=rebalances)
            self._watchdog.left()
            try:
                await leave_for(self._broker, self._group, self._name)
                async with asyncio.timeout(START_SECONDS):
                    await consumer.start()
                async with asyncio.TaskGroup() as tasks:
                    poll = tasks.create_task(self._poll(consumer))
                    others = [tasks.create_task(self._commit_often(consumer)), tasks.create_task(self._watch(consumer))]
                    await poll
                    for task in others:
                        task.cancel()
            except* Exception as errors:
                await self._recover(errors)
            finally:
                await self._close(consumer)

    async def _recover(self, errors: ExceptionGroup) -> None:
        log.warning("consumer starts again", group=self._group, exc_info=errors.exceptions[0])
        metrics.INBOX_RESTARTS.labels(self._group, type(errors.exceptions[0]).__name__).inc()
        if self._watchdog.stuck:
            self._stuck_times += 1
            if self._stuck_times >= STUCK_TIMES:
                log.critical("consumer stays stuck: the process ends", group=self._group)
                self._give_up()
        await self._pause(RECOVERY_SECONDS * random.uniform(0.5, 1.5))

    async def _close(self, consumer: Any) -> None:
        await ended(self._leave(consumer), CLOSE_SECONDS)
        await close_consumer(consumer, CLOSE_SECONDS)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    # --- poll --------------------------------------------------------------------------------------------------------

    async def _poll(self, consumer: Any) -> None:
        while not self._stopping.is_set():
            room = await self._assignment.unfinished.room(IDLE_SECONDS) if self._assignment else MOST_EVENTS
            polled = await consumer.getmany(timeout_ms=int(POLL_SECONDS * 1000), max_records=room)
            # As it is now: partitions may have changed hands while there was nothing to poll.
            assignment = self._assignment
            self._watchdog.polled(len(polled))
            if assignment is not None:
                assignment.lane.require_whole()
            if not polled:
                continue
            if assignment is None:
                raise Stuck("events without an assignment")
            reached(Step.CONSUMER_POLLED)
            self._stuck_times = 0
            try:
                await assignment.lane.patiently(partial(self._prepare, assignment, polled))
            except Abandoned:
                continue
            for partition, records in polled.items():
                for record in records:
                    assignment.put(self._item(partition, record))

    async def _prepare(self, assignment: _Assignment, polled: Mapping[Any, Any]) -> None:
        await self._know_parking(assignment)
        for partition in polled.keys() - assignment.started:
            await note_start(self._database, _place(polled[partition][0]), self._topics[partition.topic])
            assignment.started.add(partition)

    async def _know_parking(self, assignment: _Assignment) -> None:
        """The member that had the partitions before may have parked subjects."""
        async with assignment.learning:
            if not assignment.parking_known:
                await self._parking.load()
                assignment.parking_known = True

    def _item(self, partition: Any, record: Any) -> Item:
        body = record.value or b""
        try:
            envelope = read_record(record, self._topics[record.topic])
        except BadRecord as bad:
            return Item(partition, _place(record), body, bad, wanted=False)
        return Item(partition, _place(record), body, envelope, wanted=self._inbox.handles(envelope.type))

    # --- offsets and rebalances --------------------------------------------------------------------------------------

    async def _commit_often(self, consumer: Any) -> None:
        while True:
            await asyncio.sleep(COMMIT_SECONDS)
            if self._assignment is not None:
                await self._commit(consumer, self._assignment)

    async def _commit(self, consumer: Any, assignment: _Assignment) -> None:
        offsets = assignment.unfinished.committable()
        if not offsets:
            return
        try:
            await consumer.commit(offsets)
            reached(Step.CONSUMER_OFFSETS_COMMITTED)
        except KafkaError as error:
            # The group moved on without this member. The events come again, to whoever has the partitions now.
            log.info("offsets not committed", group=self._group, exc_info=error)

    async def _on_assigned(self, _partitions: Any) -> None:
        self._assignment = _Assignment(self._group, self._inbox, self._parking)
        self._watchdog.joined()

    async def _on_revoked(self, consumer: Any, _partitions: Any) -> None:
        reached(Step.CONSUMER_REVOKED)
        await self._leave(consumer)

    async def _leave(self, consumer: Any) -> None:
        self._watchdog.left()
        assignment, self._assignment = self._assignment, None
        if assignment is not None:
            await assignment.lane.stop()
            await self._commit(consumer, assignment)

    # --- watch -------------------------------------------------------------------------------------------------------

    async def _watch(self, consumer: Any) -> None:
        while True:
            started = time.monotonic()
            assignment = self._assignment
            unfinished = assignment.unfinished if assignment else Unfinished(1, 1)
            await self._watchdog.look(consumer, unfinished.by_topic(), unfinished.is_working(EFFECT_SECONDS))
            if assignment is not None:
                await self._look_at_parked(assignment)
            await asyncio.sleep(max(0.0, started + WATCH_SECONDS - time.monotonic()))

    async def _look_at_parked(self, assignment: _Assignment) -> None:
        try:
            await self._know_parking(assignment)
            await assignment.lane.release_due()
            metrics.INBOX_PARKED.labels(self._group).set(self._parking.subjects)
            for reason, rows in (await self._parking.counts()).items():
                metrics.INBOX_PARKED_ROWS.labels(self._group, reason).set(rows)
        except Abandoned:
            return
        except Exception as error:
            if not database_is_away(error):
                raise
            log.warning("nobody looks at parked events without the database", group=self._group, exc_info=error)


def _place(record: Any) -> Place:
    return Place(record.topic, record.partition, record.offset)
