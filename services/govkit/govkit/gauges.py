"""Gauges of the county: what waits, what is late, how much there is, told by each service of its own records.

GAUGES = (
    Gauge("petitions_open", "Petitions under way", Petition, {"state": UNDER_WAY}),
    Gauge("petitions_overdue", "Petitions past their time", Petition, {"state": UNDER_WAY}, past="resolve_by"),
    Gauge("points_outstanding", "Points on all passbooks", PointsPassbook, total="posted"),
)

They show as `county_petitions_open` and so on. Of a service's processes the one that publishes counts them, now and
then; the others tell nothing, so that a sum over processes is right.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pymongo.errors import PyMongoError

from govkit.domain.aggregate import Aggregate, Where
from govkit.domain.fields import fields_of
from govkit.domain.ports import Clock, business_date
from govkit.runtime.logs import get_logger
from govkit.runtime.metrics import COUNTY
from govkit.store.codec import stored_name
from govkit.store.conditions import Query, from_where, stored
from govkit.store.store import Store

EVERY_SECONDS = 30.0
# Counting takes no more than this part of the time, however many records there are.
LARGEST_SHARE = 0.01
LOOK_SECONDS = 1.0

log = get_logger(__name__)


@dataclass(frozen=True)
class Gauge:
    """Counts records, or sums their number `total`; `past` names a date or time of theirs that is over."""

    name: str
    doc: str
    of: type[Aggregate]
    where: Where = field(default_factory=dict)
    total: str | None = None
    past: str | None = None

    async def value(self, store: Store, now: datetime) -> int:
        query = self._query(now)
        return await store.total(self.of, query, self.total) if self.total else await store.count(self.of, query)

    def _query(self, now: datetime) -> Query:
        query = from_where(self.where)
        if self.past:
            described = next(item for item in fields_of(self.of) if item.name == self.past)
            over = now if described.item is datetime else business_date(now)
            query[stored_name(self.past)] = {"$lt": stored(over)}
        return query


class Gauges:
    """A background task that keeps the gauges up to date while `counts` says that this process counts."""

    def __init__(self, store: Store, gauges: Sequence[Gauge], clock: Clock, counts: Callable[[], bool]):
        self._store = store
        self._gauges = gauges
        self._clock = clock
        self._counts = counts
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="gauges")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        COUNTY.clear()

    async def _run(self) -> None:
        next_at = 0.0
        while True:
            if not self._counts():
                COUNTY.clear()
            elif time.monotonic() >= next_at:
                next_at = await self._count()
            await asyncio.sleep(LOOK_SECONDS)

    async def _count(self) -> float:
        """When to count again, by the monotonic clock."""
        started, now = time.monotonic(), self._clock.now()
        try:
            values = {gauge.name: (gauge.doc, await gauge.value(self._store, now)) for gauge in self._gauges}
        except PyMongoError as error:
            log.warning("gauges not counted", exc_info=error)
        else:
            COUNTY.show(values, now.timestamp())
        return started + max(EVERY_SECONDS, (time.monotonic() - started) / LARGEST_SHARE)
