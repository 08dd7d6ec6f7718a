"""Deliberation: council halls, their monthly meetings, spokespersons."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Annotated

from govkit.domain import (
    Added,
    Aggregate,
    Doc,
    Event,
    Gen,
    Hidden,
    Id,
    LabelEnum,
    Month,
    Name,
    Phone,
    Privacy,
    Range,
    Ref,
    Register,
    Role,
    StateTable,
    Text,
    Unique,
    action,
    event,
)
from petition.domain.deliberation_facts import (
    DeliberationParticipated,
    PropertyEvaluation,
    PropertyEvaluationSubmitted,
    SuggestionAdopted,
)
from petition.domain.errors import PetError

HOSTS = (Role.COMMUNITY_SECRETARY, Role.BRANCH_SECRETARY)
NOTICE = timedelta(days=3)
LONGEST_TERM = timedelta(days=3 * 366)
LOWEST_SCORE = 3


@dataclass(kw_only=True)
class CouncilHall(Aggregate):
    """红色议事厅 Council hall: where residents, property firm, branch and owners' committee deliberate once a month"""

    UNIQUE = (Unique(("venue_id",), PetError.HALL_EXISTS),)
    REGISTER = Register(
        Role.COMMUNITY_SECRETARY, Role.STREET_OFFICER, create="registerCouncilHall", update="updateCouncilHall"
    )

    name: Annotated[Name, Doc("名称 Name")]
    venue_id: Annotated[Id, Doc("阵地 Venue"), Ref("Venue", inverse="council_hall", single=True)]
    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community", inverse="council_halls")]
    residential_area_id: Annotated[
        Id | None, Doc("小区 Residential area"), Ref("ResidentialArea", inverse="council_halls")
    ] = None
    registered_on: Annotated[date, Doc("设立日期 Registered on")]


class NoticeChannel(LabelEnum):
    """公示渠道 Channel of a meeting's notice"""

    BULLETIN_BOARD = "宣传栏 Bulletin board"
    WECHAT_GROUP = "业主微信群 WeChat group"


class CouncilParty(LabelEnum):
    """参会方 Who takes part in a council meeting"""

    COMMUNITY_COMMITTEE = "社区居委会 Community committee"
    PROPERTY_ENTERPRISE = "物业企业 Property enterprise"
    AREA_BRANCH = "小区党支部 Branch of the residential area"
    OWNERS_COMMITTEE = "业主委员会 Owners' committee"
    RESIDENTS = "居民 Residents"


class AgendaKind(LabelEnum):
    """议题类型 Kind of agenda item"""

    PROBLEM_SOLVING = "商讨方案 Problem solving"
    OPINION_COLLECTION = "征集意见 Collecting opinions"
    PROPERTY_EVALUATION = "评议物业 Evaluating the property firm"


class MeetingState(LabelEnum):
    """会议状态 State of a council meeting"""

    PLANNED = "已计划 Planned"
    NOTICED = "已公示 Noticed"
    CLOSED = "已召开 Held, with minutes"
    MISSED = "未召开 Missed"
    CANCELLED = "已取消 Cancelled"


@dataclass(frozen=True, kw_only=True)
class MeetingNotice:
    """会议公示 Notice of a meeting"""

    channel: Annotated[NoticeChannel, Doc("渠道 Channel")]
    published_at: Annotated[datetime, Doc("公示时间 Published at")]


@dataclass(frozen=True, kw_only=True)
class AgendaItem:
    """议题 Agenda item"""

    kind: Annotated[AgendaKind, Doc("类型 Kind")]
    topic: Annotated[Name, Doc("议题 Topic")]


@event("council_meeting.noticed")
class CouncilMeetingNoticed(Event):
    """议事会公示 A council meeting was announced"""

    council_meeting_id: Annotated[Id, Doc("会议 Meeting")]
    hall_id: Annotated[Id, Doc("议事厅 Hall")]
    community_id: Annotated[Id, Doc("社区 Community")]
    planned_at: Annotated[datetime, Doc("计划时间 Planned at")]


@event("council_meeting.closed")
class CouncilMeetingClosed(Event):
    """议事会闭会 A council meeting was held and its minutes are filed"""

    council_meeting_id: Annotated[Id, Doc("会议 Meeting")]
    hall_id: Annotated[Id, Doc("议事厅 Hall")]
    community_id: Annotated[Id, Doc("社区 Community")]
    month: Annotated[Month, Doc("月份 Month")]
    attendees: Annotated[int, Doc("到会人数 Attendees")]
    resolutions: Annotated[int, Doc("决议数 Resolutions")]


