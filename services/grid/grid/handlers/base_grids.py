"""Commands on base grids."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from govkit.commands import Context, command
from govkit.domain import Code, Doc, Gen, GeoJson, Id, Name, Text
from grid.domain.codes import SCHEME, GridKind
from grid.domain.duties import GridDuty, GridDutyState
from grid.domain.grids import STREET_AND_ABOVE, BaseGrid, GridStatus, Households, Population
from grid.domain.micro_grids import MicroGrid
from grid.domain.net import Generation
from grid.domain.shapes import Outline
from grid.handlers.geometry import draw, require_free_ground, require_inside_base, require_inside_community
from grid.handlers.parents import active_generation, boundary_of_community, known_community, require_area_of
from grid.projections.net import base_grids_touching


@dataclass(frozen=True, kw_only=True)
class CreateBaseGrid:
    community_id: Annotated[Id, Doc("社区 Community")]
    residential_area_id: Annotated[Id | None, Doc("小区 Residential area")] = None
    name: Annotated[Name, Doc("名称 Name")]
    kind: Annotated[GridKind, Doc("类型 Kind")] = GridKind.RESIDENTIAL
    code: Annotated[Code | None, Doc("网格编码 Code; the next of the community unless given")] = None
    boundary: Annotated[GeoJson, Doc("边界 Boundary: Polygon or MultiPolygon, WGS-84")]
    households: Annotated[Households, Doc("户数 Households")]
    population: Annotated[Population, Doc("人口 Population")]
    active_from: Annotated[date | None, Doc("启用日期 Active from; today unless given")] = None


@command(*STREET_AND_ABOVE)
async def create_base_grid(context: Context, input: CreateBaseGrid) -> BaseGrid:
    """建立基础网格 Create a base grid in the active generation; its ground must be free and inside its community."""
    generation = await active_generation(context)
    community = await known_community(context, input.community_id)
    await require_area_of(context, input.residential_area_id, input.community_id)
    outline = draw(input.boundary)
    siblings = await context.store.find(BaseGrid, {"community_id": input.community_id})
    code = SCHEME.base_code(community["code"], input.kind, {grid.code for grid in siblings}, input.code)
    await _require_ground(context, generation, input.community_id, outline)
    grid = BaseGrid.create(
        id=context.new_id(),
        code=code,
        name=input.name,
        kind=input.kind,
        community_id=input.community_id,
        residential_area_id=input.residential_area_id,
        generation_id=generation.id,
        outline=outline,
        households=input.households,
        population=input.population,
        active_from=input.active_from or context.today,
    )
    generation.revise()
    return await context.add(grid)


@dataclass(frozen=True, kw_only=True)
class UpdateBaseGrid:
    id: Annotated[Id, Doc("基础网格 Base grid")]
    name: Annotated[Name | None, Doc("名称 Name")] = None
    residential_area_id: Annotated[Id | None, Doc("小区 Residential area")] = None
    boundary: Annotated[GeoJson | None, Doc("边界 Boundary: Polygon or MultiPolygon, WGS-84")] = None
    households: Annotated[Households | None, Doc("户数 Households")] = None
    population: Annotated[Population | None, Doc("人口 Population")] = None


@command(on=BaseGrid)
async def update_base_grid(context: Context, input: UpdateBaseGrid) -> BaseGrid:
    """变更基础网格 Update a base grid; fields left out stay as they are. Its micro-grids stay inside it."""
    generation = await active_generation(context)
    grid = await context.load(BaseGrid, input.id)
    await require_area_of(context, input.residential_area_id, grid.community_id)
    outline = None if input.boundary is None else draw(input.boundary)
    if outline is not None:
        await _require_ground(context, generation, grid.community_id, outline, grid.code)
        for micro in await context.store.find(MicroGrid, {"base_grid_id": grid.id, "status": GridStatus.ACTIVE}):
            require_inside_base(micro.code, micro.boundary, outline.boundary)
    redrawn = grid.update(
        name=input.name,
        residential_area_id=input.residential_area_id,
        outline=outline,
        households=input.households,
        population=input.population,
    )
    if redrawn:
        generation.revise()
    return grid


async def _require_ground(
    context: Context, generation: Generation, community_id: str, outline: Outline, own_code: str | None = None
) -> None:
    """Raises GRID_OUTSIDE_PARENT, GRID_OVERLAP."""
    if community := await boundary_of_community(context, generation, community_id):
        require_inside_community(outline, community)
    neighbours = await base_grids_touching(context.store, generation.id, outline.bbox)
    require_free_ground(outline, [(code, boundary) for code, boundary in neighbours if code != own_code])


@dataclass(frozen=True, kw_only=True)
class RetireBaseGrid:
    id: Annotated[Id, Doc("基础网格 Base grid")]
    on: Annotated[date, Doc("停用日期 Retired on")]
    successor_codes: Annotated[list[Code] | None, Doc("后继网格编码 Codes of the grids that follow it")] = None
    reason: Annotated[Text, Doc("原因 Reason")]


@command(on=BaseGrid)
async def retire_base_grid(context: Context, input: RetireBaseGrid) -> BaseGrid:
    """停用基础网格 Retire a base grid without active duties and micro-grids; its code is never used again."""
    generation = await active_generation(context)
    grid = await context.load(BaseGrid, input.id)
    for code in input.successor_codes or []:
        if code == grid.code or await context.first(BaseGrid, code=code) is None:
            raise Gen.REFERENCE_UNKNOWN(field="successorCodes", type="BaseGrid", id=code)
    grid.retire(
        input.on,
        input.successor_codes or [],
        active_duties=await context.count(GridDuty, grid_code=grid.code, state=GridDutyState.ACTIVE),
        active_micro_grids=await context.count(MicroGrid, base_grid_id=grid.id, status=GridStatus.ACTIVE),
    )
    generation.revise()
    return grid
