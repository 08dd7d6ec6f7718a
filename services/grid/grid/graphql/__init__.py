"""Queries that are more than a list: locating, who is on duty on a day, trees, the map, the life circle."""

from govkit.graphql.functions import Computed, Query
from grid.graphql.life_circle import fifteen_minute_circle
from grid.graphql.locating import LOCATE, LOCATE_MANY
from grid.graphql.map import area_boundary, boundaries_in_viewport, community_boundary, grid_of_point
from grid.graphql.roster import duty_candidates, grid_tree, handover_note, load, on_duty

QUERIES: list[Query] = [
    LOCATE,
    LOCATE_MANY,
    on_duty,
    duty_candidates,
    grid_tree,
    boundaries_in_viewport,
    fifteen_minute_circle,
]
COMPUTED: list[Computed] = [community_boundary, area_boundary, grid_of_point, handover_note, load]
