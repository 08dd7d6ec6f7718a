"""Points and polygons of one county: coordinate systems in use, where a point lies, how polygons relate."""

from govkit.geo.coordinates import CoordinateSystem, distance_m, from_wgs84, to_wgs84
from govkit.geo.locator import Located, LocateStatus, Locator
from govkit.geo.polygons import GeometryError, Outline, area_outside_m2, outline, shared_area_m2, simplified

__all__ = [
    "CoordinateSystem",
    "GeometryError",
    "LocateStatus",
    "Located",
    "Locator",
    "Outline",
    "area_outside_m2",
    "distance_m",
    "from_wgs84",
    "outline",
    "shared_area_m2",
    "simplified",
    "to_wgs84",
]
