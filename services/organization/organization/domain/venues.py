"""Party-mass venues and the units stationed in communities."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from govkit.domain import (
    Aggregate,
    Code,
    Doc,
    GeoPoint,
    Id,
    LabelEnum,
    Name,
    Pattern,
    Range,
    Ref,
    Register,
    Role,
    Unique,
)
from organization.domain.errors import OrgError

TimeOfDay = Annotated[Code, Pattern(r"([01]\d|2[0-4]):[0-5]\d", "08:30")]


class VenueKind(LabelEnum):
    """阵地类型 Kind of venue"""

    COMMUNITY_CENTER = "社区党群服务中心 Party-mass service centre of a community"
    AREA_STATION = "小区党群服务站 Party-mass service station of a residential area"
    CIVILIZATION_PRACTICE_STATION = "新时代文明实践站 Civilization-practice station"


class Acquisition(LabelEnum):
    """房屋来源 How the rooms were acquired"""

    HANDED_OVER = "配套公建用房清理移交 Public building handed over"
    RENTED = "租用 Rented"
    BUILT = "新建 Built"
    SHARED = "共用 Shared"


@dataclass(kw_only=True)
class Venue(Aggregate):
    """党群服务阵地 Party-mass venue: service centre, area station or civilization-practice station"""

    UNIQUE = (Unique(("residential_area_id",), OrgError.VENUE_EXISTS, {"kind": VenueKind.AREA_STATION}),)
    REGISTER = Register(Role.ORG_ADMIN, Role.STREET_OFFICER)

    kind: Annotated[VenueKind, Doc("类型 Kind")]
    name: Annotated[Name, Doc("名称 Name")]
    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community", inverse="venues")]
    residential_area_id: Annotated[
        Id | None, Doc("小区 Residential area"), Ref("ResidentialArea", inverse="venues")
    ] = None
    address: Annotated[Name, Doc("地址 Address")]
    location: Annotated[GeoPoint, Doc("位置 Location")]
    area_m2: Annotated[int | None, Doc("面积(平方米) Floor area in square metres"), Range(1, 100_000)] = None
    acquired_by: Annotated[Acquisition, Doc("房屋来源 Acquired by")]
    opens_at: Annotated[TimeOfDay | None, Doc("开放时间 Opens at")] = None
    closes_at: Annotated[TimeOfDay | None, Doc("关闭时间 Closes at")] = None
    facilities: Annotated[list[Name], Doc("设施 Facilities")] = field(default_factory=list)
    capacity: Annotated[int | None, Doc("容纳人数 Capacity"), Range(1, 100_000)] = None


@dataclass(kw_only=True)
class ResidentUnit(Aggregate):
    """驻区单位 Unit stationed in a community; also supports it through double check-in"""

    REGISTER = Register(Role.ORG_ADMIN, Role.STREET_OFFICER, Role.COMMUNITY_SECRETARY)

    name: Annotated[Name, Doc("名称 Name")]
    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community", inverse="resident_units")]
    reported_on: Annotated[date | None, Doc("双报到日期 Checked in on")] = None


@dataclass(kw_only=True)
class OwnersCommittee(Aggregate):
    """业主委员会 Owners' committee of a residential area"""

    REGISTER = Register(Role.STREET_OFFICER, Role.COMMUNITY_SECRETARY)

    residential_area_id: Annotated[
        Id, Doc("小区 Residential area"), Ref("ResidentialArea", inverse="owners_committees")
    ]
    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community")]
    established_on: Annotated[date, Doc("成立日期 Established on")]
    term_ends_on: Annotated[date, Doc("届满日期 Term ends on")]
    filed: Annotated[bool, Doc("已备案 Filed with the authority")] = False

    def check(self) -> None:
        if self.term_ends_on < self.established_on:
            raise OrgError.PERIOD_INVALID(field="termEndsOn")
