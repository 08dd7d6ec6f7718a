"""A grid was split, merged or given up: its open cases go to the grid that follows it."""

from dataclasses import dataclass
from typing import Annotated, Any

from govkit.bus.inbox import EventContext, consumes
from govkit.domain import Code, Doc, Id
from petition.domain.petitions import Petition
from petition.domain.values import GridPlace
from petition.domain.vocabulary import OPEN_ORDERS, PetitionLocateStatus, PetitionState
from petition.domain.work_orders import WorkOrder
from petition.projections.grid_map import BASE_GRIDS, place_in_one, street_of
from petition.projections.units import leader_on_duty

S = PetitionState
UNDER_WAY = frozenset(S) - {S.CLOSED, S.REJECTED, S.MERGED, S.WITHDRAWN}


@dataclass(frozen=True, kw_only=True)
class GridRetired:
    code: Annotated[Code, Doc("代码 Code")]
    successor_codes: Annotated[list[Code] | None, Doc("后继网格 Grids that follow it")] = None
    community_id: Annotated[Id | None, Doc("社区 Community")] = None
    residential_area_id: Annotated[Id | None, Doc("小区 Residential area")] = None


@consumes("grid.retired")
async def reroute(context: EventContext, event: GridRetired) -> None:
    """Of several successors the one that holds the point as far as their boundaries are known here, else the first by
    code. Without a successor, cases stay where they are: triage decides."""
    if not event.successor_codes:
        return
    for petition in await context.find(Petition, grid_code=event.code, state=UNDER_WAY):
        code = await successor(context, event.successor_codes, petition)
        petition.reroute(await place(context, event, code, petition))
        await hand_over(context, petition, event.code)


async def successor(context: EventContext, codes: list[str], petition: Petition) -> str:
    rows = context.work.store.database[BASE_GRIDS].find({"_id": {"$in": codes}, "active": True}, {"boundary": 1})
    shapes: dict[str, Any] = {row["_id"]: row["boundary"] async for row in rows}
    if petition.location is not None:
        for code in sorted(shapes):
            if place_in_one(shapes[code], petition.location.point) is PetitionLocateStatus.RESOLVED:
                return code
    return min(codes)


async def place(context: EventContext, event: GridRetired, code: str, petition: Petition) -> GridPlace:
    """What the successor belongs to, if it is known here; else it lies where the retired grid lay."""
    store = context.work.store
    row = await store.database[BASE_GRIDS].find_one({"_id": code}) or {}
    community_id = row.get("community_id") or event.community_id or petition.community_id
    return GridPlace(
        status=petition.locate_status,
        grid_code=code,
        community_id=community_id,
        residential_area_id=row.get("residential_area_id") or event.residential_area_id,
        street_id=await street_of(store, community_id) if community_id else petition.street_id,
    )


async def hand_over(context: EventContext, petition: Petition, retired: str) -> None:
    """The open orders of the retired grid are for those who work in its successor now."""
    store, code = context.work.store, str(petition.grid_code)
    row = await store.database[BASE_GRIDS].find_one({"_id": code}) or {}
    for order in await open_orders(context, petition, retired):
        order.reroute(code, row.get("grid_id"), await leader_on_duty(store, code))
    if "grid_id" in row:
        petition.hand_to_grid(row["grid_id"])


async def open_orders(context: EventContext, petition: Petition, grid_code: str) -> list[WorkOrder]:
    return await context.find(WorkOrder, petition_id=petition.id, grid_code=grid_code, state=frozenset(OPEN_ORDERS))


@dataclass(frozen=True, kw_only=True)
class SuccessorSeen:
    base_grid_id: Annotated[Id, Doc("基础网格 Base grid")]
    code: Annotated[Code, Doc("代码 Code")]


@consumes("grid.created")
async def name_successor(context: EventContext, event: SuccessorSeen) -> None:
    """Cases that went to this grid before it was known here name it as their unit now."""
    for petition in await context.find(Petition, grid_code=event.code, state=UNDER_WAY):
        for order in await open_orders(context, petition, event.code):
            order.reroute(event.code, event.base_grid_id, order.assignee_staff_id)
        petition.hand_to_grid(event.base_grid_id)
