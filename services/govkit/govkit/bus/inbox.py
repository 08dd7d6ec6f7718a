"""The consumer's side of exactly-once effects: what an event changes and "seen up to here" are one commit.

A consumer is a function of an event to changes of this service's own data:

    @consumes("worker.left")
    async def release_worker(context: EventContext, event: WorkerLeft) -> None:
        for duty in await context.find(GridDuty, staff_id=event.community_worker_id, state=GridDutyState.ACTIVE):
            duty.end(max(event.left_on, duty.start_on))

`WorkerLeft` is the consumer's own view: a dataclass with the event fields that it needs; others are ignored. Rows of
read models are written by projections (`bus/projections.py`), so that they can be made again from the events.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar, get_origin, get_type_hints

from pymongo.errors import PyMongoError

from govkit.bus.envelope import Envelope
from govkit.bus.failures import NotApplied, NotTogether, Reason, database_is_away
from govkit.bus.gate import opened, passage
from govkit.bus.positions import Positions
from govkit.bus.spans import effect_span
from govkit.domain.aggregate import Aggregate
from govkit.domain.events import TYPE_PREFIX
from govkit.domain.identity import SYSTEM, Actor
from govkit.domain.ports import Clock, derived_id
from govkit.runtime.tracing import Trace, new_trace
from govkit.steps import Step, reached
from govkit.store.codec import from_event_data
from govkit.store.commits import ConcurrentChange
from govkit.store.store import Store
from govkit.store.unit_of_work import Cause, UnitOfWork

A = TypeVar("A", bound=Aggregate)
C = TypeVar("C", bound="Consumer")
ATTEMPTS = 8


@dataclass
class EventContext:
    """What a consumer works with. All changes of one call are committed together with the inbox position."""

    work: UnitOfWork
    envelope: Envelope
    now: datetime
    clock: Clock
    effect: str = ""

    actor: Actor = SYSTEM
    _ids: int = 0

    @property
    def event_time(self) -> datetime:
        return datetime.fromisoformat(self.envelope.time)

    @property
    def store(self) -> Store:
        """To read rows of read models. Raises NotTogether while those of events before this one are not written."""
        if self.work.rows_wait:
            raise NotTogether(self.envelope)
        return self.work.store

    async def get(self, cls: type[A], id: str) -> A | None:
        return await self.work.get(cls, id)

    async def find(self, cls: type[A], limit: int = 0, **where: Any) -> list[A]:
        return await self.work.find(cls, limit, **where)

    def add(self, aggregate: A) -> A:
        return self.work.add(aggregate)

    def new_id(self) -> str:
        """The same ids when the same event takes effect once more, on a database that was restored from a backup."""
        self._ids += 1
        return derived_id(self.event_time, self.envelope.id, self.effect, str(self._ids))

    async def number(self, counter: str) -> int:
        return await self.work.store.next_number(counter)


class DataUnfit(ValueError):
    """An event's data lack what a consumer's view needs, or have it in another form."""


Effect = Callable[[EventContext, Any], Awaitable[None]]


@dataclass(frozen=True)
class Consumer:
    """One effect for each event of some types. `view` is the dataclass that the effect's second parameter names."""

    types: tuple[str, ...]
    effect: Callable[[Any, Any], Awaitable[None]]

    async def run(self, work: UnitOfWork, envelope: Envelope, clock: Clock) -> None:
        """Change `work` as the event wants it."""
        await self.effect(
            EventContext(work, envelope, work.cause.now, clock, self.effect.__name__), self.read(envelope.data)
        )

    @cached_property
    def view(self) -> Any:
        _context, view, *_answer = get_type_hints(self.effect).values()
        return view

    def read(self, data: dict[str, Any]) -> Any:
        """The event as the effect wants it: its own view, or the data as they are when it asks for a dict.

        Raises DataUnfit.
        """
        if get_origin(self.view) is dict:
            return data
        try:
            return from_event_data(self.view, data)
        except Exception as error:
            raise DataUnfit(f"the data do not fit {self.view.__name__}") from error


