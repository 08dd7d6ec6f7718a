"""People who are sent to work: full-time community workers and dispatched red-collar secretaries."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from govkit.domain import (
    Aggregate,
    Doc,
    Event,
    Id,
    LabelEnum,
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
from organization.domain.errors import OrgError


class RecruitmentChannel(LabelEnum):
    """招录渠道 How a worker was recruited"""

    UNIFIED_EXAM = "统一招考 Unified examination"
    TRANSFER = "转隶 Transfer"
    OTHER = "其他 Other"


class EmploymentState(LabelEnum):
    """在职状态 State of an employment"""

    EMPLOYED = "在职 Employed"
    LEFT = "离职 Left"


@event("worker.hired")
class WorkerHired(Event):
    """专职工作者入职 A full-time community worker was hired"""

    community_worker_id: Annotated[Id, Doc("工作者 Worker")]
    community_id: Annotated[Id, Doc("社区 Community")]
    recruitment_channel: Annotated[RecruitmentChannel, Doc("招录渠道 Recruitment channel")]
    hired_on: Annotated[date, Doc("入职日期 Hired on")]


@event("worker.deployed")
class WorkerDeployed(Event):
    """专职工作者下沉小区 A full-time community worker was deployed to a residential area"""

    community_worker_id: Annotated[Id, Doc("工作者 Worker")]
    community_id: Annotated[Id, Doc("社区 Community")]
    deployed_residential_area_id: Annotated[Id, Doc("小区 Residential area")]
    deployed_on: Annotated[date, Doc("下沉日期 Deployed on")]


@event("worker.left")
class WorkerLeft(Event):
    """专职工作者离职 A full-time community worker left the job"""

    community_worker_id: Annotated[Id, Doc("工作者 Worker")]
    community_id: Annotated[Id, Doc("社区 Community")]
    left_on: Annotated[date, Doc("离职日期 Left on")]


STREET_AND_ABOVE = (Role.ORG_ADMIN, Role.STREET_OFFICER)


@dataclass(kw_only=True)
class CommunityWorker(Aggregate):
    """社区专职工作者 Full-time community worker, deployed to a residential area or grid"""

    TABLE = StateTable(
        action("deployWorker", EmploymentState.EMPLOYED, None, *STREET_AND_ABOVE),
        action("endEmployment", EmploymentState.EMPLOYED, EmploymentState.LEFT, *STREET_AND_ABOVE),
    )

    name: Annotated[Name, Doc("姓名 Name of a public-facing worker")]
    phone: Annotated[Phone | None, Doc("联系电话 Phone"), Privacy.P2] = None
    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community", inverse="workers")]
    recruitment_channel: Annotated[RecruitmentChannel, Doc("招录渠道 Recruitment channel")]
    hired_on: Annotated[date, Doc("入职日期 Hired on")]
    left_on: Annotated[date | None, Doc("离职日期 Left on")] = None
    deployed_residential_area_id: Annotated[
        Id | None,
        Doc("下沉小区 Residential area of deployment"),
        Ref("ResidentialArea", inverse="workers"),
    ] = None
    deployed_on: Annotated[date | None, Doc("下沉日期 Deployed on")] = None
    state: Annotated[EmploymentState, Doc("在职状态 State")] = EmploymentState.EMPLOYED

    @classmethod
    def hire(
        cls,
        *,
        id: str,
        name: str,
        phone: str | None,
        community_id: str,
        recruitment_channel: RecruitmentChannel,
        hired_on: date,
    ) -> "CommunityWorker":
        worker = cls(
            id=id,
            name=name,
            phone=phone,
            community_id=community_id,
            recruitment_channel=recruitment_channel,
            hired_on=hired_on,
        )
        worker.record(WorkerHired)
        return worker

    def deploy(self, area_id: str, area_community_id: str, on: date) -> None:
        """Raises ORG_AREA_OUTSIDE_COMMUNITY, ORG_ALREADY_DEPLOYED."""
        if area_community_id != self.community_id:
            raise OrgError.AREA_OUTSIDE_COMMUNITY(field="residentialAreaId")
        if area_id == self.deployed_residential_area_id:
            raise OrgError.ALREADY_DEPLOYED(field="residentialAreaId")
        self.TABLE.move(self, "deployWorker")
        self.deployed_residential_area_id, self.deployed_on = area_id, on
        self.record(WorkerDeployed)

    def leave(self, on: date) -> None:
        """Raises ORG_PERIOD_INVALID."""
        if on < self.hired_on:
            raise OrgError.PERIOD_INVALID(field="on", start=self.hired_on.isoformat())
        self.TABLE.move(self, "endEmployment")
        self.left_on = on
        self.record(WorkerLeft)


@dataclass(kw_only=True)
class DispatchBatch(Aggregate):
    """红领书记选派批次 Batch in which red-collar secretaries were dispatched"""

    PLURAL = "dispatchBatches"
    UNIQUE = (Unique(("number",), OrgError.DUPLICATE_CODE),)
    REGISTER = Register(Role.ORG_ADMIN)

    number: Annotated[int, Doc("批次 Number"), Range(1, 1_000)]
    dispatched_on: Annotated[date, Doc("选派日期 Dispatched on")]
    size: Annotated[int, Doc("人数 Planned size"), Range(1, 1_000)]


class PostingState(LabelEnum):
    """任职状态 State of a posting"""

    ACTIVE = "在任 Active"
    RECALLED = "已召回 Recalled"


@event("secretary.dispatched")
class SecretaryDispatched(Event):
    """红领书记派驻社区 A red-collar secretary was dispatched to a community"""

    red_collar_secretary_id: Annotated[Id, Doc("红领书记 Secretary")]
    community_id: Annotated[Id, Doc("社区 Community")]
    batch_id: Annotated[Id, Doc("批次 Batch")]
    start_on: Annotated[date, Doc("开始日期 From")]


@event("secretary.recalled")
class SecretaryRecalled(Event):
    """红领书记召回 A red-collar secretary was recalled from the community"""

    red_collar_secretary_id: Annotated[Id, Doc("红领书记 Secretary")]
    community_id: Annotated[Id, Doc("社区 Community")]
    end_on: Annotated[date, Doc("结束日期 To")]


@dataclass(kw_only=True)
class RedCollarSecretary(Aggregate):
    """红领书记 Red-collar secretary: an official dispatched to help a community"""

    PLURAL = "redCollarSecretaries"
    TABLE = StateTable(
        action("recallSecretary", PostingState.ACTIVE, PostingState.RECALLED, Role.ORG_ADMIN, reason=True)
    )
    UNIQUE = (Unique(("person_id",), OrgError.ALREADY_DISPATCHED, {"state": PostingState.ACTIVE}),)

    person_id: Annotated[Id, Doc("人员 Person"), Ref("Person")]
    origin_department_id: Annotated[
        Id, Doc("派出单位 Origin unit"), Ref("Department", inverse="dispatched_secretaries")
    ]
    batch_id: Annotated[Id, Doc("批次 Batch"), Ref("DispatchBatch", inverse="secretaries")]
    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community", inverse="red_collar_secretaries")]
    start_on: Annotated[date, Doc("开始日期 From")]
    planned_months: Annotated[int, Doc("计划任期(月) Planned months"), Range(1, 60)]
    help_plan: Annotated[Text | None, Doc("帮扶计划 Help plan")] = None
    end_on: Annotated[date | None, Doc("结束日期 To")] = None
    state: Annotated[PostingState, Doc("状态 State")] = PostingState.ACTIVE

    @classmethod
    def dispatch(
        cls,
        *,
        id: str,
        person_id: str,
        origin_department_id: str,
        batch_id: str,
        community_id: str,
        start_on: date,
        planned_months: int,
        help_plan: str | None,
    ) -> "RedCollarSecretary":
        secretary = cls(
            id=id,
            person_id=person_id,
            origin_department_id=origin_department_id,
            batch_id=batch_id,
            community_id=community_id,
            start_on=start_on,
            planned_months=planned_months,
            help_plan=help_plan,
        )
        secretary.record(SecretaryDispatched)
        return secretary

    def recall(self, on: date) -> None:
        """Raises ORG_PERIOD_INVALID."""
        if on < self.start_on:
            raise OrgError.PERIOD_INVALID(field="on", start=self.start_on.isoformat())
        self.TABLE.move(self, "recallSecretary")
        self.end_on = on
        self.record(SecretaryRecalled)


@dataclass(kw_only=True)
class ContactPoint(Aggregate):
    """县级党员领导干部社区联系点 Contact point: a county leader who looks after a community"""

    UNIQUE = (Unique(("community_id",), OrgError.CONTACT_EXISTS, {"ended": False}),)
    REGISTER = Register(Role.ORG_ADMIN, created="assigned")

    leader_id: Annotated[Id, Doc("联系领导 Leader"), Ref("Person", inverse="contact_points")]
    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community", inverse="contact_points")]
    start_on: Annotated[date, Doc("开始日期 From")]
    visit_every_days: Annotated[int, Doc("走访周期(天) Days between visits"), Range(1, 366)]
    last_visit_on: Annotated[date | None, Doc("最近走访 Last visit")] = None
    ended: Annotated[bool, Doc("已结束 Ended")] = False
