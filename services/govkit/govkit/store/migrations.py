"""Changes of stored data between versions of a service: numbered by their order in the service's list, forward only.

    expand      adds: fields, rows, collections. The version before works on with it, so it may be applied while that
                one runs, and that one may be started again
    contract    takes away what only older versions need. It is applied by itself, when nobody wants to go back; from
                then on versions that do not know it refuse to start

Indexes are no steps: they follow from the code (`Store.indexes`), and what is missing is made after the steps.

`migrations`: `{_id: name, kind, state: RUNNING | DONE, place, batches, by, started_at, seen_at, finished_at}`. A step
works in batches and its place is stored after each, so one that was killed goes on there; the batch under way is done
again. One process migrates at a time, by the lease `migrations`.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from itertools import groupby
from operator import itemgetter
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import IndexModel, UpdateOne
from pymongo.errors import OperationFailure

from govkit.bus.lease import LEASE_SECONDS, Lease, LeaseLost
from govkit.domain.ports import new_id
from govkit.store.store import Store

MIGRATIONS = "migrations"
WAIT_SECONDS = 0.5
BATCH = 500
INDEX_OPTIONS = ("unique", "sparse", "partialFilterExpression", "expireAfterSeconds")

Row = dict[str, Any]
Database = AsyncIOMotorDatabase[Row]
Batch = Callable[[Database, Any], Awaitable[Any]]
Say = Callable[[str], None]


class Kind(Enum):
    EXPAND = "the version before works on with it"
    CONTRACT = "versions before refuse to start from then on"


@dataclass(frozen=True, kw_only=True)
class Migration:
    """One step. `batch` does the next part from a place on (None: the beginning) and returns the place behind it, or
    None when nothing is left. The same batch may be done twice. `name` is never changed or used again."""

    name: str
    kind: Kind
    does: str
    batch: Batch


def each_row(
    collection: str, change: Callable[[Row], Row | None], query: Mapping[str, Any] | None = None, size: int = BATCH
) -> Batch:
    """A batch that goes over the rows of a collection by id; `change` answers an update of a row, or None for none.

    A row that is written by others meanwhile is changed all the same: updates name the fields that they mean.
    """

    async def batch(database: Database, place: Any) -> Any:
        behind = {} if place is None else {"_id": {"$gt": place}}
        found = database[collection].find({**(query or {}), **behind}, sort=[("_id", 1)], limit=size)
        rows = await found.to_list(size)
        updates = [UpdateOne({"_id": row["_id"]}, update) for row in rows if (update := change(row))]
        if updates:
            await database[collection].bulk_write(updates, ordered=False)
        return rows[-1]["_id"] if rows else None

    return batch


class MigrationFailed(Exception):
    """Why the database could not be migrated: one line."""


@dataclass(frozen=True, kw_only=True)
class State:
    """What a database lacks for this version. `newer` names contract steps of it that this version does not know."""

    expand: Sequence[Migration] = ()
    contract: Sequence[Migration] = ()
    indexes: Sequence[tuple[str, IndexModel]] = ()
    changed: Sequence[str] = ()
    newer: Sequence[str] = ()
    empty: bool = False
    running: frozenset[str] = field(default_factory=frozenset)

    @property
    def fits(self) -> bool:
        """Whether this version may serve. Contract steps may wait."""
        return not (self.newer or self.expand or self.indexes or self.changed)


class Migrations:
    """The steps of one service, oldest first, and its database."""

    def __init__(self, store: Store, steps: Sequence[Migration]):
        self._store = store
        self._database = store.database
        self._rows = store.database[MIGRATIONS]
        self.steps = steps

    async def look(self) -> State:
        collections = set(await self._database.list_collection_names())
        rows = {row["_id"]: row async for row in self._rows.find({}, {"kind": 1, "state": 1})}
        waiting = [step for step in self.steps if rows.get(step.name, {}).get("state") != "DONE"]
        known = {step.name for step in self.steps}
        newer = [name for name, row in rows.items() if name not in known and row["kind"] == Kind.CONTRACT.name]
        missing, changed = await self._compare_indexes(collections)
        return State(
            expand=[step for step in waiting if step.kind is Kind.EXPAND],
            contract=[step for step in waiting if step.kind is Kind.CONTRACT],
            indexes=missing,
            changed=changed,
            newer=sorted(newer),
            empty=not collections - {"leases"},
            running=frozenset(name for name, row in rows.items() if row["state"] != "DONE"),
        )

    async def names(self) -> dict[str, str]:
        """Every step that was applied or begun, with its kind."""
        return {row["_id"]: row["kind"] async for row in self._rows.find({}, {"kind": 1})}

    async def _compare_indexes(self, collections: set[str]) -> tuple[list[tuple[str, IndexModel]], list[str]]:
        missing: list[tuple[str, IndexModel]] = []
        changed: list[str] = []
        wanted = self._store.indexes()
        present = await asyncio.gather(*(self._indexes(name) for name in wanted if name in collections))
        found = dict(zip((name for name in wanted if name in collections), present, strict=True))
        for collection, models in wanted.items():
            for model in models:
                name = model.document["name"]
                there = found.get(collection, {}).get(name)
                if there is None:
                    missing.append((collection, model))
                elif there != _definition(model.document):
                    changed.append(f"{collection}.{name}")
        return missing, changed

    async def _indexes(self, collection: str) -> dict[str, Row]:
        return {row["name"]: _definition(row) async for row in self._database[collection].list_indexes()}

    async def apply(self, by: str, contract: bool = False, say: Say = lambda line: None) -> State:
        """Do what is missing; with `contract` also that, as always in an empty database. Returns what is left.

        Raises MigrationFailed, for a newer database too, and what the database raises. Waits while another process
        migrates.
        """
        while True:
            state = await self.look()
            if state.newer:
                raise MigrationFailed(f"newer than this version: it does not know {', '.join(state.newer)}")
            contract = contract or state.empty
            if state.fits and not (contract and state.contract):
                return state
            lease = Lease(self._database, MIGRATIONS, new_id())
            if not await lease.acquire():
                say("another process migrates: waiting")
                await asyncio.sleep(WAIT_SECONDS)
                continue
            async with _kept(lease):
                await self._apply(await self.look(), contract, lease, by, say)

    async def _apply(self, state: State, contract: bool, lease: Lease, by: str, say: Say) -> None:
        wanted = {step.name for step in (*state.expand, *(state.contract if contract else ()))}
        for step in self.steps:
            if step.name in wanted:
                await self._run(step, lease, by)
                say(f"{step.name}: done")
        # As they are now: a step may have dropped one that this version defines otherwise.
        state = await self.look()
        if state.changed:
            names = ", ".join(state.changed)
            raise MigrationFailed(f"index {names} is not defined as in this version: a step has to drop it")
        for collection, models in groupby(state.indexes, key=itemgetter(0)):
            await self._make_indexes(collection, [model for _, model in models], say)

    async def _make_indexes(self, collection: str, models: list[IndexModel], say: Say) -> None:
        names = ", ".join(f"{collection}.{model.document['name']}" for model in models)
        try:
            await self._database[collection].create_indexes(models)
        except OperationFailure as error:
            # Not its message: that of a duplicate has values of the rows in it.
            raise MigrationFailed(f"index {names} cannot be made: error {error.code} of the database") from error
        say(f"index {names}: made")

    async def _run(self, step: Migration, lease: Lease, by: str) -> None:
        now = datetime.now(UTC)
        begun = {"kind": step.kind.name, "state": "RUNNING", "place": None, "batches": 0, "by": by, "started_at": now}
        row = await self._rows.find_one_and_update(
            {"_id": step.name}, {"$setOnInsert": begun}, upsert=True, return_document=True
        )
        place = row["place"]
        while (place := await step.batch(self._database, place)) is not None:
            done = {"place": place, "seen_at": datetime.now(UTC)}
            await self._note(step, lease, {"$set": done, "$inc": {"batches": 1}})
        await self._note(step, lease, {"$set": {"state": "DONE", "finished_at": datetime.now(UTC)}})

    async def _note(self, step: Migration, lease: Lease, change: Row) -> None:
        try:
            await lease.renew()
        except LeaseLost as lost:
            raise MigrationFailed("another process took over, because this one was stopped for long") from lost
        await self._rows.update_one({"_id": step.name}, change)


@asynccontextmanager
async def _kept(lease: Lease) -> AsyncIterator[None]:
    """Renewed meanwhile: a batch or an index may take longer than the lease."""

    async def renew() -> None:
        with contextlib.suppress(LeaseLost):
            while True:
                await asyncio.sleep(LEASE_SECONDS / 3)
                await lease.renew()

    task = asyncio.create_task(renew())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await lease.release()


def _definition(index: Mapping[str, Any]) -> Row:
    """What makes an index what it is, without its name and the server's own notes."""
    options = {name: _in_order(index[name]) for name in INDEX_OPTIONS if index.get(name)}
    return {"key": [(name, int(way)) for name, way in index["key"].items()], **options}


def _in_order(value: Any) -> Any:
    """A condition with its alternatives sorted: earlier releases wrote them in any order."""
    if isinstance(value, Mapping):
        return {name: _in_order(inner) for name, inner in value.items()}
    return sorted(value, key=repr) if isinstance(value, list) else value
