"""GeoJSON polygons as shapes: read with all their rules checked, measured in metres, compared by area."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

import numpy
import shapely

from govkit.domain.values import GeoPoint

GeoJsonObject = Mapping[str, Any]
MOST_POSITIONS = 20_000
WGS84_SEMI_MAJOR_M, WGS84_ECCENTRICITY_SQUARED = 6_378_137.0, 0.00669437999014


class GeometryError(ValueError):
    """A geometry that is not a valid polygon; `reason` says why, in English and without coordinates."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Outline:
    """What follows from a boundary.

    `geometry` is the boundary itself without anything that does not belong to a polygon: altitudes, foreign members;
    exterior rings run counter-clockwise (RFC 7946). `bbox`: west, south, east, north in degrees. The centroid of a
    concave polygon may lie outside it.
    """

    geometry: dict[str, Any]
    bbox: tuple[float, float, float, float]
    centroid: GeoPoint
    area_m2: float


@dataclass(frozen=True)
class Plane:
    """Degrees as metres on the plane that touches the earth at one latitude. Good to 0.2 % within 15 km of it."""

    metres_per_degree_east: float
    metres_per_degree_north: float

    @classmethod
    def at(cls, latitude: float) -> "Plane":
        curvature = 1 - WGS84_ECCENTRICITY_SQUARED * math.sin(math.radians(latitude)) ** 2
        degree = WGS84_SEMI_MAJOR_M * math.pi / 180
        return cls(
            degree * math.cos(math.radians(latitude)) / math.sqrt(curvature),
            degree * (1 - WGS84_ECCENTRICITY_SQUARED) / curvature**1.5,
        )

    def project(self, shape: Any) -> Any:
        """The shape in metres. Equal coordinates stay equal, so that shared edges stay shared."""
        scale = numpy.array([self.metres_per_degree_east, self.metres_per_degree_north])
        return shapely.transform(shape, lambda positions: positions * scale)

    def point(self, point: GeoPoint) -> Any:
        return shapely.Point(
            point.longitude * self.metres_per_degree_east, point.latitude * self.metres_per_degree_north
        )


def read_polygon(geometry: object) -> Any:
    """A Polygon or MultiPolygon of RFC 7946 as a shape in degrees.

    Raises GeometryError: another type, rings that are open, too short or cross themselves, coordinates off the globe.
    """
    if not isinstance(geometry, Mapping) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        raise GeometryError("type is neither Polygon nor MultiPolygon")
    coordinates = geometry.get("coordinates")
    polygons = [coordinates] if geometry["type"] == "Polygon" else coordinates
    if not _is_list(polygons) or not polygons:
        raise GeometryError("coordinates are missing")
    parts = [_read_part(rings) for rings in polygons]
    if sum(len(ring) for part in parts for ring in part) > MOST_POSITIONS:
        raise GeometryError(f"more than {MOST_POSITIONS} positions")
    shapes = [shapely.Polygon(shell, holes) for shell, *holes in parts]
    shape = shapes[0] if geometry["type"] == "Polygon" else shapely.MultiPolygon(shapes)
    if not shape.is_valid:
        raise GeometryError(shapely.is_valid_reason(shape).split("[", 1)[0].lower())
    return shape


def _read_part(rings: object) -> list[list[tuple[float, float]]]:
    if not _is_list(rings) or not rings:
        raise GeometryError("a polygon without a ring")
    return [_read_ring(ring) for ring in rings]


def _read_ring(ring: object) -> list[tuple[float, float]]:
    if not _is_list(ring) or len(ring) < 4:
        raise GeometryError("a ring has fewer than 4 positions")
    positions = [_read_position(position) for position in ring]
    if positions[0] != positions[-1]:
        raise GeometryError("a ring is not closed")
    return positions


def _read_position(position: object) -> tuple[float, float]:
    if not _is_list(position) or len(position) not in (2, 3) or not all(map(_is_number, position)):
        raise GeometryError("a position is not longitude and latitude in degrees")
    longitude, latitude = float(position[0]), float(position[1])
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise GeometryError("a position is not longitude and latitude in degrees")
    return longitude, latitude


def _is_list(value: object) -> TypeGuard[Sequence[Any]]:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= 180


def outline(geometry: GeoJsonObject) -> Outline:
    """Bounds, centroid and area of a polygon. Raises GeometryError."""
    shape = read_polygon(geometry)
    west, south, east, north = shape.bounds
    centroid = shape.centroid
    return Outline(
        geometry=_geometry(shape),
        bbox=(west, south, east, north),
        centroid=GeoPoint(longitude=centroid.x, latitude=centroid.y),
        area_m2=_area_m2(shape),
    )


def _geometry(shape: Any) -> dict[str, Any]:
    oriented = shapely.orient_polygons(shape)
    parts = [
        [shapely.get_coordinates(ring).tolist() for ring in (part.exterior, *part.interiors)]
        for part in shapely.get_parts(oriented)
    ]
    return {"type": shape.geom_type, "coordinates": parts[0] if shape.geom_type == "Polygon" else parts}


def simplified(geometry: GeoJsonObject, metres: float) -> dict[str, Any]:
    """The polygon without the corners that move its border by less than `metres`, for small maps. Raises GeometryError.

    It is valid, but neighbours no longer share their borders exactly.
    """
    shape = read_polygon(geometry)
    return _geometry(shape.simplify(metres / Plane.at(shape.centroid.y).metres_per_degree_north))


def shared_area_m2(one: GeoJsonObject, other: GeoJsonObject) -> float:
    """The area that lies in both polygons; 0 when they only share a border. Raises GeometryError."""
    left, right = read_polygon(one), read_polygon(other)
    return _area_m2(left.intersection(right)) if left.intersects(right) else 0.0


def area_outside_m2(inner: GeoJsonObject, outer: GeoJsonObject) -> float:
    """How much of `inner` lies outside `outer`. Raises GeometryError."""
    left, right = read_polygon(inner), read_polygon(outer)
    return _area_m2(left.difference(right))


def _area_m2(shape: Any) -> float:
    return 0.0 if shape.is_empty else float(Plane.at(shape.centroid.y).project(shape).area)
