"""How points move: the one place that changes passbook, lots, holds and ledger, always together.

After every movement: posted = Σ lot.remaining, held = Σ lot.held = Σ active holds, available = posted − held ≥ 0, and
the postings of the passbook's account sum to posted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from points.domain.errors import PtsError
from points.domain.ledger import (
    LedgerAccount,
    LedgerCode,
    LedgerTransaction,
    Posting,
    Source,
    issuance_account,
    resident_account,
)
from points.domain.lots import LotAllocation, PointsHold, PointsHoldState, PointsLot, allocate
from points.domain.passbook import PassbookState, PointsPassbook
from points.domain.rules import PointsPath


@dataclass
class Book:
    """A passbook with those of its lots that the movement needs: none for a grant, the open ones for a hold, the
    allocated ones for what follows a hold."""

    passbook: PointsPassbook
    lots: Sequence[PointsLot] = field(default_factory=tuple)

    @property
    def account(self) -> LedgerAccount:
        return resident_account(self.passbook.id, self.passbook.resident_id)

    def grant(
        self,
        *,
        id: str,
        points: int,
        path: PointsPath,
        rule_code: str,
        rule_edition: int,
        source: Source,
        expires_on: date | None = None,
    ) -> tuple[LedgerTransaction, PointsLot]:
        """Points from the path's issuance account, as a lot of their own that has the transaction's id."""
        lot = PointsLot(
            id=id,
            passbook_id=self.passbook.id,
            resident_id=self.passbook.resident_id,
            transaction_id=id,
            path=path,
            amount=points,
            remaining=points,
            earned_at=source.posted_at,
            expires_on=expires_on,
        )
        self.passbook.change(posted=points)
        self.passbook.lifetime_earned += points
        self.passbook.participant = True
        transaction = self._post(
            id=id,
            code=LedgerCode.GRANT,
            other=issuance_account(path),
            change=points,
            allocations=[LotAllocation(lot_id=id, points=points)],
            source=source,
            path=path,
            rule_code=rule_code,
            rule_edition=rule_edition,
        )
        return transaction, lot

    def hold(self, *, id: str, redemption_id: str, points: int, expires_at: datetime) -> PointsHold:
        """Promise points to a redemption. Raises PTS_PASSBOOK_FROZEN, PTS_INSUFFICIENT_POINTS."""
        if self.passbook.state is not PassbookState.ACTIVE:
            raise PtsError.PASSBOOK_FROZEN(state=self.passbook.state.name)
        self.passbook.change(held=points)
        return PointsHold(
            id=id,
            passbook_id=self.passbook.id,
            resident_id=self.passbook.resident_id,
            redemption_id=redemption_id,
            amount=points,
            allocations=allocate(self.lots, points),
            expires_at=expires_at,
        )

    def release(self, hold: PointsHold) -> None:
        """Give held points back to the lots that they were taken from."""
        hold.end(PointsHoldState.RELEASED)
        for lot, points in self._allocated(hold.allocations):
            lot.change(held=-points)
        self.passbook.change(held=-hold.amount)

    def redeem(self, hold: PointsHold, *, id: str, to: LedgerAccount, source: Source) -> LedgerTransaction:
        """Post a hold: its points leave its lots for the account of the shop or partner."""
        hold.end(PointsHoldState.POSTED)
        for lot, points in self._allocated(hold.allocations):
            lot.change(remaining=-points, held=-points)
        self.passbook.change(posted=-hold.amount, held=-hold.amount)
        self.passbook.lifetime_spent += hold.amount
        return self._post(
            id=id,
            code=LedgerCode.REDEEM,
            other=to,
            change=-hold.amount,
            allocations=list(hold.allocations),
            source=source,
        )

    def reverse(
        self, redeemed: LedgerTransaction, *, id: str, back_from: LedgerAccount, source: Source
    ) -> LedgerTransaction:
        """Undo a redemption by a further transaction: the points return to their lots, with the lots' own expiry."""
        assert redeemed.code is LedgerCode.REDEEM
        for lot, points in self._allocated(redeemed.allocations):
            lot.change(remaining=points)
        self.passbook.change(posted=redeemed.points)
        self.passbook.lifetime_spent -= redeemed.points
        return self._post(
            id=id,
            code=LedgerCode.REVERSE,
            other=back_from,
            change=redeemed.points,
            allocations=list(redeemed.allocations),
            source=source,
            reverses_id=redeemed.id,
        )

    def _post(
        self,
        *,
        id: str,
        code: LedgerCode,
        other: LedgerAccount,
        change: int,
        allocations: list[LotAllocation],
        source: Source,
        path: PointsPath | None = None,
        rule_code: str | None = None,
        rule_edition: int | None = None,
        reverses_id: str | None = None,
    ) -> LedgerTransaction:
        passbook, points = self.passbook, abs(change)
        giver, receiver = (other, self.account) if change > 0 else (self.account, other)
        passbook.transaction_count += 1
        transaction = LedgerTransaction(
            id=id,
            passbook_id=passbook.id,
            resident_id=passbook.resident_id,
            community_id=passbook.community_id,
            position=passbook.transaction_count,
            code=code,
            points=points,
            change=change,
            balance_after=passbook.posted,
            postings=[Posting(debit_account_id=giver.id, credit_account_id=receiver.id, points=points)],
            account_ids=[giver.id, receiver.id],
            allocations=allocations,
            path=path,
            rule_code=rule_code,
            rule_edition=rule_edition,
            source_service=source.service,
            source_type=source.type,
            source_id=source.id,
            reverses_id=reverses_id,
            effective_on=source.effective_on,
            posted_at=source.posted_at,
            posted_by=source.posted_by,
            approved_by=source.approved_by,
            prev_hash=passbook.chain_hash,
        ).seal()
        passbook.chain_hash = transaction.hash
        return transaction

    def _allocated(self, allocations: Iterable[LotAllocation]) -> list[tuple[PointsLot, int]]:
        lots = {lot.id: lot for lot in self.lots}
        if missing := [item.lot_id for item in allocations if item.lot_id not in lots]:
            raise PtsError.LEDGER_INCONSISTENT(lots=missing)
        return [(lots[item.lot_id], item.points) for item in allocations]