@dataclass(kw_only=True)
class CouncilMeeting(Aggregate):
    """议事会 Regular monthly meeting of a council hall; it is not held without a notice in time"""

    TABLE = StateTable(
        action("publishMeetingNotice", (MeetingState.PLANNED, MeetingState.NOTICED), MeetingState.NOTICED, *HOSTS),
        action("closeMeeting", (MeetingState.PLANNED, MeetingState.NOTICED), MeetingState.CLOSED, *HOSTS),
        action(
            "cancelMeeting", (MeetingState.PLANNED, MeetingState.NOTICED), MeetingState.CANCELLED, *HOSTS, reason=True
        ),
    )
    UNIQUE = (
        Unique(
            ("hall_id", "month"),
            PetError.MEETING_EXISTS,
            {"state": (MeetingState.PLANNED, MeetingState.NOTICED, MeetingState.CLOSED, MeetingState.MISSED)},
        ),
    )

    hall_id: Annotated[Id, Doc("议事厅 Hall"), Ref("CouncilHall", inverse="meetings")]
    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community", inverse="council_meetings")]
    month: Annotated[Month, Doc("月份 Month")]
    planned_at: Annotated[datetime, Doc("计划时间 Planned at")]
    meeting_place: Annotated[Name, Doc("地点 Place")]
    notices: Annotated[list[MeetingNotice], Doc("公示 Notices")] = field(default_factory=list)
    parties: Annotated[list[CouncilParty], Doc("参会方 Parties present")] = field(default_factory=list)
    agenda: Annotated[list[AgendaItem], Doc("议程 Agenda")]
    minutes: Annotated[Text | None, Doc("会议记录 Minutes")] = None
    attendees: Annotated[int, Doc("到会人数 Attendees"), Range(0, 100_000)] = 0
    resolutions: Annotated[int, Doc("决议数 Resolutions"), Range(0, 1_000)] = 0
    evaluations: Annotated[list[PropertyEvaluation], Doc("物业评议 Property evaluations"), Added] = field(
        default_factory=list
    )
    # Who came and whose suggestion was adopted is known to those who reward it, by an event each, and shown to nobody.
    participant_ids: Annotated[list[Id], Doc("参与居民 Residents who took part"), Hidden] = field(default_factory=list)
    proposer_ids: Annotated[list[Id], Doc("建议人 Residents whose suggestion was adopted"), Hidden] = field(
        default_factory=list
    )
    state: Annotated[MeetingState, Doc("状态 State")] = MeetingState.PLANNED

    def publish_notice(self, channel: NoticeChannel, at: datetime) -> None:
        """At least three days ahead. Raises PET_NOTICE_REQUIRED."""
        if at > self.planned_at - NOTICE:
            raise PetError.NOTICE_REQUIRED(latest=(self.planned_at - NOTICE).isoformat())
        self.TABLE.move(self, "publishMeetingNotice")
        self.notices = [*self.notices, MeetingNotice(channel=channel, published_at=at)]
        self.record(CouncilMeetingNoticed)

    def close(self, minutes: str, attendees: int, parties: list[CouncilParty], resolutions: int, at: datetime) -> None:
        """Raises PET_NOTICE_REQUIRED, PET_MEETING_NOT_HELD."""
        if not self.notices:
            raise PetError.NOTICE_REQUIRED()
        if at < self.planned_at:
            raise PetError.MEETING_NOT_HELD(plannedAt=self.planned_at.isoformat())
        self.TABLE.move(self, "closeMeeting")
        self.minutes, self.attendees, self.parties, self.resolutions = minutes, attendees, parties, resolutions
        self.record(CouncilMeetingClosed)

    def reward(self, participant_ids: Iterable[str], proposer_ids: Iterable[str], by: str) -> None:
        """Name whoever is to be rewarded, each once. Raises GEN_VALIDATION when the caller is among them."""
        self.participant_ids = list(dict.fromkeys(participant_ids))
        self.proposer_ids = list(dict.fromkeys(proposer_ids))
        if by in (*self.participant_ids, *self.proposer_ids):
            raise Gen.VALIDATION(field="participantIds", rule="nobody rewards themselves")
        for resident_id in self.participant_ids:
            self.record(DeliberationParticipated, resident_id=resident_id)
        for resident_id in self.proposer_ids:
            self.record(SuggestionAdopted, resident_id=resident_id)

    def evaluate(self, evaluations: Sequence[PropertyEvaluation], residential_area_id: str | None) -> None:
        """`residential_area_id`: that of the hall. Raises GEN_VALIDATION when an enterprise is judged twice."""
        if len({item.enterprise_id for item in evaluations}) != len(evaluations):
            raise Gen.VALIDATION(field="evaluations", rule="one evaluation an enterprise")
        self.evaluations = list(evaluations)
        for item in evaluations:
            self.record(
                PropertyEvaluationSubmitted,
                enterprise_id=item.enterprise_id,
                residential_area_id=residential_area_id,
                score=item.score,
            )

    def cancel(self) -> None:
        self.TABLE.move(self, "cancelMeeting")


