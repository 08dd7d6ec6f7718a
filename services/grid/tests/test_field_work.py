"""Patrols, what is found on them, points of interest and the crosswalk to other systems, over HTTP."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from govkit.domain import Role
from govkit.testing.service import RunningService, running
from govkit.testing.tokens import Issuer
from grid import seed
from grid.domain.errors import GridError
from grid.service import SERVICE
from lanling_demo import grid_facts

if TYPE_CHECKING:
    from lanling_local.stack import Infrastructure

RECORD = """mutation($i: RecordGridEventInput!) { recordGridEvent(input: $i) {
    id number state foundBy baseGrid { code } petition { id } } }"""
PATROL = "mutation($i: StartPatrolInput!) { startPatrol(input: $i) { id state gridCode } }"
CHECK_IN = (
    "mutation($i: CheckInOnPatrolInput!) { checkInOnPatrol(input: $i) { checkpoints { at location { longitude } } } }"
)
END_PATROL = "mutation($i: EndPatrolInput!) { endPatrol(input: $i) { state eventsFound endedAt } }"
MAP = "mutation($i: MapExternalGridInput!) { mapExternalGrid(input: $i) { id baseGrid { code } } }"
GRID, OTHER_GRID = grid_facts.base_grids()[0], grid_facts.base_grids()[25]
INSIDE = dict(zip(("longitude", "latitude"), GRID.cell.centre, strict=True)) | {"coordinateSystem": "CGCS2000"}


@pytest_asyncio.fixture(scope="module")
async def service(infrastructure: "Infrastructure", issuer: Issuer, topic_prefix: str) -> AsyncIterator[RunningService]:
    async with running(SERVICE, infrastructure, issuer, topic_prefix, seeded=True) as started:
        yield started


@pytest.fixture
def worker(issuer: Issuer) -> str:
    return issuer.token(Role.GRID_WORKER, sub="w-17", scope={"gridIds": [GRID.code]})


@pytest.fixture
def auditor(issuer: Issuer) -> str:
    return issuer.token(Role.AUDITOR)


def found(**changes: Any) -> dict[str, Any]:
    return {"i": {"categoryCode": "ENVIRONMENT", "location": INSIDE, "solvedOnSpot": False, **changes}}


async def test_a_reported_event_becomes_a_petition(service: RunningService, worker: str, auditor: str) -> None:
    event = (await service.data(RECORD, found(note="楼道堆放杂物"), worker))["recordGridEvent"]
    assert event["number"].startswith("WG-")
    assert (event["state"], event["foundBy"], event["baseGrid"]) == ("REPORTED", "w-17", {"code": GRID.code})
    (reported,) = [item for item in await service.published("grid_event.reported") if item.subject == event["id"]]
    assert reported.data["gridCode"] == GRID.code
    assert "note" not in reported.data
    assert "foundBy" not in reported.data
    submitted = {"petitionId": "pet-1", "sourceType": "GRID_EVENT", "sourceId": event["id"]}
    await service.receive("petition", "petition.submitted", "pet-1", submitted, times=2)
    for data in (
        submitted | {"petitionId": "pet-2", "sourceId": "unknown"},
        {"petitionId": "pet-2", "sourceType": "RESIDENT"},
    ):
        await service.receive("petition", "petition.submitted", "pet-2", data)
    read = "query($id: ID!) { gridEvent(id: $id) { petition { id } version note } }"
    assert (await service.data(read, {"id": event["id"]}, auditor))["gridEvent"] == {
        "petition": {"id": "pet-1"},
        "version": 2,
        "note": "楼道堆放杂物",
    }


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (found(gridCode=OTHER_GRID.code), "AUTH_OUT_OF_SCOPE"),
        (found(location=None), "GEN_VALIDATION"),
        (found(location=INSIDE | {"latitude": 36.0}), "GRID_POINT_OUTSIDE"),
        (found(location=None, gridCode="371324001001099"), "GEN_REFERENCE_UNKNOWN"),
        (found(patrolId="unknown"), "GEN_REFERENCE_UNKNOWN"),
        (found(foundAt="2023-03-01T08:00:00"), "GEN_VALIDATION"),
    ],
)
async def test_what_cannot_be_recorded(service: RunningService, worker: str, values: dict[str, Any], code: str) -> None:
    assert await service.refusal(RECORD, values, worker) == code


async def test_a_patrol_counts_what_was_found(service: RunningService, issuer: Issuer, worker: str) -> None:
    duty = next(item for item in grid_facts.duties() if item.base_grid_code == GRID.code)
    elsewhere = next(item for item in grid_facts.duties() if item.base_grid_code == OTHER_GRID.code)
    assert await service.refusal(PATROL, {"i": {"dutyId": elsewhere.id}}, worker) == "AUTH_OUT_OF_SCOPE"
    patrol = (await service.data(PATROL, {"i": {"dutyId": duty.id}}, worker))["startPatrol"]
    assert (patrol["state"], patrol["gridCode"]) == ("UNDER_WAY", GRID.code)
    assert await service.refusal(PATROL, {"i": {"dutyId": duty.id}}, worker) == "GRID_PATROL_UNDER_WAY"
    await service.data(CHECK_IN, {"i": {"id": patrol["id"], **INSIDE}}, worker)
    solved = (await service.data(RECORD, found(patrolId=patrol["id"], solvedOnSpot=True), worker))["recordGridEvent"]
    assert solved["state"] == "SOLVED_ON_SPOT"
    ended = (await service.data(END_PATROL, {"i": {"id": patrol["id"]}}, worker))["endPatrol"]
    assert (ended["state"], ended["eventsFound"]) == ("COMPLETED", 1)
    (completed,) = await service.published("patrol.completed")
    assert (completed.data["checkpointCount"], completed.data["eventsFound"]) == (1, 1)
    assert "checkpoints" not in completed.data
    resident = issuer.token(Role.RESIDENT, sub="res-1", scope={})
    hidden = await service.data("{ patrols { totalCount } gridEvents { totalCount } }", token=resident)
    assert hidden == {"patrols": {"totalCount": 0}, "gridEvents": {"totalCount": 0}}


async def test_a_venue_is_a_point_of_interest_in_the_grid_it_lies_in(service: RunningService, auditor: str) -> None:
    location = {"longitude": INSIDE["longitude"], "latitude": INSIDE["latitude"]}
    venue = {"venueId": "venue-1", "kind": "AREA_STATION", "communityId": "com-1", "location": location}
    await service.receive("organization", "venue.registered", "venue-1", venue, times=2)
    read = """{ pointsOfInterest(filter: {id: {eq: "venue-1"}}) {
        edges { node { kind venue { id } baseGrid { code } version } } } }"""
    points = (await service.data(read, token=auditor))["pointsOfInterest"]["edges"]
    expected = {"kind": "AREA_STATION", "venue": {"id": "venue-1"}, "baseGrid": {"code": GRID.code}, "version": 1}
    assert points == [{"node": expected}]
    moved = venue | {"kind": "SOMETHING_NEW", "location": {"longitude": 119.0, "latitude": 34.0}}
    await service.receive("organization", "venue.changed", "venue-1", moved)
    points = (await service.data(read, token=auditor))["pointsOfInterest"]["edges"]
    assert points == [{"node": expected | {"kind": "OTHER", "baseGrid": None, "version": 2}}]


async def test_what_is_within_a_walk(service: RunningService, auditor: str) -> None:
    for name, north in (("near", 0.002), ("far", 0.012)):  # 222 m and 1,331 m
        location = {"longitude": INSIDE["longitude"], "latitude": GRID.cell.centre[1] + north}
        venue = {"venueId": name, "kind": "COMMUNITY_CENTER", "communityId": "com-1", "location": location}
        await service.receive("organization", "venue.registered", name, venue)
    document = """query($p: LocatePointInput, $g: String, $m: Int, $k: [PointOfInterestKind!]) {
        fifteenMinuteCircle(point: $p, gridCode: $g, minutes: $m, kinds: $k) {
            radiusM points { minutes pointOfInterest { venue { id } baseGrid { code } } } } }"""
    kinds = {"k": ["COMMUNITY_CENTER"]}

    async def reached(**variables: Any) -> list[str]:
        circle = (await service.data(document, kinds | variables, auditor))["fifteenMinuteCircle"]
        return [point["pointOfInterest"]["venue"]["id"] for point in circle["points"]]

    assert await reached(p=INSIDE) == ["near"]
    assert await reached(g=GRID.code) == ["near"]
    assert await reached(p=INSIDE, m=17) == ["near", "far"]
    assert await reached(p=INSIDE, m=2) == []
    assert await reached(p=INSIDE, k=["OTHER"]) == []
    assert await service.refusal(document, {}, auditor) == "GEN_VALIDATION"
    assert await service.refusal(document, {"p": INSIDE, "g": GRID.code}, auditor) == "GEN_VALIDATION"
    assert await service.refusal(document, {"p": INSIDE, "m": 61}, auditor) == "GEN_VALIDATION"
    assert await service.refusal(document, {"g": "371324001001099"}, auditor) == "GEN_REFERENCE_UNKNOWN"


async def test_a_grid_of_another_system_is_mapped_once(service: RunningService, issuer: Issuer) -> None:
    admin = issuer.token(Role.ADMIN)
    mapping = {"system": "URBAN_MANAGEMENT", "externalCode": "CG-17", "gridCode": GRID.code, "validFrom": "2023-01-01"}
    assert (await service.data(MAP, {"i": mapping}, admin))["mapExternalGrid"]["baseGrid"] == {"code": GRID.code}
    assert await service.refusal(MAP, {"i": mapping}, admin) == "GRID_MAPPING_EXISTS"
    unknown = mapping | {"externalCode": "CG-18", "gridCode": "371324001001099"}
    assert await service.refusal(MAP, {"i": unknown}, admin) == "GEN_REFERENCE_UNKNOWN"


async def test_too_many_boundaries_at_once_are_refused(service: RunningService, auditor: str) -> None:
    county = "bbox: {west: 117, south: 34, east: 119, north: 36}"
    document = f"{{ boundariesInViewport({county}, level: MICRO_GRID) }}"
    assert await service.refusal(document, token=auditor) == "GRID_VIEWPORT_TOO_LARGE"
    streets = await service.data(f"{{ boundariesInViewport({county}, level: STREET) }}", token=auditor)
    assert len(streets["boundariesInViewport"]["features"]) == 1


async def test_seeding_again_changes_nothing(service: RunningService) -> None:
    async def versions() -> list[Any]:
        rows = service.store.database["base_grid"].find({}, {"version": 1, "updated_at": 1}, sort=[("_id", 1)])
        return [row async for row in rows]

    before, events = await versions(), await service.store.database["outbox"].count_documents({})
    from govkit.seeding import Seeder

    await seed.seed(Seeder(service.store, SERVICE.source, before[0]["updated_at"]))
    assert await versions() == before
    assert await service.store.database["outbox"].count_documents({}) == events


def test_every_refusal_is_provoked_by_a_test() -> None:
    from pathlib import Path

    tests = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    assert [error.code for error in GridError if error.code not in tests] == []
