"""The commit: all that units of work write, each of them whole or not at all, several of them in one transaction.

What waits while a transaction is under way goes together into the next one; a unit that comes alone is committed at
once, alone. A transaction costs six calls of the database and one wait for its journal, however many share it.

    all fit                                    committed together
    one of them breaks an index, or is late    nothing is written; the halves are tried again, until that one is alone
    the outcome is unknown                     unknown for all of them

So a unit shares a transaction with strangers, but never their fate, except that of a lost connection.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClientSession, AsyncIOMotorDatabase
from pymongo import InsertOne, ReplaceOne
from pymongo.errors import BulkWriteError, ConnectionFailure, DuplicateKeyError, OperationFailure
from pymongo.write_concern import WriteConcern

from govkit.domain.aggregate import Aggregate
from govkit.domain.fields import snake
from govkit.steps import Step, reached
from govkit.store.codec import Document, to_document

MAJORITY = WriteConcern(w="majority", wtimeout=20_000)
TRANSIENT = "TransientTransactionError"
DUPLICATE_KEY = 11000
TOGETHER = 32


class ConcurrentChange(Exception):
    """Another commit came first; the unit of work may be decided again on fresh data.

    `records` names those that the lost commit would have saved, `<type>/<id>`.
    """

    def __init__(self, records: frozenset[str] = frozenset()):
        super().__init__()
        self.records = records


@dataclass
class Commit:
    """All that one unit of work writes. `conditions` are writes that fail it when they find nothing to change."""

    saved: list[Aggregate] = field(default_factory=list)
    outbox: list[Document] = field(default_factory=list)
    audit: list[Document] = field(default_factory=list)
    receipt: Document | None = None
    projections: list[tuple[str, Any]] = field(default_factory=list)
    conditions: list[tuple[str, Any]] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        return not (self.saved or self.outbox or self.audit or self.projections or self.conditions)


class _Undone(Exception):
    """The transaction wrote nothing, because of its cause."""


@dataclass
class _Waiting:
    work: Commit
    done: "asyncio.Future[None]"

    def settle(self, error: Exception | None = None) -> None:
        if self.done.done():
            return
        if error is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(error)


class Commits:
    """`duplicate` turns the server's details of a refused duplicate into what the caller shall see."""

    def __init__(self, database: "AsyncIOMotorDatabase[Document]", duplicate: Callable[[Any], Exception]):
        self._database = database
        self._duplicate = duplicate
        self._waiting: list[_Waiting] = []
        self._task: asyncio.Task[None] | None = None

    async def commit(self, work: Commit) -> None:
        """Write all of it or nothing. A caller that is cancelled does not take its work back."""
        waiting = _Waiting(work, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work_off())
        await waiting.done

    async def _work_off(self) -> None:
        while self._waiting:
            await self._settle(self._take())

    def _take(self) -> list[_Waiting]:
        """Some that wait, in order; of those that change the same record only the first."""
        taken: list[_Waiting] = []
        left: list[_Waiting] = []
        records: set[tuple[type, str]] = set()
        for waiting in self._waiting:
            mine = {(type(saved), saved.id) for saved in waiting.work.saved}
            if len(taken) < TOGETHER and records.isdisjoint(mine):
                taken.append(waiting)
                records |= mine
            else:
                left.append(waiting)
        self._waiting = left
        return taken

    async def _settle(self, group: Sequence[_Waiting]) -> None:
        try:
            await self._transaction([waiting.work for waiting in group])
        except _Undone as undone:
            if len(group) > 1:
                half = len(group) // 2
                await asyncio.gather(self._settle(group[:half]), self._settle(group[half:]))
            else:
                group[0].settle(self._meaning(undone.__cause__))
        except Exception as error:
            for waiting in group:
                waiting.settle(error)
        else:
            for waiting in group:
                waiting.settle()

    async def _transaction(self, works: Sequence[Commit]) -> None:
        """Raises _Undone when it is known that nothing was written, and the works may be the reason."""
        # A session that ends in the middle of a transaction aborts it.
        async with await self._database.client.start_session() as session:
            session.start_transaction(write_concern=MAJORITY)
            reached(Step.COMMIT_STARTED)
            try:
                await self._write(works, session)
            except ConnectionFailure:
                raise
            except Exception as error:
                # Also what the driver lets through from a document that cannot be encoded.
                raise _Undone from error
            reached(Step.COMMIT_WRITTEN)
            try:
                await session.commit_transaction()
            except OperationFailure as error:
                if error.has_error_label(TRANSIENT):
                    raise _Undone from error
                raise
        reached(Step.COMMIT_DONE)

    async def _write(self, works: Sequence[Commit], session: AsyncIOMotorClientSession) -> None:
        await self._save([aggregate for work in works for aggregate in work.saved], session)
        reached(Step.COMMIT_AGGREGATES_WRITTEN)
        rows = {
            "outbox": [row for work in works for row in work.outbox],
            "audit": [row for work in works for row in work.audit],
            "receipts": [work.receipt for work in works if work.receipt],
        }
        for name, documents in rows.items():
            if documents:
                await self._database[name].insert_many(documents, session=session)
        for name, writes in _by_name(write for work in works for write in work.projections):
            await self._database[name].bulk_write(writes, session=session)
        await self._change((write for work in works for write in work.conditions), session)

    async def _save(self, aggregates: Sequence[Aggregate], session: AsyncIOMotorClientSession) -> None:
        """Insert what is new, replace the rest where it is at the version that was read."""
        writes = ((collection_name(type(saved)), _save_one(saved)) for saved in aggregates)
        await self._change(writes, session)

    async def _change(self, writes: Iterable[tuple[str, Any]], session: AsyncIOMotorClientSession) -> None:
        """Raises ConcurrentChange when one of them finds nothing to change."""
        for name, ones in _by_name(writes):
            result = await self._database[name].bulk_write(ones, session=session)
            changed = result.inserted_count + result.matched_count + result.upserted_count + result.deleted_count
            if changed != len(ones):
                raise ConcurrentChange

    def _meaning(self, error: BaseException | None) -> Exception:
        if isinstance(error, BulkWriteError):
            refused: Document = next(iter(error.details["writeErrors"]), {})
            return self._duplicate(refused) if refused.get("code") == DUPLICATE_KEY else error
        if isinstance(error, DuplicateKeyError):
            return self._duplicate(error.details)
        if isinstance(error, OperationFailure) and error.has_error_label(TRANSIENT):
            return ConcurrentChange()
        assert isinstance(error, Exception)
        return error


def collection_name(cls: type[Aggregate]) -> str:
    return snake(cls.__name__)


def _save_one(aggregate: Aggregate) -> Any:
    document = to_document(aggregate)
    if aggregate.version == 1:
        return InsertOne(document)
    return ReplaceOne({"_id": aggregate.id, "version": aggregate.version - 1}, document)


def _by_name(writes: Iterable[tuple[str, Any]]) -> Iterable[tuple[str, list[Any]]]:
    found: dict[str, list[Any]] = {}
    for name, write in writes:
        found.setdefault(name, []).append(write)
    return found.items()
