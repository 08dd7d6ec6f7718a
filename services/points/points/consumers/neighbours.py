"""Points for what neighbours do for one another, as petition tells: deliberate, suggest, reconcile, help."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from govkit.bus.inbox import EventContext, consumes
from govkit.domain import Code, Doc, Id, business_date
from points.handlers.ledger import Fact, reward

MEETING, DISPUTE, CLAIM = "COUNCIL_MEETING", "DISPUTE", "CLAIM"
RECONCILED = "AGREED"
RULE_OF_CLAIM = {
    "VOLUNTEER_POST": "VOLUNTEER_HOUR",
    "PETITION": "VOLUNTEER_HOUR",
    "MICRO_WISH": "CHARITY_HELP",
}
"""Which rule pays what was claimed; what is not named here is not paid."""


@dataclass(frozen=True, kw_only=True)
class MeetingAct:
    council_meeting_id: Annotated[Id, Doc("会议 Meeting")]
    resident_id: Annotated[Id, Doc("居民 Resident")]
    community_id: Annotated[Id, Doc("社区 Community")]


@dataclass(frozen=True, kw_only=True)
class DisputeTold:
    mediation_record_id: Annotated[Id, Doc("调解记录 Mediation")]
    resident_id: Annotated[Id, Doc("居民 Resident who told of it")]
    community_id: Annotated[Id, Doc("社区 Community")]
    mediated_on: Annotated[date, Doc("调解日期 Mediated on")]


@dataclass(frozen=True, kw_only=True)
class DisputeMediated:
    mediation_record_id: Annotated[Id, Doc("调解记录 Mediation")]
    mediator_ids: Annotated[list[Id] | None, Doc("调解居民 Residents who mediated")] = None
    community_id: Annotated[Id, Doc("社区 Community")]
    mediated_on: Annotated[date, Doc("调解日期 Mediated on")]
    result: Annotated[Code, Doc("结果 Result")]


@dataclass(frozen=True, kw_only=True)
class ClaimConfirmed:
    claim_id: Annotated[Id, Doc("认领 Claim")]
    target_type: Annotated[Code, Doc("对象类型 Type of the target")]
    claimant_id: Annotated[Id, Doc("认领人 Claimant")]
    partner_id: Annotated[Id | None, Doc("红色合伙人 Partner for whom the claimant acted")] = None
    community_id: Annotated[Id, Doc("社区 Community")]


@consumes("deliberation.participated")
async def reward_deliberation(context: EventContext, event: MeetingAct) -> None:
    await reward_meeting(context, event, "DELIBERATION")


@consumes("suggestion.adopted")
async def reward_suggestion(context: EventContext, event: MeetingAct) -> None:
    await reward_meeting(context, event, "SUGGESTION_ADOPTED")


async def reward_meeting(context: EventContext, event: MeetingAct, rule_code: str) -> None:
    fact = Fact(
        rule_code=rule_code,
        resident_id=event.resident_id,
        community_id=event.community_id,
        on=business_date(context.event_time),
        source_service="petition",
        source_type=MEETING,
        source_id=event.council_meeting_id,
    )
    await reward(context.work, fact, now=context.now)


@consumes("dispute.reported")
async def reward_report_of_dispute(context: EventContext, event: DisputeTold) -> None:
    fact = dispute(event, "DISPUTE_REPORTED", event.resident_id)
    await reward(context.work, fact, now=context.now)


@consumes("dispute.mediated")
async def reward_mediators(context: EventContext, event: DisputeMediated) -> None:
    """Only a dispute that was reconciled; its rule asks a reviewer."""
    for resident_id in event.mediator_ids or () if event.result == RECONCILED else ():
        await reward(context.work, dispute(event, "DISPUTE_MEDIATED", resident_id), now=context.now)


def dispute(event: DisputeTold | DisputeMediated, rule_code: str, resident_id: str) -> Fact:
    return Fact(
        rule_code=rule_code,
        resident_id=resident_id,
        community_id=event.community_id,
        on=event.mediated_on,
        source_service="petition",
        source_type=DISPUTE,
        source_id=event.mediation_record_id,
    )


@consumes("claim.confirmed")
async def reward_claim(context: EventContext, event: ClaimConfirmed) -> None:
    """A resident did what was claimed. Partners are thanked otherwise."""
    rule_code = RULE_OF_CLAIM.get(event.target_type)
    if rule_code is None or event.partner_id is not None:
        return
    fact = Fact(
        rule_code=rule_code,
        resident_id=event.claimant_id,
        community_id=event.community_id,
        on=business_date(context.event_time),
        source_service="petition",
        source_type=CLAIM,
        source_id=event.claim_id,
    )
    await reward(context.work, fact, now=context.now)
