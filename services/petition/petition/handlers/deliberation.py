"""Commands on council meetings and spokespersons."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from govkit.commands import Context, command
from govkit.domain import Doc, Gen, Id, Name, Phone, Range, Text, business_date
from petition.domain.deliberation import (
    HOSTS,
    AgendaItem,
    CouncilHall,
    CouncilMeeting,
    CouncilParty,
    NoticeChannel,
    Spokesperson,
    SpokespersonDuty,
    SpokespersonOrigin,
    SpokespersonScores,
)
from petition.domain.deliberation_facts import PropertyEvaluation


@dataclass(frozen=True, kw_only=True)
class ScheduleMeeting:
    hall_id: Annotated[Id, Doc("议事厅 Hall")]
    planned_at: Annotated[datetime, Doc("计划时间 Planned at")]
    meeting_place: Annotated[Name | None, Doc("地点 Place; else the hall")] = None
    agenda: Annotated[list[AgendaItem], Doc("议程 Agenda")]


@command(*HOSTS)
async def schedule_meeting(context: Context, input: ScheduleMeeting) -> CouncilMeeting:
    """安排议事会 Plan the regular meeting of a hall; one a month."""
    hall = await context.get(CouncilHall, input.hall_id, "hallId")
    meeting = CouncilMeeting(
        id=context.new_id(),
        hall_id=hall.id,
        community_id=hall.community_id,
        month=f"{business_date(input.planned_at):%Y-%m}",
        planned_at=input.planned_at,
        meeting_place=input.meeting_place or hall.name,
        agenda=input.agenda,
    )
    return await context.add(meeting)


@dataclass(frozen=True, kw_only=True)
class PublishMeetingNotice:
    id: Annotated[Id, Doc("会议 Meeting")]
    channel: Annotated[NoticeChannel, Doc("渠道 Channel")]


@command(on=CouncilMeeting)
async def publish_meeting_notice(context: Context, input: PublishMeetingNotice) -> CouncilMeeting:
    """公示议事会 Announce a meeting at least three days ahead."""
    meeting = await context.load(CouncilMeeting, input.id)
    meeting.publish_notice(input.channel, context.now)
    return meeting


@dataclass(frozen=True, kw_only=True)
class CloseMeeting:
    id: Annotated[Id, Doc("会议 Meeting")]
    minutes: Annotated[Text, Doc("会议记录 Minutes")]
    attendees: Annotated[int, Doc("到会人数 Attendees"), Range(1, 100_000)]
    parties: Annotated[list[CouncilParty], Doc("参会方 Parties present")]
    resolutions: Annotated[int, Doc("决议数 Resolutions"), Range(0, 1_000)] = 0
    participant_ids: Annotated[list[Id] | None, Doc("参与居民 Residents who took part and are rewarded for it")] = None
    proposer_ids: Annotated[list[Id] | None, Doc("建议人 Residents whose suggestion was adopted")] = None
    evaluations: Annotated[list[PropertyEvaluation] | None, Doc("物业评议 Property evaluations, one an enterprise")] = (
        None
    )


@command(on=CouncilMeeting)
async def close_meeting(context: Context, input: CloseMeeting) -> CouncilMeeting:
    """议事会闭会 File the minutes of a meeting that was announced and held."""
    meeting = await context.load(CouncilMeeting, input.id)
    meeting.close(input.minutes, input.attendees, input.parties, input.resolutions, context.now)
    meeting.reward(input.participant_ids or (), input.proposer_ids or (), by=context.actor.id)
    if input.evaluations:
        await require_known(context, input.evaluations)
        hall = await context.get(CouncilHall, meeting.hall_id)
        meeting.evaluate(input.evaluations, hall.residential_area_id)
    return meeting


async def require_known(context: Context, evaluations: list[PropertyEvaluation]) -> None:
    """Raises GEN_REFERENCE_UNKNOWN."""
    for item in evaluations:
        if await context.store.reference("PropertyEnterprise", "id", item.enterprise_id) is None:
            raise Gen.REFERENCE_UNKNOWN(field="evaluations", type="PropertyEnterprise", id=item.enterprise_id)


@dataclass(frozen=True, kw_only=True)
class CancelMeeting:
    id: Annotated[Id, Doc("会议 Meeting")]
    reason: Annotated[Text, Doc("原因 Reason")]


@command(on=CouncilMeeting)
async def cancel_meeting(context: Context, input: CancelMeeting) -> CouncilMeeting:
    """取消议事会 Cancel a planned meeting; the month is free again."""
    meeting = await context.load(CouncilMeeting, input.id)
    meeting.cancel()
    return meeting


@dataclass(frozen=True, kw_only=True)
class NominateSpokesperson:
    name: Annotated[Name, Doc("姓名 Name")]
    phone: Annotated[Phone | None, Doc("联系电话 Phone")] = None
    resident_id: Annotated[Id | None, Doc("居民 Resident")] = None
    origin: Annotated[SpokespersonOrigin, Doc("来源 Origin")]
    scores: Annotated[SpokespersonScores, Doc("选配评分 Scores by the three criteria")]
    duties: Annotated[list[SpokespersonDuty], Doc("职责 Duties")]
    hall_id: Annotated[Id, Doc("议事厅 Hall")]
    start_on: Annotated[date, Doc("开始日期 From")]
    end_on: Annotated[date, Doc("结束日期 To; at most three years")]


@command(*HOSTS)
async def nominate_spokesperson(context: Context, input: NominateSpokesperson) -> Spokesperson:
    """提名话事员 Nominate a spokesperson who meets all three criteria."""
    hall = await context.get(CouncilHall, input.hall_id, "hallId")
    spokesperson = Spokesperson(
        id=context.new_id(),
        name=input.name,
        phone=input.phone,
        resident_id=input.resident_id,
        origin=input.origin,
        scores=input.scores,
        duties=input.duties,
        hall_id=hall.id,
        community_id=hall.community_id,
        start_on=input.start_on,
        end_on=input.end_on,
    )
    return await context.add(spokesperson.nominate())


@dataclass(frozen=True, kw_only=True)
class ApproveSpokesperson:
    id: Annotated[Id, Doc("话事员 Spokesperson")]


@command(on=Spokesperson)
async def approve_spokesperson(context: Context, input: ApproveSpokesperson) -> Spokesperson:
    """任用话事员 Put a nominated spokesperson into office."""
    spokesperson = await context.load(Spokesperson, input.id)
    spokesperson.approve()
    return spokesperson


@dataclass(frozen=True, kw_only=True)
class EndSpokesperson:
    id: Annotated[Id, Doc("话事员 Spokesperson")]
    on: Annotated[date, Doc("卸任日期 On")]
    reason: Annotated[Text, Doc("原因 Reason")]


@command(on=Spokesperson)
async def end_spokesperson(context: Context, input: EndSpokesperson) -> Spokesperson:
    """话事员卸任 End a spokesperson's term."""
    spokesperson = await context.load(Spokesperson, input.id)
    spokesperson.end(input.on)
    return spokesperson
