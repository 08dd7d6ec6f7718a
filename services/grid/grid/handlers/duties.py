"""Commands on duties. Their community is that of a grid of ours; the worker is checked here, residents are not kept."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from govkit.commands import Context, command
from govkit.domain import Code, Doc, Gen, Id, Text
from grid.domain.duties import GridDuty, GridDutyRole
from grid.domain.errors import GridError
from grid.domain.grids import BaseGrid
from grid.domain.micro_grids import COMMUNITY_AND_ABOVE, MicroGrid


@dataclass(frozen=True, kw_only=True)
class AssignDuty:
    grid_code: Annotated[Code, Doc("网格编码 Code of the base grid")]
    role: Annotated[GridDutyRole, Doc("岗位角色 Role")]
    staff_id: Annotated[Id | None, Doc("工作人员 Worker; not for a volunteer")] = None
    volunteer_id: Annotated[Id | None, Doc("志愿者 Resident; for a volunteer")] = None
    micro_grid_code: Annotated[Code | None, Doc("微网格编码 Micro-grid; required for a volunteer")] = None
    start_on: Annotated[date, Doc("上岗日期 From")]


@command(*COMMUNITY_AND_ABOVE)
async def assign_duty(context: Context, input: AssignDuty) -> GridDuty:
    """安排网格岗位 Put a worker on duty in a grid, or a volunteer in a micro-grid; a grid has at most one leader."""
    duty = GridDuty.assign(
        id=context.new_id(),
        grid=await known_grid(context, input.grid_code),
        role=input.role,
        start_on=input.start_on,
        staff_id=input.staff_id,
        volunteer_id=input.volunteer_id,
        micro_grid=await _micro_grid(context, input.micro_grid_code),
    )
    if input.staff_id:
        await _require_employed(context, input.staff_id)
    return await context.add(duty, check_references=False)


async def known_grid(context: Context, code: str) -> BaseGrid:
    """Raises GEN_REFERENCE_UNKNOWN."""
    grid = await context.first(BaseGrid, code=code)
    if grid is None:
        raise Gen.REFERENCE_UNKNOWN(field="gridCode", type="BaseGrid", id=code)
    return grid


async def _micro_grid(context: Context, code: str | None) -> MicroGrid | None:
    if code is None:
        return None
    micro = await context.first(MicroGrid, code=code)
    if micro is None:
        raise Gen.REFERENCE_UNKNOWN(field="microGridCode", type="MicroGrid", id=code)
    return micro


async def _require_employed(context: Context, staff_id: str) -> None:
    """Raises GRID_STAFF_UNKNOWN, GRID_STAFF_NOT_ACTIVE."""
    known = await context.store.reference("CommunityWorker", "id", staff_id)
    if known is None:
        raise GridError.STAFF_UNKNOWN(field="staffId", id=staff_id)
    if left := known["data"].get("leftOn"):
        raise GridError.STAFF_NOT_ACTIVE(field="staffId", leftOn=left)


@dataclass(frozen=True, kw_only=True)
class EndDuty:
    id: Annotated[Id, Doc("岗位 Duty")]
    on: Annotated[date, Doc("离岗日期 Last day on duty")]
    handover_note: Annotated[Text | None, Doc("交接说明 Hand-over note")] = None


@command(on=GridDuty)
async def end_duty(context: Context, input: EndDuty) -> GridDuty:
    """结束网格岗位 End a duty."""
    duty = await context.load(GridDuty, input.id)
    duty.end(input.on, input.handover_note)
    return duty
