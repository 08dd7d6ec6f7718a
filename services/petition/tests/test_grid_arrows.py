"""The arrows of the choreography from the grid, whatever happens around the event."""

from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from govkit.domain import GeoPoint
from govkit.testing.arrows import Told, prove_arrow
from petition.domain.petitions import Petition
from petition.projections.grid_map import locate
from petition.projections.units import leader_on_duty


def fresh(name: str) -> str:
    return f"{name}-{uuid4().hex[:8]}"


def square(west: float, east: float) -> dict[str, Any]:
    ring = [[west, 34.80], [east, 34.80], [east, 34.81], [west, 34.81], [west, 34.80]]
    return {"type": "Polygon", "coordinates": [ring]}


def grid(code: str, boundary: Any) -> dict[str, Any]:
    return {"baseGridId": f"id-{code}", "code": code, "communityId": "community-1", "boundary": boundary}


async def hear_of(county: Any, code: str, boundary: Any) -> None:
    await county.service.receive("grid", "grid.created", f"id-{code}", grid(code, boundary))


async def codes_at(county: Any, point: GeoPoint) -> Any:
    found = await locate(county.service.store, point)
    return found.grid_code, found.micro_grid_code


@pytest.mark.parametrize("event", ["grid.created", "grid.updated"])
async def test_a_grid_holds_what_lies_in_it(county: Any, event: str) -> None:
    """With its micro-grid, which may be told of before it."""
    number, west = (931, 118.60) if event == "grid.created" else (932, 118.70)
    code, point = f"371324001001{number}", GeoPoint(longitude=west + 0.005, latitude=34.805)
    boundary = square(west, west + 0.01)

    seen = partial(codes_at, county, point)
    micro = {"code": f"{code}01", "baseGridCode": code, "boundary": boundary, "status": "ACTIVE"}
    needs = [Told("grid", f"micro_{event}", f"micro-{code}", micro)]
    far = {"code": f"{code[:-3]}999", "boundary": square(119.0, 119.01)}
    told = Told("grid", event, f"id-{code}", grid(code, boundary))
    await prove_arrow(county.service, told, seen, (code, f"{code}01"), unknown=far, needs=needs)
    gone = Told("grid", "micro_grid.retired", fresh("micro"), {"code": f"{code}01", "baseGridCode": code})
    await prove_arrow(county.service, gone, seen, (code, None), unknown={"code": f"{code}99"})
    gone = Told("grid", "grid.retired", fresh("gone"), {"code": code, "successorCodes": None})
    await prove_arrow(county.service, gone, seen, (None, None), unknown={"code": "a grid to come"})


@pytest.mark.parametrize("event", ["micro_grid.created", "micro_grid.updated"])
async def test_a_micro_grid_holds_what_lies_in_it(county: Any, event: str) -> None:
    """Of a base grid that may be told of after it."""
    number, west = (941, 118.62) if event == "micro_grid.created" else (942, 118.72)
    code, point = f"371324001001{number}", GeoPoint(longitude=west + 0.005, latitude=34.805)
    boundary = square(west, west + 0.01)

    seen = partial(codes_at, county, point)
    micro = {"code": f"{code}01", "baseGridCode": code, "boundary": boundary, "status": "ACTIVE"}
    needs = [Told("grid", "grid.created", f"id-{code}", grid(code, boundary))]
    unknown = {"code": f"{code}99", "baseGridCode": "a grid to come"}
    told = Told("grid", event, f"micro-{code}", micro)
    await prove_arrow(county.service, told, seen, (code, f"{code}01"), unknown=unknown, needs=needs)


