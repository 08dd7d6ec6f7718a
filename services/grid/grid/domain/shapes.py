"""Boundaries and what follows from them. They are measured outside the domain, which only sees the numbers."""

from dataclasses import dataclass
from typing import Annotated, Any

from govkit.domain import Aggregate, Doc, GeoJson, GeoPoint, Managed

TOLERATED_M2 = 1.0
"""Areas up to this size are rounding, neither an overlap nor a part outside (domain reference 3.2, invariants)."""


@dataclass(frozen=True, kw_only=True)
class BoundingBox:
    """外接矩形 Smallest rectangle around a boundary, WGS-84"""

    west: Annotated[float, Doc("西 Western longitude in degrees")]
    south: Annotated[float, Doc("南 Southern latitude in degrees")]
    east: Annotated[float, Doc("东 Eastern longitude in degrees")]
    north: Annotated[float, Doc("北 Northern latitude in degrees")]

    def touches(self, other: "BoundingBox") -> bool:
        across = self.west <= other.east and other.west <= self.east
        return across and self.south <= other.north and other.south <= self.north


@dataclass(frozen=True, kw_only=True)
class Outline:
    """A valid boundary with its measures."""

    boundary: dict[str, Any]
    bbox: BoundingBox
    centroid: GeoPoint
    area_m2: float


@dataclass(kw_only=True)
class Drawn(Aggregate):
    """An aggregate with a boundary; its measures always belong to it."""

    boundary: Annotated[GeoJson, Doc("边界 Boundary: Polygon or MultiPolygon, WGS-84")]
    bbox: Annotated[BoundingBox, Doc("外接矩形 Bounding box"), Managed]
    centroid: Annotated[GeoPoint, Doc("质心 Centroid"), Managed]
    area_m2: Annotated[float, Doc("面积(平方米) Area in square metres"), Managed]

    def draw(self, outline: Outline | None) -> bool:
        """Take another boundary; whether it differs from the present one."""
        if outline is None or outline.boundary == self.boundary:
            return False
        self.boundary, self.bbox = outline.boundary, outline.bbox
        self.centroid, self.area_m2 = outline.centroid, outline.area_m2
        return True


def set_changed(record: Aggregate, **values: object) -> bool:
    """Set the values that are given (not None) and differ from what the record has; whether there were any."""
    changed = {name: value for name, value in values.items() if value is not None and value != getattr(record, name)}
    for name, value in changed.items():
        setattr(record, name, value)
    return bool(changed)
