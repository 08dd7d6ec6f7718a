"""Commands on delegated powers."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from govkit.commands import Context, command
from govkit.domain import Code, Doc, Gen, Id, Role, Text
from organization.domain.errors import OrgError
from organization.domain.powers import DelegatedPowerItem, PowerExercise, PowerGrant, PowerOutcome


@dataclass(frozen=True, kw_only=True)
class GrantPower:
    item_code: Annotated[Code, Doc("小项代码 Item")]
    community_id: Annotated[Id, Doc("社区 Community")]
    start_on: Annotated[date, Doc("开始日期 From")]


@command(Role.ORG_ADMIN)
async def grant_power(context: Context, input: GrantPower) -> PowerGrant:
    """赋权 Grant a delegated power to a community."""
    grant = PowerGrant.grant(
        id=context.new_id(), item_code=input.item_code, community_id=input.community_id, start_on=input.start_on
    )
    return await context.add(grant)


@dataclass(frozen=True, kw_only=True)
class RevokePower:
    id: Annotated[Id, Doc("赋权 Grant")]
    on: Annotated[date, Doc("结束日期 To")]
    reason: Annotated[Text, Doc("原因 Reason")]


@command(on=PowerGrant)
async def revoke_power(context: Context, input: RevokePower) -> PowerGrant:
    """收回权力 Revoke a grant."""
    grant = await context.load(PowerGrant, input.id)
    grant.revoke(input.on)
    return grant


@dataclass(frozen=True, kw_only=True)
class RecordPowerExercise:
    item_code: Annotated[Code, Doc("小项代码 Item")]
    community_id: Annotated[Id, Doc("社区 Community")]
    exercised_on: Annotated[date, Doc("行使日期 Exercised on")]
    subject: Annotated[Text, Doc("事项 What it was about")]
    outcome: Annotated[PowerOutcome, Doc("结果 Outcome")]
    petition_id: Annotated[Id | None, Doc("相关诉求 Petition that it was about")] = None


@command(Role.ORG_ADMIN, Role.COMMUNITY_SECRETARY)
async def record_power_exercise(context: Context, input: RecordPowerExercise) -> PowerExercise:
    """登记权力行使 Record that a community exercised a power which was granted to it on that day."""
    if input.exercised_on > context.today:
        raise OrgError.FUTURE_DATE(field="exercisedOn")
    item = await context.first(DelegatedPowerItem, code=input.item_code)
    if item is None:
        raise Gen.REFERENCE_UNKNOWN(field="itemCode", type="DelegatedPowerItem", id=input.item_code)
    exercise = PowerExercise.exercise(
        id=context.new_id(),
        item=item,
        grants=await context.find(PowerGrant, item_code=input.item_code, community_id=input.community_id),
        community_id=input.community_id,
        exercised_on=input.exercised_on,
        subject=input.subject,
        outcome=input.outcome,
        petition_id=input.petition_id,
    )
    return await context.add(exercise)
