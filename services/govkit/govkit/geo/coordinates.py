"""Coordinate systems of Chinese map products, converted to WGS-84.

Phones and web maps in China give GCJ-02 (AMap, Tencent) or BD-09 (Baidu); surveyed data are CGCS2000. GCJ-02 shifts
a point by some hundred metres with a published smooth series, BD-09 shifts GCJ-02 once more. Both are only given
forwards; the inverse repeats the forward step until it meets the given point, to less than a millimetre.
"""

from collections.abc import Callable
from math import asin, atan2, cos, hypot, pi, radians, sin, sqrt

from govkit.domain.fields import LabelEnum
from govkit.domain.values import GeoPoint

Degrees = tuple[float, float]
"""Longitude, latitude."""

SEMI_MAJOR_AXIS_M = 6_378_245.0  # Krasovsky 1940, on which the series of GCJ-02 is built
ECCENTRICITY_SQUARED = 0.00669342162296594323
MEAN_RADIUS_M = 6_371_009.0
BD09_FREQUENCY = pi * 3000 / 180
STEPS, CLOSE_ENOUGH = 30, 1e-10  # degrees; each step divides the error by more than fifty


class CoordinateSystem(LabelEnum):
    """坐标系 Coordinate system that a point is given in"""

    WGS84 = "GPS原始坐标 WGS-84, raw GPS"
    CGCS2000 = "国家大地坐标系 CGCS2000, surveyed; the same as WGS-84 to some centimetres"
    GCJ02 = "火星坐标(高德、腾讯) GCJ-02, AMap and Tencent"
    BD09 = "百度坐标 BD-09, Baidu"


def to_wgs84(longitude: float, latitude: float, system: CoordinateSystem) -> GeoPoint:
    """The point in WGS-84, to less than 1 m. Degrees, −180 … 180 and −90 … 90.

    Outside the rectangle around China in which GCJ-02 is defined, GCJ-02 is WGS-84.
    """
    point = (longitude, latitude)
    if system is CoordinateSystem.BD09:
        point = _inverse(_gcj02_to_bd09, point)
    if system in (CoordinateSystem.BD09, CoordinateSystem.GCJ02):
        point = _inverse(_wgs84_to_gcj02, point)
    return GeoPoint(longitude=point[0], latitude=point[1])


def distance_m(one: GeoPoint, other: GeoPoint) -> float:
    """Metres between two points as the crow flies, to 0.5 %."""
    low, high = radians(one.latitude), radians(other.latitude)
    across = sin(radians(other.longitude - one.longitude) / 2) ** 2 * cos(low) * cos(high)
    return 2 * MEAN_RADIUS_M * asin(min(1.0, sqrt(sin((high - low) / 2) ** 2 + across)))


def from_wgs84(point: GeoPoint, system: CoordinateSystem) -> Degrees:
    """The point as that system names it: longitude, latitude in degrees."""
    given = (point.longitude, point.latitude)
    if system in (CoordinateSystem.WGS84, CoordinateSystem.CGCS2000):
        return given
    shifted = _wgs84_to_gcj02(given)
    return _gcj02_to_bd09(shifted) if system is CoordinateSystem.BD09 else shifted


def _inverse(forward: Callable[[Degrees], Degrees], target: Degrees) -> Degrees:
    """The point that `forward` moves to `target`. Near points are shifted almost alike, so this converges fast."""
    longitude, latitude = target
    for _ in range(STEPS):
        reached = forward((longitude, latitude))
        east, north = target[0] - reached[0], target[1] - reached[1]
        longitude, latitude = longitude + east, latitude + north
        if abs(east) < CLOSE_ENOUGH and abs(north) < CLOSE_ENOUGH:
            break
    return longitude, latitude


def _wgs84_to_gcj02(point: Degrees) -> Degrees:
    longitude, latitude = point
    if not (72.004 <= longitude <= 137.8347 and 0.8293 <= latitude <= 55.8271):
        return point
    east_m, north_m = _shift_m(longitude - 105.0, latitude - 35.0)
    curvature = 1 - ECCENTRICITY_SQUARED * sin(radians(latitude)) ** 2
    metres_per_degree = SEMI_MAJOR_AXIS_M * pi / 180
    north = north_m * curvature * sqrt(curvature) / (metres_per_degree * (1 - ECCENTRICITY_SQUARED))
    east = east_m * sqrt(curvature) / (metres_per_degree * cos(radians(latitude)))
    return longitude + east, latitude + north


def _shift_m(x: float, y: float) -> Degrees:
    """The published series: metres to the east and to the north at x, y degrees from 105° E 35° N."""
    common = 2 / 3 * (20 * sin(6 * pi * x) + 20 * sin(2 * pi * x))
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + common
    east += 2 / 3 * (20 * sin(pi * x) + 40 * sin(pi * x / 3))
    east += 2 / 3 * (150 * sin(pi * x / 12) + 300 * sin(pi * x / 30))
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + common
    north += 2 / 3 * (20 * sin(pi * y) + 40 * sin(pi * y / 3))
    north += 2 / 3 * (160 * sin(pi * y / 12) + 320 * sin(pi * y / 30))
    return east, north


def _gcj02_to_bd09(point: Degrees) -> Degrees:
    longitude, latitude = point
    radius = hypot(longitude, latitude) + 0.00002 * sin(latitude * BD09_FREQUENCY)
    angle = atan2(latitude, longitude) + 0.000003 * cos(longitude * BD09_FREQUENCY)
    return radius * cos(angle) + 0.0065, radius * sin(angle) + 0.006