class SpokespersonOrigin(LabelEnum):
    """话事员来源 Where a spokesperson comes from"""

    RETIRED_CADRE = "离退休干部 Retired cadre"
    ENTHUSIASTIC_OWNER = "热心业主 Enthusiastic owner"
    VETERAN = "退役军人 Veteran"
    OTHER = "其他 Other"


class SpokespersonDuty(LabelEnum):
    """话事员职责 Duty of a spokesperson"""

    HOSTING = "主持说事 Hosting"
    MEDIATION = "矛盾调解 Mediation"
    RECORDING = "事项记录 Recording"


class SpokespersonState(LabelEnum):
    """话事员状态 State of a spokesperson"""

    NOMINATED = "已提名 Nominated"
    ACTIVE = "在任 Active"
    ENDED = "已卸任 Ended"


Score = Annotated[int, Range(1, 5)]


@dataclass(frozen=True, kw_only=True)
class SpokespersonScores:
    """选配标准 Scores by the three criteria, 1 to 5"""

    political: Annotated[Score, Doc("思想政治素质 Political quality")]
    organising: Annotated[Score, Doc("组织协调能力 Organising ability")]
    service: Annotated[Score, Doc("服务居民水平 Service to residents")]

    @property
    def met(self) -> bool:
        return min(self.political, self.organising, self.service) >= LOWEST_SCORE


@event("spokesperson.approved")
class SpokespersonApproved(Event):
    """话事员任用 A spokesperson took office"""

    spokesperson_id: Annotated[Id, Doc("话事员 Spokesperson")]
    hall_id: Annotated[Id, Doc("议事厅 Hall")]
    community_id: Annotated[Id, Doc("社区 Community")]
    origin: Annotated[SpokespersonOrigin, Doc("来源 Origin")]
    start_on: Annotated[date, Doc("开始日期 From")]
    end_on: Annotated[date, Doc("结束日期 To")]


@event("spokesperson.ended")
class SpokespersonEnded(Event):
    """话事员卸任 A spokesperson left office"""

    spokesperson_id: Annotated[Id, Doc("话事员 Spokesperson")]
    hall_id: Annotated[Id, Doc("议事厅 Hall")]
    community_id: Annotated[Id, Doc("社区 Community")]


@dataclass(kw_only=True)
class Spokesperson(Aggregate):
    """话事员 Spokesperson: hosts deliberation, mediates, records"""

    TABLE = StateTable(
        action("approveSpokesperson", SpokespersonState.NOMINATED, SpokespersonState.ACTIVE, Role.COMMUNITY_SECRETARY),
        action("endSpokesperson", SpokespersonState.ACTIVE, SpokespersonState.ENDED, *HOSTS, reason=True),
    )

    name: Annotated[Name, Doc("姓名 Name")]
    phone: Annotated[Phone | None, Doc("联系电话 Phone"), Privacy.P2] = None
    resident_id: Annotated[Id | None, Doc("居民 Resident"), Ref("Resident", inverse="spokesperson_terms")] = None
    origin: Annotated[SpokespersonOrigin, Doc("来源 Origin")]
    scores: Annotated[SpokespersonScores, Doc("选配评分 Scores")]
    duties: Annotated[list[SpokespersonDuty], Doc("职责 Duties")]
    hall_id: Annotated[Id, Doc("议事厅 Hall"), Ref("CouncilHall", inverse="spokespersons")]
    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community", inverse="spokespersons")]
    start_on: Annotated[date, Doc("开始日期 From")]
    end_on: Annotated[date, Doc("结束日期 To")]
    state: Annotated[SpokespersonState, Doc("状态 State")] = SpokespersonState.NOMINATED

    def nominate(self) -> "Spokesperson":
        """Raises PET_CRITERIA_NOT_MET, PET_TERM_INVALID."""
        if not self.scores.met:
            raise PetError.CRITERIA_NOT_MET(field="scores", lowest=LOWEST_SCORE)
        if not timedelta() < self.end_on - self.start_on <= LONGEST_TERM:
            raise PetError.TERM_INVALID(field="endOn")
        return self

    def approve(self) -> None:
        self.TABLE.move(self, "approveSpokesperson")
        self.record(SpokespersonApproved)

    def end(self, on: date) -> None:
        """Raises PET_TERM_INVALID."""
        if on < self.start_on:
            raise PetError.TERM_INVALID(field="on")
        self.TABLE.move(self, "endSpokesperson")
        self.end_on = on
        self.record(SpokespersonEnded)
