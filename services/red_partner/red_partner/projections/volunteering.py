"""Services that partners gave against points, and all volunteering: at events of this service and on recruitment calls,
which the points service holds."""

from dataclasses import dataclass
from typing import Annotated, Any

from govkit.domain import Doc
from govkit.store.conditions import from_where
from govkit.store.store import Store
from red_partner.domain.registrations import Registration, RegistrationState

SERVICES = "partner_services"
CALL_HELP = "call_help"


@dataclass(frozen=True, kw_only=True)
class PartnerCredit:
    """合伙人服务积分 What a partner gave to residents against their points"""

    services: Annotated[int, Doc("服务次数 Redemptions handed over and not reversed")]
    points: Annotated[int, Doc("积分 Points of these redemptions")]


async def credits(store: Store, partner_ids: list[str]) -> list[PartnerCredit]:
    """One for each partner, zeros for whoever gave nothing."""
    rows = store.database[SERVICES].aggregate(
        [
            {"$match": {"partner_id": {"$in": partner_ids}, "given": True}},
            {"$group": {"_id": "$partner_id", "services": {"$sum": 1}, "points": {"$sum": "$points"}}},
        ]
    )
    found = {row["_id"]: PartnerCredit(services=row["services"], points=row["points"]) async for row in rows}
    return [found.get(id, PartnerCredit(services=0, points=0)) for id in partner_ids]


@dataclass(frozen=True, kw_only=True)
class VolunteerTotals:
    """志愿服务合计 Volunteering in numbers; one person counts once for each event and each call"""

    event_attendances: Annotated[int, Doc("活动参与人次 Attendances of events that are confirmed")]
    event_minutes: Annotated[int, Doc("活动服务分钟 Minutes at events")]
    call_attendances: Annotated[int, Doc("招募令到场人次 Attendances on recruitment calls that are confirmed")]
    call_minutes: Annotated[int, Doc("招募令服务分钟 Minutes on calls, where they were measured")]


async def volunteer_totals(store: Store, community_id: str | None) -> VolunteerTotals:
    """Of one community, or of the county."""
    here: dict[str, Any] = {"community_id": community_id} if community_id else {}
    confirmed = from_where({"state": RegistrationState.ATTENDED} | here) | {"confirmed_at": {"$ne": None}}
    events = await _count(store.collection(Registration), confirmed)
    calls = await _count(store.database[CALL_HELP], here)
    return VolunteerTotals(
        event_attendances=events[0], event_minutes=events[1], call_attendances=calls[0], call_minutes=calls[1]
    )


async def _count(collection: Any, query: dict[str, Any]) -> tuple[int, int]:
    """How many rows, and the sum of their minutes."""
    group = {"_id": None, "count": {"$sum": 1}, "minutes": {"$sum": "$minutes"}}
    rows = [row async for row in collection.aggregate([{"$match": query}, {"$group": group}])]
    return (rows[0]["count"], rows[0]["minutes"]) if rows else (0, 0)
