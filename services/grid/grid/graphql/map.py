"""Boundaries for the map, as GeoJSON."""

from dataclasses import dataclass
from typing import Annotated, Any

from govkit.domain import Doc, Gen, GeoJson, LabelEnum, Range
from govkit.geo import simplified
from govkit.graphql.edges import Reference
from govkit.graphql.functions import Computed, computed, query
from govkit.graphql.request import RequestContext
from grid.domain.errors import GridError
from grid.domain.grids import BaseGrid
from grid.domain.links import PointOfInterest
from grid.domain.micro_grids import MicroGrid
from grid.domain.net import BoundarySubject
from grid.projections.net import Net, Shapes, net_of

MOST_FEATURES = 2_000


class BoundaryLevel(LabelEnum):
    """边界层级 Level of the boundaries on a map"""

    STREET = "街道 Streets"
    COMMUNITY = "社区 Communities"
    RESIDENTIAL_AREA = "小区 Residential areas"
    BASE_GRID = "基础网格 Base grids"
    MICRO_GRID = "微网格 Micro-grids"


@dataclass(frozen=True, kw_only=True)
class Viewport:
    """地图范围 Rectangle of the map, WGS-84"""

    west: Annotated[float, Doc("西 Western longitude"), Range(-180, 180)]
    south: Annotated[float, Doc("南 Southern latitude"), Range(-90, 90)]
    east: Annotated[float, Doc("东 Eastern longitude"), Range(-180, 180)]
    north: Annotated[float, Doc("北 Northern latitude"), Range(-90, 90)]


@query
async def boundaries_in_viewport(
    context: RequestContext,
    bbox: Annotated[Viewport, Doc("范围 Rectangle")],
    level: Annotated[BoundaryLevel | None, Doc("层级 Level; base grids unless given")] = None,
    simplify_m: Annotated[float | None, Doc("简化(米) Leave out corners within this distance"), Range(0, 1_000)] = None,
) -> GeoJson:
    """视窗边界 Boundaries that touch a rectangle, as a GeoJSON FeatureCollection; at most 2,000."""
    if bbox.west > bbox.east or bbox.south > bbox.north:
        raise Gen.VALIDATION(field="bbox", rule="west before east, south before north")
    chosen = level or BoundaryLevel.BASE_GRID
    net = await net_of(context.store).current()
    shapes = _touching(net, chosen, bbox)
    if len(shapes) > MOST_FEATURES:
        raise GridError.VIEWPORT_TOO_LARGE(field="bbox", most=MOST_FEATURES, found=len(shapes))
    names = await _names(context, chosen, list(shapes))
    features = [
        {
            "type": "Feature",
            "id": key,
            "properties": {"level": chosen.name, **names.get(key, {"subjectId": key})},
            "geometry": simplified(shape, simplify_m) if simplify_m else shape,
        }
        for key, shape in shapes.items()
    ]
    return {"type": "FeatureCollection", "features": features}


def _touching(net: Net, level: BoundaryLevel, bbox: Viewport) -> Shapes:
    box = (bbox.west, bbox.south, bbox.east, bbox.north)
    if level is BoundaryLevel.BASE_GRID:
        return {code: net.base_grids[code].boundary for code in net.base.in_box(*box)}
    if level is BoundaryLevel.MICRO_GRID:
        return {code: net.micro_shapes[net.base_of[code]][code] for code in net.micro.in_box(*box)}
    subject = BoundarySubject[level.name]
    return {id: net.areas[subject][id] for id in net.area_locator(subject).in_box(*box)}


async def _names(context: RequestContext, level: BoundaryLevel, codes: list[str]) -> dict[str, dict[str, Any]]:
    """What a map shows beside the shape; other services' areas are known by their id only."""
    if level is BoundaryLevel.BASE_GRID:
        return {
            grid.code: {
                "code": grid.code,
                "name": grid.name,
                "communityId": grid.community_id,
                "residentialAreaId": grid.residential_area_id,
                "households": grid.households,
            }
            for grid in await context.load_all(BaseGrid, codes, "code")
        }
    if level is BoundaryLevel.MICRO_GRID:
        return {
            micro.code: {
                "code": micro.code,
                "name": micro.name,
                "baseGridCode": micro.base_grid_code,
                "households": micro.households,
            }
            for micro in await context.load_all(MicroGrid, codes, "code")
        }
    return {}


def _boundary_of(type_name: str, subject: BoundarySubject) -> Computed:
    @computed(type_name)
    async def boundary(area: Reference, context: RequestContext) -> GeoJson | None:
        """边界 Boundary in the active generation"""
        net = await net_of(context.store).current()
        return net.areas.get(subject, {}).get(area.value)

    return boundary


community_boundary = _boundary_of("Community", BoundarySubject.COMMUNITY)
area_boundary = _boundary_of("ResidentialArea", BoundarySubject.RESIDENTIAL_AREA)


@computed(PointOfInterest)
async def base_grid(point: PointOfInterest, context: RequestContext) -> BaseGrid | None:
    """所在基础网格 Base grid that it lies in"""
    found = (await net_of(context.store).current()).locate(point.location)
    return await context.load(BaseGrid, found.code, "code") if found.code else None


grid_of_point = base_grid
