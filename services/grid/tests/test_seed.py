"""The demonstration county in this service: the article's figures, exact, as numbers and lists, by community."""

from collections import Counter
from typing import TYPE_CHECKING, Any

from govkit import geo
from govkit.domain import Role
from govkit.testing.figures import check_figures
from govkit.testing.service import running
from govkit.testing.tokens import Issuer
from grid import seed
from grid.service import SERVICE
from lanling_demo.county import communities

if TYPE_CHECKING:
    from lanling_local.stack import Infrastructure

# Micro-grids of communities 1 … 21, as the table of domain reference 5.2 has them.
MICRO_GRIDS = (147, 147, 146, 147, 147, 146, 140, 139, 139, 140, 139, 139, 140, 139, 139, 140, 139, 139, 140, 139, 140)
FIGURES = {"baseGrids": 405, "microGrids": 2971, "gridLeaders": 405, "gridWorkers": 190}


async def test_article_figures(infrastructure: "Infrastructure", issuer: Issuer, topic_prefix: str) -> None:
    token = issuer.token(Role.AUDITOR)
    async with running(SERVICE, infrastructure, issuer, topic_prefix, seeded=True) as service:
        await check_figures(service, token, "gridStatistics", FIGURES)
        for community, micro_grids in zip(communities(), MICRO_GRIDS, strict=True):
            answer: Any = await service.data(
                """query($id: ID!) { gridStatistics(communityId: $id) { baseGrids microGrids gridLeaders gridWorkers }
                   gridTree(communityId: $id) { baseGridCount microGridCount } }""",
                {"id": community.id},
                token,
            )
            counts = community.counts
            assert answer["gridStatistics"] == {
                "baseGrids": counts.base_grids,
                "microGrids": micro_grids,
                "gridLeaders": counts.base_grids,
                "gridWorkers": counts.workers - counts.base_grids,
            }, community.name
            tree = answer["gridTree"]
            assert (tree["baseGridCount"], tree["microGridCount"]) == (counts.base_grids, micro_grids)


def test_the_seeded_net_keeps_the_rules_that_commands_enforce() -> None:
    grids = list(seed.base_grids())
    areas = {boundary.subject_id: boundary.boundary for boundary in seed.boundaries()}
    locator = geo.Locator({grid.code: grid.boundary for grid in grids})
    boundaries = {grid.code: grid.boundary for grid in grids}
    for grid in grids:
        box = grid.bbox
        for code in locator.in_box(box.west, box.south, box.east, box.north):
            if code != grid.code:
                assert geo.shared_area_m2(grid.boundary, boundaries[code]) <= 1, (grid.code, code)
        assert geo.area_outside_m2(grid.boundary, areas[grid.community_id]) <= 1
        assert geo.area_outside_m2(grid.boundary, areas[str(grid.residential_area_id)]) <= 1
    by_code = {grid.code: grid for grid in grids}
    for micro in seed.micro_grids(by_code):
        assert micro.boundary is not None
        assert micro.households == sum(building.households for building in micro.buildings)
        assert geo.area_outside_m2(micro.boundary, by_code[micro.base_grid_code].boundary) <= 1
    leaders = Counter(duty.grid_code for duty in seed.duties(by_code) if duty.role.name == "GRID_LEADER")
    assert set(leaders.values()) == {1}
