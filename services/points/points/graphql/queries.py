"""Root queries beside the derived lists and records."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from govkit.domain import Doc, Id, Range, Ref, Role
from govkit.graphql.edges import Reference
from govkit.graphql.functions import query
from govkit.graphql.request import RequestContext
from govkit.store.codec import from_document
from govkit.store.conditions import both, from_filter, from_where
from govkit.store.pages import DEFAULT_PAGE, PageRequest
from points.domain.ledger import LedgerCode, LedgerTransaction
from points.domain.passbook import PointsPassbook
from points.projections import trial_balance as trial_balances
from points.projections import verification
from points.projections.trial_balance import TrialBalance
from points.projections.verification import LedgerVerification

LEDGER_READERS = frozenset({Role.AUDITOR, Role.ADMIN, Role.POINTS_REVIEWER})
VERIFIERS = frozenset({Role.AUDITOR, Role.ADMIN})


@dataclass(frozen=True, kw_only=True)
class StatementLine:
    """存折流水 Line of a passbook's statement"""

    transaction_id: Annotated[Id, Doc("账目 Transaction")]
    position: Annotated[int, Doc("序号 Position, from 1")]
    posted_at: Annotated[datetime, Doc("记账时间 Posted at")]
    effective_on: Annotated[date, Doc("生效日期 Day of the fact")]
    code: Annotated[LedgerCode, Doc("代码 What it did")]
    rule_code: Annotated[str | None, Doc("规则 Rule, of a grant")]
    change: Annotated[int, Doc("变动 +points or −points")]
    balance: Annotated[int, Doc("余额 Posted points afterwards")]


@query
async def resident(
    context: RequestContext, id: Annotated[Id, Doc("居民 Resident")]
) -> Annotated[Reference, Ref("Resident")]:
    """居民 A resident by id; each service adds what it knows and what you may see."""
    return Reference("Resident", "id", id)


@query
async def me(context: RequestContext) -> Annotated[Reference, Ref("Resident")]:
    """本人 Yourself as a resident: the token's subject."""
    return Reference("Resident", "id", context.actor.id)


@query
async def passbook(context: RequestContext, resident_id: Annotated[Id, Doc("居民 Resident")]) -> PointsPassbook | None:
    """积分存折 The passbook of a resident; null when there is none that you may see."""
    return await context.load(PointsPassbook, resident_id, "resident_id")


@query
async def my_passbook(context: RequestContext) -> PointsPassbook | None:
    """我的积分存折 Your own passbook."""
    return await context.load(PointsPassbook, context.actor.id, "resident_id")


@query
async def statement(
    context: RequestContext,
    resident_id: Annotated[Id | None, Doc("居民 Resident; left out: yourself")] = None,
    since: Annotated[date | None, Doc("起始日期 First effective day")] = None,
    until: Annotated[date | None, Doc("截止日期 Last effective day")] = None,
    before_position: Annotated[int | None, Doc("序号之前 Only lines before this position"), Range(1, 2**31 - 1)] = None,
    first: Annotated[int, Doc("条数 Lines, 20 unless told, at most 100")] = DEFAULT_PAGE,
) -> list[StatementLine]:
    """存折流水 The ledger lines of a passbook with the running balance, newest first."""
    book = await context.load(PointsPassbook, resident_id or context.actor.id, "resident_id")
    if book is None:
        return []
    bounds: dict[str, dict[str, Any]] = {
        "effective_on": {name: day for name, day in (("gte", since), ("lte", until)) if day is not None},
        "position": {} if before_position is None else {"lte": before_position - 1},
    }
    query_ = both(from_where({"passbook_id": book.id}), from_filter(bounds))
    page = await context.store.page(LedgerTransaction, query_, [("position", -1)], PageRequest(first=first))
    return [_line(from_document(LedgerTransaction, document)) for document in page.documents]


def _line(transaction: LedgerTransaction) -> StatementLine:
    return StatementLine(
        transaction_id=transaction.id,
        position=transaction.position,
        posted_at=transaction.posted_at,
        effective_on=transaction.effective_on,
        code=transaction.code,
        rule_code=transaction.rule_code,
        change=transaction.change,
        balance=transaction.balance_after,
    )


@query
async def trial_balance(context: RequestContext) -> TrialBalance:
    """试算表 Trial balance of the ledger (AUDITOR, ADMIN, POINTS_REVIEWER)."""
    context.actor.require(LEDGER_READERS)
    return await trial_balances.trial_balance(context.store)


@query
async def verify_ledger(context: RequestContext) -> LedgerVerification:
    """核验账簿 Check the whole ledger: postings balance, lots = posted, holds = held, the hash chain holds; names the
    first broken transaction (AUDITOR, ADMIN)."""
    context.actor.require(VERIFIERS)
    return await verification.verify_ledger(context.store, context.bus.clock.now())


QUERIES = [resident, me, passbook, my_passbook, statement, trial_balance, verify_ledger]
