"""`locate` and `locateMany`: the grid of a point, with the chain of everything that the grid lies in."""

import math
from dataclasses import dataclass
from typing import Annotated, Any

import strawberry
from strawberry.types.field import StrawberryField

from govkit.domain import Doc, GeoPoint, Range, Ref
from govkit.domain.fields import Field, camel, fields_of
from govkit.geo import CoordinateSystem, Located, LocateStatus, to_wgs84
from govkit.graphql.edges import Reference
from govkit.graphql.functions import Argument, Query, Types, make_field
from govkit.graphql.inputs import from_input, input_field_type
from govkit.graphql.request import RequestContext
from govkit.graphql.types import entity_type, enum_type, value_type
from govkit.memo import memoized
from grid.domain.errors import GridError
from grid.domain.grids import BaseGrid
from grid.domain.micro_grids import MicroGrid
from grid.projections.net import Net, NetGrid, net_of

MOST_POINTS = 500
TOLERANCE = Doc("容差(米) Metres within which a point outside all grids belongs to the nearest; 50 unless given")
ToleranceM = Annotated[float, TOLERANCE, Range(0, 5_000)]


@dataclass(frozen=True, kw_only=True)
class LocatePoint:
    """待定位的点 A point to locate; the coordinate system has no default, for a wrong one is off by half a kilometre"""

    longitude: Annotated[float, Doc("经度 Longitude in degrees"), Range(-180, 180)]
    latitude: Annotated[float, Doc("纬度 Latitude in degrees"), Range(-90, 90)]
    coordinate_system: Annotated[CoordinateSystem, Doc("坐标系 Coordinate system that the point is given in")]


@dataclass(frozen=True, kw_only=True)
class LocateOne(LocatePoint):
    tolerance_m: ToleranceM = 50


@dataclass(frozen=True, kw_only=True)
class LocateSeveral:
    points: Annotated[list[LocatePoint], Doc("点 Points, at most 500")]
    tolerance_m: ToleranceM = 50


@dataclass(frozen=True)
class Place:
    """One answer; the edges are read only when asked for."""

    net: Net
    point: GeoPoint
    located: Located
    tolerance_m: float

    @property
    def status(self) -> LocateStatus:
        return self.located.status

    @property
    def code(self) -> str | None:
        return self.located.code

    @property
    def candidates(self) -> tuple[str, ...]:
        return self.located.candidates

    @property
    def distance_m(self) -> float | None:
        return round(self.located.distance_m, 2) if math.isfinite(self.located.distance_m) else None

    @property
    def generation_id(self) -> str | None:
        return self.net.generation_id

    @property
    def grid(self) -> NetGrid | None:
        return self.net.base_grids[self.code] if self.code else None

    @property
    def micro_grid_code(self) -> str | None:
        """The micro-grid of the point among those of its base grid."""
        return self.net.locate_micro(self.code, self.point, self.tolerance_m).code if self.code else None


def find_place(net: Net, given: LocatePoint, tolerance_m: float) -> Place:
    point = to_wgs84(given.longitude, given.latitude, given.coordinate_system)
    return Place(net, point, net.locate(point, tolerance_m), tolerance_m)


async def _locate(context: RequestContext, given: dict[str, Any]) -> Place:
    request = LocateOne(**given)
    return find_place(await net_of(context.store).current(), request, request.tolerance_m)


async def _locate_many(context: RequestContext, given: dict[str, Any]) -> list[Place]:
    request = LocateSeveral(**given)
    if len(request.points) > MOST_POINTS:
        raise GridError.BATCH_TOO_LARGE(field="points", most=MOST_POINTS, given=len(request.points))
    net = await net_of(context.store).current()
    return [find_place(net, point, request.tolerance_m) for point in request.points]


# --- as GraphQL ----------------------------------------------------------------------------------------------------


PLAIN = {
    "status": (enum_type(LocateStatus), "定位结果 How the point was located"),
    "code": (str | None, "网格编码 Code of the base grid"),
    "candidates": (list[str], "候选网格 Codes that the rule chose from, in order"),
    "distance_m": (float | None, "距离(米) Metres to the grid, or to the nearest one"),
    "point": (value_type(GeoPoint), "WGS-84坐标 The point in WGS-84"),
    "generation_id": (strawberry.ID | None, "网格版本 Generation that answered"),
    "micro_grid_code": (str | None, "微网格编码 Code of the micro-grid"),
}


@memoized
def _located_type(types: Types) -> Any:
    community, area = Ref("Community"), Ref("ResidentialArea")

    async def base_grid(place: Place, context: RequestContext, _given: dict[str, Any]) -> BaseGrid | None:
        return await context.load(BaseGrid, place.code, "code") if place.code else None

    async def micro_grid(place: Place, context: RequestContext, _given: dict[str, Any]) -> MicroGrid | None:
        code = place.micro_grid_code
        return await context.load(MicroGrid, code, "code") if code else None

    async def community_edge(place: Place, _context: RequestContext, _given: dict[str, Any]) -> Reference | None:
        return _reference(community, place.grid.community_id if place.grid else None)

    async def area_edge(place: Place, _context: RequestContext, _given: dict[str, Any]) -> Reference | None:
        return _reference(area, place.grid.residential_area_id if place.grid else None)

    namespace: dict[str, Any] = {"__annotations__": {name: type_ for name, (type_, _) in PLAIN.items()}}
    namespace |= {name: strawberry.field(name=camel(name), description=doc) for name, (_, doc) in PLAIN.items()}
    for name, type_, doc, resolve in (
        ("baseGrid", entity_type(BaseGrid), "基础网格 Base grid", base_grid),
        ("microGrid", entity_type(MicroGrid), "微网格 Micro-grid", micro_grid),
        ("community", types.foreign(community), "社区 Community", community_edge),
        ("residentialArea", types.foreign(area), "小区 Residential area", area_edge),
    ):
        namespace[name] = make_field(name, type_ | None, doc, resolve)
    doc = "定位结果 Where a point lies, and everything that its grid lies in"
    return strawberry.type(type("LocatedGrid", (), namespace), name="LocatedGrid", description=doc)


def _reference(ref: Ref, id: str | None) -> Reference | None:
    return Reference(ref.type_name, ref.key, id) if id else None


def _arguments(described: tuple[Field, ...]) -> tuple[Argument, ...]:
    return tuple(
        Argument(
            item.name, input_field_type(item, not item.has_default), item.doc, not item.has_default, strawberry.UNSET
        )
        for item in described
    )


def _query(name: str, doc: str, request: Any, many: bool, answer: Any) -> Query:
    described = fields_of(request)

    async def resolve(_root: Any, context: RequestContext, given: dict[str, Any]) -> Any:
        context.require_signed_in()
        checked = {
            item.name: from_input(item, given.get(item.name, strawberry.UNSET), item.camel) for item in described
        }
        return await answer(context, {name: value for name, value in checked.items() if value is not strawberry.UNSET})

    def field(types: Types) -> StrawberryField:
        located = _located_type(types)
        return make_field(name, _list(located) if many else located, doc, resolve, _arguments(described))

    return Query(name, field)


def _list(type_: Any) -> Any:
    return list[type_]


LOCATE = _query("locate", "定位 Which grid a point lies in", LocateOne, False, _locate)
LOCATE_MANY = _query(
    "locateMany", "批量定位 Which grids up to 500 points lie in, in their order", LocateSeveral, True, _locate_many
)
