"""A grid was split, merged or given up: its open cases go to the grid that follows it."""

from dataclasses import dataclass, replace
from typing import Annotated

from govkit.bus.inbox import EventContext, consumes
from govkit.domain import Code, Doc, Id
from petition.domain.petitions import Petition
from petition.domain.values import GridPlace
from petition.domain.vocabulary import OPEN_ORDERS, PetitionState
from petition.domain.work_orders import WorkOrder
from petition.projections.grid_map import BASE_GRIDS
from petition.projections.successors import place_in_successor
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
    """Without a successor, cases stay where they are: triage decides."""
    if not event.successor_codes:
        return
    for petition in await context.find(Petition, grid_code=event.code, state=UNDER_WAY):
        where = await place(context, event, petition)
        if where.grid_code != event.code:
            petition.reroute(where)
            await hand_over(context, petition, event.code)


async def place(context: EventContext, event: GridRetired, petition: Petition) -> GridPlace:
    """A successor that is not known here yet lies where the retired grid lay."""
    before = replace(
        petition.grid_place(),
        community_id=event.community_id or petition.community_id,
        residential_area_id=event.residential_area_id,
    )
    return await place_in_successor(context.store, event.successor_codes or (), petition.point, before)


async def hand_over(context: EventContext, petition: Petition, retired: str) -> None:
    """The open orders of the retired grid are for those who work in its successor now."""
    store, code = context.store, str(petition.grid_code)
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
