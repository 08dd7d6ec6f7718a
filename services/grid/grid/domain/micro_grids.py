"""Micro-grids: a few buildings each, part of exactly one base grid."""

from dataclasses import dataclass
from typing import Annotated

from govkit.domain import (
    Aggregate,
    Code,
    Doc,
    GeoJson,
    Id,
    Managed,
    Name,
    Place,
    Range,
    Ref,
    Role,
    StateTable,
    Unique,
    action,
)
from govkit.domain.events import state_event
from grid.domain.errors import GridError
from grid.domain.grids import BaseGrid, GridStatus, Households
from grid.domain.shapes import BoundingBox, Outline, set_changed

COMMUNITY_AND_ABOVE = (Role.COMMUNITY_SECRETARY, Role.STREET_OFFICER, Role.ORG_ADMIN, Role.ADMIN)


@dataclass(frozen=True, kw_only=True)
class MicroGridBuilding:
    """楼栋 Building of a micro-grid"""

    name: Annotated[Name, Doc("楼号 Name")]
    units: Annotated[int, Doc("单元数 Units"), Range(0, 1_000)]
    households: Annotated[Households, Doc("户数 Households")]


@dataclass(kw_only=True)
class MicroGrid(Aggregate):
    """微网格 Micro-grid: part of exactly one base grid; counts of households, no records of persons"""

    KEYS = ("code",)
    UNIQUE = (Unique(("code",), GridError.CODE_EXISTS),)
    TABLE = StateTable(
        action("updateMicroGrid", GridStatus.ACTIVE, None, *COMMUNITY_AND_ABOVE),
        action("retireMicroGrid", GridStatus.ACTIVE, GridStatus.RETIRED, *COMMUNITY_AND_ABOVE, reason=True),
        attribute="status",
    )

    code: Annotated[
        Code,
        Doc("微网格编码 Code: that of the base grid and two digits; never used twice", example="37132400100100101"),
    ]
    name: Annotated[Name, Doc("名称 Name")]
    base_grid_id: Annotated[Id, Doc("基础网格 Base grid"), Ref("BaseGrid", inverse="micro_grids")]
    base_grid_code: Annotated[Code, Doc("基础网格编码 Code of the base grid", example="371324001001001"), Managed]
    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community", inverse="micro_grids"), Managed]
    boundary: Annotated[GeoJson | None, Doc("边界 Boundary: Polygon or MultiPolygon, WGS-84")] = None
    bbox: Annotated[BoundingBox | None, Doc("外接矩形 Bounding box"), Managed] = None
    area_m2: Annotated[float | None, Doc("面积(平方米) Area in square metres"), Managed] = None
    buildings: Annotated[list[MicroGridBuilding], Doc("楼栋 Buildings")]
    households: Annotated[Households, Doc("户数 Households")]
    center_household_organization_id: Annotated[
        Id | None,
        Doc("党员中心户 Party-member centre household"),
        Ref("PartyOrganization", inverse="centre_household_micro_grids"),
    ] = None
    status: Annotated[GridStatus, Doc("状态 Status")] = GridStatus.ACTIVE

    @classmethod
    def create(
        cls,
        *,
        id: str,
        code: str,
        name: str,
        base: BaseGrid,
        outline: Outline | None,
        buildings: list[MicroGridBuilding],
        households: int,
        center_household_organization_id: str | None = None,
    ) -> "MicroGrid":
        """Raises GRID_NOT_ACTIVE."""
        base.require_active("baseGridId")
        grid = cls(
            id=id,
            code=code,
            name=name,
            base_grid_id=base.id,
            base_grid_code=base.code,
            community_id=base.community_id,
            buildings=buildings,
            households=households,
            center_household_organization_id=center_household_organization_id,
        )
        grid.draw(outline)
        grid.record(MicroGridCreated)
        return grid

    def draw(self, outline: Outline | None) -> bool:
        """Take another boundary; whether it differs from the present one."""
        if outline is None or outline.boundary == self.boundary:
            return False
        self.boundary, self.bbox, self.area_m2 = outline.boundary, outline.bbox, outline.area_m2
        return True

    def update(
        self,
        *,
        name: str | None = None,
        outline: Outline | None = None,
        buildings: list[MicroGridBuilding] | None = None,
        households: int | None = None,
        center_household_organization_id: str | None = None,
    ) -> bool:
        """None leaves a value as it is. Answers whether the boundary is another now."""
        self.TABLE.move(self, "updateMicroGrid")
        redrawn = self.draw(outline)
        changed = set_changed(
            self,
            name=name,
            buildings=buildings,
            households=households,
            center_household_organization_id=center_household_organization_id,
        )
        if redrawn or changed:
            self.record(MicroGridUpdated)
        return redrawn

    def retire(self, active_duties: int) -> None:
        """Raises GRID_HAS_ACTIVE_DUTY."""
        if active_duties:
            raise GridError.HAS_ACTIVE_DUTY(count=active_duties)
        self.TABLE.move(self, "retireMicroGrid")
        self.record(MicroGridRetired)

    def place(self) -> Place:
        return Place(community_id=self.community_id, grid_id=self.base_grid_code)


MicroGridCreated = state_event(MicroGrid, "micro_grid", "created", "建立 created", MicroGrid.declared())
MicroGridUpdated = state_event(MicroGrid, "micro_grid", "updated", "变更 updated", MicroGrid.declared())
MicroGridRetired = state_event(MicroGrid, "micro_grid", "retired", "停用 retired", MicroGrid.declared())
