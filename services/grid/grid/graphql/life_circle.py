"""15分钟生活圈: which points of interest are within a walk of a point or a grid."""

from dataclasses import dataclass
from typing import Annotated

from govkit.domain import Code, Doc, Gen, GeoPoint, Range
from govkit.geo import distance_m, to_wgs84
from govkit.graphql.functions import query
from govkit.graphql.request import RequestContext
from grid.domain.grids import BaseGrid
from grid.domain.links import PointOfInterest, PointOfInterestKind
from grid.graphql.locating import LocatePoint

WALKING_M_PER_MINUTE = 80
"""As the crow flies (domain reference 3.2)."""


@dataclass(frozen=True, kw_only=True)
class ReachablePoint:
    """可达服务点 A point of interest within reach"""

    point_of_interest: Annotated[PointOfInterest, Doc("服务点 Point of interest")]
    distance_m: Annotated[float, Doc("直线距离(米) Metres as the crow flies")]
    minutes: Annotated[float, Doc("步行分钟数 Minutes on foot")]


@dataclass(frozen=True, kw_only=True)
class LifeCircle:
    """生活圈 What is within a walk"""

    centre: Annotated[GeoPoint, Doc("中心 Centre, WGS-84")]
    radius_m: Annotated[float, Doc("半径(米) Radius in metres")]
    points: Annotated[list[ReachablePoint], Doc("可达服务点 Points within reach, the nearest first")]


@query
async def fifteen_minute_circle(
    context: RequestContext,
    point: Annotated[LocatePoint | None, Doc("起点 Where one starts; or gridCode")] = None,
    grid_code: Annotated[Code | None, Doc("网格编码 Base grid from whose centroid one starts; or point")] = None,
    minutes: Annotated[int | None, Doc("步行分钟数 Minutes on foot; 15 unless given"), Range(1, 60)] = None,
    kinds: Annotated[list[PointOfInterestKind] | None, Doc("类型 Kinds; all unless given")] = None,
) -> LifeCircle:
    """15分钟生活圈 Points of interest within a walk of a point or of a grid."""
    centre = await _centre(context, point, grid_code)
    radius = (minutes or 15) * WALKING_M_PER_MINUTE
    points = await context.store.find(PointOfInterest, {"kind": kinds} if kinds else {})
    reached = sorted(
        ((metres, item) for item in points if (metres := distance_m(centre, item.location)) <= radius),
        key=lambda pair: (pair[0], pair[1].id),
    )
    return LifeCircle(
        centre=centre,
        radius_m=radius,
        points=[
            ReachablePoint(
                point_of_interest=item,
                distance_m=round(metres, 1),
                minutes=round(metres / WALKING_M_PER_MINUTE, 1),
            )
            for metres, item in reached
        ],
    )


async def _centre(context: RequestContext, point: LocatePoint | None, grid_code: str | None) -> GeoPoint:
    """Raises GEN_VALIDATION, GEN_REFERENCE_UNKNOWN."""
    if (point is None) == (grid_code is None):
        raise Gen.VALIDATION(field="point", rule="exactly one of point and gridCode")
    if point is not None:
        return to_wgs84(point.longitude, point.latitude, point.coordinate_system)
    grid = await context.load(BaseGrid, grid_code, "code")
    if grid is None:
        raise Gen.REFERENCE_UNKNOWN(field="gridCode", type="BaseGrid", id=grid_code)
    return grid.centroid
