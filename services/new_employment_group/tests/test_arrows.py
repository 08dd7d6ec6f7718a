"""Each arrow of the choreography that ends here, whatever happens around its event (docs/choreography.md)."""

from typing import Any
from uuid import uuid4

import pytest

from govkit.domain import Role
from govkit.references import Keep
from govkit.testing.arrows import Told, kept_events, prove_arrow, prove_kept
from new_employment_group.service import SERVICE

BALANCE = """query($id: ID) { worker(id: $id) {
    serviceBalance { pointsEarned reportsConfirmed insuranceEnrollments } } }"""
REPORTS = """query($id: ID) { governanceSupervisor(id: $id) { reportsSubmitted reportsConfirmed
    reports { edges { node { state } } } } }"""


@pytest.mark.parametrize(("keep", "event"), kept_events(SERVICE), ids=lambda value: getattr(value, "type_name", value))
async def test_records_of_organization_are_known(service: Any, keep: Keep, event: str) -> None:
    await prove_kept(service, keep, event)


@pytest.mark.parametrize(
    ("event", "reports"),
    [
        ("submitted", (1, 0, "SUBMITTED")),
        ("closed", (1, 1, "CONFIRMED")),
        ("rejected", (1, 0, "NOT_CONFIRMED")),
        ("withdrawn", (1, 0, "NOT_CONFIRMED")),
        ("snapshot", (1, 1, "CONFIRMED")),
    ],
)
async def test_a_petition_counts_for_its_supervisor(office: Any, event: str, reports: Any) -> None:
    """Also one of which the first that is heard is its end."""
    supervisor_id = await office.nominated(await office.post())
    await office.run("appointSupervisor", id=supervisor_id)

    async def seen() -> Any:
        found = (await office.service.data(REPORTS, {"id": supervisor_id}, office.token))["governanceSupervisor"]
        states = [edge["node"]["state"] for edge in found["reports"]["edges"]]
        return (found["reportsSubmitted"], found["reportsConfirmed"], *states)

    petition_id = f"petition-{uuid4().hex[:8]}"
    about = {"petitionId": petition_id, "categoryCode": "040103", "communityId": "c1", "sourceType": "SUPERVISOR"}
    told = about | {"sourceId": supervisor_id, "outcome": "SOLVED", "state": "CLOSED"}
    unknown = {"petitionId": f"{petition_id}-other", "sourceId": "a supervisor whom nobody knows"}
    await prove_arrow(
        office.service, Told("petition", f"petition.{event}", petition_id, told), seen, reports, unknown=unknown
    )
    if event == "closed":
        confirmed = await office.service.published("supervisor.report_confirmed")
        assert len([one for one in confirmed if one.data["petitionId"] == petition_id]) == 1


@pytest.mark.parametrize("state", ["REJECTED", "WITHDRAWN", "MERGED", "TRANSFERRED_EMERGENCY", "IN_PROGRESS"])
async def test_a_petition_of_the_past_that_was_not_solved_leaves_no_report_waiting(office: Any, state: str) -> None:
    """Nor one that waited already. What is under way is waited for."""
    supervisor_id = await office.nominated(await office.post())
    await office.run("appointSupervisor", id=supervisor_id)
    about = {"categoryCode": "040103", "communityId": "c1", "sourceType": "SUPERVISOR", "sourceId": supervisor_id}
    for history in ([state], ["SUBMITTED", state]):
        id = f"petition-{uuid4().hex[:8]}"
        for sequence, told in enumerate(history, start=1):
            # A lead unit that had solved its part is no solved petition.
            data = about | {"petitionId": id, "outcome": "SOLVED", "state": told}
            await Told("petition", "petition.snapshot", id, data).to(office.service, sequence)
    found = (await office.service.data(REPORTS, {"id": supervisor_id}, office.token))["governanceSupervisor"]
    expected = "SUBMITTED" if state == "IN_PROGRESS" else "NOT_CONFIRMED"
    assert [edge["node"]["state"] for edge in found["reports"]["edges"]] == [expected, expected]
    assert (found["reportsSubmitted"], found["reportsConfirmed"]) == (2, 0)


async def test_points_are_in_the_balance_of_the_worker(office: Any, issuer: Any) -> None:
    """The points may come before the worker is registered, and a reversal before the grant that it reverses."""
    rider = f"rider-{uuid4().hex[:8]}"
    granted = {"ledgerTransactionId": "t1", "residentId": rider, "points": 3, "path": "VOLUNTEER_ACTIVITY"}
    early = granted | {"ledgerTransactionId": "t0", "points": 1}
    await office.service.receive("points", "points.granted", f"{rider}-t0", early)
    worker_id = await office.worker(residentId=rider)

    async def seen() -> Any:
        found = await office.service.data(BALANCE, {"id": worker_id}, office.token)
        return found["worker"]["serviceBalance"]["pointsEarned"]

    unknown = {"residentId": "somebody else"}
    assert await seen() == 1
    await prove_arrow(
        office.service, Told("points", "points.granted", f"{rider}-t1", granted), seen, 4, unknown=unknown
    )
    reversal = {"ledgerTransactionId": "t3", "residentId": rider, "points": 3, "reversesId": "t1"}
    told = Told("points", "points.reversed", f"{rider}-t3", reversal)
    await prove_arrow(office.service, told, seen, 1, unknown=unknown)
    await office.service.receive("points", "points.reversed", f"{rider}-t4", reversal | {"reversesId": "t5"})
    await office.service.receive("points", "points.granted", f"{rider}-t5", granted | {"ledgerTransactionId": "t5"})
    assert await seen() == 1
    past = granted | {"ledgerTransactionId": "t6", "points": 5, "code": "GRANT", "reversesId": None}
    told = Told("points", "ledger_transaction.snapshot", f"{rider}-t6", past)
    await prove_arrow(office.service, told, seen, 6, unknown=unknown)
    undone = past | {"ledgerTransactionId": "t7", "code": "REVERSE", "reversesId": "t6"}
    await Told("points", "ledger_transaction.snapshot", f"{rider}-t7", undone).to(office.service, 1)
    assert await seen() == 1
    auditor = issuer.token(Role.AUDITOR, sub="auditor")
    assert (await office.service.data(BALANCE, {"id": worker_id}, auditor))["worker"] == {"serviceBalance": None}
