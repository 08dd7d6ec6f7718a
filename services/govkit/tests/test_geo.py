import math
import random
from itertools import pairwise, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govkit.domain.values import GeoPoint
from govkit.geo import (
    CoordinateSystem,
    GeometryError,
    LocateStatus,
    Locator,
    area_outside_m2,
    distance_m,
    from_wgs84,
    outline,
    shared_area_m2,
    simplified,
    to_wgs84,
)

WEST, SOUTH, EAST, NORTH = 118.0, 34.8, 118.05, 34.84
METRE = 1 / 110_935  # degrees of latitude at 34.85° N


def polygon(*ring: tuple[float, float]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [[list(position) for position in (*ring, ring[0])]]}


def rectangle(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    return polygon((west, south), (east, south), (east, north), (west, north))


def at(longitude: float, latitude: float) -> GeoPoint:
    return GeoPoint(longitude=longitude, latitude=latitude)


# --- coordinate systems --------------------------------------------------------------------------------

CHINA = st.tuples(st.floats(73, 135), st.floats(3.9, 53.5))
SHIFTED = [CoordinateSystem.GCJ02, CoordinateSystem.BD09]


def metres(one: GeoPoint, other: GeoPoint) -> float:
    north = (one.latitude - other.latitude) / METRE
    return math.hypot((one.longitude - other.longitude) / METRE * math.cos(math.radians(one.latitude)), north)


@pytest.mark.parametrize(
    ("system", "expected"),
    [
        # Published examples for the point 116.404 E 39.915 N in GCJ-02 and BD-09 terms.
        (CoordinateSystem.GCJ02, (116.41024449916938, 39.91640428150164)),
        (CoordinateSystem.BD09, (116.41662724378733, 39.922699552216216)),
    ],
)
def test_a_point_in_beijing_gets_the_published_coordinates(
    system: CoordinateSystem, expected: tuple[float, float]
) -> None:
    assert from_wgs84(at(116.404, 39.915), system) == pytest.approx(expected, abs=1e-9)


@given(CHINA, st.sampled_from(SHIFTED))
def test_the_way_back_is_exact_to_a_millimetre_all_over_china(
    place: tuple[float, float], system: CoordinateSystem
) -> None:
    point = at(*place)
    assert metres(to_wgs84(*from_wgs84(point, system), system), point) < 0.001


@pytest.mark.parametrize("system", [CoordinateSystem.WGS84, CoordinateSystem.CGCS2000])
def test_surveyed_and_raw_points_stay_as_they_are(system: CoordinateSystem) -> None:
    assert to_wgs84(118.0439, 34.8508, system) == at(118.0439, 34.8508)
    assert from_wgs84(at(118.0439, 34.8508), system) == (118.0439, 34.8508)


def test_gcj02_is_wgs84_abroad() -> None:
    assert to_wgs84(2.2945, 48.8584, CoordinateSystem.GCJ02) == at(2.2945, 48.8584)


def test_in_the_county_a_map_product_is_hundreds_of_metres_off() -> None:
    county = at(118.0439, 34.8508)
    for system in SHIFTED:
        assert 300 < metres(to_wgs84(118.0439, 34.8508, system), county) < 2_000


def test_distances_on_the_sphere() -> None:
    assert distance_m(at(118.0, 34.8), at(118.0, 34.8)) == 0
    assert distance_m(at(118.0, 34.8), at(118.0, 34.8 + 1_000 * METRE)) == pytest.approx(1_000, rel=0.005)
    assert distance_m(at(0, 0), at(180, 0)) == pytest.approx(20_015_000, rel=0.001)
    county, linyi = at(118.0439, 34.8508), at(118.3564, 35.1046)
    assert distance_m(county, linyi) == distance_m(linyi, county) == pytest.approx(40_100, rel=0.01)


# --- where a point lies --------------------------------------------------------------------------------


@st.composite
def tilings(draw: st.DrawFn) -> dict[str, dict[str, Any]]:
    """The area cut into quadrilaterals by slanted lines, each maybe cut into two triangles; codes in any order."""
    columns, rows = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    jitter = st.floats(-0.3, 0.3)
    nodes = {}
    for column, row in product(range(columns + 1), range(rows + 1)):
        east = column + (draw(jitter) if 0 < column < columns else 0)
        north = row + (draw(jitter) if 0 < row < rows else 0)
        nodes[column, row] = (WEST + (EAST - WEST) * east / columns, SOUTH + (NORTH - SOUTH) * north / rows)
    shapes = []
    for column, row in product(range(columns), range(rows)):
        corners = [(column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1)]
        a, b, c, d = (nodes[corner] for corner in corners)
        shapes += [polygon(a, b, c), polygon(a, c, d)] if draw(st.booleans()) else [polygon(a, b, c, d)]
    codes = draw(st.permutations(range(len(shapes))))
    return {f"{code:03}": shape for code, shape in zip(codes, shapes, strict=True)}


POINTS = st.builds(at, st.floats(WEST, EAST), st.floats(SOUTH, NORTH))


@given(tilings(), st.lists(POINTS, min_size=1, max_size=20))
def test_every_point_of_a_tiled_area_has_exactly_one_grid(
    shapes: dict[str, dict[str, Any]], points: list[GeoPoint]
) -> None:
    locator = Locator(shapes)
    for point in points:
        found = locator.locate(point)
        assert found.status in (LocateStatus.CONTAINED, LocateStatus.BORDER)
        assert found.code == min(found.candidates)
        assert found.distance_m == 0
        assert (len(found.candidates) == 1) == (found.status is LocateStatus.CONTAINED)


@given(tilings(), st.randoms(use_true_random=False), st.floats(0, 1))
def test_borders_do_not_depend_on_the_order_of_insertion(
    shapes: dict[str, dict[str, Any]], order: random.Random, share: float
) -> None:
    shuffled = list(shapes.items())
    order.shuffle(shuffled)
    locator, other = Locator(shapes), Locator(dict(shuffled))
    for shape in shapes.values():
        for (west, south), (east, north) in pairwise(shape["coordinates"][0]):
            point = at(west + (east - west) * share, south + (north - south) * share)
            found = locator.locate(point)
            assert found == other.locate(point)
            outer = {point.longitude} & {WEST, EAST} or {point.latitude} & {SOUTH, NORTH}
            if not outer:
                assert found.status is LocateStatus.BORDER


def test_a_point_where_four_grids_meet_names_them_all_and_takes_the_smallest_code() -> None:
    cells = {
        f"{code}": rectangle(118.0 + 0.01 * column, 34.8 + 0.01 * row, 118.01 + 0.01 * column, 34.81 + 0.01 * row)
        for code, (column, row) in enumerate(product(range(2), range(2)), start=1)
    }
    found = Locator(cells).locate(at(118.01, 34.81))
    assert (found.status, found.code, found.candidates) == (LocateStatus.BORDER, "1", ("1", "2", "3", "4"))


@pytest.mark.parametrize(
    ("metres_north", "status", "code"),
    [
        (0, LocateStatus.CONTAINED, "a"),
        (49, LocateStatus.NEAREST, "a"),
        (51, LocateStatus.OUTSIDE, None),
    ],
)
def test_beyond_the_outer_border_the_nearest_within_the_tolerance(
    metres_north: float, status: LocateStatus, code: str | None
) -> None:
    locator = Locator({"b": rectangle(118.02, 34.8, 118.03, 34.81), "a": rectangle(118.0, 34.8, 118.01, 34.81)})
    found = locator.locate(at(118.005, 34.81 + metres_north * METRE))
    assert (found.status, found.code) == (status, code)
    assert found.distance_m == pytest.approx(metres_north, abs=0.1)


def test_two_grids_equally_near_the_smaller_code() -> None:
    locator = Locator({"b": rectangle(118.0, 34.8, 118.01, 34.81), "a": rectangle(118.01, 34.8, 118.02, 34.81)})
    found = locator.locate(at(118.01, 34.81 + 20 * METRE))
    assert (found.status, found.code, found.candidates) == (LocateStatus.NEAREST, "a", ("a", "b"))


def test_the_hole_of_a_grid_is_not_in_it() -> None:
    holed = rectangle(118.0, 34.8, 118.03, 34.83)
    holed["coordinates"] += rectangle(118.01, 34.81, 118.02, 34.82)["coordinates"]
    locator = Locator({"park": rectangle(118.01, 34.81, 118.02, 34.82), "around": holed})
    assert locator.locate(at(118.015, 34.815)).candidates == ("park",)
    assert locator.locate(at(118.005, 34.815)).candidates == ("around",)
    assert locator.locate(at(118.01, 34.815)).candidates == ("around", "park")


def test_without_shapes_everything_is_outside() -> None:
    found = Locator({}).locate(at(118.0, 34.8))
    assert (found.status, found.code, found.distance_m) == (LocateStatus.OUTSIDE, None, math.inf)


def test_the_shapes_of_a_rectangle_of_the_map() -> None:
    locator = Locator({"b": rectangle(118.0, 34.8, 118.01, 34.81), "a": rectangle(118.01, 34.8, 118.02, 34.81)})
    assert locator.in_box(118.005, 34.79, 118.015, 34.82) == ("a", "b")
    assert locator.in_box(118.015, 34.79, 118.03, 34.82) == ("a",)
    assert locator.in_box(119, 34.79, 120, 34.82) == ()


# --- polygons --------------------------------------------------------------------------------


def test_the_outline_of_a_square_of_a_hundred_metres() -> None:
    east = METRE / math.cos(math.radians(34.85)) * 110_935 / 111_412
    drawn = outline(rectangle(118.0, 34.85, 118.0 + 100 * east, 34.85 + 100 * METRE))
    assert drawn.area_m2 == pytest.approx(10_000, rel=0.001)
    assert drawn.bbox == (118.0, 34.85, 118.0 + 100 * east, 34.85 + 100 * METRE)
    assert metres(drawn.centroid, at(118.0 + 50 * east, 34.85 + 50 * METRE)) < 0.01


def test_a_boundary_keeps_nothing_that_is_not_its_polygon() -> None:
    clockwise = [[118.0, 34.8, 61.5], [118.0, 34.9, 61.5], [118.1, 34.9, 61.5], [118.0, 34.8, 61.5]]
    drawn = outline({"type": "Polygon", "coordinates": [clockwise], "note": "free text"})
    ring = [[118.0, 34.8], [118.1, 34.9], [118.0, 34.9], [118.0, 34.8]]
    assert drawn.geometry == {"type": "Polygon", "coordinates": [ring]}
    assert outline({"type": "MultiPolygon", "coordinates": [[ring]]}).geometry["coordinates"] == [[ring]]


def test_areas_of_neighbours_and_of_overlapping_polygons() -> None:
    left, right = rectangle(118.0, 34.8, 118.01, 34.81), rectangle(118.01, 34.8, 118.02, 34.81)
    across = rectangle(118.005, 34.8, 118.015, 34.81)
    assert shared_area_m2(left, right) == 0
    assert shared_area_m2(left, across) == pytest.approx(outline(left).area_m2 / 2, rel=1e-6)
    assert area_outside_m2(across, left) == pytest.approx(outline(left).area_m2 / 2, rel=1e-6)
    assert area_outside_m2(left, left) == 0


SQUARE = [[118.0, 34.8], [118.1, 34.8], [118.1, 34.9], [118.0, 34.8]]


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        "POLYGON((0 0))",
        {},
        {"type": "Point", "coordinates": [118.0, 34.8]},
        {"type": "Polygon"},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[]]},
        {"type": "Polygon", "coordinates": {"0": SQUARE}},
        {"type": "Polygon", "coordinates": [SQUARE[:3]]},
        {"type": "Polygon", "coordinates": [[*SQUARE[:3], [118.0, 34.7]]]},
        {"type": "Polygon", "coordinates": [[[118.0, "34.8"], *SQUARE[1:]]]},
        {"type": "Polygon", "coordinates": [[[118.0, True], *SQUARE[1:]]]},
        {"type": "Polygon", "coordinates": [[[118.0], *SQUARE[1:]]]},
        {"type": "Polygon", "coordinates": [[[118.0, 10**400], *SQUARE[1:]]]},
        {"type": "Polygon", "coordinates": [[[float("nan"), 34.8], *SQUARE[1:]]]},
        {"type": "Polygon", "coordinates": [[[34.8, 118.0], *SQUARE[1:3], [34.8, 118.0]]]},
        {"type": "MultiPolygon", "coordinates": [[SQUARE], [SQUARE]]},
        {"type": "MultiPolygon", "coordinates": []},
        polygon((118.0, 34.8), (118.1, 34.9), (118.1, 34.8), (118.0, 34.9)),
        {"type": "Polygon", "coordinates": [[[118.0, 34.8]] * 20_001]},
    ],
)
def test_what_is_no_valid_polygon_is_refused(geometry: Any) -> None:
    with pytest.raises(GeometryError):
        outline(geometry)


def test_a_multipolygon_is_one_grid() -> None:
    parts = [rectangle(118.0, 34.8, 118.01, 34.81), rectangle(118.02, 34.8, 118.03, 34.81)]
    whole = {"type": "MultiPolygon", "coordinates": [part["coordinates"] for part in parts]}
    assert outline(whole).area_m2 == pytest.approx(2 * outline(parts[0]).area_m2, rel=1e-4)
    assert Locator({"a": whole}).locate(at(118.025, 34.805)).code == "a"


def test_a_simplified_polygon_loses_the_corners_that_hardly_matter() -> None:
    bent = polygon((118.0, 34.8), (118.005, 34.8 + 2 * METRE), (118.01, 34.8), (118.01, 34.81), (118.0, 34.81))
    corners = len(simplified(bent, 5)["coordinates"][0])
    assert (corners, len(simplified(bent, 1)["coordinates"][0])) == (5, 6)
