"""What a grid worker finds and cannot solve becomes a petition."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from govkit.bus.inbox import EventContext, consumes
from govkit.domain import Code, Doc, GeoPoint, Id, business_date
from petition.domain.categories import PetitionCategory
from petition.domain.petitions import Petition
from petition.domain.values import GridPlace, PetitionLocation
from petition.domain.vocabulary import (
    PetitionChannel,
    PetitionKind,
    PetitionLocateStatus,
    PetitionSourceType,
    PetitionVisibility,
)
from petition.projections.grid_map import place_of_grid, street_of
from petition.projections.successors import place_today


@dataclass(frozen=True, kw_only=True)
class GridEventSeen:
    grid_event_id: Annotated[Id, Doc("网格事件 Grid event")]
    grid_code: Annotated[Code, Doc("网格 Base grid")]
    community_id: Annotated[Id, Doc("社区 Community")]
    category_code: Annotated[Code, Doc("类别 Category")]
    location: Annotated[GeoPoint | None, Doc("位置 Where")] = None
    found_at: Annotated[datetime, Doc("发现时间 Found at")]


@consumes("grid_event.reported")
async def open_petition(context: EventContext, event: GridEventSeen) -> None:
    """One petition a grid event; the grid is the one that the worker named."""
    if await context.find(Petition, 1, source_id=event.grid_event_id, source_type=PetitionSourceType.GRID_EVENT):
        return
    category = next(iter(await context.find(PetitionCategory, 1, code=event.category_code)), None)
    name = category.name if category else event.category_code
    petition = Petition(
        id=context.new_id(),
        number=await number(context),
        kind=PetitionKind.REPORT,
        category_code=event.category_code,
        title=f"网格巡查:{name}",
        description=f"网格员巡查发现:{name}。",
        channel=PetitionChannel.GRID_PATROL,
        visibility=PetitionVisibility.INTERNAL if category is None or category.private else PetitionVisibility.PUBLIC,
        source_type=PetitionSourceType.GRID_EVENT,
        source_id=event.grid_event_id,
        submitted_at=context.now,
        location=PetitionLocation(point=event.location) if event.location else None,
    )
    context.add(petition.submit(category, await place(context, event)))


async def number(context: EventContext) -> str:
    """As commands number petitions."""
    day = f"LL-{business_date(context.now):%Y%m%d}"
    return f"{day}-{await context.number(day):06d}"


async def place(context: EventContext, event: GridEventSeen) -> GridPlace:
    """When that grid was retired meanwhile, the one that follows it."""
    store = context.store
    if known := await place_of_grid(store, event.grid_code):
        return known
    told = GridPlace(
        status=PetitionLocateStatus.RESOLVED,
        grid_code=event.grid_code,
        community_id=event.community_id,
        street_id=await street_of(store, event.community_id),
    )
    return await place_today(store, told, event.location)
