"""From events to effects: in order for each subject, one commit for all that has come meanwhile.

the lane      takes what waits, up to a chunk, and applies it as one commit
a chunk fails it is divided until the one event that fails is known, and that one is set aside; it is divided as well
              before an effect that reads what earlier events of the chunk have written
set aside     its subject leaves the lane for a track of its own, where it is tried again with growing waits and at
              last parked; later events of the subject follow it there, and all others flow on
the database  everything waits and tries again, for ever: no event is to blame
is away
"""

import asyncio
import contextlib
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol, TypeVar

from govkit.bus.envelope import Envelope
from govkit.bus.failures import NotApplied, NotTogether, Reason, database_is_away, reason_of
from govkit.bus.parking import WAITING, Parking
from govkit.bus.queue import Item, Queue
from govkit.bus.records import BadRecord
from govkit.runtime import metrics
from govkit.runtime.logs import get_logger

TRACKS_AT_WORK = 8
TRIES = 5
FIRST_WAIT_SECONDS = 0.05
LONGEST_WAIT_SECONDS = 2.0
# A predecessor that was killed in the middle of a commit locks its records until the database ends its transaction
# (transactionLifetimeLimitSeconds, 10 by our instructions): three times that is no longer such a wait.
CONTENDED_SECONDS = 30.0
RECOVERY_SECONDS = 1.0
CLOSE_SECONDS = 10.0

T = TypeVar("T")
log = get_logger(__name__)


class EventInbox(Protocol):
    """What the lane needs of an inbox."""

    def handles(self, type: str) -> bool: ...

    async def apply(self, envelopes: Sequence[Envelope]) -> int:
        """All of these in order, or none, in one commit with their positions; returns how many were new and handled.

        Raises NotApplied when one of them is the reason that none was.
        """
        ...


class Abandoned(Exception):
    """Partitions go to another member or the service stops: what is not committed will be delivered again."""


