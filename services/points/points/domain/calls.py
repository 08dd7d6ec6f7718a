"""Recruitment calls (招募令): a community asks for helpers; whoever is confirmed to have come earns points."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated

from govkit.domain import (
    Aggregate,
    Code,
    Doc,
    Event,
    Hidden,
    Id,
    LabelEnum,
    Managed,
    Name,
    Range,
    Ref,
    Role,
    StateTable,
    action,
    event,
)
from points.domain.errors import PtsError
from points.domain.rules import PointsPath

CALLERS = (Role.COMMUNITY_SECRETARY, Role.BRANCH_SECRETARY, Role.STREET_OFFICER, Role.ADMIN)
HELPERS = (Role.RESIDENT, Role.SUPERVISOR)


class RecruitmentCallState(LabelEnum):
    """招募令状态 State of a recruitment call"""

    OPEN = "招募中 Open"
    CLOSED = "已截止 Closed"
    COMPLETED = "已完成 Completed: attendance is confirmed"


class CallSignUpState(LabelEnum):
    """报名状态 State of a sign-up"""

    SIGNED_UP = "已报名 Signed up"
    WAITLISTED = "候补 On the waiting list"
    CANCELLED = "已取消 Cancelled"
    CONFIRMED = "已到场 Confirmed to have come"
    ABSENT = "未到场 Did not come"


@dataclass(frozen=True, kw_only=True)
class CallSignUp:
    """报名 Sign-up to a recruitment call"""

    resident_id: Annotated[Id, Doc("居民 Resident")]
    state: Annotated[CallSignUpState, Doc("状态 State")]
    minutes: Annotated[int | None, Doc("分钟 Minutes of help")] = None


@event("recruitment_call.published")
class RecruitmentCallPublished(Event):
    """发布招募令 A recruitment call was published"""

    recruitment_call_id: Annotated[Id, Doc("招募令 Call")]
    community_id: Annotated[Id, Doc("社区 Community")]
    path: Annotated[PointsPath, Doc("路径 Path")]
    rule_code: Annotated[Code, Doc("规则 Rule", example="VOLUNTEER_HOUR")]
    starts_at: Annotated[datetime, Doc("开始 Starts at")]
    ends_at: Annotated[datetime, Doc("结束 Ends at")]
    capacity: Annotated[int, Doc("名额 Places")]


@event("recruitment_call.closed")
class RecruitmentCallClosed(Event):
    """招募令截止 A recruitment call takes no more sign-ups"""

    recruitment_call_id: Annotated[Id, Doc("招募令 Call")]


@event("call_attendance.confirmed")
class CallAttendanceConfirmed(Event):
    """确认招募令到场 It is confirmed that a resident helped"""

    recruitment_call_id: Annotated[Id, Doc("招募令 Call")]
    resident_id: Annotated[Id, Doc("居民 Resident")]
    minutes: Annotated[int | None, Doc("分钟 Minutes of help")]
    rule_code: Annotated[Code, Doc("规则 Rule", example="VOLUNTEER_HOUR")]
    community_id: Annotated[Id, Doc("社区 Community")]


@dataclass(kw_only=True)
class RecruitmentCall(Aggregate):
    """招募令 Recruitment call with its list of sign-ups"""

    TABLE = StateTable(
        action("closeCall", RecruitmentCallState.OPEN, RecruitmentCallState.CLOSED, *CALLERS),
        action(
            "confirmCallAttendance",
            (RecruitmentCallState.OPEN, RecruitmentCallState.CLOSED),
            RecruitmentCallState.COMPLETED,
            *CALLERS,
        ),
    )

    title: Annotated[Name, Doc("标题 Title")]
    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community", inverse="recruitment_calls")]
    path: Annotated[PointsPath, Doc("路径 Path")]
    rule_code: Annotated[Code, Doc("规则 Rule that pays", example="VOLUNTEER_HOUR")]
    starts_at: Annotated[datetime, Doc("开始 Starts at")]
    ends_at: Annotated[datetime, Doc("结束 Ends at")]
    meeting_place: Annotated[Name, Doc("地点 Where to meet")]
    capacity: Annotated[int, Doc("名额 Places"), Range(1, 1_000)]
    # A call is public, who signed up is not: the computed field `signUps` shows staff all and residents their own.
    sign_ups: Annotated[list[CallSignUp], Doc("报名 Sign-ups"), Managed, Hidden] = field(default_factory=list)
    state: Annotated[RecruitmentCallState, Doc("状态 State")] = RecruitmentCallState.OPEN

    def publish(self) -> "RecruitmentCall":
        """Raises PTS_PERIOD_INVALID."""
        if self.ends_at <= self.starts_at:
            raise PtsError.PERIOD_INVALID(field="endsAt")
        self.record(RecruitmentCallPublished)
        return self

    def sign_up(self, resident_id: str) -> None:
        """Raises PTS_CALL_NOT_OPEN, PTS_ALREADY_SIGNED_UP, PTS_CALL_FULL."""
        self._require_open()
        if self._find(resident_id):
            raise PtsError.ALREADY_SIGNED_UP()
        if self.taken >= self.capacity:
            raise PtsError.CALL_FULL(capacity=self.capacity)
        self.sign_ups = [*self.sign_ups, CallSignUp(resident_id=resident_id, state=CallSignUpState.SIGNED_UP)]

    def cancel_sign_up(self, resident_id: str) -> None:
        """Raises PTS_CALL_NOT_OPEN, PTS_NOT_SIGNED_UP."""
        self._require_open()
        self._set(resident_id, CallSignUpState.CANCELLED)

    def close(self) -> None:
        self.TABLE.move(self, "closeCall")
        self.record(RecruitmentCallClosed)

    def confirm(self, attended: dict[str, int | None]) -> None:
        """Who came, and for how many minutes; everyone else who signed up is absent. Raises PTS_NOT_SIGNED_UP."""
        self.TABLE.move(self, "confirmCallAttendance")
        for sign_up in self.sign_ups:
            if sign_up.state is CallSignUpState.SIGNED_UP and sign_up.resident_id not in attended:
                self._set(sign_up.resident_id, CallSignUpState.ABSENT)
        for resident_id, minutes in attended.items():
            self._set(resident_id, CallSignUpState.CONFIRMED, minutes)
            self.record(CallAttendanceConfirmed, resident_id=resident_id, minutes=minutes)

    @property
    def taken(self) -> int:
        return sum(item.state is CallSignUpState.SIGNED_UP for item in self.sign_ups)

    def _require_open(self) -> None:
        if self.state is not RecruitmentCallState.OPEN:
            raise PtsError.CALL_NOT_OPEN(state=self.state.name)

    def _find(self, resident_id: str) -> CallSignUp | None:
        standing = (item for item in self.sign_ups if item.state is not CallSignUpState.CANCELLED)
        return next((item for item in standing if item.resident_id == resident_id), None)

    def _set(self, resident_id: str, state: CallSignUpState, minutes: int | None = None) -> None:
        found = self._find(resident_id)
        if found is None:
            raise PtsError.NOT_SIGNED_UP(residentId=resident_id)
        changed = replace(found, state=state, minutes=minutes)
        self.sign_ups = [changed if item is found else item for item in self.sign_ups]
