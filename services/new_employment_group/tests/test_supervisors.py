"""Supervisors over HTTP and their reports by events, on the real database and broker."""

import asyncio
from typing import TYPE_CHECKING, Any

from govkit.domain import Role, SystemClock, business_date

if TYPE_CHECKING:
    from govkit.testing.service import RunningService
    from govkit.testing.tokens import Issuer
    from services.new_employment_group.tests.conftest import Office

RESIDENT = """query($r: [_Any!]!) { _entities(representations: $r) {
    ... on Resident { supervisor { id state } } } }"""


async def test_what_a_supervisor_reported_is_confirmed_exactly_once(
    service: "RunningService", office: "Office"
) -> None:
    worker_id = await office.worker(residentId="rider")
    supervisor_id = await office.nominated(await office.post(), worker_id)
    appointed = await office.run("appointSupervisor", "state certificateNumber termEndsOn", id=supervisor_id)
    assert appointed["state"] == "ACTIVE"
    assert appointed["certificateNumber"].startswith("JDY-")
    (event,) = [e for e in await service.published("supervisor.appointed") if e.subject == supervisor_id]
    assert event.data["residentId"] == "rider"
    assert event.data["supervisorId"] == supervisor_id
    assert event.data["allowedCategories"] == ["04", "06"]

    petition_id, source = "petition-1", {"sourceType": "SUPERVISOR", "sourceId": supervisor_id}
    about = {"petitionId": petition_id, "categoryCode": "040103", "communityId": "c1", **source}
    await service.receive("petition", "petition.submitted", petition_id, about, times=2)
    closed = about | {"result": "RATED", "outcome": "SOLVED", "gridCode": "g1"}
    await service.receive("petition", "petition.closed", petition_id, closed, times=3)
    # Reopened and closed once more: another event on the same petition.
    await service.receive("petition", "petition.closed", petition_id, closed)

    (confirmed,) = await service.published("supervisor.report_confirmed")
    assert {name: confirmed.data[name] for name in ("supervisorId", "residentId", "petitionId", "outcome")} == {
        "supervisorId": supervisor_id,
        "residentId": "rider",
        "petitionId": petition_id,
        "outcome": "SOLVED",
    }
    document = """query($r: [_Any!]!) { _entities(representations: $r) {
        ... on Resident { supervisor { state reportsSubmitted reportsConfirmed reports { edges { node { state } } } }
                          newEmploymentWorker { id } }
        ... on Petition { supervisorReport { state supervisor { id } } } } }"""
    known = [{"__typename": "Resident", "id": "rider"}, {"__typename": "Petition", "id": petition_id}]
    resident, petition = (await service.data(document, {"r": known}, office.token))["_entities"]
    assert resident == {
        "supervisor": {
            "state": "ACTIVE",
            "reportsSubmitted": 1,
            "reportsConfirmed": 1,
            "reports": {"edges": [{"node": {"state": "CONFIRMED"}}]},
        },
        "newEmploymentWorker": {"id": worker_id},
    }
    assert petition == {"supervisorReport": {"state": "CONFIRMED", "supervisor": {"id": supervisor_id}}}


async def test_other_petitions_confirm_nothing(service: "RunningService", office: "Office") -> None:
    supervisor_id = await office.nominated(await office.post())
    await office.run("appointSupervisor", id=supervisor_id)
    before = len(await service.published("supervisor.report_confirmed"))
    by = {"sourceType": "SUPERVISOR", "sourceId": supervisor_id}
    cases: list[tuple[str, str, dict[str, Any]]] = [
        ("p-resident", "petition.closed", {"sourceType": "RESIDENT", "sourceId": None, "outcome": "SOLVED"}),
        ("p-unsolved", "petition.closed", by | {"outcome": "EXPLAINED"}),
        ("p-stranger", "petition.closed", by | {"sourceId": "unknown", "outcome": "SOLVED"}),
        ("p-rejected", "petition.rejected", by | {"rejectionReason": "NO_CONTENT"}),
        ("p-past", "petition.snapshot", by | {"outcome": "SOLVED", "state": "CLOSED"}),
        ("p-open", "petition.snapshot", by | {"outcome": None, "state": "ACCEPTED"}),
    ]
    for petition_id, type, data in cases:
        await service.receive("petition", type, petition_id, {"petitionId": petition_id, **data})
    assert len(await service.published("supervisor.report_confirmed")) == before
    listed = await service.data(
        """query($id: ID!) { supervisorReports(filter: {supervisorId: {eq: $id}}, sort: [{field: PETITION_ID,
           direction: ASC}]) { edges { node { petitionId state } } } }""",
        {"id": supervisor_id},
        office.token,
    )
    assert [tuple(edge["node"].values()) for edge in listed["supervisorReports"]["edges"]] == [
        ("p-open", "SUBMITTED"),
        ("p-past", "CONFIRMED"),
        ("p-rejected", "NOT_CONFIRMED"),
        ("p-unsolved", "NOT_CONFIRMED"),
    ]
    # What was closed without a solution, reopened and then solved is confirmed after all.
    again = {"petitionId": "p-unsolved", **by, "outcome": "SOLVED"}
    await service.receive("petition", "petition.closed", "p-unsolved", again)
    assert len(await service.published("supervisor.report_confirmed")) == before + 1


