"""Where the petitions come from: grids that recur, points inside their grid, points on edges."""

from datetime import date

from .categories import leaves
from .county import communities
from .grids import grids_by_community
from .petition_draft import BORDER, NEAREST, RECURRENCES, RECURRING, Draft
from .story import rng


def recur(accepted: list[Draft], as_of: date) -> None:
    """Five pairs of grid and category in which the same trouble comes again and again."""
    for community_index, top in RECURRING:
        grids = grids_by_community(as_of)[communities(as_of)[community_index].code]
        same = [d for d in accepted if d.community_index == community_index and d.top == top]
        for draft in same[:RECURRENCES]:
            draft.grid, draft.category = grids[2], leaves(top)[0].code


def place(draft: Draft, as_of: date) -> None:
    """A point well inside a grid of the community."""
    random = rng("petition-place", draft.key)
    grids = grids_by_community(as_of)[communities(as_of)[draft.community_index].code]
    draft.grid = draft.grid or random.choice(grids)
    draft.point = draft.grid.cell.at(random.uniform(0.05, 0.95), random.uniform(0.05, 0.95))


def put_on_edges(accepted: list[Draft], rejected: list[Draft], as_of: date) -> None:
    """Eight points on a border, where the smaller code wins; five just north of the county; two far away."""
    ordinary = [draft for draft in accepted if draft.state == "CLOSED"]
    for draft in ordinary[100 : 100 + 7 * BORDER : 7]:
        grid = grids_by_community(as_of)[communities(as_of)[draft.community_index].code][0]
        draft.grid, draft.point, draft.locate_status = grid, grid.cell.at(1.0, 0.4), "BORDER"
    northern = [draft for draft in ordinary if draft.community_index < 7 and draft.locate_status == "RESOLVED"]
    for draft in northern[50 : 50 + 9 * NEAREST : 9]:
        grid = grids_by_community(as_of)[communities(as_of)[draft.community_index].code][1]
        lon, lat = grid.cell.at(0.5, 1.0)
        draft.grid, draft.point, draft.locate_status = grid, (lon, round(lat + 0.000_18, 6)), "NEAREST"
    for draft in rejected:
        if draft.rejection_reason == "OUTSIDE_COUNTY":
            lon, lat = draft.point
            draft.grid, draft.point, draft.locate_status = None, (round(lon + 0.6, 6), lat), "OUTSIDE"
