"""Bulk loading: aggregates and their events in large transactions, each once, however often the load is started."""

import asyncio
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TypeVar
from uuid import NAMESPACE_URL, uuid5

from govkit.domain.aggregate import Aggregate
from govkit.domain.identity import SYSTEM
from govkit.runtime.tracing import new_trace
from govkit.store.commits import ConcurrentChange
from govkit.store.store import Store
from govkit.store.unit_of_work import Cause, outbox_rows, stamp

BATCH = 500
T = TypeVar("T")
A = TypeVar("A", bound=Aggregate)


@dataclass
class Seeder:
    """Loads batches under names; a batch that was loaded is skipped, so an interrupted load goes on where it was.

    Ids of aggregates must be stable; event ids follow from them.
    """

    store: Store
    source: str
    now: datetime

    async def load(self, name: str, aggregates: Iterable[Aggregate], snapshots: bool = False) -> None:
        """Load under `name`, which must always mean the same aggregates in the same order. Shows progress on stderr.

        With `snapshots` each aggregate publishes its present state instead of the events that led to it: what happened
        long ago must not trigger anything now (a grant of points, a confirmation).
        """
        started = time.monotonic()
        total = 0
        for number, batch in enumerate(batches(aggregates, BATCH)):
            total += len(batch)
            if snapshots:
                for aggregate in batch:
                    aggregate.take_events()
                    aggregate.record(aggregate.snapshot_event())
            await self._load_batch(f"{name}/{number}", batch)
        seconds = time.monotonic() - started
        print(f"seed {self.source.rsplit('/', 1)[-1]}: {name} {total} ({seconds:.1f} s)", file=sys.stderr, flush=True)

    async def _load_batch(self, name: str, batch: list[Aggregate]) -> None:
        if await self.store.database["batches"].find_one({"_id": name}):
            return
        outbox = []
        for aggregate in batch:
            trace = new_trace(sampled=False)
            cause = Cause(
                action="seed",
                actor=SYSTEM,
                now=self.now,
                source=self.source,
                correlation_id=trace.trace_id,
                causation_id=name,
                traceparent=trace.traceparent,
            )
            stamp(aggregate, cause)
            outbox.extend(outbox_rows(aggregate, aggregate.take_events(), cause, StableIds(aggregate.id)))
        while True:
            try:
                await self.store.insert_batch(name, batch, outbox)
            except ConcurrentChange:
                # Another load of the same data is ahead; when it has committed, this batch is there.
                await asyncio.sleep(0.05)
            else:
                return


class StableIds(dict[int, str]):
    """Event ids that are the same in every load: from the aggregate's id and the event's number."""

    def __init__(self, subject: str):
        self.subject = subject

    def __missing__(self, sequence: int) -> str:
        return str(uuid5(NAMESPACE_URL, f"{self.subject}/{sequence}"))

    def __bool__(self) -> bool:
        return True


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def registered(record: A) -> A:
    """A record of a plain register, as its create command leaves it."""
    record.check()
    record.registered()
    return record
