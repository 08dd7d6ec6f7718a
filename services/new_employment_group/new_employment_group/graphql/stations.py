"""Bee stations near a point."""

from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt
from typing import Annotated

from govkit.domain import Doc, GeoPoint, Range
from govkit.geo import CoordinateSystem, to_wgs84
from govkit.graphql.functions import query
from govkit.graphql.request import RequestContext
from new_employment_group.domain.stations import BeeStation, StationStatus

EARTH_RADIUS_M = 6_371_008.8


@dataclass(frozen=True, kw_only=True)
class BeeStationNearby:
    """附近驿站 A bee station near a point"""

    station: Annotated[BeeStation, Doc("驿站 Station")]
    distance_m: Annotated[int, Doc("直线距离(米) Distance as the crow flies, in metres")]


@query
async def bee_stations_near(
    context: RequestContext,
    longitude: Annotated[float, Doc("经度 Longitude in degrees"), Range(-180, 180)],
    latitude: Annotated[float, Doc("纬度 Latitude in degrees"), Range(-90, 90)],
    coordinate_system: Annotated[CoordinateSystem, Doc("坐标系 Coordinate system of the point")],
    radius_m: Annotated[int, Doc("半径(米) Radius in metres"), Range(1, 50_000)] = 2_000,
) -> list[BeeStationNearby]:
    """附近驿站 Open bee stations within the radius (2,000 m unless told), the nearest first."""
    here = to_wgs84(longitude, latitude, coordinate_system)
    # A county has some tens of stations: all of them are read.
    stations = await context.store.find(BeeStation, {"status": StationStatus.OPEN})
    nearby = [
        BeeStationNearby(station=station, distance_m=round(distance))
        for station in stations
        if (distance := distance_m(here, station.location)) <= radius_m
    ]
    return sorted(nearby, key=lambda item: (item.distance_m, item.station.id))


def distance_m(one: GeoPoint, other: GeoPoint) -> float:
    """Length of the great circle between two points in metres (haversine on the mean sphere, within 0.6 %)."""
    south, north = radians(one.latitude), radians(other.latitude)
    east = radians(other.longitude - one.longitude)
    chord = sin((north - south) / 2) ** 2 + cos(south) * cos(north) * sin(east / 2) ** 2
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(chord)))
