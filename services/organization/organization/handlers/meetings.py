"""Commands on joint meetings and their resolutions."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from govkit.commands import Context, command
from govkit.domain import Doc, Gen, Id, Name, Range, Role, Text
from organization.domain.errors import OrgError
from organization.domain.meetings import JointAgendaItem, JointAttendance, JointMeeting, JointMeetingState
from organization.domain.party import Appointment, AppointmentState, PartyOrganizationType, PostRole
from organization.domain.resolutions import JointResolution, Votes


@dataclass(frozen=True, kw_only=True)
class ConvokeJointMeeting:
    community_id: Annotated[Id, Doc("社区 Community")]
    title: Annotated[Name, Doc("标题 Title")]
    planned_at: Annotated[datetime, Doc("计划时间 Planned at")]
    agenda_items: Annotated[list[JointAgendaItem], Doc("议题 Agenda")]
    venue_id: Annotated[Id | None, Doc("会议地点 Venue")] = None
    quorum: Annotated[float, Doc("法定人数比例 Share of the invited that must be present"), Range(0, 1)] = 0.5


@command(Role.COMMUNITY_SECRETARY)
async def convoke_joint_meeting(context: Context, input: ConvokeJointMeeting) -> JointMeeting:
    """召集联席会议 Convene a joint meeting on behalf of the secretary of the extended Party committee."""
    secretary = await context.first(
        Appointment,
        community_id=input.community_id,
        organization_type=PartyOrganizationType.COMMUNITY_COMMITTEE,
        role=PostRole.SECRETARY,
        state=AppointmentState.ACTIVE,
    )
    meeting = JointMeeting.convoke(
        id=context.new_id(),
        community_id=input.community_id,
        title=input.title,
        convener_id=secretary.id if secretary else None,
        planned_at=input.planned_at,
        agenda_items=input.agenda_items,
        venue_id=input.venue_id,
        quorum=input.quorum,
    )
    return await context.add(meeting)


@dataclass(frozen=True, kw_only=True)
class NoticeJointMeeting:
    id: Annotated[Id, Doc("联席会议 Meeting")]


@command(on=JointMeeting)
async def notice_joint_meeting(context: Context, input: NoticeJointMeeting) -> JointMeeting:
    """发出联席会议通知 Notice a joint meeting, at least three days before its start."""
    meeting = await context.load(JointMeeting, input.id)
    meeting.notice(context.now)
    return meeting


@dataclass(frozen=True, kw_only=True)
class RecordJointAttendance:
    id: Annotated[Id, Doc("联席会议 Meeting")]
    attendance: Annotated[list[JointAttendance], Doc("签到 All who were invited, present or not")]
    minutes: Annotated[Text | None, Doc("会议记录 Minutes, when they are there already")] = None


@command(on=JointMeeting)
async def record_joint_attendance(context: Context, input: RecordJointAttendance) -> JointMeeting:
    """登记联席会议签到 Record who attended a joint meeting; a later list replaces an earlier one."""
    meeting = await context.load(JointMeeting, input.id)
    meeting.record_attendance(input.attendance, input.minutes)
    return meeting


@dataclass(frozen=True, kw_only=True)
class CloseJointMeeting:
    id: Annotated[Id, Doc("联席会议 Meeting")]
    minutes: Annotated[Text | None, Doc("会议记录 Minutes, unless they are recorded")] = None


@command(on=JointMeeting)
async def close_joint_meeting(context: Context, input: CloseJointMeeting) -> JointMeeting:
    """结束联席会议 Close a joint meeting; it needs minutes and attendance."""
    meeting = await context.load(JointMeeting, input.id)
    meeting.close(context.now, input.minutes)
    return meeting


@dataclass(frozen=True, kw_only=True)
class CancelJointMeeting:
    id: Annotated[Id, Doc("联席会议 Meeting")]
    reason: Annotated[Text, Doc("原因 Reason")]


@command(on=JointMeeting)
async def cancel_joint_meeting(context: Context, input: CancelJointMeeting) -> JointMeeting:
    """取消联席会议 Cancel a joint meeting that was not held."""
    meeting = await context.load(JointMeeting, input.id)
    meeting.cancel()
    return meeting


@dataclass(frozen=True, kw_only=True)
class RecordJointResolution:
    joint_meeting_id: Annotated[Id, Doc("联席会议 Meeting")]
    text: Annotated[Text, Doc("内容 Text")]
    votes_for: Annotated[Votes, Doc("赞成票 Votes for")]
    votes_against: Annotated[Votes, Doc("反对票 Votes against")] = 0
    abstained: Annotated[Votes, Doc("弃权票 Abstained")] = 0
    owner_organization_id: Annotated[Id, Doc("责任单位 Party organization or resident unit in charge")]
    due_on: Annotated[date, Doc("期限 Due on")]


@command(Role.COMMUNITY_SECRETARY)
async def record_joint_resolution(context: Context, input: RecordJointResolution) -> JointResolution:
    """登记联席会议决议 Record a vote of a joint meeting that is held and has its quorum."""
    meeting = await context.get(JointMeeting, input.joint_meeting_id, "jointMeetingId")
    if meeting.state is not JointMeetingState.HELD:
        raise Gen.INVALID_STATE(current=meeting.state.name, action="recordJointResolution")
    if input.due_on < context.today:
        raise OrgError.PERIOD_INVALID(field="dueOn", start=context.today.isoformat())
    resolution = JointResolution.resolve(
        id=context.new_id(),
        meeting=meeting,
        text=input.text,
        votes_for=input.votes_for,
        votes_against=input.votes_against,
        abstained=input.abstained,
        owner_organization_id=input.owner_organization_id,
        due_on=input.due_on,
    )
    return await context.add(resolution)


@dataclass(frozen=True, kw_only=True)
class AdvanceJointResolution:
    id: Annotated[Id, Doc("决议 Resolution")]
    progress: Annotated[int, Doc("进度(百分比) Progress in percent"), Range(0, 99)]
    evidence: Annotated[Text | None, Doc("办理情况 What was done")] = None


@command(on=JointResolution)
async def advance_joint_resolution(context: Context, input: AdvanceJointResolution) -> JointResolution:
    """更新决议进度 Report how far a resolution is."""
    resolution = await context.load(JointResolution, input.id)
    resolution.advance(input.progress, input.evidence)
    return resolution


@dataclass(frozen=True, kw_only=True)
class CompleteJointResolution:
    id: Annotated[Id, Doc("决议 Resolution")]
    evidence: Annotated[Text | None, Doc("办理情况 What was done")] = None


@command(on=JointResolution)
async def complete_joint_resolution(context: Context, input: CompleteJointResolution) -> JointResolution:
    """完成决议 Complete a resolution today."""
    resolution = await context.load(JointResolution, input.id)
    resolution.complete(context.today, input.evidence)
    return resolution


@dataclass(frozen=True, kw_only=True)
class CancelJointResolution:
    id: Annotated[Id, Doc("决议 Resolution")]
    reason: Annotated[Text, Doc("原因 Reason")]


@command(on=JointResolution)
async def cancel_joint_resolution(context: Context, input: CancelJointResolution) -> JointResolution:
    """取消决议 Cancel an open resolution."""
    resolution = await context.load(JointResolution, input.id)
    resolution.cancel()
    return resolution