async def test_the_last_place_goes_to_one_of_two(service: "RunningService", office: "Office") -> None:
    batch = await office.post(places=1)
    rivals = [await office.nominated(batch), await office.nominated(batch)]
    document = office.document("appointSupervisor", "state")
    answers = await asyncio.gather(
        *(service.query(document, {"input": {"id": rival}}, office.token) for rival in rivals)
    )
    codes = sorted(answer["errors"][0]["extensions"]["code"] if "errors" in answer else "" for answer in answers)
    assert codes == ["", "NEG_QUOTA"]
    winner, loser = sorted(rivals, key=lambda rival: "errors" in answers[rivals.index(rival)])
    await office.run("endSupervisor", id=winner, reason="调离")
    assert (await office.run("appointSupervisor", "state", id=loser))["state"] == "ACTIVE"


async def test_refusals_about_supervisors(office: "Office", issuer: "Issuer") -> None:
    batch = await office.post()
    worker_id = await office.worker()
    supervisor_id = await office.nominated(batch, worker_id)
    community_id = await office.community()
    nominate: dict[str, Any] = {
        "workerId": worker_id,
        "postType": "MUNICIPAL_FACILITY_OBSERVER",
        "batchNumber": batch,
        "communityIds": [community_id],
    }
    streamer = await office.worker(occupation="LIVE_STREAMER")
    same_number: dict[str, Any] = {"number": batch, "announcedOn": "2023-01-01", "quotas": []}
    assert await office.refused("createSupervisorBatch", **same_number) == "NEG_BATCH_EXISTS"
    assert await office.refused("nominateSupervisor", **nominate) == "NEG_ALREADY_SUPERVISOR"
    assert await office.refused("nominateSupervisor", **nominate | {"workerId": streamer}) == "NEG_NOT_ELIGIBLE"
    assert await office.refused("nominateSupervisor", **nominate | {"communityIds": ["x"]}) == "GEN_REFERENCE_UNKNOWN"
    unset = nominate | {"postType": "COMMUNITY_VOLUNTEER"}
    assert await office.refused("nominateSupervisor", **unset) == "NEG_POST_UNKNOWN"
    assert await office.refused("suspendSupervisor", id=supervisor_id, reason="x") == "GEN_INVALID_STATE"
    assert await office.refused("appointSupervisor", id=supervisor_id, appointedOn="2099-01-01") == "GEN_VALIDATION"
    resident = issuer.token(Role.RESIDENT, sub="rider")
    assert await office.refused("appointSupervisor", token=resident, id=supervisor_id) == "AUTH_FORBIDDEN"
    await office.run("recordWorkerLeft", id=worker_id, reason="转行", on=str(business_date(SystemClock().now())))
    assert await office.refused("appointSupervisor", id=supervisor_id) == "NEG_NOT_ELIGIBLE"


async def test_a_resident_shows_the_latest_term(service: "RunningService", office: "Office") -> None:
    batch, worker_id = await office.post(), await office.worker(residentId="returner")
    first = await office.nominated(batch, worker_id)
    await office.run("endSupervisor", id=first, reason="期满")
    second = await office.nominated(batch, worker_id)
    answer = await service.data(RESIDENT, {"r": [{"__typename": "Resident", "id": "returner"}]}, office.token)
    assert answer["_entities"] == [{"supervisor": {"id": second, "state": "NOMINATED"}}]
