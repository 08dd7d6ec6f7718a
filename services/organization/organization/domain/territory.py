"""Streets, departments, communities and residential areas: the ground on which everything else stands."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from govkit.domain import (
    Aggregate,
    Code,
    Doc,
    Id,
    LabelEnum,
    Name,
    Nulled,
    Pattern,
    Place,
    Range,
    Ref,
    Register,
    Role,
    Unique,
)
from organization.domain.errors import OrgError

Count = Annotated[int, Range(0, 1_000_000)]


@dataclass(kw_only=True)
class Street(Aggregate):
    """街道 Street (subdistrict): the third of the four response levels"""

    KEYS = ("code",)
    UNIQUE = (Unique(("code",), OrgError.DUPLICATE_CODE),)
    REGISTER = Register(Role.ORG_ADMIN)

    code: Annotated[Code, Doc("区划代码 Division code, 9 digits"), Pattern(r"\d{9}", "371324001")]
    name: Annotated[Name, Doc("名称 Name")]

    def place(self) -> Place:
        return Place(street_id=self.id)


@dataclass(kw_only=True)
class Department(Aggregate):
    """县直部门 County department: the fourth response level"""

    KEYS = ("code",)
    UNIQUE = (Unique(("code",), OrgError.DUPLICATE_CODE),)
    REGISTER = Register(Role.ORG_ADMIN)

    code: Annotated[Code, Doc("部门代码 Code", example="trade-union")]
    name: Annotated[Name, Doc("名称 Name")]
    duties: Annotated[list[Code], Doc("负责的诉求类别 Codes of the petition categories in its duty", example="0401")]

    def place(self) -> Place:
        return Place(department_id=self.id)


class CommunityOrigin(LabelEnum):
    """社区来源 How a community came to be"""

    ORIGINAL = "原有 Original"
    NEWLY_DIVIDED = "重新划分新增 Newly divided"


class CommunityStatus(LabelEnum):
    """社区状态 Status of a community"""

    ACTIVE = "在册 Active"
    MERGED = "已合并 Merged"
    DISSOLVED = "已撤销 Dissolved"


@dataclass(kw_only=True)
class Community(Aggregate):
    """社区 Community: the second of the four levels, and the basic unit of governance"""

    PLURAL = "communities"
    KEYS = ("code",)
    UNIQUE = (Unique(("code",), OrgError.DUPLICATE_CODE),)
    REGISTER = Register(Role.ORG_ADMIN, created="established")

    code: Annotated[Code, Doc("统计用区划代码 Statistical code, 12 digits"), Pattern(r"\d{12}", "371324001001")]
    name: Annotated[Name, Doc("名称 Name")]
    street_id: Annotated[Id, Doc("所属街道 Street"), Ref("Street", inverse="communities")]
    origin: Annotated[CommunityOrigin, Doc("来源 Origin")]
    established_on: Annotated[date, Doc("成立日期 Established on")]
    dissolved_on: Annotated[date | None, Doc("撤销日期 Dissolved on")] = None
    status: Annotated[CommunityStatus, Doc("状态 Status")] = CommunityStatus.ACTIVE
    predecessor_ids: Annotated[
        list[Id],
        Doc("划分前社区 Communities that it was divided from"),
        Ref("Community", edge="predecessors"),
        Nulled,
    ] = field(default_factory=list)
    address: Annotated[Name | None, Doc("办公地址 Address")] = None

    def place(self) -> Place:
        return Place(community_id=self.id, street_id=self.street_id)

    def check(self) -> None:
        if self.dissolved_on and self.dissolved_on < self.established_on:
            raise OrgError.PERIOD_INVALID(field="dissolvedOn")

    def require_active(self) -> None:
        """Raises ORG_COMMUNITY_NOT_ACTIVE."""
        if self.status is not CommunityStatus.ACTIVE:
            raise OrgError.COMMUNITY_NOT_ACTIVE(field="communityId", status=self.status.name)


class AreaKind(LabelEnum):
    """小区类型 Kind of residential area"""

    COMMERCIAL_ESTATE = "商品房小区 Commercial estate"
    OLD_ESTATE = "老旧小区 Old estate"
    RESETTLEMENT = "安置小区 Resettlement estate"
    UNIT_COMPOUND = "单位大院 Compound of a unit"


class PropertyStatus(LabelEnum):
    """物业管理状况 Who manages the property of an area"""

    NONE = "无物业 None"
    MARKET_MANAGED = "市场化物业 Market managed"
    FALLBACK_MANAGED = "国企兜底管理 Fallback managed by a state-owned company"
    SELF_MANAGED = "居民自管 Self-managed"


@dataclass(kw_only=True)
class Developer(Aggregate):
    """开发企业 Developer: built residential areas, and is subject to consequences of the red/black list"""

    UNIQUE = (Unique(("credit_code",), OrgError.ENTERPRISE_EXISTS),)
    REGISTER = Register(Role.HOUSING_AUTHORITY)

    name: Annotated[Name, Doc("名称 Name")]
    credit_code: Annotated[Code, Doc("统一社会信用代码 Unified social credit code", example="91371324MA3C0A0011")]


@dataclass(kw_only=True)
class ResidentialArea(Aggregate):
    """小区 Residential area: unit of a branch, a service station, a WeChat group and a property contract"""

    KEYS = ("code",)
    UNIQUE = (Unique(("code",), OrgError.DUPLICATE_CODE),)
    REGISTER = Register(Role.ORG_ADMIN)

    code: Annotated[Code, Doc("小区代码 Code", example="371324001001R01")]
    name: Annotated[Name, Doc("名称 Name")]
    community_id: Annotated[Id, Doc("所属社区 Community"), Ref("Community", inverse="residential_areas")]
    kind: Annotated[AreaKind, Doc("类型 Kind")]
    property_status: Annotated[PropertyStatus, Doc("物业管理状况 Property management")]
    buildings: Annotated[Count, Doc("楼栋数 Buildings")]
    households: Annotated[Count, Doc("户数 Households")]
    built_year: Annotated[int | None, Doc("建成年份 Year built"), Range(1900, 2100)] = None
    developer_id: Annotated[Id | None, Doc("开发企业 Developer"), Ref("Developer", inverse="residential_areas")] = None
    address: Annotated[Name | None, Doc("地址 Address")] = None