def consumes(*names: str, version: int = 1) -> Callable[[Effect], Consumer]:
    """Register a function as the consumer of `cn.lanling.<name>.v<version>` for each of the names."""
    return lambda effect: Consumer(event_types(names, version), effect)


def event_types(names: Sequence[str], version: int) -> tuple[str, ...]:
    return tuple(f"{TYPE_PREFIX}{name}.v{version}" for name in names)


def by_type(consumers: Iterable[C]) -> dict[str, list[C]]:
    """The consumers of each event type, in their order."""
    found: dict[str, list[C]] = {}
    for consumer in consumers:
        for type in consumer.types:
            found.setdefault(type, []).append(consumer)
    return found


class Inbox:
    """Applies events once, in order for each subject. `source` is the CloudEvents source of this service's events."""

    def __init__(self, store: Store, consumers: Sequence[Consumer], source: str, clock: Clock):
        self.store = store
        self.source = source
        self.clock = clock
        self._expects_new = True
        self.by_type = by_type(consumers)

    def handles(self, type: str) -> bool:
        return type in self.by_type

    async def apply(self, envelopes: Sequence[Envelope]) -> int:
        """Apply these events, in order, as one commit; those seen before are dropped. Returns how many took effect.

        Events without a consumer move the position of their subject. All or nothing: raises NotApplied with the event
        that failed, does not fit, or comes too early; NotTogether with the one before which the batch must be divided;
        errors of reads and of the commit as they are, among them
        ConcurrentChange when others came first ATTEMPTS times.
        """
        if self._expects_new:
            # As after most events: where it is wrong, the commit is refused, and what is there is read.
            try:
                return await self._apply(envelopes, Positions.assumed(self.store.database, envelopes))
            except Exception as error:
                if isinstance(error, NotTogether) or database_is_away(error):
                    raise
                self._expects_new = False
        for left in reversed(range(ATTEMPTS)):
            try:
                return await self._apply(envelopes, await Positions.read(self.store.database, envelopes))
            except ConcurrentChange:
                if not left:
                    raise
                await opened(self.store.database)
        raise AssertionError

    async def _apply(self, envelopes: Sequence[Envelope], positions: Positions) -> int:
        fresh = [envelope for envelope in envelopes if await positions.advance(envelope)]
        if not fresh:
            self._expects_new = False
            return 0
        handled = [envelope for envelope in fresh if self.handles(envelope.type)]
        reached(Step.CONSUMER_BEFORE_EFFECT)
        work: UnitOfWork | None = None
        # An effect is there when it is committed: until then its span, and those of all that it shares the commit with.
        with ExitStack() as effects:
            for envelope in handled:
                trace = effects.enter_context(effect_span(envelope)).trace
                work = self._work(envelope, trace, work)
                await self._run(envelope, work)
            work = work or self._work(fresh[0], new_trace(), None)
            work.require(*positions.writes(self.clock.now()), passage())
            reached(Step.CONSUMER_EFFECT_DECIDED)
            await work.commit()
        self._expects_new = len(fresh) == len(envelopes)
        reached(Step.CONSUMER_COMMITTED)
        return len(handled)

    async def _run(self, envelope: Envelope, work: UnitOfWork) -> None:
        for consumer in self.by_type[envelope.type]:
            try:
                await consumer.run(work, envelope, self.clock)
            except (ConcurrentChange, NotTogether, PyMongoError):
                raise
            except DataUnfit as error:
                raise NotApplied(envelope, Reason.DATA_UNFIT) from error
            except Exception as error:
                raise NotApplied(envelope, Reason.EFFECT_FAILED) from error

    def _work(self, envelope: Envelope, trace: Trace, before: UnitOfWork | None) -> UnitOfWork:
        cause = Cause(
            action=envelope.type,
            actor=SYSTEM,
            now=self.clock.now(),
            source=self.source,
            correlation_id=envelope.correlationid,
            causation_id=envelope.id,
            traceparent=trace.traceparent,
        )
        return before.continued(cause) if before else UnitOfWork(self.store, cause)
