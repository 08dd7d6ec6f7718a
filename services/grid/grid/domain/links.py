"""What the net is tied to: grids of other systems, and places that people go to."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from govkit.domain import Aggregate, Code, Doc, GeoPoint, Id, LabelEnum, Place, Ref, Register, Role, Unique
from grid.domain.errors import GridError


@dataclass(kw_only=True)
class ExternalGridMapping(Aggregate):
    """一张网对应 Crosswalk of the one net: the grid of another system (public security, urban management) in ours"""

    UNIQUE = (Unique(("system", "external_code"), GridError.MAPPING_EXISTS, {"ended": False}),)
    REGISTER = Register(Role.ADMIN, created="mapped", create="mapExternalGrid", update="updateExternalGridMapping")

    system: Annotated[Code, Doc("外部系统 Code of the other system", example="PUBLIC_SECURITY")]
    external_code: Annotated[Code, Doc("外部编码 Grid code in that system", example="JW-17")]
    grid_code: Annotated[
        Code,
        Doc("网格编码 Code of the base grid", example="371324001001001"),
        Ref("BaseGrid", key="code", edge="base_grid", inverse="external_mappings"),
    ]
    valid_from: Annotated[date, Doc("生效日期 Valid from")]
    valid_to: Annotated[date | None, Doc("失效日期 Valid to")] = None
    ended: Annotated[bool, Doc("已失效 Ended")] = False

    def check(self) -> None:
        if self.valid_to and self.valid_to < self.valid_from:
            raise GridError.PERIOD_INVALID(field="validTo", start=self.valid_from.isoformat())

    def place(self) -> Place:
        return Place(grid_id=self.grid_code)


class PointOfInterestKind(LabelEnum):
    """服务点类型 Kind of point of interest"""

    COMMUNITY_CENTER = "社区党群服务中心 Party-mass service centre of a community"
    AREA_STATION = "小区党群服务站 Party-mass service station of a residential area"
    CIVILIZATION_PRACTICE_STATION = "新时代文明实践站 Civilization-practice station"
    OTHER = "其他 Other"


@dataclass(kw_only=True)
class PointOfInterest(Aggregate):
    """服务点 Point of interest: a place of another service, known from its events, for the 15-minute life circle"""

    PLURAL = "pointsOfInterest"

    kind: Annotated[PointOfInterestKind, Doc("类型 Kind")]
    venue_id: Annotated[Id, Doc("阵地 Venue"), Ref("Venue", inverse="point_of_interest", single=True)]
    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community", inverse="points_of_interest")]
    location: Annotated[GeoPoint, Doc("位置 Location")]
