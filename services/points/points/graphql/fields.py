"""Fields that are computed from more than the record."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from govkit.domain import Doc, Range, business_date
from govkit.graphql.functions import computed
from govkit.graphql.request import RequestContext
from points.domain.calls import CallSignUp, RecruitmentCall
from points.domain.ledger import LedgerAccount
from points.domain.lots import PointsLot, PointsLotState, in_spending_order
from points.domain.passbook import READERS, PointsPassbook
from points.domain.redemption import Redemption, RedemptionState
from points.pickup import pickup_codes
from points.projections.trial_balance import account_balance


@computed(Redemption)
async def pickup_code(redemption: Redemption, context: RequestContext) -> str | None:
    """提货码 Code to show at the counter; only the holder sees it, and only until the redemption has ended."""
    if context.actor.id != redemption.resident_id or redemption.state is not RedemptionState.RESERVED:
        return None
    return pickup_codes().code(redemption.id)


@dataclass(frozen=True, kw_only=True)
class ExpiringPoints:
    """将到期积分 Points that expire on a day unless they are spent"""

    points: Annotated[int, Doc("积分 Points")]
    on: Annotated[date, Doc("失效日期 Last day")]


@computed(PointsPassbook)
async def expiring_soon(
    passbook: PointsPassbook,
    context: RequestContext,
    days: Annotated[int, Doc("天数 Within so many days"), Range(1, 3_650)] = 30,
) -> list[ExpiringPoints]:
    """将到期积分 Points that expire within some days, soonest first."""
    lots = await context.store.find(PointsLot, {"passbook_id": passbook.id, "state": PointsLotState.OPEN})
    last = business_date(context.bus.clock.now()) + timedelta(days=days)
    found: dict[date, int] = {}
    for lot in in_spending_order(lots):
        if lot.expires_on is not None and lot.expires_on <= last:
            found[lot.expires_on] = found.get(lot.expires_on, 0) + lot.remaining
    return [ExpiringPoints(points=points, on=on) for on, points in found.items()]


@computed(LedgerAccount)
async def balance(account: LedgerAccount, context: RequestContext) -> int:
    """余额 Credits less debits of the account."""
    return await account_balance(context.store, account.id)


@computed(RecruitmentCall)
async def sign_ups(call: RecruitmentCall, context: RequestContext) -> list[CallSignUp]:
    """报名 Who signed up: all for staff, their own for residents."""
    if context.actor.has(READERS):
        return call.sign_ups
    return [item for item in call.sign_ups if item.resident_id == context.actor.id]


@computed(RecruitmentCall)
async def places_left(call: RecruitmentCall, context: RequestContext) -> int:
    """剩余名额 Places that are left."""
    return max(0, call.capacity - call.taken)


COMPUTED = [pickup_code, expiring_soon, balance, sign_ups, places_left]
