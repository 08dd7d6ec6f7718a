"""Care for the group: ten measures with their deliveries, three plans with their projects."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from govkit.domain import Aggregate, Doc, Id, LabelEnum, Name, Range, Ref, Register, Role, Unique
from new_employment_group.domain.errors import NegError

CARERS = (Role.UNION_OFFICER, Role.INDUSTRY_COMMITTEE_OFFICER)


@dataclass(kw_only=True)
class CareMeasure(Aggregate):
    """关心关爱措施 Care measure: one of the ten, with the department responsible and the target"""

    UNIQUE = (Unique(("number",), NegError.MEASURE_EXISTS),)
    REGISTER = Register(Role.ORG_ADMIN, create="defineCareMeasure", update="updateCareMeasure")

    number: Annotated[int, Doc("序号 Number"), Range(1, 100)]
    title: Annotated[Name, Doc("措施 Title")]
    department_id: Annotated[Id, Doc("责任部门 Responsible department"), Ref("Department", inverse="care_measures")]
    target: Annotated[int, Doc("目标 Target"), Range(1, 1_000_000)]
    unit: Annotated[Name, Doc("计量单位 Unit of the target")]
    from_on: Annotated[date, Doc("开始日期 From")]
    sample: Annotated[bool, Doc("示例数据 Sample: not named by the county")] = False


@dataclass(kw_only=True)
class CareDelivery(Aggregate):
    """关爱落实记录 Delivery of a care measure: how many were reached on a day"""

    PLURAL = "careDeliveries"
    REGISTER = Register(
        *CARERS,
        noun="care",
        created="delivered",
        changed="delivery_corrected",
        create="recordCareDelivery",
        update="correctCareDelivery",
    )

    measure_number: Annotated[
        int,
        Doc("措施序号 Number of the measure"),
        Ref("CareMeasure", key="number", edge="measure", inverse="deliveries"),
    ]
    delivered_on: Annotated[date, Doc("日期 Delivered on")]
    beneficiaries: Annotated[int, Doc("受益人数 Beneficiaries"), Range(1, 1_000_000)]
    station_id: Annotated[Id | None, Doc("驿站 Bee station"), Ref("BeeStation", inverse="care_deliveries")] = None
    amount_fen: Annotated[int | None, Doc("金额(分) Amount in fen"), Range(0, 10**11)] = None


class PlanCode(LabelEnum):
    """三大计划 The three plans"""

    LEAD_NEW = "领新 Lead the new"
    WARM_NEW = "暖新 Warm the new"
    GATHER_NEW = "聚新 Gather the new"


@dataclass(kw_only=True)
class Plan(Aggregate):
    """计划 Plan: one of the three plans of the “red new engine”"""

    UNIQUE = (Unique(("code",), NegError.PLAN_EXISTS),)
    REGISTER = Register(Role.ORG_ADMIN)

    code: Annotated[PlanCode, Doc("计划 Which plan")]
    name: Annotated[Name, Doc("名称 Name")]


@dataclass(kw_only=True)
class PlanProject(Aggregate):
    """计划项目 Project of a plan, with its progress towards a target"""

    REGISTER = Register(
        Role.ORG_ADMIN,
        Role.INDUSTRY_COMMITTEE_OFFICER,
        noun="plan",
        created="project_added",
        changed="project_updated",
        create="addPlanProject",
        update="updatePlanProject",
    )

    plan_id: Annotated[Id, Doc("计划 Plan"), Ref("Plan", inverse="projects")]
    title: Annotated[Name, Doc("项目 Title")]
    owner_department_id: Annotated[
        Id | None, Doc("责任部门 Department in charge"), Ref("Department", inverse="plan_projects")
    ] = None
    from_on: Annotated[date, Doc("开始日期 From")]
    to_on: Annotated[date, Doc("结束日期 To")]
    target: Annotated[int, Doc("目标 Target"), Range(1, 1_000_000)]
    done: Annotated[int, Doc("完成 Done so far"), Range(0, 1_000_000)] = 0

    @property
    def progress(self) -> float:
        """Done ÷ target, 1.0 at most."""
        return min(1.0, self.done / self.target)

    def check(self) -> None:
        """Raises NEG_PERIOD_INVALID."""
        if self.to_on < self.from_on:
            raise NegError.PERIOD_INVALID(field="toOn", start=self.from_on.isoformat())
