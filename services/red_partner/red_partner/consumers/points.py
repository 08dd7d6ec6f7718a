"""What the points service tells of partners and volunteers: services that were redeemed, help on recruitment calls.

A row a fact (this redemption, this resident's help on this call): told again it is the same row.
"""

from dataclasses import dataclass
from typing import Annotated

from govkit.bus.projections import Rows, projects
from govkit.domain import Code, Doc, Id
from red_partner.projections.volunteering import CALL_HELP, SERVICES

FULFILLED = "FULFILLED"


@dataclass(frozen=True, kw_only=True)
class RedemptionSeen:
    redemption_id: Annotated[Id, Doc("兑换 Redemption")]
    partner_id: Annotated[Id | None, Doc("红色合伙人 Partner; none: goods of a supermarket")] = None
    total_points: Annotated[int, Doc("积分 Points")]


@dataclass(frozen=True, kw_only=True)
class RedemptionSnapshotSeen(RedemptionSeen):
    state: Annotated[Code, Doc("状态 State")]


@dataclass(frozen=True, kw_only=True)
class HelpSeen:
    recruitment_call_id: Annotated[Id, Doc("招募令 Call")]
    resident_id: Annotated[Id, Doc("居民 Resident")]
    minutes: Annotated[int | None, Doc("分钟 Minutes of help; null: not measured")] = None
    community_id: Annotated[Id, Doc("社区 Community")]


def credit(rows: Rows, event: RedemptionSeen, given: bool) -> None:
    if event.partner_id:
        rows.project(SERVICES, event.redemption_id, partner_id=event.partner_id, points=event.total_points, given=given)


@projects("redemption.fulfilled", into=(SERVICES,))
async def credit_service(rows: Rows, event: RedemptionSeen) -> None:
    credit(rows, event, True)


@projects("redemption.reversed", into=(SERVICES,))
async def take_service_back(rows: Rows, event: RedemptionSeen) -> None:
    credit(rows, event, False)


@projects("redemption.snapshot", into=(SERVICES,))
async def note_past_service(rows: Rows, event: RedemptionSnapshotSeen) -> None:
    credit(rows, event, event.state == FULFILLED)


@projects("call_attendance.confirmed", into=(CALL_HELP,))
async def note_help(rows: Rows, event: HelpSeen) -> None:
    rows.project(
        CALL_HELP,
        f"{event.recruitment_call_id}:{event.resident_id}",
        community_id=event.community_id,
        minutes=event.minutes or 0,
    )
