from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lanling_demo.areas import residential_areas
from lanling_demo.county import communities
from lanling_demo.geometry import CELL_HEIGHT, CELL_WIDTH, Rectangle
from lanling_demo.grids import base_grids, boundary, micro_grids
from lanling_demo.story import AS_OF

WEST, SOUTH, EAST, NORTH = (
    communities()[0].cell.west,
    communities()[20].cell.south,
    communities()[6].cell.east,
    communities()[0].cell.north,
)
LEVELS: dict[str, Sequence[Rectangle]] = {
    "community": [community.cell for community in communities()],
    "area": [area.cell for area in residential_areas()],
    "base grid": [grid.cell for grid in base_grids()],
    "micro-grid": [grid.cell for grid in micro_grids()],
}


def surface(cells: Iterable[Rectangle]) -> int:
    return sum((cell.east - cell.west) * (cell.north - cell.south) for cell in cells)


def test_the_lattice_is_centred_on_the_county_and_has_its_size() -> None:
    assert abs((WEST + EAST) / 2 - 118_043_900) <= 1
    assert abs((SOUTH + NORTH) / 2 - 34_850_800) <= 1
    assert abs(sum(cell.area_m2 for cell in LEVELS["community"]) / 1e6 - 35.5) < 0.1


def test_every_level_covers_the_county_without_rest() -> None:
    for cells in LEVELS.values():
        assert surface(cells) == 7 * CELL_WIDTH * 3 * CELL_HEIGHT
        assert all(cell.west < cell.east and cell.south < cell.north for cell in cells)


@given(lon=st.integers(WEST * 2, EAST * 2 - 1), lat=st.integers(SOUTH * 2, NORTH * 2 - 1))
def test_every_point_off_the_borders_lies_in_exactly_one_cell_of_each_level(lon: int, lat: int) -> None:
    x, y = (lon | 1) / 2, (lat | 1) / 2
    for cells in LEVELS.values():
        assert sum(c.west < x < c.east and c.south < y < c.north for c in cells) == 1


def test_parts_lie_inside_their_whole() -> None:
    community = {item.code: item.cell for item in communities()}
    area = {item.code: item.cell for item in residential_areas()}
    base = {item.code: item.cell for item in base_grids()}
    pairs = [(item.cell, community[item.community_code]) for item in residential_areas()]
    pairs += [(item.cell, area[item.residential_area_code]) for item in base_grids()]
    pairs += [(item.cell, base[item.base_grid_code]) for item in micro_grids()]
    for part, whole in pairs:
        assert whole.west <= part.west < part.east <= whole.east
        assert whole.south <= part.south < part.north <= whole.north


def test_codes_run_west_to_east_then_north_to_south() -> None:
    for earlier, later in pairwise(base_grids()):
        if earlier.community_code == later.community_code:
            assert (-earlier.cell.north, earlier.cell.west) < (-later.cell.north, later.cell.west)


def test_rings_are_closed_and_neighbours_share_every_edge_on_a_parallel() -> None:
    for cells in LEVELS.values():
        edges: Counter[tuple[tuple[float, float], tuple[float, float]]] = Counter()
        for cell in cells:
            ring = boundary(cell, AS_OF)
            assert ring[0] == ring[-1]
            assert len(set(ring)) == len(ring) - 1
            edges.update((a, b) for a, b in pairwise(ring) if a[1] == b[1])
        assert set(edges.values()) == {1}
        outer = {SOUTH / 1e6, NORTH / 1e6}
        assert all((b, a) in edges for a, b in edges if a[1] not in outer)


def test_rings_run_counter_clockwise() -> None:
    for cell in LEVELS["base grid"]:
        ring = boundary(cell, AS_OF)
        assert sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring)) > 0
