"""Inputs that several commands share."""

from dataclasses import dataclass
from typing import Annotated

from govkit.domain import Doc, GeoPoint, Id, Range, Text
from govkit.geo import CoordinateSystem, to_wgs84


@dataclass(frozen=True, kw_only=True)
class PartnerPosition:
    """位置 Position with the coordinate system that it is given in"""

    longitude: Annotated[float, Doc("经度 Longitude in degrees"), Range(-180, 180)]
    latitude: Annotated[float, Doc("纬度 Latitude in degrees"), Range(-90, 90)]
    coordinate_system: Annotated[CoordinateSystem, Doc("坐标系 Coordinate system")]

    def wgs84(self) -> GeoPoint:
        return to_wgs84(self.longitude, self.latitude, self.coordinate_system)


@dataclass(frozen=True, kw_only=True)
class ById:
    id: Annotated[Id, Doc("记录 Record")]


@dataclass(frozen=True, kw_only=True)
class ByIdWithReason:
    id: Annotated[Id, Doc("记录 Record")]
    reason: Annotated[Text, Doc("原因 Reason")]
