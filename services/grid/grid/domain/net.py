"""The net: generations, and the boundaries of county, street, communities and areas that it is drawn in."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from govkit.domain import (
    Aggregate,
    Doc,
    Event,
    Gen,
    GeoJson,
    Id,
    LabelEnum,
    Managed,
    Name,
    Place,
    Range,
    Ref,
    Register,
    Role,
    Text,
    Unique,
    event,
)
from grid.domain.errors import GridError
from grid.domain.shapes import Drawn, Outline


class GenerationState(LabelEnum):
    """网格版本状态 State of a generation"""

    DRAFT = "草案 Draft"
    ACTIVE = "生效 Active"
    ARCHIVED = "归档 Archived"


@dataclass(kw_only=True)
class Generation(Aggregate):
    """网格版本 Generation: one division of the county into grids; at most one is active"""

    UNIQUE = (
        Unique(("number",), GridError.GENERATION_EXISTS),
        Unique(("state",), GridError.GENERATION_EXISTS, {"state": GenerationState.ACTIVE}),
    )
    REGISTER = Register(Role.ADMIN, Role.ORG_ADMIN, created="created")

    number: Annotated[int, Doc("序号 Number"), Range(1, 10_000)]
    name: Annotated[Name, Doc("名称 Name")]
    state: Annotated[GenerationState, Doc("状态 State")] = GenerationState.DRAFT
    activated_on: Annotated[date | None, Doc("生效日期 Activated on; required when active")] = None
    description: Annotated[Text | None, Doc("说明 Description")] = None
    revision: Annotated[int, Doc("修订号 Number of changes of its grids"), Managed] = 0

    def check(self) -> None:
        if self.state is GenerationState.ACTIVE and self.activated_on is None:
            raise GridError.PERIOD_INVALID(field="activatedOn", rule="required when active")

    def revise(self) -> None:
        """Every change of what lies where goes through its generation.

        So two changes that do not know of each other cannot both be committed (two grids on the same ground), and
        every replica sees from one number whether what it holds in memory is the present net.
        """
        self.revision += 1


class BoundarySubject(LabelEnum):
    """边界对象 What a boundary is the boundary of"""

    COUNTY = "县 County"
    STREET = "街道 Street"
    COMMUNITY = "社区 Community"
    RESIDENTIAL_AREA = "小区 Residential area"


@event("area_boundary.drawn")
class AreaBoundaryDrawn(Event):
    """区域边界划定 The boundary of an area was drawn, or drawn anew"""

    area_boundary_id: Annotated[Id, Doc("边界 Boundary")]
    subject: Annotated[BoundarySubject, Doc("对象类型 Subject")]
    subject_id: Annotated[Id, Doc("对象 Subject's id")]
    generation_id: Annotated[Id, Doc("网格版本 Generation")]
    boundary: Annotated[GeoJson, Doc("边界 Boundary")]


@dataclass(kw_only=True)
class AreaBoundary(Drawn):
    """区域边界 Boundary of the county, the street, a community or a residential area in one generation"""

    PLURAL = "areaBoundaries"
    UNIQUE = (Unique(("generation_id", "subject", "subject_id"), Gen.CONFLICT),)

    subject: Annotated[BoundarySubject, Doc("对象类型 Subject")]
    subject_id: Annotated[Id, Doc("对象 Subject's id")]
    generation_id: Annotated[Id, Doc("网格版本 Generation"), Ref("Generation", inverse="area_boundaries")]

    @classmethod
    def of(
        cls, *, id: str, subject: BoundarySubject, subject_id: str, generation_id: str, outline: Outline
    ) -> "AreaBoundary":
        drawn = cls(
            id=id,
            subject=subject,
            subject_id=subject_id,
            generation_id=generation_id,
            boundary=outline.boundary,
            bbox=outline.bbox,
            centroid=outline.centroid,
            area_m2=outline.area_m2,
        )
        drawn.record(AreaBoundaryDrawn)
        return drawn

    def redraw(self, outline: Outline) -> bool:
        """Whether the boundary is another now."""
        redrawn = self.draw(outline)
        if redrawn:
            self.record(AreaBoundaryDrawn)
        return redrawn

    def place(self) -> Place:
        ids = {BoundarySubject.STREET: "street_id", BoundarySubject.COMMUNITY: "community_id"}
        return Place(**{ids[self.subject]: self.subject_id}) if self.subject in ids else Place()
