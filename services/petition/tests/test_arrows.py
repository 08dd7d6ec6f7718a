"""Each arrow of the choreography that ends here, whatever happens around its event (docs/choreography.md)."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from govkit.references import Keep
from govkit.testing.arrows import Told, kept_events, prove_arrow, prove_kept
from petition.domain.deliberation import CouncilMeeting
from petition.service import SERVICE

ORGANIZATION = "organization"
STREET = "street-1"
HERE = {"longitude": 118.015, "latitude": 34.805, "coordinateSystem": "WGS84"}


def fresh(name: str) -> str:
    return f"{name}-{uuid4().hex[:8]}"


@pytest.mark.parametrize(("keep", "event"), kept_events(SERVICE), ids=lambda value: getattr(value, "type_name", value))
async def test_records_of_organization_are_known(county: Any, keep: Keep, event: str) -> None:
    await prove_kept(county.service, keep, event)


async def test_a_worker_deployed_to_an_area_is_asked_first(county: Any) -> None:
    """Of an order for the community, too: its petition lies in the area where the worker is deployed."""
    worker, area = fresh("worker"), "area-1"
    deployed = {"communityWorkerId": worker, "communityId": "community-1", "deployedOn": "2023-02-01"}
    petition = await county.submit(location=HERE)
    await county.act("acceptPetition", county.dispatcher, id=petition["id"])

    async def known() -> Any:
        row = await county.service.store.reference("CommunityWorker", "id", worker)
        return row and row["data"].get("deployedResidentialAreaId")

    nowhere = {"communityWorkerId": fresh("nobody"), "deployedResidentialAreaId": fresh("nowhere")}
    told = Told(ORGANIZATION, "worker.deployed", worker, deployed | {"deployedResidentialAreaId": area})
    await prove_arrow(county.service, told, known, area, unknown=nowhere)
    order = await county.act(
        "dispatchWorkOrder",
        county.dispatcher,
        "id assigneeStaffId",
        petitionId=petition["id"],
        unit={"type": "COMMUNITY", "id": "community-1"},
    )
    assert order["assigneeStaffId"] == worker
    left = {"communityWorkerId": worker, "communityId": "community-1", "leftOn": "2023-03-01"}
    await county.service.receive(ORGANIZATION, "worker.left", worker, left)
    cooperation = await county.act(
        "dispatchWorkOrder",
        county.dispatcher,
        "id assigneeStaffId",
        petitionId=petition["id"],
        unit={"type": "COMMUNITY", "id": "community-1"},
        role="COOPERATE",
    )
    assert cooperation["assigneeStaffId"] is None


async def test_the_branch_of_the_area_and_its_secretary_are_shown(county: Any) -> None:
    branch, person, term = fresh("branch"), fresh("person"), fresh("term")
    petition = await county.submit(location=HERE)

    async def seen() -> Any:
        return await county.see(petition["id"], county.resident, "branch { id } branchSecretary { id }")

    appointment = {"appointmentId": term, "partyOrganizationId": branch, "personId": person, "role": "SECRETARY"}
    established = {"partyOrganizationId": branch, "type": "AREA_BRANCH", "residentialAreaId": "area-1"}
    told = Told(ORGANIZATION, "appointment.started", term, appointment | {"startOn": "2023-01-01"})
    await prove_arrow(
        county.service,
        told,
        seen,
        {"branch": {"id": branch}, "branchSecretary": {"id": person}},
        unknown={"partyOrganizationId": fresh("nowhere"), "appointmentId": fresh("nothing")},
        needs=(Told(ORGANIZATION, "party_organization.established", branch, established),),
    )
    ended = appointment | {"endOn": "2023-05-01"}
    told = Told(ORGANIZATION, "appointment.ended", fresh("again"), ended)
    nobody = {"branch": {"id": branch}, "branchSecretary": None}
    await prove_arrow(
        county.service, told, seen, nobody, unknown={"appointmentId": fresh("nothing"), "role": "LIAISON"}
    )
    gone = {"partyOrganizationId": branch, "type": "AREA_BRANCH", "dissolvedOn": "2023-06-01"}
    await county.service.receive(ORGANIZATION, "party_organization.dissolved", branch, gone, times=3)
    assert await seen() == {"branch": None, "branchSecretary": None}


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


def grid(code: str, boundary: Any) -> dict[str, Any]:
    return {"baseGridId": f"id-{code}", "code": code, "communityId": "community-1", "boundary": boundary}


async def hear_of(county: Any, code: str, boundary: Any) -> None:
    await county.service.receive("grid", "grid.created", f"id-{code}", grid(code, boundary))


def square(west: float, east: float) -> dict[str, Any]:
    ring = [[west, 34.80], [east, 34.80], [east, 34.81], [west, 34.81], [west, 34.80]]
    return {"type": "Polygon", "coordinates": [ring]}


async def close(county: Any, **outcome: Any) -> Any:
    """A meeting in the hall of an area, announced and held."""
    venue, area = fresh("venue"), fresh("area")
    seen = {"venueId": venue, "kind": "AREA_STATION", "communityId": "community-1", "residentialAreaId": area}
    await county.service.receive(ORGANIZATION, "venue.registered", venue, seen)
    await county.service.receive(
        ORGANIZATION, "residential_area.registered", area, {"residentialAreaId": area, "communityId": "community-1"}
    )
    hall = {"name": "议事厅", "venueId": venue, "communityId": "community-1", "registeredOn": "2023-01-01"}
    made = await county.act("registerCouncilHall", county.secretary, "id", **hall, residentialAreaId=area)
    planned = {"hallId": made["id"], "plannedAt": (datetime.now(UTC) + timedelta(days=5)).isoformat()}
    agenda = [{"kind": "PROPERTY_EVALUATION", "topic": "评议物业"}]
    meeting = await county.act("scheduleMeeting", county.secretary, "id", **planned, agenda=agenda)
    await county.act("publishMeetingNotice", county.secretary, id=meeting["id"], channel="WECHAT_GROUP")
    # The days pass.
    held = {"$set": {"planned_at": datetime.now(UTC) - timedelta(hours=3)}}
    await county.service.store.collection(CouncilMeeting).update_one({"_id": meeting["id"]}, held)
    closing = {"id": meeting["id"], "minutes": "记录", "attendees": 9, "parties": ["RESIDENTS"]} | outcome
    return meeting["id"], area, closing


async def test_a_council_meeting_tells_whom_to_reward_and_how_the_property_firm_is_judged(county: Any) -> None:
    enterprise = fresh("enterprise")
    judged = [{"enterpriseId": enterprise, "score": 85}]
    people = {"participantIds": ["resident-ann", "resident-ben", "resident-ann"], "proposerIds": ["resident-ben"]}
    meeting_id, area, closing = await close(county, **people, evaluations=judged)
    assert await county.refusal("closeMeeting", county.secretary, **closing) == "GEN_REFERENCE_UNKNOWN"
    registered = {"propertyEnterpriseId": enterprise}
    await county.service.receive(ORGANIZATION, "property_enterprise.registered", enterprise, registered)
    own = closing | {"proposerIds": ["secretary-1"]}
    assert await county.refusal("closeMeeting", county.secretary, **own) == "GEN_VALIDATION"
    twice = closing | {"evaluations": judged * 2}
    assert await county.refusal("closeMeeting", county.secretary, **twice) == "GEN_VALIDATION"
    closed = await county.act("closeMeeting", county.secretary, "state evaluations { score }", **closing)
    assert closed == {"state": "CLOSED", "evaluations": [{"score": 85}]}
    told = [event for event in await county.service.published() if event.subject == meeting_id]
    came = [event.data["residentId"] for event in told if "deliberation.participated" in event.type]
    assert came == ["resident-ann", "resident-ben"]
    (adopted,) = [event.data for event in told if "suggestion.adopted" in event.type]
    assert adopted == {"councilMeetingId": meeting_id, "residentId": "resident-ben", "communityId": "community-1"}
    (evaluation,) = [event.data for event in told if "property_evaluation.submitted" in event.type]
    assert evaluation.pop("month")
    here = {"residentialAreaId": area, "communityId": "community-1"}
    assert evaluation == {"councilMeetingId": meeting_id, "enterpriseId": enterprise, "score": 85, **here}
    assert not any("resident-ann" in str(event.data) for event in told if "council_meeting" in event.type)


async def test_a_mediation_tells_whom_to_reward_but_never_who_reported_a_petition(county: Any) -> None:
    record = {"type": "NEIGHBOURS", "partiesCount": 2, "result": "AGREED", "mediatedOn": "2023-05-01"}
    here = record | {"communityId": "community-1", "mediatorIds": ["mia"], "reportedById": "rob"}
    petition = await county.submit()
    refused = await county.refusal("recordMediation", county.secretary, **here, petitionId=petition["id"])
    assert refused == "GEN_VALIDATION"
    made = await county.act("recordMediation", county.secretary, "id mediators { id }", **here)
    assert made["mediators"] == [{"id": "mia"}]
    told = [event for event in await county.service.published() if event.subject == made["id"]]
    assert [event.type.removeprefix("cn.lanling.") for event in told] == ["dispute.mediated.v1", "dispute.reported.v1"]
    assert told[0].data["mediatorIds"] == ["mia"]
    assert "rob" not in str(told[0].data)
    assert told[1].data["residentId"] == "rob"
    await county.act("updateMediation", county.secretary, "id", id=made["id"], partiesCount=3)
    assert len(await county.service.published("dispute.reported")) == 1


@pytest.mark.parametrize("event", ["consequence.activated", "linked_consequence.snapshot"])
async def test_the_standing_of_the_property_enterprise_is_shown(county: Any, event: str) -> None:
    enterprise, consequence = fresh("enterprise"), fresh("consequence")
    registered = {"propertyEnterpriseId": enterprise, "name": "物业"}
    await county.service.receive(ORGANIZATION, "property_enterprise.registered", enterprise, registered)
    petition = await county.submit(propertyEnterpriseId=enterprise)

    async def seen() -> Any:
        found = await county.see(petition["id"], county.resident, "propertyStanding { kind startOn endOn }")
        return found["propertyStanding"]

    data = {
        "linkedConsequenceId": consequence,
        "subjectType": "PROPERTY_ENTERPRISE",
        "subjectId": enterprise,
        "kind": "BIDDING_RESTRICTED",
        "startOn": "2023-01-01",
        "endOn": "2999-12-31",
    }
    told = Told(ORGANIZATION, event, consequence, data)
    shown = [{"kind": "BIDDING_RESTRICTED", "startOn": "2023-01-01", "endOn": "2999-12-31"}]
    await prove_arrow(county.service, told, seen, shown, unknown={"subjectId": fresh("nobody")})
    over = Told(
        ORGANIZATION, event, fresh("over"), data | {"linkedConsequenceId": fresh("over"), "endOn": "2023-02-01"}
    )
    await over.to(county.service, 1)
    assert await seen() == shown
    await county.service.receive(ORGANIZATION, "consequence.lifted", consequence, data, times=3)
    assert await seen() == []