async def test_a_petition_that_waits_is_located_in_a_new_grid(county: Any) -> None:
    """Also when the grid's community is told of after it."""
    code, community = "371324001001951", fresh("community")
    petition = await county.submit(location={"longitude": 118.255, "latitude": 34.805, "coordinateSystem": "WGS84"})

    async def seen() -> Any:
        return await county.see(petition["id"], county.resident, "locateStatus gridCode communityId streetId")

    told = Told("grid", "grid.created", f"id-{code}", grid(code, square(118.25, 118.26)) | {"communityId": community})
    established = {"communityId": community, "code": community, "streetId": "street-1"}
    expected = {"locateStatus": "RESOLVED", "gridCode": code, "communityId": community, "streetId": "street-1"}
    await prove_arrow(
        county.service,
        told,
        seen,
        expected,
        unknown={"code": f"{code[:-3]}959", "boundary": square(119.1, 119.11)},
        needs=[Told("organization", "community.established", community, established)],
    )
    located = await county.service.published("petition.located")
    assert [event.data["gridCode"] for event in located if event.subject == petition["id"]] == [code]


@pytest.mark.parametrize("event", ["community.established", "community.changed"])
async def test_a_community_told_of_late_gives_its_petitions_their_street(county: Any, event: str) -> None:
    number, west = (961, 118.27) if event == "community.established" else (962, 118.28)
    code, community = f"371324001001{number}", fresh("community")
    placed = grid(code, square(west, west + 0.01)) | {"communityId": community}
    await county.service.receive("grid", "grid.created", f"id-{code}", placed)
    inside = {"longitude": west + 0.005, "latitude": 34.805, "coordinateSystem": "WGS84"}
    petition = await county.submit(location=inside)

    async def seen() -> Any:
        return await county.see(petition["id"], county.resident, "communityId streetId")

    told = Told("organization", event, community, {"communityId": community, "code": community, "streetId": "street-1"})
    expected = {"communityId": community, "streetId": "street-1"}
    await prove_arrow(county.service, told, seen, expected, unknown={"communityId": fresh("other")})


async def test_cases_of_a_retired_grid_go_to_its_successor(county: Any) -> None:
    """With its open order, also when the successor is told of afterwards."""
    retired, following, elsewhere, third = (f"37132400100190{number}" for number in range(1, 5))
    boundary = square(118.10, 118.11)
    await hear_of(county, retired, boundary)
    petition = await county.submit(location={"longitude": 118.105, "latitude": 34.805, "coordinateSystem": "WGS84"})
    await county.act("acceptPetition", county.dispatcher, id=petition["id"])
    unit = {"type": "GRID", "id": f"id-{retired}"}
    order = await county.act("dispatchWorkOrder", county.dispatcher, "id", petitionId=petition["id"], unit=unit)

    async def seen() -> Any:
        fields = "gridCode currentUnit { id } workOrders { edges { node { id gridCode unit { id } } } }"
        return await county.see(petition["id"], county.dispatcher, fields)

    gone = {"baseGridId": f"id-{retired}", "code": retired, "communityId": "community-1", "status": "RETIRED"}
    await hear_of(county, elsewhere, square(118.20, 118.21))
    told = Told("grid", "grid.retired", f"gone-{retired}", gone | {"successorCodes": [elsewhere, following]})
    other = {"code": "371324001001999", "successorCodes": ["371324001001998"]}
    needs = [Told("grid", "grid.created", f"id-{following}", grid(following, square(118.30, 118.31)))]
    orders = {"edges": [{"node": {"id": order["id"], "gridCode": following, "unit": {"id": f"id-{following}"}}}]}
    expected = {"gridCode": following, "currentUnit": {"id": f"id-{following}"}, "workOrders": orders}
    await prove_arrow(county.service, told, seen, expected, unknown=other, needs=needs)
    rerouted = await county.service.published("petition.rerouted")
    (event,) = [event for event in rerouted if event.subject == petition["id"]]
    assert (event.data["fromGrid"], event.data["gridCode"]) == (retired, following)
    # Its successors are known by now: the one that holds the place is not the first by code.
    await hear_of(county, third, square(118.10, 118.11))
    again = gone | {"code": following, "baseGridId": f"id-{following}", "successorCodes": [elsewhere, third]}
    await county.service.receive("grid", "grid.retired", f"id-{following}", again)
    found = await seen()
    assert (found["gridCode"], found["currentUnit"]) == (third, {"id": f"id-{third}"})


