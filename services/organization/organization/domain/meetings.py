"""Joint meetings of a community: convened by the secretary of its extended Party committee, noticed, held, closed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from govkit.domain import (
    EVERYTHING,
    NOTHING,
    STAFF,
    Actor,
    Aggregate,
    Doc,
    Event,
    Id,
    LabelEnum,
    Name,
    Range,
    Ref,
    Role,
    StateTable,
    Text,
    Visibility,
    action,
    event,
)
from organization.domain.errors import OrgError

NOTICE = timedelta(days=3)
"""How long before its start a meeting is noticed at the latest."""


class JointMeetingState(LabelEnum):
    """联席会议状态 State of a joint meeting"""

    CONVOKED = "已召集 Convoked"
    NOTICED = "已通知 Noticed"
    HELD = "已召开 Held"
    CLOSED = "已结束 Closed"
    CANCELLED = "已取消 Cancelled"


class JointAgendaKind(LabelEnum):
    """联席会议议题类型 Kind of agenda item of a joint meeting"""

    MAJOR_MATTER = "重大事项 Major matter"
    PROPERTY_SERVICE = "物业服务 Property service"
    RESIDENT_DEMAND = "群众诉求 Demand of residents"
    PARTY_BUILDING = "党建工作 Party building"
    OTHER = "其他 Other"


@dataclass(frozen=True, kw_only=True)
class JointAgendaItem:
    """联席会议议题 Agenda item of a joint meeting"""

    topic: Annotated[Text, Doc("议题 Topic")]
    kind: Annotated[JointAgendaKind, Doc("类型 Kind")]
    proposer_organization_id: Annotated[
        Id | None, Doc("提出单位 Party organization or resident unit that proposed it")
    ] = None


@dataclass(frozen=True, kw_only=True)
class JointAttendance:
    """联席会议参会记录 One who was invited to a joint meeting: a person, or an organization by its representative"""

    person_id: Annotated[Id | None, Doc("人员 Person")] = None
    organization_id: Annotated[Id | None, Doc("单位 Party organization or resident unit")] = None
    present: Annotated[bool, Doc("到会 Present")]
    proxy: Annotated[bool, Doc("由他人代表 Represented by someone else")] = False


@event("joint_meeting.noticed")
class JointMeetingNoticed(Event):
    """联席会议通知 A joint meeting was noticed"""

    joint_meeting_id: Annotated[Id, Doc("联席会议 Meeting")]
    community_id: Annotated[Id, Doc("社区 Community")]
    planned_at: Annotated[datetime, Doc("计划时间 Planned at")]


@event("joint_meeting.closed")
class JointMeetingClosed(Event):
    """联席会议结束 A joint meeting was closed with its minutes"""

    joint_meeting_id: Annotated[Id, Doc("联席会议 Meeting")]
    community_id: Annotated[Id, Doc("社区 Community")]
    present: Annotated[int, Doc("到会数 How many were present")]
    invited: Annotated[int, Doc("应到数 How many were invited")]


S = JointMeetingState


@dataclass(kw_only=True)
class JointMeeting(Aggregate):
    """社区大党委联席会议 Joint meeting of a community's extended Party committee with those it works with"""

    TABLE = StateTable(
        action("noticeJointMeeting", S.CONVOKED, S.NOTICED, Role.COMMUNITY_SECRETARY),
        action("recordJointAttendance", (S.NOTICED, S.HELD), S.HELD, Role.COMMUNITY_SECRETARY),
        action("closeJointMeeting", (S.NOTICED, S.HELD), S.CLOSED, Role.COMMUNITY_SECRETARY),
        action("cancelJointMeeting", (S.CONVOKED, S.NOTICED), S.CANCELLED, Role.COMMUNITY_SECRETARY, reason=True),
    )

    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community", inverse="joint_meetings")]
    title: Annotated[Name, Doc("标题 Title")]
    convener_id: Annotated[Id, Doc("召集人任职 Appointment of the secretary who convened it"), Ref("Appointment")]
    planned_at: Annotated[datetime, Doc("计划时间 Planned at")]
    venue_id: Annotated[Id | None, Doc("会议地点 Venue"), Ref("Venue", inverse="joint_meetings")] = None
    quorum: Annotated[float, Doc("法定人数比例 Share of the invited that must be present"), Range(0, 1)] = 0.5
    agenda_items: Annotated[list[JointAgendaItem], Doc("议题 Agenda")]
    noticed_at: Annotated[datetime | None, Doc("通知时间 Noticed at")] = None
    attendance: Annotated[list[JointAttendance], Doc("签到 Attendance")]
    minutes: Annotated[Text | None, Doc("会议记录 Minutes")] = None
    closed_at: Annotated[datetime | None, Doc("结束时间 Closed at")] = None
    state: Annotated[JointMeetingState, Doc("状态 State")] = JointMeetingState.CONVOKED

    @classmethod
    def visible_to(cls, actor: Actor) -> Visibility:
        """Staff: minutes and attendance name people."""
        return EVERYTHING if actor.has(STAFF) else NOTHING

    @classmethod
    def convoke(
        cls,
        *,
        id: str,
        community_id: str,
        title: str,
        convener_id: str | None,
        planned_at: datetime,
        agenda_items: list[JointAgendaItem],
        venue_id: str | None = None,
        quorum: float = 0.5,
    ) -> "JointMeeting":
        """`convener_id`: the secretary's appointment, None when nobody holds that post.

        Raises ORG_NOT_CONVENER, ORG_AGENDA_EMPTY.
        """
        if convener_id is None:
            raise OrgError.NOT_CONVENER(field="communityId")
        if not agenda_items:
            raise OrgError.AGENDA_EMPTY(field="agendaItems")
        return cls(
            id=id,
            community_id=community_id,
            title=title,
            convener_id=convener_id,
            planned_at=planned_at,
            venue_id=venue_id,
            quorum=quorum,
            agenda_items=agenda_items,
            attendance=[],
        )

    @property
    def present(self) -> int:
        return sum(attendee.present for attendee in self.attendance)

    @property
    def invited(self) -> int:
        return len(self.attendance)

    def notice(self, at: datetime) -> None:
        """Raises ORG_NOTICE_TOO_SHORT."""
        if self.planned_at - at < NOTICE:
            raise OrgError.NOTICE_TOO_SHORT(field="plannedAt", days=NOTICE.days)
        self.TABLE.move(self, "noticeJointMeeting")
        self.noticed_at = at
        self.record(JointMeetingNoticed)

    def record_attendance(self, attendance: list[JointAttendance], minutes: str | None = None) -> None:
        """The whole list of those invited; a later one replaces it. Raises ORG_ATTENDEE_INVALID."""
        seen: set[tuple[str | None, str | None]] = set()
        for attendee in attendance:
            key = (attendee.person_id, attendee.organization_id)
            if key in seen or (attendee.person_id is None) == (attendee.organization_id is None):
                raise OrgError.ATTENDEE_INVALID(field="attendance")
            seen.add(key)
        self.TABLE.move(self, "recordJointAttendance")
        self.attendance = attendance
        self.minutes = minutes or self.minutes

    def require_quorum(self) -> None:
        """Raises ORG_NO_QUORUM."""
        if not self.present or self.present < self.quorum * self.invited:
            raise OrgError.NO_QUORUM(present=self.present, invited=self.invited)

    def close(self, at: datetime, minutes: str | None = None) -> None:
        """Raises ORG_MINUTES_MISSING."""
        minutes = minutes or self.minutes
        if not minutes or not self.attendance:
            raise OrgError.MINUTES_MISSING(field="attendance" if minutes else "minutes")
        self.TABLE.move(self, "closeJointMeeting")
        self.minutes = minutes
        self.closed_at = at
        self.record(JointMeetingClosed)

    def cancel(self) -> None:
        self.TABLE.move(self, "cancelJointMeeting")
