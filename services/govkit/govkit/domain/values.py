"""Value objects that several services share; each is the same type in every subgraph."""

from dataclasses import dataclass
from typing import Annotated

from govkit.domain.fields import Doc, Range


@dataclass(frozen=True, kw_only=True)
class GeoPoint:
    """坐标点 A point in WGS-84"""

    longitude: Annotated[float, Doc("经度 Longitude in degrees, WGS-84"), Range(-180, 180)]
    latitude: Annotated[float, Doc("纬度 Latitude in degrees, WGS-84"), Range(-90, 90)]
