"""Commands of workers in the field.

Their community is that of a grid of ours: it is taken as it is, also while organization has not been heard of yet.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from govkit.commands import Context, command
from govkit.domain import Code, Doc, Gen, GeoPoint, Id, Range, Text
from govkit.geo import CoordinateSystem, to_wgs84
from grid.domain.duties import GridDuty, GridDutyState
from grid.domain.errors import GridError
from grid.domain.grids import BaseGrid
from grid.domain.patrols import PATROLLERS, GridEvent, Patrol
from grid.handlers.duties import known_grid
from grid.projections.net import net_of

Longitude = Annotated[float, Range(-180, 180)]
Latitude = Annotated[float, Range(-90, 90)]


@dataclass(frozen=True, kw_only=True)
class StartPatrol:
    duty_id: Annotated[Id, Doc("岗位 Duty")]


@command(*PATROLLERS)
async def start_patrol(context: Context, input: StartPatrol) -> Patrol:
    """开始巡查 Start a patrol of the grid that one is on duty in."""
    duty = await context.get(GridDuty, input.duty_id, "dutyId")
    if duty.state is not GridDutyState.ACTIVE:
        raise Gen.INVALID_STATE(field="dutyId", current=duty.state.name, action="startPatrol")
    return await context.add(Patrol.start(id=context.new_id(), duty=duty, at=context.now), check_references=False)


@dataclass(frozen=True, kw_only=True)
class CheckInOnPatrol:
    id: Annotated[Id, Doc("巡查 Patrol")]
    longitude: Annotated[Longitude, Doc("经度 Longitude")]
    latitude: Annotated[Latitude, Doc("纬度 Latitude")]
    coordinate_system: Annotated[CoordinateSystem, Doc("坐标系 Coordinate system")]


@command(on=Patrol)
async def check_in_on_patrol(context: Context, input: CheckInOnPatrol) -> Patrol:
    """巡查打卡 Check in on a patrol."""
    patrol = await context.load(Patrol, input.id)
    patrol.check_in(context.now, to_wgs84(input.longitude, input.latitude, input.coordinate_system))
    return patrol


@dataclass(frozen=True, kw_only=True)
class EndPatrol:
    id: Annotated[Id, Doc("巡查 Patrol")]


@command(on=Patrol)
async def end_patrol(context: Context, input: EndPatrol) -> Patrol:
    """结束巡查 End a patrol."""
    patrol = await context.load(Patrol, input.id)
    patrol.end(context.now)
    return patrol


@dataclass(frozen=True, kw_only=True)
class FoundAt:
    """发现位置 Where something was found"""

    longitude: Annotated[Longitude, Doc("经度 Longitude")]
    latitude: Annotated[Latitude, Doc("纬度 Latitude")]
    coordinate_system: Annotated[CoordinateSystem, Doc("坐标系 Coordinate system")]


@dataclass(frozen=True, kw_only=True)
class RecordGridEvent:
    category_code: Annotated[Code, Doc("诉求类别 Category")]
    grid_code: Annotated[Code | None, Doc("网格编码 Base grid; that of the location unless given")] = None
    location: Annotated[FoundAt | None, Doc("位置 Where; required without gridCode")] = None
    found_at: Annotated[datetime | None, Doc("发现时间 When; now unless given")] = None
    patrol_id: Annotated[Id | None, Doc("巡查 Patrol on which it was found")] = None
    note: Annotated[Text | None, Doc("说明 Note, without personal data")] = None
    solved_on_spot: Annotated[bool, Doc("当场解决 Solved on the spot; else it becomes a petition")]


@command(*PATROLLERS)
async def record_grid_event(context: Context, input: RecordGridEvent) -> GridEvent:
    """登记网格事件 Record what was found in one's grid: solved on the spot, or reported as a petition."""
    point = _point(input.location)
    grid = await _grid(context, input.grid_code, point)
    patrol = await context.get(Patrol, input.patrol_id, "patrolId") if input.patrol_id else None
    found = GridEvent.found(
        id=context.new_id(),
        number=await context.number("WG"),
        grid=grid,
        category_code=input.category_code,
        found_by=context.actor.id,
        found_at=input.found_at or context.now,
        patrol_id=input.patrol_id,
        location=point,
        note=input.note,
        solved_on_spot=input.solved_on_spot,
    )
    await context.add(found, check_references=False)
    if patrol is not None:
        patrol.events_found += 1
    return found


def _point(given: FoundAt | None) -> GeoPoint | None:
    return to_wgs84(given.longitude, given.latitude, given.coordinate_system) if given else None


async def _grid(context: Context, code: str | None, point: GeoPoint | None) -> BaseGrid:
    """Raises GEN_VALIDATION, GEN_REFERENCE_UNKNOWN, GRID_POINT_OUTSIDE."""
    if code is not None:
        return await known_grid(context, code)
    if point is None:
        raise Gen.VALIDATION(field="gridCode", rule="gridCode or location is required")
    found = (await net_of(context.store).current()).locate(point)
    if found.code is None:
        raise GridError.POINT_OUTSIDE(field="location")
    return await known_grid(context, found.code)
