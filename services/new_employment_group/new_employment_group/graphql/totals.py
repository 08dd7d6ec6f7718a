"""Numbers derived from the records behind them: members of a union, what a care measure has delivered."""

from typing import Any

from govkit.domain import Aggregate, Where
from govkit.graphql.functions import computed
from govkit.graphql.request import RequestContext
from govkit.store.conditions import from_where
from new_employment_group.domain.care import CareDelivery, CareMeasure
from new_employment_group.domain.unions import IndustryUnion, MembershipState, UnionMembership


@computed(IndustryUnion)
async def member_count(union: IndustryUnion, context: RequestContext) -> int:
    """会员数 Members now; who they are is for the officers concerned"""
    return await total_by(context, UnionMembership, "union_id", union.id, {"state": MembershipState.ACTIVE})


@computed(CareMeasure)
async def delivered(measure: CareMeasure, context: RequestContext) -> int:
    """已受益人数 Beneficiaries of all deliveries"""
    return await total_by(context, CareDelivery, "measure_number", measure.number, {}, total="beneficiaries")


@computed(CareMeasure)
async def progress(measure: CareMeasure, context: RequestContext) -> float:
    """进度 Beneficiaries ÷ target, from 0 to 1"""
    done = await total_by(context, CareDelivery, "measure_number", measure.number, {}, total="beneficiaries")
    return min(1.0, done / measure.target)


async def total_by(
    context: RequestContext, cls: type[Aggregate], by: str, value: Any, where: Where, total: str | None = None
) -> int:
    """How many records have `value` in the field `by`, or the sum of their field `total`; one query for all values."""

    async def load(values: list[Any]) -> list[int]:
        step = f"${total}" if total else 1
        rows = context.store.collection(cls).aggregate(
            [
                {"$match": {**from_where(where), by: {"$in": values}}},
                {"$group": {"_id": f"${by}", "n": {"$sum": step}}},
            ]
        )
        found = {row["_id"]: int(row["n"]) async for row in rows}
        return [found.get(one, 0) for one in values]

    return await context.together((cls, by, total), load, value)
