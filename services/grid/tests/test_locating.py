"""Locating in the net of the demonstration county: every point of it has exactly one base grid and one micro-grid."""

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from govkit.domain import GeoPoint
from govkit.geo import CoordinateSystem, LocateStatus, from_wgs84
from grid import seed
from grid.domain.grids import BaseGrid
from grid.graphql.locating import LocatePoint, find_place
from grid.projections.net import Net, NetGrid, Shapes
from lanling_demo.county import communities
from lanling_demo.geometry import MICRO

CELLS = [community.cell for community in communities()]
WEST, EAST = min(cell.west for cell in CELLS), max(cell.east for cell in CELLS)
SOUTH, NORTH = min(cell.south for cell in CELLS), max(cell.north for cell in CELLS)
POINTS = st.builds(
    lambda lon, lat: GeoPoint(longitude=lon / MICRO, latitude=lat / MICRO),
    st.integers(WEST, EAST),
    st.integers(SOUTH, NORTH),
)


@cache
def net() -> Net:
    grids = {grid.code: grid for grid in seed.base_grids()}
    micro: dict[str, Shapes] = {}
    for item in seed.micro_grids(grids):
        assert item.boundary is not None
        micro.setdefault(item.base_grid_code, {})[item.code] = item.boundary
    shapes = {
        code: NetGrid(code, grid.community_id, grid.residential_area_id, grid.boundary) for code, grid in grids.items()
    }
    return Net("generation", 1, shapes, micro)


@given(POINTS)
@settings(deadline=None)
def test_every_point_of_the_county_has_one_grid_and_a_micro_grid_in_it(point: GeoPoint) -> None:
    found = net().locate(point)
    assert found.status in (LocateStatus.CONTAINED, LocateStatus.BORDER)
    assert found.code == found.candidates[0]
    micro = net().locate_micro(found.code, point)
    assert micro.status in (LocateStatus.CONTAINED, LocateStatus.BORDER)
    assert micro.code is not None
    assert micro.code.startswith(found.code)


@given(st.sampled_from(sorted(seed.base_grids(), key=lambda grid: grid.code)), st.data())
@settings(deadline=None)
def test_corners_belong_to_the_smallest_code_around_them(grid: BaseGrid, data: st.DataObject) -> None:
    longitude, latitude = data.draw(st.sampled_from(grid.boundary["coordinates"][0]))
    found = net().locate(GeoPoint(longitude=longitude, latitude=latitude))
    assert grid.code in found.candidates
    assert found.code == min(found.candidates)
    assert found.status is (LocateStatus.BORDER if len(found.candidates) > 1 else LocateStatus.CONTAINED)


@given(POINTS, st.sampled_from(CoordinateSystem))
@settings(deadline=None)
def test_the_coordinate_system_does_not_change_the_answer(point: GeoPoint, system: CoordinateSystem) -> None:
    longitude, latitude = from_wgs84(point, system)
    given = LocatePoint(longitude=longitude, latitude=latitude, coordinate_system=system)
    found, plain = find_place(net(), given, 50), net().locate(point)
    # A millimetre of the way there and back decides between neighbours on their border only.
    assert found.code in plain.candidates
    assert plain.code in found.candidates or plain.status is LocateStatus.BORDER


def test_a_net_without_a_generation_is_empty() -> None:
    place = find_place(
        Net(None, 0), LocatePoint(longitude=118.0, latitude=34.8, coordinate_system=CoordinateSystem.WGS84), 50
    )
    assert (place.status, place.code, place.micro_grid_code, place.distance_m) == (
        LocateStatus.OUTSIDE,
        None,
        None,
        None,
    )
