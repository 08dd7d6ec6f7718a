"""Who is responsible, and the grids of a community as a tree."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from govkit.domain import STAFF, Code, Doc, Id, business_date
from govkit.graphql.functions import computed, query
from govkit.graphql.request import RequestContext
from govkit.store.store import Store
from grid.domain.duties import GridDuty, GridDutyRole, GridDutyState
from grid.domain.grids import BaseGrid, GridStatus
from grid.domain.micro_grids import MicroGrid
from grid.projections.load import GridLoad, open_petitions

RANK = {role: rank for rank, role in enumerate(GridDutyRole)}


def ranked(duties: list[GridDuty]) -> list[GridDuty]:
    """Leaders first."""
    return sorted(duties, key=lambda duty: (RANK[duty.role], duty.start_on, duty.id))


@query
async def on_duty(
    context: RequestContext,
    grid_code: Annotated[Code, Doc("网格编码 Code of the base grid")],
    at: Annotated[date | None, Doc("日期 Day; today unless given")] = None,
) -> list[GridDuty]:
    """在岗人员 Who is on duty in a grid on a day, leaders first."""
    day = at or business_date(context.bus.clock.now())
    duties = await context.store.find(GridDuty, {"grid_code": grid_code})
    return ranked([duty for duty in duties if duty.covers(day)])


@dataclass(frozen=True, kw_only=True)
class DutyCandidate:
    """网格岗位人选 Full-time worker who could be put on duty in a grid"""

    staff_id: Annotated[Id, Doc("工作人员 Worker of the grid's community")]
    deployed_here: Annotated[bool, Doc("下沉本小区 Deployed to the residential area in which the grid lies")]
    active_duties: Annotated[int, Doc("在岗数 Duties that the worker has now")]


@query
async def duty_candidates(
    context: RequestContext, grid_code: Annotated[Code, Doc("网格编码 Code of the base grid")]
) -> list[DutyCandidate]:
    """网格岗位人选 Who could be put on duty: those deployed to the grid's area first, then those with fewer duties."""
    grid = await context.load(BaseGrid, grid_code, "code")
    if grid is None:
        return []
    workers = await employed(context.store, grid.community_id)
    duties = await context.store.find(GridDuty, {"staff_id": frozenset(workers), "state": GridDutyState.ACTIVE})
    held = Counter(duty.staff_id for duty in duties)
    candidates = [
        DutyCandidate(
            staff_id=id,
            deployed_here=grid.residential_area_id is not None and area_id == grid.residential_area_id,
            active_duties=held[id],
        )
        for id, area_id in workers.items()
    ]
    return sorted(candidates, key=lambda item: (not item.deployed_here, item.active_duties, item.staff_id))


async def employed(store: Store, community_id: str) -> dict[str, str | None]:
    """Workers of a community who have not left, as organization told, each with the area of deployment."""
    here = {"type": "CommunityWorker", "data.communityId": community_id, "data.leftOn": None}
    rows = store.database["references"].find(here, {"data.deployedResidentialAreaId": 1})
    prefix = "CommunityWorker:"
    return {row["_id"].removeprefix(prefix): row.get("data", {}).get("deployedResidentialAreaId") async for row in rows}


@computed(BaseGrid)
async def load(grid: BaseGrid, context: RequestContext) -> GridLoad:
    """负荷 How much is to be done here"""

    async def count(codes: list[str]) -> list[int]:
        return await open_petitions(context.store, codes)

    found = await context.together("open petitions", count, grid.code)
    return GridLoad(
        households=grid.households,
        open_petitions=found,
        per_thousand_households=round(1_000 * found / grid.households, 1) if grid.households else None,
    )


@computed(GridDuty)
async def handover_note(duty: GridDuty, context: RequestContext) -> str | None:
    """交接说明 What the next one should know; shown to staff only"""
    return duty.handover_note if context.actor.has(STAFF) else None


@dataclass(frozen=True, kw_only=True)
class GridTreeNode:
    """网格树节点 A base grid with what belongs to it"""

    base_grid: Annotated[BaseGrid, Doc("基础网格 Base grid")]
    micro_grids: Annotated[list[MicroGrid], Doc("微网格 Micro-grids in use, by code")]
    duties: Annotated[list[GridDuty], Doc("在岗人员 Who is on duty, leaders first")]


@dataclass(frozen=True, kw_only=True)
class GridTree:
    """网格树 The net of one community"""

    community_id: Annotated[Id, Doc("社区 Community")]
    base_grid_count: Annotated[int, Doc("基础网格数 Base grids")]
    micro_grid_count: Annotated[int, Doc("微网格数 Micro-grids")]
    households: Annotated[int, Doc("户数 Households")]
    base_grids: Annotated[list[GridTreeNode], Doc("基础网格 Base grids in use, by code")]


@query
async def grid_tree(context: RequestContext, community_id: Annotated[Id, Doc("社区 Community")]) -> GridTree:
    """网格树 The base grids of a community with their micro-grids and who is on duty."""
    by_code = [("code", 1)]
    in_use = {"community_id": community_id, "status": GridStatus.ACTIVE}
    grids = await context.store.find(BaseGrid, in_use, by_code)
    micro: dict[str, list[MicroGrid]] = defaultdict(list)
    for item in await context.store.find(MicroGrid, in_use, by_code):
        micro[item.base_grid_id].append(item)
    duties: dict[str, list[GridDuty]] = defaultdict(list)
    for duty in await context.store.find(GridDuty, {"community_id": community_id, "state": GridDutyState.ACTIVE}):
        duties[duty.grid_code].append(duty)
    return GridTree(
        community_id=community_id,
        base_grid_count=len(grids),
        micro_grid_count=sum(len(items) for items in micro.values()),
        households=sum(grid.households for grid in grids),
        base_grids=[
            GridTreeNode(base_grid=grid, micro_grids=micro[grid.id], duties=ranked(duties[grid.code])) for grid in grids
        ],
    )
