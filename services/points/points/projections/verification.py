"""Verification of the whole ledger at one moment: every passbook's audit over one snapshot of the database."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pymongo.read_concern import ReadConcern

from govkit.domain import Aggregate, Doc, Id
from govkit.store.codec import Document, from_document, to_document
from govkit.store.store import Store
from points.domain.audit import Audit, LedgerCheck, LedgerProblem, problem
from points.domain.ledger import LedgerTransaction
from points.domain.lots import PointsHold, PointsLot
from points.domain.passbook import PointsPassbook

A = TypeVar("A", bound=Aggregate)
CHUNK = 200
SHOWN_PROBLEMS = 100
FIRST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class LedgerVerification:
    """账簿核验结果 Result of verifyLedger"""

    ok: Annotated[bool, Doc("无误 Whether everything agrees")]
    as_of: Annotated[datetime, Doc("核验时间 Moment that was verified")]
    passbooks: Annotated[int, Doc("存折数 Passbooks verified")]
    transactions: Annotated[int, Doc("账目数 Transactions verified")]
    posted: Annotated[int, Doc("账面积分 Points on all passbooks")]
    held: Annotated[int, Doc("冻结积分 Points held on all passbooks")]
    first_broken_transaction_id: Annotated[Id | None, Doc("首个错误账目 First broken transaction, by time of posting")]
    problem_count: Annotated[int, Doc("问题数 Number of problems")]
    problems: Annotated[list[LedgerProblem], Doc("问题 The first 100 problems, by time of posting")]


async def verify_ledger(store: Store, now: datetime) -> LedgerVerification:
    """Audit all passbooks, and all transactions that no passbook claims. Concurrent commands do not disturb it."""
    async with await store.client.start_session(snapshot=True) as session:
        verifier = _Verifier(store, session)
        await verifier.run()
    problems = sorted(verifier.problems, key=_by_time)
    broken = [item.transaction_id for item in problems if item.transaction_id]
    return LedgerVerification(
        ok=not problems,
        as_of=now,
        passbooks=verifier.passbooks,
        transactions=verifier.transactions,
        posted=verifier.posted,
        held=verifier.held,
        first_broken_transaction_id=broken[0] if broken else None,
        problem_count=len(problems),
        problems=problems[:SHOWN_PROBLEMS],
    )


def _by_time(item: LedgerProblem) -> tuple[bool, datetime, int, str]:
    """Transactions by time of posting and position, then what concerns a passbook as a whole."""
    return (item.transaction_id is None, item.posted_at or FIRST, item.position or 0, item.passbook_id)


@dataclass
class _Verifier:
    store: Store
    session: Any
    problems: list[LedgerProblem] = field(default_factory=list)
    passbooks: int = 0
    transactions: int = 0
    posted: int = 0
    held: int = 0

    async def run(self) -> None:
        async for passbooks in self._chunks():
            ids = [document["_id"] for document in passbooks]
            transactions = await self._grouped(LedgerTransaction, ids, "position")
            lots = await self._grouped(PointsLot, ids, "_id")
            holds = await self._grouped(PointsHold, ids, "_id")
            for document in passbooks:
                id = document["_id"]
                self._audit(document, transactions.get(id, []), lots.get(id, []), holds.get(id, []))
        await self._find_strays()

    def _audit(self, passbook: Document, *stored: list[Document]) -> None:
        id = passbook["_id"]
        self.passbooks += 1
        self.transactions += len(stored[0])
        before = len(self.problems)
        read = self._read(PointsPassbook, id, [passbook])
        transactions = self._read(LedgerTransaction, id, stored[0])
        lots, holds = self._read(PointsLot, id, stored[1]), self._read(PointsHold, id, stored[2])
        if not read:
            return
        self.posted += read[0].posted
        self.held += read[0].held
        found = Audit(read[0], transactions, lots, holds).run()
        # What cannot be read is missing from the audit; only the unreadable document itself is the news then.
        self.problems += found if len(self.problems) == before else []

    def _read(self, cls: type[A], passbook_id: str, documents: list[Document]) -> list[A]:
        """The documents that are exactly what this service wrote; a problem for each other one."""
        sound = []
        for document in documents:
            record = _faithful(cls, document)
            if record is not None and (cls is not LedgerTransaction or _untouched(record)):
                sound.append(record)
                continue
            transaction_id = document["_id"] if cls is LedgerTransaction else None
            self.problems.append(
                LedgerProblem(
                    check=LedgerCheck.CONTENT,
                    passbook_id=passbook_id,
                    transaction_id=transaction_id,
                    position=_typed(document.get("position"), int),
                    posted_at=_typed(document.get("posted_at"), datetime),
                )
            )
        return sound

    async def _find_strays(self) -> None:
        """Transactions of passbooks that do not exist."""
        known = {document["_id"] async for document in self._find(PointsPassbook, {}, projection={"_id": 1})}
        groups = self._collection(LedgerTransaction).aggregate(
            [{"$group": {"_id": "$passbook_id"}}], session=self.session
        )
        strays = [row["_id"] async for row in groups if row["_id"] not in known]
        async for document in self._find(LedgerTransaction, {"passbook_id": {"$in": strays}}):
            record = _faithful(LedgerTransaction, document)
            named = str(document.get("passbook_id"))
            self.problems.append(
                problem(LedgerCheck.PASSBOOK, named, record)
                if record
                else LedgerProblem(check=LedgerCheck.CONTENT, passbook_id=named, transaction_id=document["_id"])
            )

    async def _chunks(self) -> AsyncIterator[list[Document]]:
        chunk: list[Document] = []
        async for document in self._find(PointsPassbook, {}, sort=[("_id", 1)]):
            chunk.append(document)
            if len(chunk) == CHUNK:
                yield chunk
                chunk = []
        if chunk:
            yield chunk

    async def _grouped(self, cls: type[Aggregate], ids: Sequence[str], sort: str) -> dict[str, list[Document]]:
        groups: dict[str, list[Document]] = {}
        query = {"passbook_id": {"$in": ids}}
        async for document in self._find(cls, query, sort=[("passbook_id", 1), (sort, 1)]):
            groups.setdefault(document["passbook_id"], []).append(document)
        return groups

    def _find(self, cls: type[Aggregate], query: Document, **options: Any) -> Any:
        return self._collection(cls).find(query, session=self.session, **options)

    def _collection(self, cls: type[Aggregate]) -> Any:
        # A snapshot session brings its own read concern.
        return self.store.collection(cls).with_options(read_concern=ReadConcern())


def _faithful(cls: type[A], document: Document) -> A | None:
    """The record, when reading and writing it gives the very same document: no unknown field, name or type."""
    try:
        record = from_document(cls, document)
        return record if to_document(record) == document else None
    except Exception:
        # Whatever a damaged document makes the reader raise, the answer is that it is damaged.
        return None


def _untouched(record: Aggregate) -> bool:
    """A transaction was stored once, so that its stamps agree with each other."""
    return record.version == 1 and record.created_at == record.updated_at and record.created_by == record.updated_by


def _typed(value: Any, type_: type) -> Any:
    return value if isinstance(value, type_) else None
