"""Petitions that come before the grids are known are located when these arrive, in whatever order."""

from typing import Any

from govkit.domain import GeoPoint
from govkit.store.store import Store
from petition.projections.grid_map import locate
from petition.service import SERVICE

BORDER = {"longitude": 118.01, "latitude": 34.805, "coordinateSystem": "WGS84"}
INSIDE = {"longitude": 118.015, "latitude": 34.805, "coordinateSystem": "WGS84"}
GRID, EASTERN_GRID = "371324001001001", "371324001001002"


async def test_a_petition_waits_for_the_grids(empty_county: Any) -> None:
    county = empty_county
    store = county.service.store
    replica = Store(store.client, store.database.name, SERVICE.aggregates)
    point = GeoPoint(longitude=118.01, latitude=34.805)
    assert (await locate(replica, point)).grid_code is None
    inside = await county.submit(fields="id locateStatus", location=INSIDE)
    border = await county.submit(fields="id locateStatus", location=BORDER)
    taken_up = await county.submit(fields="id", location=INSIDE)
    await county.act("rejectPetition", county.dispatcher, id=taken_up["id"], reason="DUPLICATE")
    assert inside["locateStatus"] == border["locateStatus"] == "PENDING"
    fields = "locateStatus gridCode communityId streetId"
    here = {"communityId": "community-1", "streetId": "street-1"}

    await county.hear_of_grid(EASTERN_GRID, 118.01, 118.02)
    east = {"locateStatus": "RESOLVED", "gridCode": EASTERN_GRID, **here}
    assert await county.see(inside["id"], county.resident, fields) == east
    assert await county.see(border["id"], county.resident, fields) == east

    await county.hear_of_grid(GRID, 118.00, 118.01)
    assert await county.see(inside["id"], county.resident, fields) == east
    both = {"locateStatus": "BORDER", "gridCode": GRID, **here}
    assert await county.see(border["id"], county.resident, fields) == both
    assert (await county.see(taken_up["id"], county.resident, "locateStatus"))["locateStatus"] == "PENDING"

    located = await county.service.published("petition.located")
    assert [event.data["gridCode"] for event in located if event.subject == border["id"]] == [EASTERN_GRID, GRID]
    assert (await locate(replica, point)).grid_code == GRID
    # The map in memory follows: what is submitted now finds the grids at once.
    assert (await county.submit(fields="locateStatus", location=BORDER)) == {"locateStatus": "BORDER"}

    await county.service.receive("grid", "grid.retired", "grid-001", {"code": GRID})
    assert (await county.submit(fields="gridCode", location=BORDER)) == {"gridCode": EASTERN_GRID}
    assert (await locate(replica, point)).grid_code == EASTERN_GRID
