"""Commands on recruitment calls."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from govkit.commands import Context, command
from govkit.domain import Code, Doc, Id, Name, Range, business_date
from points.domain.calls import CALLERS, HELPERS, RecruitmentCall
from points.domain.errors import PtsError
from points.handlers.ledger import Fact, reward, rule_of


@dataclass(frozen=True, kw_only=True)
class PublishCall:
    title: Annotated[Name, Doc("标题 Title")]
    community_id: Annotated[Id, Doc("社区 Community")]
    rule_code: Annotated[Code, Doc("规则 Rule that pays")]
    starts_at: Annotated[datetime, Doc("开始 Starts at")]
    ends_at: Annotated[datetime, Doc("结束 Ends at")]
    meeting_place: Annotated[Name, Doc("地点 Where to meet")]
    capacity: Annotated[int, Doc("名额 Places"), Range(1, 1_000)]


@command(*CALLERS)
async def publish_call(context: Context, input: PublishCall) -> RecruitmentCall:
    """发布招募令 Publish a recruitment call in your community."""
    rule = await rule_of(context.work, input.rule_code, business_date(input.starts_at))
    if rule is None:
        raise PtsError.RULE_NOT_ACTIVE(field="ruleCode", rule=input.rule_code)
    call = RecruitmentCall(id=context.new_id(), path=rule.path, **vars(input))
    return await context.add(call.publish())


@dataclass(frozen=True, kw_only=True)
class SignUpToCall:
    id: Annotated[Id, Doc("招募令 Call")]


# A call is nobody's own: any resident may answer it, so these two look it up without asking how far the caller reaches.
@command(*HELPERS)
async def sign_up_to_call(context: Context, input: SignUpToCall) -> RecruitmentCall:
    """响应招募令 Sign up for a call."""
    call = await context.get(RecruitmentCall, input.id, "id")
    call.sign_up(context.actor.id)
    return call


@dataclass(frozen=True, kw_only=True)
class CancelCallSignUp:
    id: Annotated[Id, Doc("招募令 Call")]


@command(*HELPERS)
async def cancel_call_sign_up(context: Context, input: CancelCallSignUp) -> RecruitmentCall:
    """取消报名 Take back your sign-up."""
    call = await context.get(RecruitmentCall, input.id, "id")
    call.cancel_sign_up(context.actor.id)
    return call


@dataclass(frozen=True, kw_only=True)
class CloseCall:
    id: Annotated[Id, Doc("招募令 Call")]


@command(on=RecruitmentCall)
async def close_call(context: Context, input: CloseCall) -> RecruitmentCall:
    """截止招募令 Take no more sign-ups."""
    call = await context.load(RecruitmentCall, input.id)
    call.close()
    return call


@dataclass(frozen=True, kw_only=True)
class CallAttendance:
    """到场 A resident who came"""

    resident_id: Annotated[Id, Doc("居民 Resident")]
    minutes: Annotated[int | None, Doc("分钟 Minutes of help"), Range(0, 1_440)] = None


@dataclass(frozen=True, kw_only=True)
class ConfirmCallAttendance:
    id: Annotated[Id, Doc("招募令 Call")]
    attended: Annotated[list[CallAttendance], Doc("到场居民 Who came; everyone else was absent")]


@command(on=RecruitmentCall)
async def confirm_call_attendance(context: Context, input: ConfirmCallAttendance) -> RecruitmentCall:
    """确认到场 Confirm who came; they are paid by the call's rule, or asked for when that needs a review."""
    call = await context.load(RecruitmentCall, input.id)
    attended = {item.resident_id: item.minutes for item in input.attended}
    call.confirm(attended)
    for resident_id, minutes in attended.items():
        fact = Fact(
            rule_code=call.rule_code,
            resident_id=resident_id,
            community_id=call.community_id,
            on=business_date(call.ends_at),
            source_service="points",
            source_type="RECRUITMENT_CALL",
            source_id=call.id,
            minutes=minutes,
        )
        await reward(context.work, fact, now=context.now)
    return call
