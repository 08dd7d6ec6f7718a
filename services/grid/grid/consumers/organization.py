"""Effects of organization's events: workers who leave are off duty, venues are points of interest."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from govkit.bus.inbox import EventContext, consumes
from govkit.domain import Doc, GeoPoint
from grid.domain.duties import GridDuty, GridDutyState
from grid.domain.links import PointOfInterest, PointOfInterestKind


@dataclass(frozen=True, kw_only=True)
class WorkerLeft:
    community_worker_id: Annotated[str, Doc("工作者 Worker")]
    left_on: Annotated[date, Doc("离职日期 Left on")]


@consumes("worker.left")
async def release_worker(context: EventContext, event: WorkerLeft) -> None:
    """Nobody who left stays responsible for a grid."""
    for duty in await context.find(GridDuty, staff_id=event.community_worker_id, state=GridDutyState.ACTIVE):
        # A duty may have been planned to start after the day on which the worker left.
        duty.end(max(event.left_on, duty.start_on))


@dataclass(frozen=True, kw_only=True)
class VenueSeen:
    venue_id: Annotated[str, Doc("阵地 Venue")]
    kind: Annotated[str, Doc("类型 Kind")]
    community_id: Annotated[str, Doc("社区 Community")]
    location: Annotated[GeoPoint, Doc("位置 Location")]


@consumes("venue.registered", "venue.changed")
async def note_venue(context: EventContext, event: VenueSeen) -> None:
    # A kind that organization added later is still a place to go to.
    known_kind = event.kind in PointOfInterestKind.__members__
    kind = PointOfInterestKind[event.kind] if known_kind else PointOfInterestKind.OTHER
    known = await context.get(PointOfInterest, event.venue_id)
    if known is None:
        point = PointOfInterest(
            id=event.venue_id,
            kind=kind,
            venue_id=event.venue_id,
            community_id=event.community_id,
            location=event.location,
        )
        context.add(point)
    else:
        known.kind, known.community_id, known.location = kind, event.community_id, event.location
