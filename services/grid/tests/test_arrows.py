"""Each arrow of the choreography that ends here, whatever happens around its event (docs/choreography.md)."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import pytest_asyncio

from govkit.domain import Role
from govkit.references import Keep
from govkit.testing.arrows import Told, kept_events, prove_arrow, prove_kept
from govkit.testing.service import RunningService, running
from govkit.testing.tokens import Issuer
from grid.service import SERVICE

if TYPE_CHECKING:
    from lanling_local.stack import Infrastructure

ORGANIZATION = "organization"
LOAD = "query($c: String) { baseGrid(code: $c) { load { households openPetitions perThousandHouseholds } } }"
CANDIDATES = "query($c: String!) { dutyCandidates(gridCode: $c) { staffId deployedHere activeDuties } }"
POINT = "query($id: ID!) { pointsOfInterest(filter: {id: {eq: $id}}) { edges { node { kind communityId } } } }"
CREATE = "mutation($i: CreateBaseGridInput!) { createBaseGrid(input: $i) { code } }"
GENERATION = "mutation($i: CreateGenerationInput!) { createGeneration(input: $i) { id } }"
ASSIGN = "mutation($i: AssignDutyInput!) { assignDuty(input: $i) { id } }"
DUTY = "query($id: ID) { gridDuty(id: $id) { state } }"
RECORD = "mutation($i: RecordGridEventInput!) { recordGridEvent(input: $i) { id } }"
EVENT = "query($id: ID) { gridEvent(id: $id) { petition { id } } }"
HERE = {"longitude": 118.005, "latitude": 34.805}
SQUARE = {"type": "Polygon", "coordinates": [[[118, 34.8], [118.01, 34.8], [118.01, 34.81], [118, 34.81], [118, 34.8]]]}


@pytest_asyncio.fixture(scope="module")
async def service(infrastructure: "Infrastructure", issuer: Issuer, topic_prefix: str) -> AsyncIterator[RunningService]:
    async with running(SERVICE, infrastructure, issuer, topic_prefix) as started:
        community = {"communityId": "com", "code": "371324001001", "streetId": "street", "status": "ACTIVE"}
        await started.receive(ORGANIZATION, "community.established", "com", community)
        area = {"residentialAreaId": "area", "code": "371324001001R01", "communityId": "com"}
        await started.receive(ORGANIZATION, "residential_area.registered", "area", area)
        yield started


@pytest.fixture
def admin(issuer: Issuer) -> str:
    return issuer.token(Role.ADMIN)


@pytest_asyncio.fixture(scope="module")
async def code(service: RunningService, issuer: Issuer) -> str:
    """Of a grid with 400 households."""
    token = issuer.token(Role.ADMIN)
    first = {"number": 1, "name": "第一版", "state": "ACTIVE", "activatedOn": "2023-01-01"}
    await service.data(GENERATION, {"i": first}, token)
    grid = {"communityId": "com", "name": "第1网格", "boundary": SQUARE, "households": 400, "population": 900}
    made = await service.data(CREATE, {"i": grid | {"residentialAreaId": "area"}}, token)
    return str(made["createBaseGrid"]["code"])


def fresh(name: str) -> str:
    return f"{name}-{uuid4().hex[:8]}"


@pytest.mark.parametrize(("keep", "event"), kept_events(SERVICE), ids=lambda value: getattr(value, "type_name", value))
async def test_records_of_organization_are_known(service: RunningService, keep: Keep, event: str) -> None:
    await prove_kept(service, keep, event, leftOn="2023-08-31")


async def test_a_worker_of_the_community_is_a_candidate_until_he_leaves(
    service: RunningService, admin: str, code: str
) -> None:
    worker = fresh("worker")

    async def seen() -> Any:
        found = (await service.data(CANDIDATES, {"c": code}, admin))["dutyCandidates"]
        return [tuple(item.values())[1:] for item in found if item["staffId"] == worker]

    hired = {"communityWorkerId": worker, "communityId": "com", "recruitmentChannel": "TRANSFER"}
    deployed = hired | {"deployedResidentialAreaId": "area", "deployedOn": "2023-02-01"}
    other = {"communityWorkerId": fresh("nobody"), "communityId": "a community to come"}
    told = Told(ORGANIZATION, "worker.deployed", worker, deployed)
    await prove_arrow(service, told, seen, [(True, 0)], unknown=other)
    duty = {"gridCode": code, "role": "GRID_WORKER", "staffId": worker, "startOn": "2023-02-01"}
    duty_id = (await service.data(ASSIGN, {"i": duty}, admin))["assignDuty"]["id"]
    assert await seen() == [(True, 1)]

    async def state() -> Any:
        return (await service.data(DUTY, {"id": duty_id}, admin))["gridDuty"]["state"]

    left = Told(ORGANIZATION, "worker.left", fresh(worker), hired | {"leftOn": "2023-08-31"})
    await prove_arrow(service, left, state, "ENDED", unknown=other)
    assert await seen() == []
    ended = [event for event in await service.published("duty.ended") if event.subject == duty_id]
    assert len(ended) == 1


@pytest.mark.parametrize("event", ["venue.registered", "venue.changed"])
async def test_a_venue_is_a_point_of_interest(service: RunningService, admin: str, event: str) -> None:
    id = fresh("venue")

    async def seen() -> Any:
        found = await service.data(POINT, {"id": id}, admin)
        return [edge["node"] for edge in found["pointsOfInterest"]["edges"]]

    venue = {"venueId": id, "kind": "AREA_STATION", "communityId": "com", "location": HERE}
    shown = [{"kind": "AREA_STATION", "communityId": "com"}]
    unknown = {"venueId": fresh("other"), "communityId": "a community to come"}
    await prove_arrow(service, Told(ORGANIZATION, event, id, venue), seen, shown, unknown=unknown)


async def test_petitions_under_way_are_the_load_of_their_grid(service: RunningService, admin: str, code: str) -> None:
    async def seen() -> Any:
        return tuple((await service.data(LOAD, {"c": code}, admin))["baseGrid"]["load"].values())

    async def told(event: str, number: int, **data: Any) -> Told:
        id = f"{event}-{number}"
        return Told("petition", f"petition.{event}", id, {"petitionId": id, "gridCode": code} | data)

    nowhere = {"gridCode": "a grid that is not known"}
    assert await seen() == (400, 0, 0)
    await prove_arrow(service, await told("submitted", 1), seen, (400, 1, 2.5), unknown=nowhere)
    standing = await told("snapshot", 1, state="IN_PROGRESS")
    other = {"petitionId": "snapshot-other"} | nowhere
    await prove_arrow(service, standing, seen, (400, 2, 5), unknown=other)
    over = await told("snapshot", 2, state="CLOSED")
    await over.to(service, 1)
    assert await seen() == (400, 2, 5)
    lost = {"petitionId": "petition.located-1", "gridCode": None}
    await service.receive("petition", "petition.submitted", "located-1", {"petitionId": "located-1", "gridCode": None})
    for event in ("located", "rerouted"):
        moved = {"petitionId": "located-1", "gridCode": code, "fromGrid": "a grid that was retired"}
        here = Told("petition", f"petition.{event}", fresh(event), moved)
        await prove_arrow(service, here, seen, (400, 3, 7.5), unknown=lost)
        if event == "located":
            away = moved | {"gridCode": None}
            await service.receive("petition", "petition.located", fresh("away"), away)
            assert await seen() == (400, 2, 5)
    for left, (event, id) in enumerate(
        (("closed", "submitted-1"), ("rejected", "snapshot-1"), ("withdrawn", "located-1")), start=1
    ):
        over = Told("petition", f"petition.{event}", fresh(event), {"petitionId": id})
        unknown = {"petitionId": "a petition that nobody told of"}
        await prove_arrow(service, over, seen, (400, 3 - left, 7.5 - 2.5 * left), unknown=unknown)


async def test_a_reported_event_knows_the_petition_that_it_became(
    service: RunningService, issuer: Issuer, code: str
) -> None:
    worker = issuer.token(Role.GRID_WORKER, sub="w", scope={"gridIds": [code]})
    found = {"categoryCode": "ENVIRONMENT", "location": HERE | {"coordinateSystem": "WGS84"}, "solvedOnSpot": False}
    event_id = (await service.data(RECORD, {"i": found}, worker))["recordGridEvent"]["id"]

    async def seen() -> Any:
        return (await service.data(EVENT, {"id": event_id}, worker))["gridEvent"]["petition"]

    id = fresh("petition")
    told = {"petitionId": id, "gridCode": None, "sourceType": "GRID_EVENT", "sourceId": event_id}
    unknown = {"sourceId": "an event that is not known"}
    await prove_arrow(service, Told("petition", "petition.submitted", id, told), seen, {"id": id}, unknown=unknown)
