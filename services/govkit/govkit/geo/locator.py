"""Which polygon a point lies in: the deterministic locate rule of domain reference 3.2, over shapes held in memory."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import shapely

from govkit.domain.fields import LabelEnum
from govkit.domain.values import GeoPoint
from govkit.geo.polygons import GeoJsonObject, Plane, read_polygon

BORDER_M = 0.001
"""Points this near to a border lie on it: closes the gaps that rounding leaves between neighbours on a slanted edge."""


class LocateStatus(LabelEnum):
    """定位结果 How a point was located"""

    CONTAINED = "位于网格内 Inside one grid"
    BORDER = "位于网格边界 On a border of several grids; the smallest code is taken"
    NEAREST = "网格外,取最近 Outside all grids, the nearest within the tolerance"
    OUTSIDE = "超出范围 Outside all grids and the tolerance"


@dataclass(frozen=True, kw_only=True)
class Located:
    """Where a point lies: `code` is None when OUTSIDE; `candidates` are all codes that the rule chose from, in order.

    `distance_m` is 0 inside, else the distance to the nearest shape, infinite when there are no shapes.
    """

    status: LocateStatus
    code: str | None
    candidates: tuple[str, ...]
    distance_m: float


class Locator:
    """`shapes`: code → GeoJSON Polygon or MultiPolygon in WGS-84, all within one county. Immutable.

    Raises GeometryError for a shape that is not a valid polygon.
    """

    def __init__(self, shapes: Mapping[str, GeoJsonObject]):
        # In the order of codes, so that not even the tree depends on the order of insertion.
        self.codes = tuple(sorted(shapes))
        read = [read_polygon(shapes[code]) for code in self.codes]
        south, north = shapely.total_bounds(read)[[1, 3]] if read else (0.0, 0.0)
        self._plane = Plane.at((south + north) / 2)
        self._shapes = self._plane.project(read) if read else []
        self._tree = shapely.STRtree(self._shapes)

    def locate(self, point: GeoPoint, tolerance_m: float = 50) -> Located:
        """The polygon of a point. Several at a border: the smallest code. None: the nearest within `tolerance_m`."""
        place = self._plane.point(point)
        if hits := self._within(place, BORDER_M):
            status = LocateStatus.CONTAINED if len(hits) == 1 else LocateStatus.BORDER
            return self._located(status, hits, 0.0)
        distance = self._distance(place)
        if distance > tolerance_m:
            return Located(status=LocateStatus.OUTSIDE, code=None, candidates=(), distance_m=distance)
        return self._located(LocateStatus.NEAREST, self._within(place, distance + BORDER_M), distance)

    def in_box(self, west: float, south: float, east: float, north: float) -> tuple[str, ...]:
        """Codes of the shapes that touch a rectangle given in degrees, in order."""
        box = self._plane.project(shapely.box(west, south, east, north))
        return tuple(self.codes[index] for index in sorted(self._tree.query(box, predicate="intersects")))

    def _within(self, place: Any, metres: float) -> list[int]:
        """Indices, which stand in the order of codes."""
        return sorted(self._tree.query(place, predicate="dwithin", distance=metres))

    def _distance(self, place: Any) -> float:
        if not self.codes:
            return math.inf
        return float(shapely.distance(place, self._shapes[self._tree.nearest(place)]))

    def _located(self, status: LocateStatus, hits: list[int], distance: float) -> Located:
        codes = tuple(self.codes[index] for index in hits)
        return Located(status=status, code=codes[0], candidates=codes, distance_m=distance)
