"""Who answers for a grid, and since when."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from govkit.domain import (
    Aggregate,
    Code,
    Doc,
    Event,
    Gen,
    Hidden,
    Id,
    LabelEnum,
    Place,
    Ref,
    StateTable,
    Text,
    Unique,
    action,
    event,
)
from grid.domain.errors import GridError
from grid.domain.grids import BaseGrid
from grid.domain.micro_grids import COMMUNITY_AND_ABOVE, MicroGrid


class GridDutyRole(LabelEnum):
    """网格岗位 Role in a grid"""

    GRID_LEADER = "网格长 Grid leader"
    GRID_WORKER = "网格员 Grid worker"
    GRID_ASSISTANT = "网格辅助员 Grid assistant"
    MICRO_GRID_VOLUNTEER = "微网格志愿者 Volunteer of a micro-grid"


class GridDutyState(LabelEnum):
    """在岗状态 State of a duty"""

    ACTIVE = "在岗 On duty"
    ENDED = "已离岗 Ended"


@event("duty.started")
class DutyStarted(Event):
    """网格上岗 Someone took up a duty in a grid"""

    grid_duty_id: Annotated[Id, Doc("岗位 Duty")]
    grid_code: Annotated[Code, Doc("网格编码 Code of the base grid", example="371324001001001")]
    micro_grid_code: Annotated[Code | None, Doc("微网格编码 Code of the micro-grid", example="37132400100100101")]
    community_id: Annotated[Id, Doc("社区 Community")]
    staff_id: Annotated[Id | None, Doc("工作人员 Worker; none for a volunteer")]
    volunteer_id: Annotated[Id | None, Doc("志愿者 Volunteer: a resident")]
    role: Annotated[GridDutyRole, Doc("岗位角色 Role")]
    start_on: Annotated[date, Doc("上岗日期 From")]


@event("duty.ended")
class DutyEnded(Event):
    """网格离岗 Someone left a duty in a grid"""

    grid_duty_id: Annotated[Id, Doc("岗位 Duty")]
    grid_code: Annotated[Code, Doc("网格编码 Code of the base grid", example="371324001001001")]
    micro_grid_code: Annotated[Code | None, Doc("微网格编码 Code of the micro-grid", example="37132400100100101")]
    community_id: Annotated[Id, Doc("社区 Community")]
    staff_id: Annotated[Id | None, Doc("工作人员 Worker; none for a volunteer")]
    volunteer_id: Annotated[Id | None, Doc("志愿者 Volunteer: a resident")]
    role: Annotated[GridDutyRole, Doc("岗位角色 Role")]
    end_on: Annotated[date, Doc("离岗日期 To")]


@dataclass(kw_only=True)
class GridDuty(Aggregate):
    """网格岗位 Duty of a worker in a base grid, or of a volunteer in a micro-grid, for a period"""

    PLURAL = "gridDuties"
    UNIQUE = (
        Unique(
            ("grid_code",),
            GridError.LEADER_EXISTS,
            {"role": GridDutyRole.GRID_LEADER, "state": GridDutyState.ACTIVE},
        ),
        Unique(("staff_id", "grid_code", "role"), GridError.DUTY_EXISTS, {"state": GridDutyState.ACTIVE}),
        Unique(("volunteer_id", "micro_grid_code"), GridError.DUTY_EXISTS, {"state": GridDutyState.ACTIVE}),
    )
    TABLE = StateTable(action("endDuty", GridDutyState.ACTIVE, GridDutyState.ENDED, *COMMUNITY_AND_ABOVE))

    grid_code: Annotated[
        Code,
        Doc("网格编码 Code of the base grid", example="371324001001001"),
        Ref("BaseGrid", key="code", edge="base_grid", inverse="duties"),
    ]
    micro_grid_code: Annotated[
        Code | None,
        Doc("微网格编码 Code of the micro-grid", example="37132400100100101"),
        Ref("MicroGrid", key="code", edge="micro_grid", inverse="duties"),
    ] = None
    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community", inverse="grid_duties")]
    staff_id: Annotated[Id | None, Doc("工作人员 Worker"), Ref("CommunityWorker", edge="staff", inverse="duties")] = (
        None
    )
    volunteer_id: Annotated[
        Id | None, Doc("志愿者 Volunteer"), Ref("Resident", edge="volunteer", inverse="micro_grid_duties")
    ] = None
    role: Annotated[GridDutyRole, Doc("岗位角色 Role")]
    start_on: Annotated[date, Doc("上岗日期 From")]
    end_on: Annotated[date | None, Doc("离岗日期 To; the last day on duty")] = None
    handover_note: Annotated[Text | None, Doc("交接说明 Hand-over note, for staff"), Hidden] = None
    state: Annotated[GridDutyState, Doc("在岗状态 State")] = GridDutyState.ACTIVE

    @classmethod
    def assign(
        cls,
        *,
        id: str,
        grid: BaseGrid,
        role: GridDutyRole,
        start_on: date,
        staff_id: str | None = None,
        volunteer_id: str | None = None,
        micro_grid: MicroGrid | None = None,
    ) -> "GridDuty":
        """A volunteer serves a micro-grid, everyone else is a worker of the base grid. Raises GRID_NOT_ACTIVE."""
        grid.require_active("gridCode")
        require_holder(role, staff_id, volunteer_id, micro_grid)
        if micro_grid is not None and micro_grid.base_grid_code != grid.code:
            raise Gen.VALIDATION(field="microGridCode", rule="a micro-grid of the grid", grid=grid.code)
        duty = cls(
            id=id,
            grid_code=grid.code,
            micro_grid_code=micro_grid.code if micro_grid else None,
            community_id=grid.community_id,
            staff_id=staff_id,
            volunteer_id=volunteer_id,
            role=role,
            start_on=start_on,
        )
        duty.record(DutyStarted)
        return duty

    def end(self, on: date, handover_note: str | None = None) -> None:
        """Raises GRID_PERIOD_INVALID."""
        if on < self.start_on:
            raise GridError.PERIOD_INVALID(field="on", start=self.start_on.isoformat())
        self.TABLE.move(self, "endDuty")
        self.end_on, self.handover_note = on, handover_note
        self.record(DutyEnded)

    def covers(self, day: date) -> bool:
        return self.start_on <= day and (self.end_on is None or day <= self.end_on)

    def place(self) -> Place:
        return Place(community_id=self.community_id, grid_id=self.grid_code)


def require_holder(
    role: GridDutyRole, staff_id: str | None, volunteer_id: str | None, micro_grid: MicroGrid | None
) -> None:
    """Raises GEN_VALIDATION when the holder does not fit the role."""
    if role is GridDutyRole.MICRO_GRID_VOLUNTEER:
        needed, excess = {"volunteerId": volunteer_id, "microGridCode": micro_grid}, {"staffId": staff_id}
    else:
        needed, excess = {"staffId": staff_id}, {"volunteerId": volunteer_id}
    for field, value in needed.items():
        if value is None:
            raise Gen.VALIDATION(field=field, rule=f"required for {role.name}")
    for field, value in excess.items():
        if value is not None:
            raise Gen.VALIDATION(field=field, rule=f"not for {role.name}")
