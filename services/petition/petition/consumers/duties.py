"""Who is on duty in a grid: the default assignee of its orders."""

from dataclasses import dataclass
from typing import Annotated

from govkit.bus.projections import Rows, projects
from govkit.domain import Code, Doc, Id
from petition.projections.units import DUTIES


@dataclass(frozen=True, kw_only=True)
class DutySeen:
    grid_duty_id: Annotated[Id, Doc("岗位 Duty")]
    grid_code: Annotated[Code, Doc("网格 Base grid")]
    staff_id: Annotated[Id | None, Doc("工作人员 Member of staff; none for a volunteer")] = None
    role: Annotated[Code, Doc("岗位角色 Role")]


@projects("duty.started", into=(DUTIES,))
async def note_duty_started(rows: Rows, event: DutySeen) -> None:
    if event.staff_id:
        duty = {"staff_id": event.staff_id, "role": event.role, "active": True}
        rows.project(DUTIES, event.grid_code, **{f"duties.{event.grid_duty_id}": duty})


@projects("duty.ended", into=(DUTIES,))
async def note_duty_ended(rows: Rows, event: DutySeen) -> None:
    rows.project(DUTIES, event.grid_code, **{f"duties.{event.grid_duty_id}.active": False})
