"""The audit of one passbook: everything that is stored about it against what its ledger transactions say.

The transactions are replayed from the first. They are evidence because each is sealed by a hash over its content and
over the one before it; passbook, lots and holds are only numbers that must come out the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from govkit.domain import Doc, Id, LabelEnum
from points.domain.ledger import LedgerCode, LedgerTransaction, balances, resident_account
from points.domain.lots import PointsHold, PointsHoldState, PointsLot, PointsLotState
from points.domain.passbook import GENESIS, PointsPassbook

SIGNS = {LedgerCode.GRANT: 1, LedgerCode.REVERSE: 1, LedgerCode.REDEEM: -1, LedgerCode.EXPIRE: -1}


class LedgerCheck(LabelEnum):
    """账簿核验项 What verifyLedger checks"""

    CONTENT = "内容 The stored document is what was written"
    HASH = "哈希 The hash fits the content"
    CHAIN = "链 Positions follow each other and each names the hash before it"
    POSTINGS = "分录 Postings balance and add up to the points"
    REVERSAL = "冲正 A reversal names a redemption of the passbook, once"
    BALANCE = "余额 Running balances and the passbook's posted points are those of the ledger"
    LOTS = "批次 Lots have what the ledger left in them"
    HOLDS = "冻结 Held points are those of active holds"
    PASSBOOK = "存折 The transaction belongs to a passbook that exists"


@dataclass(frozen=True, kw_only=True)
class LedgerProblem:
    """账簿问题 A disagreement in the ledger"""

    check: Annotated[LedgerCheck, Doc("核验项 Check that failed")]
    passbook_id: Annotated[Id, Doc("存折 Passbook")]
    transaction_id: Annotated[Id | None, Doc("账目 Transaction; null: the passbook, its lots or holds")] = None
    position: Annotated[int | None, Doc("序号 Position of that transaction")] = None
    posted_at: Annotated[datetime | None, Doc("记账时间 When it was posted")] = None


@dataclass
class Audit:
    passbook: PointsPassbook
    transactions: Sequence[LedgerTransaction]
    lots: Sequence[PointsLot]
    holds: Sequence[PointsHold]
    problems: list[LedgerProblem] = field(default_factory=list)
    _remaining: dict[str, int] = field(default_factory=dict)
    _granted: dict[str, int] = field(default_factory=dict)

    def run(self) -> list[LedgerProblem]:
        """All disagreements, in the order of the chain, those of the passbook itself last."""
        balance = self._replay()
        self._check_passbook(balance)
        self._check_lots()
        self._check_holds()
        return self.problems

    def _replay(self) -> int:
        before, balance = GENESIS, 0
        redeemed: set[str] = set()
        for position, transaction in enumerate(self.transactions, start=1):
            self._expect(transaction.hash == transaction.digest(), LedgerCheck.HASH, transaction)
            linked = transaction.position == position and transaction.prev_hash == before
            self._expect(linked, LedgerCheck.CHAIN, transaction)
            self._expect(self._balanced(transaction), LedgerCheck.POSTINGS, transaction)
            balance += transaction.change
            self._expect(transaction.balance_after == balance, LedgerCheck.BALANCE, transaction)
            self._follow_lots(transaction)
            if transaction.code is LedgerCode.REDEEM:
                redeemed.add(transaction.id)
            if transaction.code is LedgerCode.REVERSE:
                self._expect(transaction.reverses_id in redeemed, LedgerCheck.REVERSAL, transaction)
                redeemed.discard(transaction.reverses_id or "")
            before = transaction.hash
        kept = self.passbook.chain_hash == before and self.passbook.transaction_count == len(self.transactions)
        self._expect(kept, LedgerCheck.CHAIN)
        return balance

    def _balanced(self, transaction: LedgerTransaction) -> bool:
        sums = balances(transaction.postings)
        own = resident_account(self.passbook.id, self.passbook.resident_id).id
        return (
            sum(sums.values()) == 0
            and all(posting.points > 0 for posting in transaction.postings)
            and sum(posting.points for posting in transaction.postings) == transaction.points
            and sums.get(own) == transaction.change
            and sorted(sums) == sorted(transaction.account_ids)
            and transaction.change == self._signed(transaction)
            and sum(item.points for item in transaction.allocations) == transaction.points
        )

    @staticmethod
    def _signed(transaction: LedgerTransaction) -> int:
        """The change that its code asks for; an adjustment goes either way."""
        sign = SIGNS.get(transaction.code) or (1 if transaction.change > 0 else -1)
        return sign * transaction.points

    def _follow_lots(self, transaction: LedgerTransaction) -> None:
        sign = 1 if transaction.change > 0 else -1
        for item in transaction.allocations:
            self._remaining[item.lot_id] = self._remaining.get(item.lot_id, 0) + sign * item.points
            if transaction.code is LedgerCode.GRANT:
                self._granted[item.lot_id] = item.points

    def _check_passbook(self, balance: int) -> None:
        book = self.passbook
        by_code = {code: sum(item.points for item in self.transactions if item.code is code) for code in LedgerCode}
        agrees = (
            book.posted == balance
            and book.available == book.posted - book.held >= 0
            and book.lifetime_earned == by_code[LedgerCode.GRANT]
            and book.lifetime_spent == by_code[LedgerCode.REDEEM] - by_code[LedgerCode.REVERSE]
            and book.participant == (by_code[LedgerCode.GRANT] > 0)
        )
        self._expect(agrees, LedgerCheck.BALANCE)

    def _check_lots(self) -> None:
        stored = {lot.id: lot for lot in self.lots}
        agrees = stored.keys() == self._remaining.keys() and all(
            lot.remaining == self._remaining[lot.id]
            and lot.amount == self._granted.get(lot.id)
            and 0 <= lot.held <= lot.remaining <= lot.amount
            and lot.state is (PointsLotState.OPEN if lot.remaining else PointsLotState.SPENT)
            for lot in self.lots
        )
        self._expect(agrees, LedgerCheck.LOTS)

    def _check_holds(self) -> None:
        active = [hold for hold in self.holds if hold.state is PointsHoldState.ACTIVE]
        held = _by_lot((item.lot_id, item.points) for hold in active for item in hold.allocations)
        agrees = (
            all(hold.amount == sum(item.points for item in hold.allocations) for hold in self.holds)
            and held == _by_lot((lot.id, lot.held) for lot in self.lots)
            and self.passbook.held == sum(held.values())
        )
        self._expect(agrees, LedgerCheck.HOLDS)

    def _expect(self, agrees: bool, check: LedgerCheck, transaction: LedgerTransaction | None = None) -> None:
        if not agrees:
            self.problems.append(problem(check, self.passbook.id, transaction))


def problem(check: LedgerCheck, passbook_id: str, transaction: LedgerTransaction | None = None) -> LedgerProblem:
    if transaction is None:
        return LedgerProblem(check=check, passbook_id=passbook_id)
    return LedgerProblem(
        check=check,
        passbook_id=passbook_id,
        transaction_id=transaction.id,
        position=transaction.position,
        posted_at=transaction.posted_at,
    )


def _by_lot(items: Iterable[tuple[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for lot_id, points in items:
        if points:
            found[lot_id] = found.get(lot_id, 0) + points
    return found
