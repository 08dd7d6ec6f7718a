"""Commands on micro-grids. Their community is that of the base grid."""

from dataclasses import dataclass
from typing import Annotated

from govkit.commands import Context, command
from govkit.domain import Code, Doc, GeoJson, Id, Name, Text
from grid.domain.codes import SCHEME
from grid.domain.duties import GridDuty, GridDutyState
from grid.domain.grids import BaseGrid, GridStatus, Households
from grid.domain.micro_grids import COMMUNITY_AND_ABOVE, MicroGrid, MicroGridBuilding
from grid.domain.shapes import Outline
from grid.handlers.geometry import draw, require_free_ground, require_inside_base
from grid.handlers.parents import active_generation


@dataclass(frozen=True, kw_only=True)
class CreateMicroGrid:
    base_grid_id: Annotated[Id, Doc("基础网格 Base grid")]
    name: Annotated[Name, Doc("名称 Name")]
    code: Annotated[Code | None, Doc("微网格编码 Code; the next of the base grid unless given")] = None
    boundary: Annotated[GeoJson | None, Doc("边界 Boundary: Polygon or MultiPolygon, WGS-84")] = None
    buildings: Annotated[list[MicroGridBuilding], Doc("楼栋 Buildings")]
    households: Annotated[Households, Doc("户数 Households")]
    center_household_organization_id: Annotated[Id | None, Doc("党员中心户 Party-member centre household")] = None


@command(*COMMUNITY_AND_ABOVE)
async def create_micro_grid(context: Context, input: CreateMicroGrid) -> MicroGrid:
    """建立微网格 Create a micro-grid inside an active base grid, on ground that no other micro-grid has."""
    generation = await active_generation(context)
    base = await context.get(BaseGrid, input.base_grid_id, "baseGridId")
    outline = None if input.boundary is None else draw(input.boundary)
    siblings = await context.store.find(MicroGrid, {"base_grid_id": base.id})
    code = SCHEME.micro_code(base.code, {micro.code for micro in siblings}, input.code)
    micro = MicroGrid.create(
        id=context.new_id(),
        code=code,
        name=input.name,
        base=base,
        outline=outline,
        buildings=input.buildings,
        households=input.households,
        center_household_organization_id=input.center_household_organization_id,
    )
    _require_ground(micro, base, siblings, outline)
    generation.revise()
    return await context.add(micro, check_references=False)


@dataclass(frozen=True, kw_only=True)
class UpdateMicroGrid:
    id: Annotated[Id, Doc("微网格 Micro-grid")]
    name: Annotated[Name | None, Doc("名称 Name")] = None
    boundary: Annotated[GeoJson | None, Doc("边界 Boundary: Polygon or MultiPolygon, WGS-84")] = None
    buildings: Annotated[list[MicroGridBuilding] | None, Doc("楼栋 Buildings")] = None
    households: Annotated[Households | None, Doc("户数 Households")] = None
    center_household_organization_id: Annotated[Id | None, Doc("党员中心户 Party-member centre household")] = None


@command(on=MicroGrid)
async def update_micro_grid(context: Context, input: UpdateMicroGrid) -> MicroGrid:
    """变更微网格 Update a micro-grid; fields left out stay as they are."""
    generation = await active_generation(context)
    micro = await context.load(MicroGrid, input.id)
    outline = None if input.boundary is None else draw(input.boundary)
    if outline is not None:
        base = await context.get(BaseGrid, micro.base_grid_id, "baseGridId")
        siblings = await context.store.find(MicroGrid, {"base_grid_id": base.id})
        _require_ground(micro, base, siblings, outline)
    redrawn = micro.update(
        name=input.name,
        outline=outline,
        buildings=input.buildings,
        households=input.households,
        center_household_organization_id=input.center_household_organization_id,
    )
    if redrawn:
        generation.revise()
    return micro


def _require_ground(micro: MicroGrid, base: BaseGrid, siblings: list[MicroGrid], outline: Outline | None) -> None:
    """Raises GRID_MICRO_OUTSIDE_BASE, GRID_OVERLAP."""
    if outline is None:
        return
    require_inside_base(micro.code, outline.boundary, base.boundary)
    neighbours = [
        (other.code, other.boundary)
        for other in siblings
        if other.code != micro.code and other.status is GridStatus.ACTIVE
        if other.boundary and other.bbox and other.bbox.touches(outline.bbox)
    ]
    require_free_ground(outline, neighbours)


@dataclass(frozen=True, kw_only=True)
class RetireMicroGrid:
    id: Annotated[Id, Doc("微网格 Micro-grid")]
    reason: Annotated[Text, Doc("原因 Reason")]


@command(on=MicroGrid)
async def retire_micro_grid(context: Context, input: RetireMicroGrid) -> MicroGrid:
    """停用微网格 Retire a micro-grid without active volunteers; its code is never used again."""
    generation = await active_generation(context)
    micro = await context.load(MicroGrid, input.id)
    micro.retire(await context.count(GridDuty, micro_grid_code=micro.code, state=GridDutyState.ACTIVE))
    generation.revise()
    return micro
