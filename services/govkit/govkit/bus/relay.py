"""The outbox relay: committed events to Kafka, at least once, in order for each subject.

The poll of the outbox is the truth; rows that this process commits are handed over and only come sooner. One pass of
the process that holds the lease:

    take the rows that were handed over                 when each of them comes next, and no look is due; else
    look into the outbox, by (subject, sequence)        up to BATCH_ROWS and some MOST_BYTES; the next pass goes on
                                                        behind the last one; soon again after rows that another process
                                                        committed
    keep those that come next                           the row before is published, or goes out with it; a gap holds
                                                        its subject and shows in metric and log
    send them, batch by batch, partitions side by side  see `govkit.bus.publisher`
    mark what was acknowledged, while the next passes   one transaction with the lease; a crash before it publishes the
    already read and send                               rows once more

What the lease is for. Two relays at once would lose nothing and reorder nothing: each sends an event only when it knows
that the broker has the one before. They would send everything twice. So the lease limits duplicates, and a relay that
is stopped past its lease and wakes up can do no more than this: a batch that it had already handed over arrives again;
its marks are refused, so its rows stay with the relay that took over; before any other send it finds the lease gone.
"""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo.errors import PyMongoError

from govkit.bus.backlog import BacklogFigures, seconds_since
from govkit.bus.kafka import Broker
from govkit.bus.lease import Lease, LeaseLost
from govkit.bus.marks import MARK_SECONDS, Marks
from govkit.bus.order import Order
from govkit.bus.outbox import Outbox, Place, Row
from govkit.bus.publisher import SEND_SECONDS, Publisher
from govkit.runtime import metrics
from govkit.runtime.logs import get_logger
from govkit.steps import Step, reached

# Between looks into the outbox: at first after rows that another process committed, then twice as long each time.
SOON_SECONDS = 0.02
POLL_SECONDS = 0.25
STANDBY_SECONDS = 1.0
BATCH_ROWS = 2_000
# More than a pass leaves waiting when all is well; when it is not, the outbox has them.
HANDED_ROWS = 500
BACK_OFF_SECONDS = 1.0
CLOSE_SECONDS = 8.0
# A send may begin only when the lease outlasts it by this.
MARGIN_SECONDS = 2.0
# How long a subject with a gap, or with an event that no broker takes, is left alone.
HOLD_SECONDS = 30.0
SWEEP_SECONDS = 3600.0
START: Place = ("", 0)

log = get_logger(__name__)


