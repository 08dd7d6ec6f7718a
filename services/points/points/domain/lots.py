"""Lots and holds: which points of a passbook are spent first, and which are promised to a redemption.

A grant makes one lot. A hold takes points from the lots that expire soonest, then from the oldest, without removing
them; a redemption removes exactly what its hold took; a cancellation or reversal gives it back to the same lots.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from govkit.domain import Actor, Aggregate, Doc, Id, LabelEnum, Managed, Ref, Unique, Visibility
from points.domain.errors import PtsError
from points.domain.passbook import own_or_reader
from points.domain.rules import PointsPath


class PointsLotState(LabelEnum):
    """批次状态 State of a lot"""

    OPEN = "有余额 Points remain"
    SPENT = "已用完 Nothing remains"


class PointsHoldState(LabelEnum):
    """冻结状态 State of a hold"""

    ACTIVE = "冻结中 Active"
    POSTED = "已入账 Posted: the redemption is fulfilled"
    RELEASED = "已释放 Released: the redemption is cancelled"
    EXPIRED = "已过期 Expired"


@dataclass(frozen=True, kw_only=True)
class LotAllocation:
    """批次分配 Points taken from one lot"""

    lot_id: Annotated[Id, Doc("批次 Lot")]
    points: Annotated[int, Doc("积分 Points")]


@dataclass(kw_only=True)
class PointsLot(Aggregate):
    """积分批次 Lot of points: those of one grant, and what remains of them"""

    passbook_id: Annotated[Id, Doc("存折 Passbook"), Ref("PointsPassbook", inverse="lots")]
    resident_id: Annotated[Id, Doc("居民 Resident"), Ref("Resident")]
    transaction_id: Annotated[Id, Doc("入账 Grant that made it"), Ref("LedgerTransaction")]
    path: Annotated[PointsPath, Doc("路径 Path")]
    amount: Annotated[int, Doc("原额 Points granted")]
    remaining: Annotated[int, Doc("余额 Points not yet redeemed; held ones are among them"), Managed]
    held: Annotated[int, Doc("冻结 Points held for reserved redemptions"), Managed] = 0
    earned_at: Annotated[datetime, Doc("获得时间 Earned at")]
    expires_on: Annotated[date | None, Doc("失效日期 Last day; null: never expires")] = None
    state: Annotated[PointsLotState, Doc("状态 State"), Managed] = PointsLotState.OPEN

    @classmethod
    def visible_to(cls, actor: Actor) -> Visibility:
        return own_or_reader(actor)

    @property
    def free(self) -> int:
        return self.remaining - self.held

    def change(self, *, remaining: int = 0, held: int = 0) -> None:
        """Raises PTS_LEDGER_INCONSISTENT when the lot would hold less than nothing or more than it was made with."""
        if not 0 <= self.held + held <= self.remaining + remaining <= self.amount:
            raise PtsError.LEDGER_INCONSISTENT(lot=self.id)
        self.remaining += remaining
        self.held += held
        self.state = PointsLotState.OPEN if self.remaining else PointsLotState.SPENT


@dataclass(kw_only=True)
class PointsHold(Aggregate):
    """积分冻结 Hold: points promised to one redemption, lot by lot"""

    UNIQUE = (Unique(("redemption_id",), PtsError.LEDGER_INCONSISTENT),)

    passbook_id: Annotated[Id, Doc("存折 Passbook"), Ref("PointsPassbook", inverse="holds")]
    resident_id: Annotated[Id, Doc("居民 Resident"), Ref("Resident")]
    redemption_id: Annotated[Id, Doc("兑换 Redemption"), Ref("Redemption", inverse="hold", single=True)]
    amount: Annotated[int, Doc("积分 Points")]
    allocations: Annotated[list[LotAllocation], Doc("批次分配 From which lots")]
    expires_at: Annotated[datetime, Doc("到期时间 Expires at")]
    state: Annotated[PointsHoldState, Doc("状态 State")] = PointsHoldState.ACTIVE

    @classmethod
    def visible_to(cls, actor: Actor) -> Visibility:
        return own_or_reader(actor)

    def end(self, state: PointsHoldState) -> None:
        """A hold ends once. Raises PTS_LEDGER_INCONSISTENT."""
        if self.state is not PointsHoldState.ACTIVE:
            raise PtsError.LEDGER_INCONSISTENT(hold=self.id, state=self.state.name)
        self.state = state


def in_spending_order(lots: Iterable[PointsLot]) -> list[PointsLot]:
    """Soonest expiry first, lots without expiry last; then the oldest."""
    return sorted(lots, key=lambda lot: (lot.expires_on or date.max, lot.earned_at, lot.id))


def allocate(lots: Sequence[PointsLot], points: int) -> list[LotAllocation]:
    """Mark so many points as held, in spending order. Raises PTS_LEDGER_INCONSISTENT when the lots have fewer."""
    allocations = []
    missing = points
    for lot in in_spending_order(lots):
        taken = min(lot.free, missing)
        if taken > 0:
            lot.change(held=taken)
            allocations.append(LotAllocation(lot_id=lot.id, points=taken))
            missing -= taken
    if missing:
        raise PtsError.LEDGER_INCONSISTENT(missing=missing)
    return allocations