class Lane:
    """For one assignment of partitions. `finished` hears of every item that needs no more work."""

    def __init__(self, group: str, inbox: EventInbox, parking: Parking, finished: Callable[[Item], None]):
        self._group = group
        self._inbox = inbox
        self._parking = parking
        self._finished = finished
        self._leaving = asyncio.Event()
        self._queue = Queue(self._leaving)
        self._tracks: dict[str, deque[Item]] = {}
        self._tracks_at_work = asyncio.Semaphore(TRACKS_AT_WORK)
        self._tasks: set[asyncio.Task[None]] = set()
        self._failure: BaseException | None = None
        self._start(self._run())

    def put(self, item: Item) -> None:
        self._queue.put(item)

    def require_whole(self) -> None:
        """Raises what made a part of the lane end: a defect, or a refusal of the database to keep a parked row."""
        if self._failure is not None:
            raise self._failure

    async def stop(self) -> None:
        """Finish the commits that run; nothing else starts."""
        self._leaving.set()
        self._queue.wake()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=CLOSE_SECONDS)
            for task in late:
                task.cancel()

    async def release_due(self) -> None:
        """Apply the parked events whose turn it is: what they waited for has come, or an operator has moved on."""
        for key in await self._parking.due():
            await self._release(key)

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work, name=f"inbox lane {self._group}")
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None and not isinstance(error, Abandoned):
            self._failure = self._failure or error

    # --- the lane ----------------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        while chunk := await self._queue.take():
            parts = [chunk]
            while parts:
                part = [item for item in parts.pop(0) if not await self._is_off_lane(item)]
                if part:
                    parts[:0] = await self._apply_or_divide(part)

    async def _is_off_lane(self, item: Item) -> bool:
        """Whether the item has gone its own way: parked as no event, or on the track of its subject."""
        if not isinstance(item.content, Envelope):
            await self._park_record(item, item.content)
            return True
        key = item.content.key
        if key in self._tracks or self._parking.holds(key):
            self._set_aside(item, key)
            return True
        return False

    async def _apply_or_divide(self, part: list[Item]) -> list[list[Item]]:
        """Apply it as one commit. Returns what is left to do when that fails: smaller parts, in the same order."""
        try:
            await self._apply(part)
        except Abandoned:
            raise
        except NotTogether as divided:
            at = _index(part, divided.envelope)
            return [part[:at], part[at:]]
        except Exception as error:
            if len(part) == 1:
                (item,) = part
                assert isinstance(item.content, Envelope)
                self._set_aside(item, item.content.key)
                return []
            if isinstance(error, NotApplied):
                at = _index(part, error.envelope)
                return [part[:at], [part[at]], part[at + 1 :]]
            half = len(part) // 2
            return [part[:half], part[half:]]
        return []

    async def _apply(self, items: Sequence[Item]) -> None:
        envelopes = [item.content for item in items if isinstance(item.content, Envelope)]
        applied = await self.patiently(lambda: self._inbox.apply(envelopes))
        wanted = sum(item.wanted for item in items)
        metrics.INBOX_EVENTS.labels(self._group, "APPLIED").inc(applied)
        metrics.INBOX_EVENTS.labels(self._group, "DUPLICATE").inc(wanted - applied)
        metrics.INBOX_EVENTS.labels(self._group, "SKIPPED").inc(len(items) - wanted)
        for item in items:
            self._finished(item)

    # --- tracks of single subjects -----------------------------------------------------------------------------------

    def _set_aside(self, item: Item, key: str) -> None:
        if key in self._tracks:
            self._tracks[key].append(item)
        else:
            self._tracks[key] = deque([item])
            self._start(self._follow(key))

    async def _follow(self, key: str) -> None:
        track = self._tracks[key]
        while track:
            item = track[0]
            assert isinstance(item.content, Envelope)
            await self._settle(item, item.content)
            track.popleft()
        del self._tracks[key]

    async def _settle(self, item: Item, envelope: Envelope) -> None:
        """Until the event has taken effect or is parked."""
        first = await self.patiently(lambda: self._parking.first(envelope.key))
        if first is not None and envelope.sequence > first["sequence"]:
            await self._park(item, envelope, Reason.BEHIND)
            return
        started, tries = time.monotonic(), 0
        while True:
            tries += 1
            try:
                async with self._tracks_at_work:
                    await self._apply([item])
                break
            except Abandoned:
                raise
            except Exception as error:
                metrics.INBOX_RETRIES.labels(self._group, type(error.__cause__ or error).__name__).inc()
                reason = reason_of(error)
                if _is_final(reason, tries, time.monotonic() - started):
                    await self._park(item, envelope, reason, error, tries)
                    return
            await self._wait(min(FIRST_WAIT_SECONDS * 2**tries, LONGEST_WAIT_SECONDS))
        if first is not None:
            await self._release(envelope.key)

    async def _release(self, key: str) -> None:
        try:
            released = await self.patiently(lambda: self._parking.release(key, self._inbox.apply, WAITING))
        except Abandoned:
            raise
        except Exception as error:
            # Its row tells why; as long as it only waits, the next look tries it again.
            log.warning("parked event still waits", group=self._group, reason=reason_of(error).name, exc_info=error)
        else:
            metrics.INBOX_EVENTS.labels(self._group, "RELEASED").inc(released)
            log.info("parked events released", group=self._group, events=released)

    async def _park(
        self, item: Item, envelope: Envelope, reason: Reason, error: Exception | None = None, tries: int = 0
    ) -> None:
        expected = error.expected if isinstance(error, NotApplied) else None
        cause = None if reason is Reason.GAP else error and (error.__cause__ or error)
        if await self.patiently(
            lambda: self._parking.park(
                envelope, item.body, reason, error=cause, attempts=tries, expected=expected, place=item.place
            )
        ):
            self._parked(reason)
            log.error(
                "event parked",
                group=self._group,
                reason=reason.name,
                event_id=envelope.id,
                type=envelope.type,
                subject=envelope.subject,
                sequence=envelope.sequence,
                expected=expected,
                trace_id=envelope.correlationid,
                exc_info=cause,
            )
        self._finished(item)

    async def _park_record(self, item: Item, bad: BadRecord) -> None:
        await self.patiently(lambda: self._parking.park_record(item.place, item.body, bad.reason, bad))
        self._parked(bad.reason)
        log.error("record is no event", group=self._group, reason=bad.reason.name, place=str(item.place), exc_info=bad)
        self._finished(item)

    def _parked(self, reason: Reason) -> None:
        metrics.INBOX_EVENTS.labels(self._group, "PARKED").inc()
        metrics.INBOX_PARKINGS.labels(self._group, reason.name).inc()
        metrics.INBOX_PARKED.labels(self._group).set(self._parking.subjects)

    # --- waiting -----------------------------------------------------------------------------------------------------

    async def patiently(self, call: Callable[[], Awaitable[T]]) -> T:
        """The answer of the call, repeated for as long as the database is away. Raises Abandoned."""
        while True:
            if self._leaving.is_set():
                raise Abandoned
            try:
                return await call()
            except Exception as error:
                if not database_is_away(error):
                    raise
                metrics.INBOX_RETRIES.labels(self._group, type(error).__name__).inc()
                log.warning("effects wait for the database", group=self._group, exc_info=error)
            await self._wait(RECOVERY_SECONDS)

    async def _wait(self, seconds: float) -> None:
        """Wait, with jitter, or until the partitions go."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._leaving.wait(), seconds * random.uniform(0.5, 1.5))


def _index(part: Sequence[Item], envelope: Envelope) -> int:
    return next(at for at, item in enumerate(part) if item.content is envelope)


def _is_final(reason: Reason, tries: int, seconds: float) -> bool:
    if reason is Reason.CONTENDED:
        return tries > 1 and seconds > CONTENDED_SECONDS
    return reason is not Reason.EFFECT_FAILED or tries >= TRIES
