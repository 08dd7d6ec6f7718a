"""What commands and consumers share when points move: opening passbooks and accounts, reading a book, paying a fact."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from govkit.domain import SYSTEM, Aggregate, business_date
from govkit.store.commits import ConcurrentChange
from govkit.store.unit_of_work import UnitOfWork, load_or_raise
from points.domain.book import Book
from points.domain.errors import PtsError
from points.domain.grants import GrantRequest, grant_id_of
from points.domain.ledger import (
    LedgerAccount,
    LedgerTransaction,
    Source,
    issuance_account,
    resident_account,
)
from points.domain.lots import LotAllocation, PointsLot, PointsLotState
from points.domain.passbook import PointsPassbook, derived_id, passbook_id_of
from points.domain.redemption import Redemption
from points.domain.rules import EarningRule, rule_in_force


async def ensure_account(work: UnitOfWork, account: LedgerAccount) -> LedgerAccount:
    """The account, opened when it is used for the first time."""
    return await work.get(LedgerAccount, account.id) or work.add(account)


def open_passbook_of(work: UnitOfWork, passbook: PointsPassbook) -> PointsPassbook:
    """Add a new passbook with its account."""
    work.add(resident_account(passbook.id, passbook.resident_id))
    return work.add(passbook)


async def passbook_of(work: UnitOfWork, resident_id: str, community_id: str | None, on: date) -> PointsPassbook:
    """The resident's passbook, opened when there is none: nobody loses points for not having asked for one."""
    found = await work.get(PointsPassbook, passbook_id_of(resident_id))
    return found or open_passbook_of(
        work, PointsPassbook.open(resident_id=resident_id, community_id=community_id, on=on)
    )


async def book_to_hold_from(work: UnitOfWork, passbook: PointsPassbook) -> Book:
    """The passbook with its open lots. Raises ConcurrentChange, PTS_LEDGER_INCONSISTENT."""
    lots = await work.find(PointsLot, passbook_id=passbook.id, state=PointsLotState.OPEN)
    if (sum(lot.remaining for lot in lots), sum(lot.held for lot in lots)) != (passbook.posted, passbook.held):
        await require_unmoved(work, passbook)
        raise PtsError.LEDGER_INCONSISTENT(passbookId=passbook.id)
    return Book(passbook, lots)


async def book_of(work: UnitOfWork, redemption: Redemption, allocations: Iterable[LotAllocation]) -> Book:
    """The holder's passbook with the lots that a redemption was allocated, as they stand while it is in the state in
    which it was read. Raises ConcurrentChange."""
    passbook = await load_or_raise(work, PointsPassbook, redemption.passbook_id)
    lots = await work.find(PointsLot, id={item.lot_id for item in allocations})
    await require_unmoved(work, redemption)
    return Book(passbook, lots)


async def require_unmoved(work: UnitOfWork, record: Aggregate) -> None:
    """Reads of one command are not one snapshot: what was read later may show a commit that the record read before does
    not. Then nothing can be concluded from the two, and the command must decide again. Raises ConcurrentChange."""
    present = await work.store.get(type(record), record.id)
    if present is None or present.version != record.version:
        raise ConcurrentChange


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Something that a resident did, as the rule sees it. `source_…` is its name: paid once by each rule."""

    rule_code: str
    resident_id: str
    community_id: str | None
    on: date
    source_service: str
    source_type: str
    source_id: str
    quantity: int = 1
    minutes: int | None = None

    @property
    def grant_id(self) -> str:
        return grant_id_of(self.rule_code, self.source_type, self.source_id, self.resident_id)


async def rule_of(work: UnitOfWork, code: str, on: date) -> EarningRule | None:
    return rule_in_force(await work.find(EarningRule, code=code), on)


async def pay(
    work: UnitOfWork,
    fact: Fact,
    rule: EarningRule,
    points: int,
    *,
    now: datetime,
    by: str,
    approved_by: str | None = None,
) -> LedgerTransaction:
    """Grant points for a fact that was not paid before. The id of the transaction follows from the fact, so that a
    second payment is impossible even when two are decided at the same moment."""
    passbook = await passbook_of(work, fact.resident_id, fact.community_id, business_date(now))
    await ensure_account(work, issuance_account(rule.path))
    transaction, lot = Book(passbook).grant(
        id=fact.grant_id,
        points=points,
        path=rule.path,
        rule_code=rule.code,
        rule_edition=rule.edition,
        source=Source(
            service=fact.source_service,
            type=fact.source_type,
            id=fact.source_id,
            effective_on=fact.on,
            posted_at=now,
            posted_by=by,
            approved_by=approved_by,
        ),
        expires_on=rule.expiry(fact.on),
    )
    if rule.cap_per_day is not None or rule.cap_per_month is not None:
        passbook.note_usage(rule.code, fact.on, points)
    work.add(lot)
    return work.add(transaction)


async def reward(work: UnitOfWork, fact: Fact, *, now: datetime) -> LedgerTransaction | None:
    """Pay a fact that another service or a confirmed list reports, up to the rule's caps; None when it is paid already,
    worth nothing, or left to a reviewer because the rule says so or none is in force."""
    if await work.get(LedgerTransaction, fact.grant_id):
        return None
    rule = await rule_of(work, fact.rule_code, fact.on)
    if rule is None or rule.needs_review:
        await _leave_to_reviewer(work, fact)
        return None
    worth = rule.worth(quantity=fact.quantity, minutes=fact.minutes)
    if worth < 1:
        return None
    passbook = await passbook_of(work, fact.resident_id, fact.community_id, business_date(now))
    allowance = rule.allowance(passbook, fact.on)
    points = worth if allowance is None else min(worth, allowance)
    return await pay(work, fact, rule, points, now=now, by=SYSTEM.id) if points > 0 else None


async def _leave_to_reviewer(work: UnitOfWork, fact: Fact) -> None:
    request_id = derived_id("request", fact.grant_id)
    quantity = fact.quantity if fact.minutes is None else fact.minutes // 60
    if quantity < 1 or await work.get(GrantRequest, request_id):
        return
    request = GrantRequest(
        id=request_id,
        resident_id=fact.resident_id,
        community_id=fact.community_id,
        rule_code=fact.rule_code,
        quantity=quantity,
        occurred_on=fact.on,
        source_service=fact.source_service,
        source_type=fact.source_type,
        source_id=fact.source_id,
        submitted_by=SYSTEM.id,
    )
    work.add(request.submit())
