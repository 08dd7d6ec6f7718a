"""Violations by property enterprises, and the campaigns in which they are put right."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from govkit.domain import (
    EVERYTHING,
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
    Register,
    Role,
    StateTable,
    Text,
    Visibility,
    action,
    event,
)
from organization.domain.errors import OrgError

OFFICERS = (Role.HOUSING_AUTHORITY, Role.STREET_OFFICER)


class ViolationKind(LabelEnum):
    """违规类型 Kind of violation by a property enterprise"""

    FORCED_SERVICE = "强制服务 Forced service"
    ILLEGAL_OCCUPATION = "非法侵占 Illegal occupation"
    ARBITRARY_CHARGES = "乱收费 Arbitrary charges"


class ViolationState(LabelEnum):
    """违规案件状态 State of a violation case"""

    OPEN = "待整改 Open"
    RECTIFIED = "已整改 Rectified"
    PENALISED = "已处罚 Penalised"
    CLOSED = "已结案 Closed"


@dataclass(kw_only=True)
class RectificationCampaign(Aggregate):
    """物业管理集中整治 Campaign against some kinds of violation for a period"""

    REGISTER = Register(Role.HOUSING_AUTHORITY)

    name: Annotated[Name, Doc("名称 Name")]
    kinds: Annotated[list[ViolationKind], Doc("整治内容 Kinds of violation that it is about")]
    start_on: Annotated[date, Doc("开始日期 From")]
    end_on: Annotated[date, Doc("结束日期 To")]

    def check(self) -> None:
        if self.end_on < self.start_on:
            raise OrgError.PERIOD_INVALID(field="endOn", start=self.start_on.isoformat())


@event("violation_case.opened")
class ViolationCaseOpened(Event):
    """违规立案 A violation case was opened"""

    violation_case_id: Annotated[Id, Doc("案件 Case")]
    kind: Annotated[ViolationKind, Doc("类型 Kind")]
    enterprise_id: Annotated[Id, Doc("物业企业 Enterprise")]
    residential_area_id: Annotated[Id, Doc("小区 Residential area")]
    community_id: Annotated[Id, Doc("社区 Community")]
    rectify_by: Annotated[date, Doc("整改期限 Put right by")]
    petition_id: Annotated[Id | None, Doc("来源诉求 Petition that it came from")]


@event("violation_case.closed")
class ViolationCaseClosed(Event):
    """违规结案 A violation case was closed"""

    violation_case_id: Annotated[Id, Doc("案件 Case")]
    kind: Annotated[ViolationKind, Doc("类型 Kind")]
    enterprise_id: Annotated[Id, Doc("物业企业 Enterprise")]
    penalty_fen: Annotated[int | None, Doc("罚款(分) Fine in fen")]
    closed_on: Annotated[date | None, Doc("结案日期 Closed on")]


S = ViolationState


@dataclass(kw_only=True)
class ViolationCase(Aggregate):
    """物业违规案件 Violation by a property enterprise: found, put right or penalised, closed"""

    TABLE = StateTable(
        action("rectifyViolationCase", S.OPEN, S.RECTIFIED, *OFFICERS),
        action("penaliseViolationCase", (S.OPEN, S.RECTIFIED), S.PENALISED, Role.HOUSING_AUTHORITY, reason=True),
        action("closeViolationCase", (S.RECTIFIED, S.PENALISED), S.CLOSED, *OFFICERS),
    )

    kind: Annotated[ViolationKind, Doc("类型 Kind")]
    enterprise_id: Annotated[Id, Doc("物业企业 Enterprise"), Ref("PropertyEnterprise", inverse="violation_cases")]
    residential_area_id: Annotated[Id, Doc("小区 Residential area"), Ref("ResidentialArea", inverse="violation_cases")]
    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community", inverse="violation_cases")]
    campaign_id: Annotated[Id | None, Doc("所属整治 Campaign"), Ref("RectificationCampaign", inverse="cases")] = None
    petition_id: Annotated[Id | None, Doc("来源诉求 Petition that it came from"), Ref("Petition")] = None
    description: Annotated[Text | None, Doc("情况说明 Description")] = None
    found_on: Annotated[date, Doc("发现日期 Found on")]
    rectify_by: Annotated[date, Doc("整改期限 Put right by")]
    rectified_on: Annotated[date | None, Doc("整改日期 Put right on")] = None
    penalty_fen: Annotated[int | None, Doc("罚款(分) Fine in fen"), Range(0, 1_000_000_000)] = None
    closed_on: Annotated[date | None, Doc("结案日期 Closed on")] = None
    state: Annotated[ViolationState, Doc("状态 State")] = ViolationState.OPEN

    @classmethod
    def visible_to(cls, actor: Actor) -> Visibility:
        """Staff, and the enterprise itself."""
        return EVERYTHING if actor.has(STAFF) else ({"enterprise_id": actor.scope.enterprise_id},)

    def open(self) -> "ViolationCase":
        """Raises ORG_PERIOD_INVALID."""
        if self.rectify_by < self.found_on:
            raise OrgError.PERIOD_INVALID(field="rectifyBy", start=self.found_on.isoformat())
        self.record(ViolationCaseOpened)
        return self

    def rectify(self, on: date) -> None:
        """Raises ORG_PERIOD_INVALID."""
        if on < self.found_on:
            raise OrgError.PERIOD_INVALID(field="on", start=self.found_on.isoformat())
        self.TABLE.move(self, "rectifyViolationCase")
        self.rectified_on = on

    def penalise(self, penalty_fen: int) -> None:
        self.TABLE.move(self, "penaliseViolationCase")
        self.penalty_fen = penalty_fen

    def close(self, on: date) -> None:
        self.TABLE.move(self, "closeViolationCase")
        self.closed_on = on
        self.record(ViolationCaseClosed)
