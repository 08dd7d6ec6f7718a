"""The arrows of the choreography that end here, but the grid's, whatever happens around the event."""

from typing import Any
from uuid import uuid4

import pytest

from govkit.references import Keep
from govkit.testing.arrows import Told, kept_events, prove_arrow, prove_kept
from petition.projections.supervisors import supervisor_in_office
from petition.service import SERVICE

ORGANIZATION = "organization"
HERE = {"longitude": 118.015, "latitude": 34.805, "coordinateSystem": "WGS84"}


def fresh(name: str) -> str:
    return f"{name}-{uuid4().hex[:8]}"


@pytest.mark.parametrize(("keep", "event"), kept_events(SERVICE), ids=lambda value: getattr(value, "type_name", value))
async def test_records_of_organization_are_known(county: Any, keep: Keep, event: str) -> None:
    more = {"streetId": "street-1"} if keep.type_name == "Community" else {}
    await prove_kept(county.service, keep, event, **more)


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
    organized = Told(ORGANIZATION, "party_organization.established", branch, established)
    told = Told(ORGANIZATION, "appointment.started", term, appointment | {"startOn": "2023-01-01"})
    await prove_arrow(
        county.service,
        told,
        seen,
        {"branch": {"id": branch}, "branchSecretary": {"id": person}},
        unknown={"partyOrganizationId": fresh("nowhere"), "appointmentId": fresh("nothing")},
        needs=(organized,),
    )
    ended = appointment | {"endOn": "2023-05-01"}
    told = Told(ORGANIZATION, "appointment.ended", fresh("again"), ended)
    nobody = {"branch": {"id": branch}, "branchSecretary": None}
    await prove_arrow(county.service, told, seen, nobody, unknown={"appointmentId": fresh("nothing")})
    gone = {"partyOrganizationId": branch, "type": "AREA_BRANCH", "dissolvedOn": "2023-06-01"}
    told = Told(ORGANIZATION, "party_organization.dissolved", branch, gone)
    nothing = {"branch": None, "branchSecretary": None}
    await prove_arrow(county.service, told, seen, nothing, unknown={"partyOrganizationId": fresh("nowhere")}, after=1)


async def test_a_branch_is_known_before_or_after_its_secretary(county: Any) -> None:
    branch, person, term = fresh("branch"), fresh("person"), fresh("term")
    petition = await county.submit(location=HERE)

    async def seen() -> Any:
        return await county.see(petition["id"], county.resident, "branch { id } branchSecretary { id }")

    established = {"partyOrganizationId": branch, "type": "AREA_BRANCH", "residentialAreaId": "area-1"}
    appointment = {"appointmentId": term, "partyOrganizationId": branch, "personId": person, "role": "SECRETARY"}
    await prove_arrow(
        county.service,
        Told(ORGANIZATION, "party_organization.established", branch, established),
        seen,
        {"branch": {"id": branch}, "branchSecretary": {"id": person}},
        unknown={"partyOrganizationId": fresh("other"), "residentialAreaId": fresh("nowhere")},
        needs=(Told(ORGANIZATION, "appointment.started", term, appointment | {"startOn": "2023-01-01"}),),
    )
    gone = {"partyOrganizationId": branch, "type": "AREA_BRANCH", "dissolvedOn": "2023-06-01"}
    await county.service.receive(ORGANIZATION, "party_organization.dissolved", branch, gone)


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
    lifted = Told(ORGANIZATION, "consequence.lifted", consequence, data)
    unknown = {"subjectId": fresh("nobody"), "linkedConsequenceId": fresh("other")}
    await prove_arrow(county.service, lifted, seen, [], unknown=unknown, after=3)
    # Of the enterprise itself, but of a consequence that nobody told of.
    early = data | {"linkedConsequenceId": fresh("early")}
    await Told(ORGANIZATION, "consequence.lifted", fresh("early"), early).to(county.service, 1)
    assert await seen() == []


@pytest.mark.parametrize("event", ["red_black_list.published", "red_black_list.snapshot"])
async def test_the_newest_list_says_where_the_property_enterprise_stands(county: Any, event: str) -> None:
    """Whatever month's list comes last; one without the enterprise clears it."""
    enterprise, year = fresh("enterprise"), 2023 if event == "red_black_list.published" else 2024
    registered = {"propertyEnterpriseId": enterprise, "name": "物业"}
    await county.service.receive(ORGANIZATION, "property_enterprise.registered", enterprise, registered)
    petition = await county.submit(propertyEnterpriseId=enterprise)

    async def seen() -> Any:
        found = await county.see(petition["id"], county.resident, "propertyListing { period colour rank }")
        return found["propertyListing"]

    def listed(month: int, edition: int, colour: str, subject: str = enterprise, state: str = "PUBLISHED") -> Told:
        id = fresh("list")
        entries = [{"subjectId": subject, "colour": colour, "rank": 3, "score": 61.5}]
        period = {"redBlackListId": id, "period": f"{year}-{month:02}", "edition": edition, "correctsId": None}
        return Told(ORGANIZATION, event, id, period | {"entries": entries, "state": state})

    def entry(month: int, colour: str) -> dict[str, Any]:
        return {"period": f"{year}-{month:02}", "colour": colour, "rank": 3}

    unknown = {"entries": listed(5, 1, "BLACK", fresh("nobody")).data["entries"]}
    await prove_arrow(county.service, listed(5, 1, "BLACK"), seen, entry(5, "BLACK"), unknown=unknown)
    for told, expected in (
        (listed(4, 1, "RED"), entry(5, "BLACK")),
        (listed(5, 3, "RED"), entry(5, "RED")),
        (listed(5, 2, "BLACK"), entry(5, "RED")),
        (listed(6, 1, "RED", fresh("other")), None),
    ):
        await told.to(county.service, 1)
        assert await seen() == expected
    if event == "red_black_list.snapshot":
        await listed(7, 1, "BLACK", state="DRAFT").to(county.service, 1)
        assert await seen() is None


async def test_a_supervisor_may_report_while_in_office(county: Any) -> None:
    rider, term = fresh("rider"), fresh("supervisor")

    async def seen() -> Any:
        found = await supervisor_in_office(county.service.store, rider)
        return found and (found.supervisor_id, found.allowed_categories)

    office = {"supervisorId": term, "residentId": rider, "allowedCategories": ["04"]}
    unknown = {"residentId": fresh("nobody"), "supervisorId": fresh("other")}
    for event, expected in (("appointed", (term, ("04",))), ("suspended", None), ("appointed", (term, ("04",)))):
        told = Told("new-employment-group", f"supervisor.{event}", fresh(event), office)
        await prove_arrow(county.service, told, seen, expected, unknown=unknown)
    told = Told("new-employment-group", "supervisor.ended", fresh("ended"), office)
    await prove_arrow(county.service, told, seen, None, unknown=unknown)
