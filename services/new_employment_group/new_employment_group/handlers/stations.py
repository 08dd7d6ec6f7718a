"""Commands on bee stations."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from govkit.commands import Context, command
from govkit.domain import Code, Doc, GeoPoint, Id, Name, Range, Text
from new_employment_group.domain.errors import NegError
from new_employment_group.domain.stations import (
    KEEPERS,
    BeeStation,
    SixHaveStandard,
    StationHost,
    StationInspection,
    StationItem,
    TimeOfDay,
)
from new_employment_group.handlers.days import day_of


async def standard_in_force(context: Context) -> SixHaveStandard:
    """The standard of the highest edition that is effective. Raises NEG_STANDARD_MISSING."""
    effective = [item for item in await context.find(SixHaveStandard) if item.effective_on <= context.today]
    if not effective:
        raise NegError.STANDARD_MISSING()
    return max(effective, key=lambda item: item.edition)


@dataclass(frozen=True, kw_only=True)
class PlanStation:
    name: Annotated[Name, Doc("名称 Name")]
    host: Annotated[StationHost, Doc("依托场所 Host")]
    venue_id: Annotated[Id | None, Doc("党群服务阵地 Party-mass venue")] = None
    community_id: Annotated[Id, Doc("社区 Community")]
    location: Annotated[GeoPoint, Doc("位置 Location")]
    opens_at: Annotated[TimeOfDay, Doc("开放时间 Opens at")]
    closes_at: Annotated[TimeOfDay, Doc("关闭时间 Closes at")]
    attended: Annotated[bool, Doc("有人值守 Attended")] = False


@command(*KEEPERS)
async def plan_station(context: Context, input: PlanStation) -> BeeStation:
    """筹建驿站 Plan a bee station; it opens once the six-have standard is met."""
    station = BeeStation(
        id=context.new_id(),
        name=input.name,
        host=input.host,
        venue_id=input.venue_id,
        community_id=input.community_id,
        location=input.location,
        opens_at=input.opens_at,
        closes_at=input.closes_at,
        attended=input.attended,
        items=[],
    )
    return await context.add(station)


@dataclass(frozen=True, kw_only=True)
class ItemFound:
    """检查所见 What an inspection found of one item"""

    code: Annotated[Code, Doc("项目代码 Code of the item")]
    present: Annotated[bool, Doc("具备 Present")]
    expires_on: Annotated[date | None, Doc("有效期至 Expires on")] = None


@dataclass(frozen=True, kw_only=True)
class InspectStation:
    id: Annotated[Id, Doc("驿站 Station")]
    items: Annotated[list[ItemFound], Doc("所见 What was found; items left out stay as last seen")]
    on: Annotated[date | None, Doc("检查日期 Inspected on, today unless told")] = None


@command(on=BeeStation)
async def inspect_station(context: Context, input: InspectStation) -> BeeStation:
    """检查驿站 Inspect a station by the standard in force; an open one that lacks a mandatory item is suspended."""
    station = await context.load(BeeStation, input.id)
    on = day_of(context, input.on, "on")
    standard = await standard_in_force(context)
    found = [
        StationItem(code=item.code, present=item.present, checked_on=on, expires_on=item.expires_on)
        for item in input.items
    ]
    failing = station.inspect(found, standard, on)
    context.work.add(
        StationInspection(
            id=context.new_id(),
            bee_station_id=station.id,
            community_id=station.community_id,
            standard_edition=standard.edition,
            inspected_on=on,
            items=found,
            failing=list(failing),
            compliant=station.compliant,
        )
    )
    return station


@dataclass(frozen=True, kw_only=True)
class OpenStation:
    id: Annotated[Id, Doc("驿站 Station")]


@command(on=BeeStation)
async def open_station(context: Context, input: OpenStation) -> BeeStation:
    """开放驿站 Open a station whose last inspection found every mandatory item."""
    station = await context.load(BeeStation, input.id)
    station.open(await standard_in_force(context), context.today)
    return station


@dataclass(frozen=True, kw_only=True)
class UpdateStation:
    id: Annotated[Id, Doc("驿站 Station")]
    name: Annotated[Name | None, Doc("名称 Name")] = None
    opens_at: Annotated[TimeOfDay | None, Doc("开放时间 Opens at")] = None
    closes_at: Annotated[TimeOfDay | None, Doc("关闭时间 Closes at")] = None
    attended: Annotated[bool | None, Doc("有人值守 Attended")] = None


@command(on=BeeStation)
async def update_station(context: Context, input: UpdateStation) -> BeeStation:
    """变更驿站 Change the name or the hours of a station; fields left out stay as they are."""
    station = await context.load(BeeStation, input.id)
    station.name = input.name or station.name
    station.opens_at = input.opens_at or station.opens_at
    station.closes_at = input.closes_at or station.closes_at
    if input.attended is not None:
        station.attended = input.attended
    return station


@dataclass(frozen=True, kw_only=True)
class RecordStationVisits:
    id: Annotated[Id, Doc("驿站 Station")]
    visits: Annotated[int, Doc("人次 Visits to add"), Range(1, 10_000)]


@command(on=BeeStation)
async def record_station_visits(context: Context, input: RecordStationVisits) -> BeeStation:
    """登记到访 Add visits, as a number only."""
    station = await context.load(BeeStation, input.id)
    station.visits += input.visits
    return station


@dataclass(frozen=True, kw_only=True)
class SuspendStation:
    id: Annotated[Id, Doc("驿站 Station")]
    reason: Annotated[Text, Doc("原因 Reason")]


@command(on=BeeStation)
async def suspend_station(context: Context, input: SuspendStation) -> BeeStation:
    """暂停驿站 Suspend a station."""
    station = await context.load(BeeStation, input.id)
    station.suspend()
    return station


@dataclass(frozen=True, kw_only=True)
class CloseStation:
    id: Annotated[Id, Doc("驿站 Station")]
    reason: Annotated[Text, Doc("原因 Reason")]


@command(on=BeeStation)
async def close_station(context: Context, input: CloseStation) -> BeeStation:
    """关闭驿站 Close a station for good."""
    station = await context.load(BeeStation, input.id)
    station.close()
    return station
