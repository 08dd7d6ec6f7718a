"""The grid's polygons arrive: they are kept to locate points, and petitions that waited for them are located."""

from dataclasses import dataclass
from typing import Annotated

from govkit.bus.inbox import EventContext, consumes
from govkit.bus.projections import Rows, projects
from govkit.domain import Code, Doc, GeoJson, Id
from petition.domain.petitions import Petition
from petition.domain.values import GridPlace
from petition.domain.vocabulary import PetitionLocateStatus as Status
from petition.domain.vocabulary import PetitionState
from petition.projections.grid_map import BASE_GRIDS, MICRO_GRIDS, VERSION_KEY, VERSIONS, place_in_one, street_of

RETIRED = "RETIRED"
HELD = (Status.RESOLVED, Status.BORDER)


@dataclass(frozen=True, kw_only=True)
class BaseGridSeen:
    base_grid_id: Annotated[Id, Doc("基础网格 Base grid")]
    code: Annotated[Code, Doc("代码 Code")]
    community_id: Annotated[Id, Doc("社区 Community")]
    residential_area_id: Annotated[Id | None, Doc("小区 Residential area")] = None
    boundary: Annotated[GeoJson, Doc("边界 Boundary")]
    status: Annotated[Code, Doc("状态 Status")] = "ACTIVE"


@dataclass(frozen=True, kw_only=True)
class MicroGridSeen:
    code: Annotated[Code, Doc("代码 Code")]
    base_grid_code: Annotated[Code, Doc("基础网格 Base grid")]
    boundary: Annotated[GeoJson | None, Doc("边界 Boundary")] = None
    status: Annotated[Code, Doc("状态 Status")] = "ACTIVE"


@dataclass(frozen=True, kw_only=True)
class GridGone:
    code: Annotated[Code, Doc("代码 Code")]


@dataclass(frozen=True, kw_only=True)
class BaseGridGone(GridGone):
    successor_codes: Annotated[list[Code] | None, Doc("后继网格 Grids that follow it")] = None


@projects("grid.created", "grid.updated", into=(BASE_GRIDS, VERSIONS))
async def keep_base_grid(rows: Rows, event: BaseGridSeen) -> None:
    rows.project(
        BASE_GRIDS,
        event.code,
        grid_id=event.base_grid_id,
        community_id=event.community_id,
        residential_area_id=event.residential_area_id,
        boundary=event.boundary,
        active=event.status != RETIRED,
    )
    rows.increment(VERSIONS, VERSION_KEY, value=1)


@projects("micro_grid.created", "micro_grid.updated", into=(MICRO_GRIDS, VERSIONS))
async def keep_micro_grid(rows: Rows, event: MicroGridSeen) -> None:
    active = event.status != RETIRED and event.boundary is not None
    rows.project(MICRO_GRIDS, event.code, base_grid_code=event.base_grid_code, boundary=event.boundary, active=active)
    rows.increment(VERSIONS, VERSION_KEY, value=1)


@projects("grid.retired", into=(BASE_GRIDS, VERSIONS))
async def retire_base_grid(rows: Rows, event: BaseGridGone) -> None:
    rows.project(BASE_GRIDS, event.code, active=False, successor_codes=event.successor_codes)
    rows.increment(VERSIONS, VERSION_KEY, value=1)


@projects("micro_grid.retired", into=(MICRO_GRIDS, VERSIONS))
async def retire_micro_grid(rows: Rows, event: GridGone) -> None:
    rows.project(MICRO_GRIDS, event.code, active=False)
    rows.increment(VERSIONS, VERSION_KEY, value=1)


@consumes("grid.created")
async def locate_waiting(context: EventContext, event: BaseGridSeen) -> None:
    """Petitions that came before this grid was known. What triage has taken up is left alone.

    Grids arrive in any order: a second grid that holds the point makes it a border, where the smaller code wins; inside
    beats near; of several near grids the first stays.
    """
    for petition in await context.find(Petition, state=PetitionState.SUBMITTED):
        if petition.location is None or petition.grid_code == event.code:
            continue
        found = place_in_one(event.boundary, petition.location.point)
        if found is Status.RESOLVED:
            await put_into(context, petition, event)
        elif found is Status.NEAREST and petition.grid_code is None:
            petition.locate(await place_of(context, event, found))


async def put_into(context: EventContext, petition: Petition, event: BaseGridSeen) -> None:
    if petition.locate_status not in HELD or petition.grid_code is None:
        petition.locate(await place_of(context, event, Status.RESOLVED))
    elif event.code < petition.grid_code:
        petition.locate(await place_of(context, event, Status.BORDER))
    elif petition.locate_status is Status.RESOLVED:
        petition.on_border()


async def place_of(context: EventContext, event: BaseGridSeen, status: Status) -> GridPlace:
    return GridPlace(
        status=status,
        grid_code=event.code,
        community_id=event.community_id,
        residential_area_id=event.residential_area_id,
        street_id=await street_of(context.store, event.community_id),
    )
