from collections import Counter
from datetime import date

import pytest

from lanling_demo.areas import areas_by_community, residential_areas
from lanling_demo.county import communities
from lanling_demo.grids import base_grids, grids_by_area, grids_by_community, micro_grids

# Copied from the specification: number, name, origin, areas, base grids, micro-grids, workers, halls, spokespersons,
# teams, partners, events, supermarkets, points participants, red-collar secretaries, fallback areas, micro-collections,
# petitions resolved, bee stations.
TABLE = """
1 泇河社区 ORIG 8 20 147 28 4 6 3 16 13 1 43 2 3 9 121 1
2 文峰社区 ORIG 8 20 147 28 4 6 3 16 13 1 43 3 3 9 121 1
3 兰陵路社区 ORIG 8 20 146 28 4 6 4 16 13 1 43 3 3 9 121 1
4 会宝社区 ORIG 8 20 147 29 4 6 4 16 13 1 43 3 3 9 121 1
5 向阳社区 ORIG 8 20 147 29 4 6 4 17 13 1 43 3 3 9 121 1
6 东苑社区 ORIG 8 20 146 29 5 6 4 17 13 1 43 3 3 9 120 1
7 西城社区 ORIG 8 19 140 29 5 6 4 17 14 1 43 3 3 9 120 1
8 北坛社区 ORIG 8 19 139 29 5 6 4 17 14 1 43 3 3 9 120 1
9 南关社区 ORIG 8 19 139 29 5 6 4 17 14 1 44 2 3 9 120 1
10 沂蒙社区 ORIG 8 19 140 29 5 6 4 17 14 1 44 2 3 9 121 1
11 书香苑社区 ORIG 8 19 139 28 4 6 4 17 14 1 44 2 4 9 121 1
12 银杏社区 ORIG 8 19 139 28 4 6 4 17 14 1 44 2 4 9 121 1
13 中兴社区 ORIG 8 19 140 28 4 6 4 17 14 1 44 2 4 10 121 1
14 塔山社区 ORIG 7 19 139 28 4 6 4 17 14 1 44 2 3 10 121 1
15 金岭路社区 ORIG 7 19 139 28 4 6 4 17 14 1 44 2 3 10 121 1
16 双泉社区 ORIG 7 19 140 28 4 6 4 17 14 1 44 2 3 10 121 1
17 新城社区 NEW 7 19 139 28 4 6 3 17 14 1 44 2 3 10 121 2
18 荀子社区 NEW 7 19 139 28 4 6 3 17 13 1 43 2 3 10 121 1
19 凤凰社区 NEW 7 19 140 28 4 6 3 16 13 1 43 2 3 10 121 1
20 琅琊社区 NEW 7 19 139 28 4 6 3 16 13 1 43 2 3 9 121 1
21 紫荆社区 NEW 7 19 140 28 4 6 3 16 13 1 43 2 3 9 121 1
"""
ROWS = [line.split() for line in TABLE.split("\n") if line]
TOTALS = [160, 405, 2971, 595, 89, 126, 77, 350, 284, 21, 912, 49, 66, 196, 2537, 22]


def test_the_copied_table_sums_to_its_last_row() -> None:
    assert [sum(int(row[column]) for row in ROWS) for column in range(3, 19)] == TOTALS


@pytest.mark.parametrize("row", ROWS, ids=[row[1] for row in ROWS])
def test_every_cell_of_the_per_community_table(row: list[str]) -> None:
    community = communities()[int(row[0]) - 1]
    counts = community.counts
    micro = sum(grid.community_code == community.code for grid in micro_grids())
    assert community.name == row[1]
    assert community.origin == {"ORIG": "ORIGINAL", "NEW": "NEWLY_DIVIDED"}[row[2]]
    assert [int(cell) for cell in row[3:]] == [
        counts.areas,
        counts.base_grids,
        micro,
        counts.workers,
        counts.halls,
        counts.spokespersons,
        counts.teams,
        counts.partners,
        counts.events,
        counts.supermarkets,
        counts.points_participants,
        counts.red_collar_secretaries,
        counts.fallback_areas,
        counts.micro_collections,
        counts.petitions_resolved,
        counts.bee_stations,
    ]


def test_communities_carry_the_street_code_and_their_origin_in_their_dates() -> None:
    assert [community.code for community in communities()] == [f"371324001{n:03}" for n in range(1, 22)]
    originals = [community for community in communities() if community.origin == "ORIGINAL"]
    new = [community for community in communities() if community.origin == "NEWLY_DIVIDED"]
    assert (len(originals), len(new)) == (16, 5)
    assert all(2009 <= community.established_on.year <= 2019 for community in originals)
    assert {community.established_on.year for community in new} == {2022}
    assert len({community.established_on for community in new}) == 1
    original_codes = {community.code for community in originals}
    assert all(community.predecessor_codes and set(community.predecessor_codes) <= original_codes for community in new)


def test_areas_and_their_grids() -> None:
    areas = residential_areas()
    assert len(areas) == 160
    assert len({area.name for area in areas}) == 160
    assert Counter(area.property_status for area in areas) == {
        "FALLBACK_MANAGED": 66,
        "MARKET_MANAGED": 81,
        "SELF_MANAGED": 13,
    }
    assert Counter(len(grids_by_area()[area.code]) for area in areas) == {3: 85, 2: 75}
    for area in areas:
        assert area.households == sum(grid.households for grid in grids_by_area()[area.code])
    for community in communities():
        inside = areas_by_community()[community.code]
        assert len(inside) == community.counts.areas
        assert sum(a.property_status == "FALLBACK_MANAGED" for a in inside) == community.counts.fallback_areas
        assert len(grids_by_community()[community.code]) == community.counts.base_grids


def test_codes_of_grids_and_micro_grids() -> None:
    for grids in grids_by_community().values():
        community = grids[0].community_code
        assert [grid.code for grid in grids] == [f"{community}{n:03}" for n in range(1, len(grids) + 1)]
    strips = Counter(grid.base_grid_code for grid in micro_grids())
    eight = {grid.index for grid in base_grids() if strips[grid.code] == 8}
    assert eight == {*range(0, 403, 3), 404}
    assert set(strips.values()) == {7, 8}
    assert len({grid.code for grid in micro_grids()}) == 2971
    assert all(len(grid.code) == 17 and grid.code[:15] == grid.base_grid_code for grid in micro_grids())
    assert sum(grid.households for grid in micro_grids()) == sum(grid.households for grid in base_grids())


def test_another_year_moves_the_division_and_a_day_within_the_year_is_refused() -> None:
    assert communities(date(2025, 12, 31))[20].established_on.year == 2024
    with pytest.raises(ValueError, match="31 December"):
        communities(date(2023, 6, 30))