class OutboxRelay:
    """Publishes `database.outbox` to `topic`. One relay of a service works at a time; the others stand by.

    `instance` names the place where this process runs: a process that starts there takes over at once from a dead one.
    """

    def __init__(self, database: "AsyncIOMotorDatabase[Row]", broker: Broker, topic: str, instance: str | None = None):
        self._outbox = Outbox(database)
        self._lease = Lease(database, "relay", instance or str(uuid4()))
        self._marks = Marks(self._outbox, self._lease)
        self._order = Order(self._outbox)
        self._backlog = BacklogFigures(self._outbox, topic)
        self._publisher = Publisher(broker, topic)
        self._topic = topic
        self._start: Place = START
        self._held: dict[str, float] = {}
        self._handed: list[Row] = []
        self._look_at = self._sweep_at = 0.0
        self._pause = POLL_SECONDS
        self._wake = asyncio.Event()
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._healthy = False

    async def start(self) -> None:
        self._stop.clear()
        self._task = asyncio.create_task(self._run(), name=f"outbox relay {self._topic}")

    async def stop(self) -> None:
        """Finish the pass that runs, for at most the time of one send; leave the lease to the next relay."""
        self._stop.set()
        self._wake.set()
        if self._task is not None:
            with contextlib.suppress(TimeoutError, asyncio.CancelledError):
                await asyncio.wait_for(self._task, CLOSE_SECONDS)
            self._task = None
        with contextlib.suppress(PyMongoError, LeaseLost):
            await self._marks.flush()
        await self._forget()
        with contextlib.suppress(PyMongoError):
            await self._lease.release()
        self._show_lease()
        await self._backlog.stop()
        await self._publisher.close()

    def hand_over(self, rows: Sequence[Row]) -> None:
        """Rows that were committed now. Never needed for correctness: the outbox has them, too."""
        if len(self._handed) >= HANDED_ROWS:
            self._look_at = 0.0
        elif self.leads:
            self._handed.extend(rows)
        self._wake.set()

    async def healthy(self) -> bool:
        """Whether the last pass reached the database and the broker."""
        return self._healthy and self._task is not None and not self._task.done()

    @property
    def leads(self) -> bool:
        """Whether this process publishes, as the one of its service."""
        return bool(self._lease.token)

    async def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            try:
                more = await self._pass()
                self._healthy = not self._publisher.broken
            except Exception as error:
                # Whatever it is: nobody else would start the relay again, and the next pass reads everything anew.
                self._healthy = more = False
                await self._forget()
                log.warning("outbox pass failed", topic=self._topic, exc_info=error)
            if not self._healthy or not self._lease.token:
                # Nothing was read, and what waits must be seen all the more.
                self._backlog.count()
            if not self._healthy:
                await _within(BACK_OFF_SECONDS, self._stop)
            elif not self._lease.token:
                await _within(STANDBY_SECONDS, self._stop)
            elif not more:
                until_look = max(0.0, self._look_at - time.monotonic())
                await _within(min(MARK_SECONDS, until_look) if self._marks.waiting else until_look, self._wake)

    async def _pass(self) -> bool:
        """True: there may be more to do at once."""
        published = await self.publish_pending()
        if self._start != START:
            return True
        if published or not self._lease.token or time.monotonic() < self._sweep_at:
            return False
        more = await self._outbox.sweep()
        self._sweep_at = 0.0 if more else time.monotonic() + SWEEP_SECONDS
        return more

    async def publish_pending(self) -> int:
        """One pass; returns how many rows the broker acknowledged: none while another process holds the lease.

        Raises what the database or the start of a producer raises.
        """
        await self._publisher.connect()
        try:
            return await self._publish() if await self._lead() else 0
        except LeaseLost:
            await self._forget()
            log.info("another process publishes", topic=self._topic)
            return 0

    async def _publish(self) -> int:
        ready = await self._next()
        if ready:
            reached(Step.RELAY_READ)
        sent, unfit = await self._publisher.send(ready, self._may_send) if ready else ([], [])
        self._hold([row["subject"] for row in unfit], "an event that no broker takes")
        if len(sent) < len(ready):
            self._look_again()
        self._acknowledged(sent)
        await self._marks.begin_when_due()
        return len(sent)

    def _may_send(self) -> bool:
        return self._lease.covers(SEND_SECONDS + MARGIN_SECONDS)

    # --- the lease ---------------------------------------------------------------------------------------------------

    async def _lead(self) -> bool:
        """Whether this process holds the lease, for long enough to send. Raises LeaseLost."""
        if self._may_send():
            return True
        await self._marks.finish()
        if self._lease.token:
            await self._lease.renew()
        elif await self._lease.acquire():
            await self._forget()
            metrics.OUTBOX_TERMS.labels(self._topic).inc()
            log.info("this process publishes", topic=self._topic, token=self._lease.token)
        self._show_lease()
        return bool(self._lease.token)

    async def _forget(self) -> None:
        """What is known of published rows may be out of date: read all of it again."""
        # Whatever became of the marks: rows without one are read again.
        with contextlib.suppress(Exception):
            await self._marks.finish()
        self._marks.drop()
        self._handed.clear()
        self._look_again()
        self._order.forget()
        self._held.clear()
        self._show_lease()

    def _show_lease(self) -> None:
        metrics.OUTBOX_LEASE.labels(self._topic).set(self._lease.token)

    # --- which rows --------------------------------------------------------------------------------------------------

    async def _next(self) -> list[Row]:
        handed, self._handed = self._handed, []
        if not handed or self._start != START or time.monotonic() >= self._look_at:
            return await self._look(handed)
        ready, gaps = await self._order.next([row for row in handed if self._order.is_new(row)])
        # A gap: the one before was committed by another process, or had no room here.
        return await self._look(handed) if gaps else ready

    async def _look(self, handed: Sequence[Row]) -> list[Row]:
        rows = await self._read()
        if self._start == START and not self._held:
            self._backlog.show_all(rows)
        else:
            self._backlog.count()
        ready, gaps = await self._order.next([row for row in rows if row["_id"] not in self._marks])
        self._hold(sorted(gaps), "the event before is not in the outbox")
        own = {row["_id"] for row in (*handed, *self._handed)}
        unheard = any(row["_id"] not in own for row in ready)
        self._pause = SOON_SECONDS if unheard else min(POLL_SECONDS, 2 * self._pause)
        self._look_at = time.monotonic() + self._pause
        return ready

    def _look_again(self) -> None:
        """Begin a lap with the next pass, whatever is handed over."""
        self._start, self._look_at = START, 0.0

    async def _read(self) -> list[Row]:
        """The next rows of the lap; after the last ones it begins again with the first."""
        now = time.monotonic()
        self._held = {subject: until for subject, until in self._held.items() if until > now}
        metrics.OUTBOX_HELD.labels(self._topic).set(len(self._held))
        rows, more = await self._outbox.unpublished(self._start, BATCH_ROWS, self._held)
        self._start = (rows[-1]["subject"], rows[-1]["sequence"] + 1) if more else START
        return rows

    def _hold(self, subjects: Sequence[str], why: str) -> None:
        for subject in subjects:
            self._held[subject] = time.monotonic() + HOLD_SECONDS
            log.error("events of a subject are held back", topic=self._topic, subject=subject, why=why)

    # --- what was published ------------------------------------------------------------------------------------------

    def _acknowledged(self, rows: Sequence[Row]) -> None:
        if rows:
            reached(Step.RELAY_ACKNOWLEDGED)
        self._marks.add(rows)
        self._order.published(rows, self._marks)
        now = datetime.now(UTC)
        for row in rows:
            metrics.OUTBOX_SECONDS.labels(self._topic).observe(seconds_since(row["created_at"], now))
        metrics.OUTBOX_PUBLISHED.labels(self._topic).inc(len(rows))


async def _within(seconds: float, event: asyncio.Event) -> None:
    """Wait for the event, no longer than this."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
