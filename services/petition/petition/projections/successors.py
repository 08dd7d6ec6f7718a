"""Where what lies in a retired grid belongs today: in the grids that follow it, and in those that follow them."""

from collections.abc import Iterable
from typing import Any

from govkit.domain import GeoPoint
from govkit.store.store import Store
from petition.domain.values import GridPlace
from petition.domain.vocabulary import PetitionLocateStatus
from petition.projections.grid_map import BASE_GRIDS, place_in_one, street_of

Row = dict[str, Any]


async def place_today(store: Store, place: GridPlace, point: GeoPoint | None) -> GridPlace:
    """The place itself, unless its grid was retired in favour of others."""
    row = await store.database[BASE_GRIDS].find_one({"_id": place.grid_code, "active": False}) or {}
    return await place_in_successor(store, row.get("successor_codes") or (), point, place)


async def place_in_successor(
    store: Store, codes: Iterable[str], point: GeoPoint | None, before: GridPlace
) -> GridPlace:
    """In which of these grids, or of those that follow them, it is: the one that holds the point as far as their
    boundaries are known here, else the first by code. One that is not known here lies where it was `before`; so does
    everything when there is no grid to go to."""
    grids = await _grids_today(store, codes)
    if not grids:
        return before
    code = _chosen(grids, point)
    community_id = grids[code].get("community_id") or before.community_id
    return GridPlace(
        status=before.status,
        grid_code=code,
        community_id=community_id,
        residential_area_id=grids[code].get("residential_area_id") or before.residential_area_id,
        street_id=await street_of(store, community_id) if community_id else before.street_id,
    )


async def _grids_today(store: Store, codes: Iterable[str]) -> dict[str, Row]:
    """The grids at the ends of the chains that begin with these, each with what is known of it here."""
    ends: dict[str, Row] = {}
    left, passed = set(codes), set[str]()
    while left:
        rows = {row["_id"]: row async for row in store.database[BASE_GRIDS].find({"_id": {"$in": sorted(left)}})}
        passed |= left
        following = {code: _successors(rows.get(code, {})) for code in left}
        ends |= {code: rows.get(code, {}) for code in left if not following[code]}
        left = {code for codes in following.values() for code in codes} - passed
    return ends


def _successors(row: Row) -> list[str]:
    return [] if _in_use(row) else row.get("successor_codes") or []


def _in_use(row: Row) -> bool:
    """A grid that is not known here yet counts as one."""
    return bool(row.get("active", True))


def _chosen(grids: dict[str, Row], point: GeoPoint | None) -> str:
    codes = sorted(code for code in grids if _in_use(grids[code])) or sorted(grids)
    if point is not None:
        for code in codes:
            boundary = grids[code].get("boundary")
            if boundary and place_in_one(boundary, point) is PetitionLocateStatus.RESOLVED:
                return code
    return codes[0]