async def test_a_successor_told_of_late_takes_its_cases_and_orders(county: Any) -> None:
    retired, following = "371324001001971", "371324001001972"
    await hear_of(county, retired, square(118.32, 118.33))
    petition = await county.submit(location={"longitude": 118.325, "latitude": 34.805, "coordinateSystem": "WGS84"})
    await county.act("acceptPetition", county.dispatcher, id=petition["id"])
    unit = {"type": "GRID", "id": f"id-{retired}"}
    await county.act("dispatchWorkOrder", county.dispatcher, "id", petitionId=petition["id"], unit=unit)
    gone = {"code": retired, "communityId": "community-1", "successorCodes": [following]}
    await county.service.receive("grid", "grid.retired", f"id-{retired}", gone)

    async def seen() -> Any:
        found = await county.see(
            petition["id"], county.dispatcher, "currentUnit { id } workOrders { edges { node { unit { id } } } }"
        )
        return found["currentUnit"]["id"], [edge["node"]["unit"]["id"] for edge in found["workOrders"]["edges"]]

    told = Told("grid", "grid.created", f"id-{following}", grid(following, square(118.34, 118.35)))
    unknown = {"code": "371324001001979", "baseGridId": "id-979", "communityId": "a community to come"}
    expected = f"id-{following}", [f"id-{following}"]
    await prove_arrow(county.service, told, seen, expected, unknown=unknown)


async def test_who_is_on_duty_in_a_grid_is_asked_first(county: Any) -> None:
    """Told before or after the grid itself; until the duty ends."""
    code, duty, worker = "371324001001911", fresh("duty"), fresh("worker")
    boundary = square(118.14, 118.15)

    async def seen() -> Any:
        return await leader_on_duty(county.service.store, code)

    told = {"gridDutyId": duty, "gridCode": code, "communityId": "community-1", "staffId": worker}
    started = Told("grid", "duty.started", duty, told | {"role": "GRID_LEADER", "startOn": "2023-01-01"})
    unknown = {"gridCode": "a grid to come", "gridDutyId": fresh("other")}
    needs = [Told("grid", "grid.created", f"id-{code}", grid(code, boundary))]
    await prove_arrow(county.service, started, seen, worker, unknown=unknown, needs=needs)
    petition = await county.submit(location={"longitude": 118.145, "latitude": 34.805, "coordinateSystem": "WGS84"})
    await county.act("acceptPetition", county.dispatcher, id=petition["id"])
    unit = {"type": "GRID", "id": f"id-{code}"}
    fields = "assigneeStaffId gridCode"
    order = await county.act("dispatchWorkOrder", county.dispatcher, fields, petitionId=petition["id"], unit=unit)
    assert order == {"assigneeStaffId": worker, "gridCode": code}
    ended = Told("grid", "duty.ended", fresh("ended"), told | {"role": "GRID_LEADER", "endOn": "2023-05-01"})
    await prove_arrow(county.service, ended, seen, None, unknown=unknown)


async def test_a_reported_grid_event_becomes_one_petition(county: Any) -> None:
    """Whether or not its grid and its category are known here."""
    event = fresh("grid-event")

    async def seen() -> Any:
        found = await county.service.store.find(Petition, {"source_id": event})
        return [(item.grid_code, item.category_code, item.channel.name) for item in found]

    told = {"gridEventId": event, "gridCode": "371324001001921", "communityId": "community-1"}
    reported = told | {"categoryCode": "NO_SUCH", "foundAt": "2023-05-01T00:00:00Z", "location": None}
    needs = [Told("grid", "grid.created", "id-921", grid("371324001001921", square(118.50, 118.51)))]
    await prove_arrow(
        county.service,
        Told("grid", "grid_event.reported", event, reported),
        seen,
        [("371324001001921", "NO_SUCH", "GRID_PATROL")],
        unknown={"gridEventId": fresh("other"), "gridCode": "a grid to come", "communityId": "a community to come"},
        needs=needs,
    )
