"""Pure projections: consumers whose whole effect is rows of read models, so that the rows can be made again.

    @projects("duty.started", into=(DUTIES,))
    async def note_duty(rows: Rows, event: DutySeen) -> None:
        rows.project(DUTIES, event.grid_code, staff_id=event.staff_id)

All that such a function sees is the event, and all that it can do is write to the collections that it declares: no
records, no clock, no numbers. So the same events give the same rows whenever they are read, and `events rebuild` may
run it again from the first event on. What happens to aggregates is an effect (`consumes`), which happens once.

Rows that events of several subjects write must come out the same in any order of these subjects: fields of their own,
or counts.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from govkit.bus.envelope import Envelope
from govkit.bus.inbox import Consumer, event_types
from govkit.domain.ports import Clock
from govkit.store.rows import RowWriter
from govkit.store.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Rows:
    """What a projection works with. Writing to a collection that it has not declared raises ValueError."""

    writer: RowWriter
    envelope: Envelope
    collections: tuple[str, ...]

    @property
    def event_time(self) -> datetime:
        return datetime.fromisoformat(self.envelope.time)

    def project(self, collection: str, key: str, **values: Any) -> None:
        """Set fields of a row, made when missing."""
        self._require(collection)
        self.writer.project(collection, key, **values)

    def increment(self, collection: str, key: str, **steps: int) -> None:
        self._require(collection)
        self.writer.increment(collection, key, **steps)

    def forget(self, collection: str, key: str) -> None:
        self._require(collection)
        self.writer.forget(collection, key)

    def _require(self, collection: str) -> None:
        if collection not in self.collections:
            raise ValueError(f"{collection} is not declared by the projection of {self.envelope.type}")


@dataclass(frozen=True)
class Projection(Consumer):
    """`collections` are all that the effect may write to."""

    collections: tuple[str, ...]

    async def run(self, work: UnitOfWork, envelope: Envelope, clock: Clock) -> None:
        await self.write(work, envelope)

    async def write(self, writer: RowWriter, envelope: Envelope) -> None:
        """Write what the event does to the rows."""
        await self.effect(Rows(writer, envelope, self.collections), self.read(envelope.data))


ProjectionEffect = Callable[[Rows, Any], Awaitable[None]]


def projects(*names: str, into: tuple[str, ...], version: int = 1) -> Callable[[ProjectionEffect], Projection]:
    """Register a function as the projection of `cn.lanling.<name>.v<version>`, for each of the names, `into` these."""
    return lambda effect: Projection(event_types(names, version), effect, into)
