"""Base grids: the unit that everything in the county is addressed to."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from govkit.domain import (
    Code,
    Doc,
    Id,
    LabelEnum,
    Managed,
    Name,
    Nulled,
    Place,
    Range,
    Ref,
    Role,
    StateTable,
    Unique,
    action,
)
from govkit.domain.events import state_event
from grid.domain.codes import GridKind
from grid.domain.errors import GridError
from grid.domain.shapes import Drawn, Outline, set_changed

STREET_AND_ABOVE = (Role.STREET_OFFICER, Role.ORG_ADMIN, Role.ADMIN)
Households = Annotated[int, Range(0, 100_000)]
Population = Annotated[int, Range(0, 1_000_000)]


class GridStatus(LabelEnum):
    """网格状态 Status of a grid"""

    DRAFT = "草案 Draft"
    ACTIVE = "启用 Active"
    RETIRED = "停用 Retired"


@dataclass(kw_only=True)
class BaseGrid(Drawn):
    """基础网格 Base grid: belongs to one community, and to the residential area that it lies in"""

    KEYS = ("code",)
    UNIQUE = (Unique(("code",), GridError.CODE_EXISTS),)
    TABLE = StateTable(
        action("updateBaseGrid", GridStatus.ACTIVE, None, *STREET_AND_ABOVE),
        action("retireBaseGrid", GridStatus.ACTIVE, GridStatus.RETIRED, *STREET_AND_ABOVE, reason=True),
        attribute="status",
    )

    code: Annotated[
        Code, Doc("网格编码 Code: that of the community and three digits; never used twice", example="371324001001001")
    ]
    name: Annotated[Name, Doc("名称 Name")]
    kind: Annotated[GridKind, Doc("类型 Kind")]
    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community", inverse="base_grids")]
    residential_area_id: Annotated[
        Id | None, Doc("小区 Residential area"), Ref("ResidentialArea", inverse="base_grids")
    ] = None
    generation_id: Annotated[Id, Doc("网格版本 Generation"), Ref("Generation", inverse="base_grids"), Managed]
    households: Annotated[Households, Doc("户数 Households")]
    population: Annotated[Population, Doc("人口 Population")]
    active_from: Annotated[date, Doc("启用日期 Active from")]
    retired_on: Annotated[date | None, Doc("停用日期 Retired on")] = None
    status: Annotated[GridStatus, Doc("状态 Status")] = GridStatus.ACTIVE
    successor_codes: Annotated[
        list[Code],
        Doc("后继网格 Grids that follow it", example="371324001001002"),
        Ref("BaseGrid", key="code", edge="successors"),
        Nulled,
    ] = field(default_factory=list)

    @classmethod
    def create(
        cls,
        *,
        id: str,
        code: str,
        name: str,
        kind: GridKind,
        community_id: str,
        residential_area_id: str | None,
        generation_id: str,
        outline: Outline,
        households: int,
        population: int,
        active_from: date,
    ) -> "BaseGrid":
        grid = cls(
            id=id,
            code=code,
            name=name,
            kind=kind,
            community_id=community_id,
            residential_area_id=residential_area_id,
            generation_id=generation_id,
            boundary=outline.boundary,
            bbox=outline.bbox,
            centroid=outline.centroid,
            area_m2=outline.area_m2,
            households=households,
            population=population,
            active_from=active_from,
        )
        grid.record(GridCreated)
        return grid

    def update(
        self,
        *,
        name: str | None = None,
        residential_area_id: str | None = None,
        outline: Outline | None = None,
        households: int | None = None,
        population: int | None = None,
    ) -> bool:
        """None leaves a value as it is. Answers whether the net is another now: the boundary, or what lies in it."""
        self.TABLE.move(self, "updateBaseGrid")
        redrawn = set_changed(self, residential_area_id=residential_area_id)
        redrawn = self.draw(outline) or redrawn
        changed = set_changed(self, name=name, households=households, population=population)
        if redrawn or changed:
            self.record(GridUpdated)
        return redrawn

    def retire(self, on: date, successor_codes: list[str], *, active_duties: int, active_micro_grids: int) -> None:
        """Raises GRID_HAS_ACTIVE_DUTY, GRID_HAS_MICRO_GRIDS, GRID_PERIOD_INVALID."""
        if active_duties:
            raise GridError.HAS_ACTIVE_DUTY(count=active_duties)
        if active_micro_grids:
            raise GridError.HAS_MICRO_GRIDS(count=active_micro_grids)
        if on < self.active_from:
            raise GridError.PERIOD_INVALID(field="on", start=self.active_from.isoformat())
        self.TABLE.move(self, "retireBaseGrid")
        self.retired_on, self.successor_codes = on, successor_codes
        self.record(GridRetired)

    def require_active(self, field: str) -> None:
        """Raises GRID_NOT_ACTIVE."""
        if self.status is not GridStatus.ACTIVE:
            raise GridError.NOT_ACTIVE(field=field, grid=self.code, status=self.status.name)

    def place(self) -> Place:
        return Place(community_id=self.community_id, grid_id=self.code)


# The whole public state, boundary included: other services locate points themselves.
GridCreated = state_event(BaseGrid, "grid", "created", "建立 created", BaseGrid.declared())
GridUpdated = state_event(BaseGrid, "grid", "updated", "变更 updated", BaseGrid.declared())
GridRetired = state_event(BaseGrid, "grid", "retired", "停用 retired", BaseGrid.declared())
