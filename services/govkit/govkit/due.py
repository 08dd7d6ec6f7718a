"""Works off what falls due: one process of a service by lease, through one commit a record, as SYSTEM.

    pass: read the records that are due, soonest first → take the soonest effect of each → one commit each

Each commit compares the record's version, remembers the rule with its moment in the record, and writes the lease's row:
whoever is killed, paused or started twice, (record, rule, moment) takes effect once. What fails is looked at again
later, up to TRIES times, then set aside in `due_failures`; the record's other rules go on. Any commit of the record and
the operators' `due retry` bring it back.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

import orjson
from pymongo import DeleteOne, ReturnDocument, UpdateOne
from pymongo.errors import PyMongoError

from govkit.bus.lease import LEASE_SECONDS, Lease, LeaseLost
from govkit.domain.aggregate import Aggregate
from govkit.domain.due import Due
from govkit.domain.errors import GovError
from govkit.domain.identity import SYSTEM
from govkit.domain.ports import Clock, business_date, derived_id
from govkit.runtime import metrics
from govkit.runtime.logs import get_logger
from govkit.runtime.tracing import new_trace
from govkit.store.codec import Document, from_document
from govkit.store.commits import ConcurrentChange, collection_name
from govkit.store.conditions import from_where
from govkit.store.store import Store
from govkit.store.unit_of_work import Cause, UnitOfWork

A = TypeVar("A", bound=Aggregate)
POLL_SECONDS = 1.0
# As many as share a transaction; of these the order of effects is that of their commits.
TOGETHER = 32
BACKFILL_ROWS = 500
TRIES = 5
FIRST_RETRY = timedelta(seconds=10)
FAILURES, RULES = "due_failures", "due_rules"

log = get_logger(__name__)


@dataclass
class DueContext:
    """What a handler of due work works with; `due_for` is the moment that has come, `now` is when it happens."""

    work: UnitOfWork
    now: datetime
    due_for: datetime
    cause: str
    _ids: int = field(default=0, init=False)

    @property
    def today(self) -> Any:
        return business_date(self.now)

    async def get(self, cls: type[A], id: str) -> A | None:
        return await self.work.get(cls, id)

    async def find(self, cls: type[A], limit: int = 0, **where: Any) -> list[A]:
        return await self.work.find(cls, limit, **where)

    async def count(self, cls: type[Aggregate], **where: Any) -> int:
        return await self.work.store.count(cls, from_where(where))

    def add(self, aggregate: A) -> A:
        return self.work.add(aggregate)

    def new_id(self) -> str:
        self._ids += 1
        return derived_id(self.due_for, self.cause, str(self._ids))


@dataclass(frozen=True)
class DueHandler:
    """Does more for some rules than the record itself can, in the same commit."""

    on: type[Aggregate]
    rules: tuple[str, ...]
    handler: Callable[[Any, Any], Awaitable[None]]


def due_handler(on: type[Aggregate], *rules: str) -> Callable[[Callable[[Any, Any], Awaitable[None]]], DueHandler]:
    """Declare `async def f(context: DueContext, record)` for those rules of `on.DUE`; it runs after the record's own
    effect. A command that has the same effect at once awaits `f.handler` with its own context."""
    if unknown := set(rules) - {row.name for row in on.DUE}:
        raise TypeError(f"{on.__name__} has no rule {', '.join(sorted(unknown))}")
    return lambda handler: DueHandler(on, rules, handler)


class DueWork:
    """The background task. Does nothing in a service where nothing falls due."""

    def __init__(self, store: Store, handlers: Sequence[DueHandler], clock: Clock, source: str, instance: str):
        self._store = store
        self._types = [cls for cls in store.types.values() if cls.DUE]
        self._handlers = {(item.on, rule): item.handler for item in handlers for rule in item.rules}
        self._clock = clock
        self._source = source
        self._lease = Lease(store.database, "due", instance)
        self._ready = False
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        if self._types:
            self._task = asyncio.create_task(self._run(), name="due work")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            with contextlib.suppress(PyMongoError):
                await self._lease.release()

    async def _run(self) -> None:
        while True:
            done = 0
            try:
                done = await self.work_off()
            except LeaseLost:
                log.info("another process does what is due")
            except Exception as error:
                # Nobody else would start it again, and the next pass reads everything anew.
                log.warning("pass over due work failed", exc_info=error)
            if not done:
                await asyncio.sleep(POLL_SECONDS)

    async def work_off(self) -> int:
        """One pass; returns how many effects were committed: none while another process holds the lease."""
        if not await self._lead():
            return 0
        now = self._clock.now()
        records = await self._due(now)
        if len(records) < TOGETHER:
            await self._show(now)
        else:
            metrics.DUE_LAG.set((now - (records[0].falls_due_at or now)).total_seconds())
        aside = await self._set_aside(records)
        return sum(await asyncio.gather(*(self._fall_due(record, aside, now) for record in records)))

    async def _lead(self) -> bool:
        if self._lease.covers(LEASE_SECONDS / 2):
            return True
        if self._lease.token:
            await self._lease.renew()
        elif await self._lease.acquire():
            self._ready = False
            log.info("this process does what is due", token=self._lease.token)
        if self._lease.token and not self._ready:
            await self._backfill()
            self._ready = True
        return bool(self._lease.token)

    async def _due(self, now: datetime) -> list[Aggregate]:
        found: list[Aggregate] = []
        for cls in self._types:
            cursor = self._store.collection(cls).find(
                {"falls_due_at": {"$lte": now}}, sort=[("falls_due_at", 1)], limit=TOGETHER
            )
            found.extend([from_document(cls, document) async for document in cursor])
        return sorted(found, key=lambda record: record.falls_due_at or now)[:TOGETHER]

    async def _set_aside(self, records: Sequence[Aggregate]) -> set[tuple[str, datetime, int]]:
        """What is not tried any more: failure's id, moment and the version of the record that failed."""
        ids = [_failure_id(record, rule) for record in records for rule in type(record).DUE]
        cursor = self._store.database[FAILURES].find({"_id": {"$in": ids}, "set_aside": True})
        return {(row["_id"], row["due_for"], row["version"]) async for row in cursor}

    async def _fall_due(self, record: Aggregate, aside: set[tuple[str, datetime, int]], now: datetime) -> bool:
        coming = [
            (moment, rule)
            for moment, rule in record.coming()
            if (_failure_id(record, rule), moment, record.version) not in aside
        ]
        if not coming or coming[0][0] > now:
            # Noted by another version's rules, or before something was set aside.
            await self._look_again(record, coming[0][0] if coming else None)
            return False
        (moment, rule), later = coming[0], coming[1][0] if len(coming) > 1 else None
        version = record.version
        try:
            await self._commit(record, rule, moment, now)
        except ConcurrentChange:
            return False
        except PyMongoError:
            raise
        except Exception as error:
            tries = await self._failed(record, rule, moment, version, now, error)
            await self._look_again(record, later if tries >= TRIES else now + FIRST_RETRY * 2 ** (tries - 1))
            return False
        metrics.DUE_DONE.labels(rule.name).inc()
        return True

    async def _commit(self, record: Aggregate, rule: Due, moment: datetime, now: datetime) -> None:
        trace = new_trace()
        cause = derived_id(moment, type(record).__name__, record.id, rule.name)
        work = UnitOfWork(
            self._store,
            Cause(
                action=rule.name,
                actor=SYSTEM,
                now=now,
                source=self._source,
                correlation_id=trace.trace_id,
                causation_id=cause,
                traceparent=trace.traceparent,
                due_for=moment,
            ),
        )
        work.adopt(record)
        record.fall_due(rule, moment)
        if handler := self._handlers.get((type(record), rule.name)):
            await handler(DueContext(work, now, moment, cause), record)
        work.note((FAILURES, DeleteOne({"_id": _failure_id(record, rule)})))
        work.require(self._lease.fence())
        await work.commit()

    async def _failed(
        self, record: Aggregate, rule: Due, moment: datetime, version: int, now: datetime, error: Exception
    ) -> int:
        """Note it; returns how often it has failed for this moment. From TRIES on it is set aside."""
        metrics.DUE_FAILURES.labels(rule.name).inc()
        what = error.code if isinstance(error, GovError) else type(error).__name__
        log.warning("due work failed", rule=rule.name, record=record.id, exc_info=error)
        told = {
            "type": type(record).__name__,
            "record": record.id,
            "rule": rule.name,
            "due_for": moment,
            "version": version,
            "error": what,
            "at": now,
        }
        row = await self._store.database[FAILURES].find_one_and_update(
            {"_id": _failure_id(record, rule)},
            [
                {"$set": {"tries": {"$add": [{"$cond": [{"$eq": ["$due_for", moment]}, "$tries", 0]}, 1]}}},
                {"$set": told | {"set_aside": {"$gte": ["$tries", TRIES]}}},
            ],
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return int(row["tries"])

    async def _look_again(self, record: Aggregate, at: datetime | None) -> None:
        # A commit that comes between has noted anew when to look. Of the version on disk: `record` may have moved on.
        await self._store.collection(type(record)).update_one(
            {"_id": record.id, "falls_due_at": {"$lte": self._clock.now()}}, {"$set": {"falls_due_at": at}}
        )

    async def _show(self, now: datetime) -> None:
        waiting, oldest = 0, now
        for cls in self._types:
            query = {"falls_due_at": {"$lte": now}}
            waiting += await self._store.collection(cls).count_documents(query)
            first = await self._store.collection(cls).find_one(query, {"falls_due_at": 1}, sort=[("falls_due_at", 1)])
            oldest = min(oldest, first["falls_due_at"]) if first else oldest
        metrics.DUE_WAITING.set(waiting)
        metrics.DUE_LAG.set((now - oldest).total_seconds())
        metrics.DUE_SET_ASIDE.set(await self._store.database[FAILURES].count_documents({"set_aside": True}))

    async def _backfill(self) -> None:
        """Records that were stored under other rules, or none: note when to look at them. Goes on where it was."""
        for cls in self._types:
            rules = self._store.database[RULES]
            digest = orjson.dumps([repr(rule) for rule in _sorted(cls.DUE)]).decode()
            row = await rules.find_one({"_id": cls.__name__}) or {}
            place = row.get("place") if row.get("rules") == digest else ""
            while place is not None:
                place = await self._backfill_batch(cls, place)
                await rules.update_one({"_id": cls.__name__}, {"$set": {"rules": digest, "place": place}}, upsert=True)
                await self._lease.renew()

    async def _backfill_batch(self, cls: type[Aggregate], place: str) -> str | None:
        documents = await (
            self._store.collection(cls)
            .find({"_id": {"$gt": place}}, sort=[("_id", 1)], limit=BACKFILL_ROWS)
            .to_list(BACKFILL_ROWS)
        )
        if not documents:
            return None
        await self._store.collection(cls).bulk_write([_noted(cls, document) for document in documents], ordered=False)
        return str(documents[-1]["_id"])


def _sorted(rules: Sequence[Due]) -> list[tuple[Any, ...]]:
    """What of the rules decides when to look, in one order in every process."""
    return sorted((rule.name, sorted(state.name for state in rule.sources), repr(rule.moment)) for rule in rules)


def _noted(cls: type[Aggregate], document: Document) -> UpdateOne:
    record = from_document(cls, document)
    record.look_ahead()
    return UpdateOne({"_id": record.id, "version": record.version}, {"$set": {"falls_due_at": record.falls_due_at}})


def _failure_id(record: Aggregate, rule: Due) -> str:
    return f"{collection_name(type(record))}/{record.id}/{rule.name}"
