"""Bee stations: where riders rest. The six-have standard, inspections by it, opening hours and visits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from govkit.domain import (
    Aggregate,
    Code,
    Doc,
    Event,
    GeoPoint,
    Id,
    LabelEnum,
    Managed,
    Name,
    Pattern,
    Range,
    Ref,
    Register,
    Role,
    StateTable,
    Unique,
    action,
    event,
)
from new_employment_group.domain.errors import NegError

TimeOfDay = Annotated[Code, Pattern(r"([01]\d|2[0-3]):[0-5]\d|24:00", "08:00")]


@dataclass(frozen=True, kw_only=True)
class SixHaveItem:
    """六有项目 Item of the six-have standard"""

    code: Annotated[Code, Doc("代码 Code", example="FIRST_AID_KIT")]
    name: Annotated[Name, Doc("名称 Name")]
    mandatory: Annotated[bool, Doc("必备 Mandatory for opening")]
    sample: Annotated[bool, Doc("示例数据 Sample: not named by the county")] = False


@dataclass(kw_only=True)
class SixHaveStandard(Aggregate):
    """“六有”标准 Six-have standard of bee stations; the highest edition is in force"""

    UNIQUE = (Unique(("edition",), NegError.STANDARD_EXISTS),)
    REGISTER = Register(Role.ORG_ADMIN, create="defineSixHaveStandard", update="updateSixHaveStandard")

    edition: Annotated[int, Doc("版次 Edition"), Range(1, 1_000)]
    items: Annotated[list[SixHaveItem], Doc("项目 Items")]
    effective_on: Annotated[date, Doc("生效日期 Effective on")]

    @property
    def mandatory(self) -> tuple[str, ...]:
        return tuple(item.code for item in self.items if item.mandatory)


@dataclass(frozen=True, kw_only=True)
class StationItem:
    """驿站设施 What a station has of one item, as last seen"""

    code: Annotated[Code, Doc("项目代码 Code of the item", example="FIRST_AID_KIT")]
    present: Annotated[bool, Doc("具备 Present")]
    checked_on: Annotated[date, Doc("检查日期 Checked on")]
    expires_on: Annotated[date | None, Doc("有效期至 Expires on, as first-aid kits do")] = None

    @property
    def good(self) -> bool:
        """Present and, on the day of the check, not expired."""
        return self.present and (self.expires_on is None or self.expires_on >= self.checked_on)


class StationHost(LabelEnum):
    """驿站依托场所 Where a bee station is housed"""

    PARTY_MASS_VENUE = "党群服务阵地 Party-mass venue"
    COMMERCIAL_BUILDING = "商务楼宇 Commercial building"


class StationStatus(LabelEnum):
    """驿站状态 Status of a bee station"""

    PLANNED = "筹建 Planned"
    OPEN = "开放 Open"
    SUSPENDED = "暂停 Suspended"
    CLOSED = "关闭 Closed"


@event("station.opened")
class StationOpened(Event):
    """驿站开放 A bee station opened, or opened again"""

    bee_station_id: Annotated[Id, Doc("驿站 Station")]
    community_id: Annotated[Id, Doc("社区 Community")]
    location: Annotated[GeoPoint, Doc("位置 Location")]
    host: Annotated[StationHost, Doc("依托场所 Host")]


@event("station.suspended")
class StationSuspended(Event):
    """驿站暂停 A bee station is not in use for now"""

    bee_station_id: Annotated[Id, Doc("驿站 Station")]
    community_id: Annotated[Id, Doc("社区 Community")]


@event("station.closed")
class StationClosed(Event):
    """驿站关闭 A bee station is gone"""

    bee_station_id: Annotated[Id, Doc("驿站 Station")]
    community_id: Annotated[Id, Doc("社区 Community")]


@event("station.inspected")
class StationInspected(Event):
    """驿站检查 A bee station was inspected by the six-have standard"""

    bee_station_id: Annotated[Id, Doc("驿站 Station")]
    community_id: Annotated[Id, Doc("社区 Community")]
    inspected_on: Annotated[date, Doc("检查日期 Inspected on")]
    compliant: Annotated[bool, Doc("达标 All mandatory items present and none expired")]


KEEPERS = (Role.UNION_OFFICER, Role.INDUSTRY_COMMITTEE_OFFICER, Role.COMMUNITY_SECRETARY)
T = StationStatus


@dataclass(kw_only=True)
class BeeStation(Aggregate):
    """沂蒙小蜜蜂驿站 “Yimeng Little Bee” station: open only while the last inspection found every mandatory item"""

    TABLE = StateTable(
        action("openStation", (T.PLANNED, T.SUSPENDED), T.OPEN, *KEEPERS),
        action("inspectStation", (T.PLANNED, T.OPEN, T.SUSPENDED), None, *KEEPERS),
        action("updateStation", (T.PLANNED, T.OPEN, T.SUSPENDED), None, *KEEPERS),
        action("recordStationVisits", T.OPEN, None, *KEEPERS),
        action("suspendStation", T.OPEN, T.SUSPENDED, *KEEPERS, reason=True),
        action("closeStation", (T.PLANNED, T.OPEN, T.SUSPENDED), T.CLOSED, *KEEPERS, reason=True),
        attribute="status",
    )

    name: Annotated[Name, Doc("名称 Name")]
    host: Annotated[StationHost, Doc("依托场所 Host")]
    venue_id: Annotated[Id | None, Doc("党群服务阵地 Party-mass venue"), Ref("Venue", inverse="bee_stations")] = None
    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community", inverse="bee_stations")]
    location: Annotated[GeoPoint, Doc("位置 Location")]
    opens_at: Annotated[TimeOfDay, Doc("开放时间 Opens at")]
    closes_at: Annotated[TimeOfDay, Doc("关闭时间 Closes at")]
    attended: Annotated[bool, Doc("有人值守 Attended")]
    items: Annotated[list[StationItem], Doc("六有设施 Items as last seen"), Managed]
    compliant: Annotated[bool, Doc("达标 Compliant at the last inspection"), Managed] = False
    inspected_on: Annotated[date | None, Doc("最近检查 Last inspected on"), Managed] = None
    opened_on: Annotated[date | None, Doc("启用日期 First opened on"), Managed] = None
    visits: Annotated[int, Doc("到访人次 Visits, counted without identities"), Managed] = 0
    status: Annotated[StationStatus, Doc("状态 Status"), Managed] = StationStatus.PLANNED

    def inspect(self, found: Sequence[StationItem], standard: SixHaveStandard, on: date) -> tuple[str, ...]:
        """Note what was found; answers the mandatory items that are missing or expired.

        An open station that lacks a mandatory item is suspended. Raises NEG_ITEM_UNKNOWN.
        """
        known = {item.code for item in standard.items}
        if unknown := sorted({item.code for item in found} - known):
            raise NegError.ITEM_UNKNOWN(field="items", codes=unknown)
        self.TABLE.move(self, "inspectStation")
        seen = {item.code: item for item in self.items} | {item.code: item for item in found}
        self.items = [seen[item.code] for item in standard.items if item.code in seen]
        failing = self.failing(standard)
        self.compliant, self.inspected_on = not failing, on
        self.record(StationInspected)
        if self.status is StationStatus.OPEN and self.missing(standard):
            self.suspend()
        return failing

    def failing(self, standard: SixHaveStandard) -> tuple[str, ...]:
        """Mandatory items that are missing or had expired when they were checked."""
        good = {item.code for item in self.items if item.good}
        return tuple(code for code in standard.mandatory if code not in good)

    def missing(self, standard: SixHaveStandard) -> tuple[str, ...]:
        """Mandatory items that are not there at all."""
        present = {item.code for item in self.items if item.present}
        return tuple(code for code in standard.mandatory if code not in present)

    def open(self, standard: SixHaveStandard, on: date) -> None:
        """Raises NEG_SIX_HAVE_INCOMPLETE with the missing items."""
        if missing := self.missing(standard):
            raise NegError.SIX_HAVE_INCOMPLETE(missing=list(missing))
        self.TABLE.move(self, "openStation")
        self.opened_on = self.opened_on or on
        self.record(StationOpened)

    def suspend(self) -> None:
        self.TABLE.move(self, "suspendStation")
        self.record(StationSuspended)

    def close(self) -> None:
        self.TABLE.move(self, "closeStation")
        self.record(StationClosed)


@dataclass(kw_only=True)
class StationInspection(Aggregate):
    """驿站检查记录 Inspection of a bee station; never changed"""

    bee_station_id: Annotated[Id, Doc("驿站 Station"), Ref("BeeStation", inverse="inspections")]
    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community")]
    standard_edition: Annotated[int, Doc("标准版次 Edition of the standard")]
    inspected_on: Annotated[date, Doc("检查日期 Inspected on")]
    items: Annotated[list[StationItem], Doc("所见 What was found")]
    failing: Annotated[
        list[Code], Doc("不合格项目 Mandatory items that are missing or expired", example="FIRST_AID_KIT")
    ]
    compliant: Annotated[bool, Doc("达标 Compliant")]
