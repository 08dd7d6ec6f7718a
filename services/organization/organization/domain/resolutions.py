"""What a joint meeting resolved, as tasks with an owner, a day and progress."""

from dataclasses import dataclass
from datetime import date
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
    Range,
    Ref,
    Role,
    StateTable,
    Text,
    Visibility,
    action,
    due,
    end_of,
    event,
)
from organization.domain.errors import OrgError
from organization.domain.meetings import JointMeeting

DONE_AT = 100
Votes = Annotated[int, Range(0, 10_000)]


class JointResolutionState(LabelEnum):
    """决议状态 State of a resolution"""

    OPEN = "待办 Open"
    IN_PROGRESS = "办理中 In progress"
    DONE = "已完成 Done"
    OVERDUE = "已逾期 Overdue"
    REJECTED = "未通过 Not passed"
    CANCELLED = "已取消 Cancelled"


@event("resolution.created")
class ResolutionCreated(Event):
    """决议形成 A joint meeting passed a resolution"""

    joint_resolution_id: Annotated[Id, Doc("决议 Resolution")]
    joint_meeting_id: Annotated[Id, Doc("联席会议 Meeting")]
    community_id: Annotated[Id, Doc("社区 Community")]
    owner_organization_id: Annotated[Id, Doc("责任单位 Organization in charge")]
    due_on: Annotated[date, Doc("期限 Due on")]


@event("resolution.completed")
class ResolutionCompleted(Event):
    """决议完成 A resolution was carried out"""

    joint_resolution_id: Annotated[Id, Doc("决议 Resolution")]
    joint_meeting_id: Annotated[Id, Doc("联席会议 Meeting")]
    community_id: Annotated[Id, Doc("社区 Community")]
    owner_organization_id: Annotated[Id, Doc("责任单位 Organization in charge")]
    due_on: Annotated[date, Doc("期限 Due on")]
    completed_on: Annotated[date | None, Doc("完成日期 Completed on")]


@event("resolution.overdue")
class ResolutionOverdue(Event):
    """决议逾期 A resolution was not carried out in time"""

    joint_resolution_id: Annotated[Id, Doc("决议 Resolution")]
    joint_meeting_id: Annotated[Id, Doc("联席会议 Meeting")]
    community_id: Annotated[Id, Doc("社区 Community")]
    owner_organization_id: Annotated[Id, Doc("责任单位 Organization in charge")]
    due_on: Annotated[date, Doc("期限 Due on")]


S = JointResolutionState
OPEN_STATES = (S.OPEN, S.IN_PROGRESS, S.OVERDUE)


@dataclass(kw_only=True)
class JointResolution(Aggregate):
    """联席会议决议 Resolution of a joint meeting: who carries it out until when, and how far it is"""

    TABLE = StateTable(
        action("advanceJointResolution", OPEN_STATES, S.IN_PROGRESS, Role.COMMUNITY_SECRETARY),
        action("completeJointResolution", OPEN_STATES, S.DONE, Role.COMMUNITY_SECRETARY),
        action("cancelJointResolution", OPEN_STATES, S.CANCELLED, Role.COMMUNITY_SECRETARY, reason=True),
    )
    DUE = (
        due(
            "overdueResolution",
            (S.OPEN, S.IN_PROGRESS),
            S.OVERDUE,
            end_of("due_on"),
            "决议逾期 The resolution becomes overdue",
            tells=ResolutionOverdue,
        ),
    )

    joint_meeting_id: Annotated[Id, Doc("联席会议 Meeting"), Ref("JointMeeting", inverse="resolutions")]
    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community", inverse="joint_resolutions")]
    text: Annotated[Text, Doc("内容 Text")]
    votes_for: Annotated[Votes, Doc("赞成票 Votes for")]
    votes_against: Annotated[Votes, Doc("反对票 Votes against")]
    abstained: Annotated[Votes, Doc("弃权票 Abstained")]
    owner_organization_id: Annotated[Id, Doc("责任单位 Party organization or resident unit in charge")]
    due_on: Annotated[date, Doc("期限 Due on")]
    progress: Annotated[int, Doc("进度(百分比) Progress in percent"), Range(0, DONE_AT)] = 0
    evidence: Annotated[Text | None, Doc("办理情况 What was done")] = None
    completed_on: Annotated[date | None, Doc("完成日期 Completed on")] = None
    state: Annotated[JointResolutionState, Doc("状态 State")] = JointResolutionState.OPEN

    @classmethod
    def visible_to(cls, actor: Actor) -> Visibility:
        return EVERYTHING if actor.has(STAFF) else NOTHING

    @classmethod
    def resolve(
        cls,
        *,
        id: str,
        meeting: JointMeeting,
        text: str,
        votes_for: int,
        votes_against: int,
        abstained: int,
        owner_organization_id: str,
        due_on: date,
    ) -> "JointResolution":
        """More for than against passes it; only what passed is published.

        Raises ORG_NO_QUORUM, ORG_VOTES_EXCEED_PRESENT.
        """
        meeting.require_quorum()
        if votes_for + votes_against + abstained > meeting.present:
            raise OrgError.VOTES_EXCEED_PRESENT(field="votesFor", present=meeting.present)
        passed = votes_for > votes_against
        resolution = cls(
            id=id,
            joint_meeting_id=meeting.id,
            community_id=meeting.community_id,
            text=text,
            votes_for=votes_for,
            votes_against=votes_against,
            abstained=abstained,
            owner_organization_id=owner_organization_id,
            due_on=due_on,
            state=S.OPEN if passed else S.REJECTED,
        )
        if passed:
            resolution.record(ResolutionCreated)
        return resolution

    def advance(self, progress: int, evidence: str | None = None) -> None:
        """Raises ORG_PROGRESS_INVALID."""
        if progress < self.progress:
            raise OrgError.PROGRESS_INVALID(field="progress", progress=self.progress)
        self.TABLE.move(self, "advanceJointResolution")
        self.progress = progress
        self.evidence = evidence or self.evidence

    def complete(self, on: date, evidence: str | None = None) -> None:
        self.TABLE.move(self, "completeJointResolution")
        self.progress = DONE_AT
        self.evidence = evidence or self.evidence
        self.completed_on = on
        self.record(ResolutionCompleted)

    def cancel(self) -> None:
        self.TABLE.move(self, "cancelJointResolution")
