"""The closed loop of a petition over HTTP, on the real database and broker, by those who take part in it."""

from typing import Any

import pytest

from govkit.domain import GeoPoint, Role
from govkit.geo import CoordinateSystem, from_wgs84

WORKER, GRID_ID, COMMUNITY, STREET, DEPARTMENT = "worker-1", "grid-001", "community-1", "street-1", "department-1"
GRID, EASTERN_GRID = "371324001001001", "371324001001002"
PHOTO = {"kind": "PHOTO", "hash": "ab" * 32}


async def completed(county: Any, petition_id: str, **unit: Any) -> Any:
    """An order of the petition that its unit completed."""
    order = await county.act("dispatchWorkOrder", county.dispatcher, "id", petitionId=petition_id, **unit)
    handler = county.officer if unit.get("unit", {}).get("type") == "DEPARTMENT" else county.grid_worker
    await county.act("acceptWorkOrder", handler, id=order["id"])
    await county.act("respondToReporter", handler, id=order["id"], text="已到现场查看。")
    return await county.act(
        "completeWorkOrder", handler, id=order["id"], outcome="SOLVED", text="已修复。", evidence=[PHOTO]
    )


async def accepted(county: Any, **changes: Any) -> str:
    petition = await county.submit(**changes)
    await county.act("acceptPetition", county.secretary, id=petition["id"])
    await county.act("triagePetition", county.secretary, id=petition["id"], level="GRID")
    return str(petition["id"])


async def test_the_golden_path_of_a_supervisors_report(county: Any) -> None:
    petition = await county.submit(
        county.rider,
        "id number state gridCode communityId streetId locateStatus sourceType sourceId handlingDepartmentId",
        channel="SUPERVISOR_REPORT",
        attachments=[PHOTO],
    )
    id = petition.pop("id")
    assert petition.pop("number").startswith("LL-20")
    assert petition == {
        "state": "SUBMITTED",
        "gridCode": GRID,
        "communityId": COMMUNITY,
        "streetId": STREET,
        "locateStatus": "RESOLVED",
        "sourceType": "SUPERVISOR",
        "sourceId": "supervisor-1",
        "handlingDepartmentId": DEPARTMENT,
    }
    assert (await county.act("acceptPetition", county.secretary, id=id))["state"] == "ACCEPTED"
    triaged = await county.act(
        "triagePetition",
        county.secretary,
        "state level urgency suggestedUnit { type id }",
        id=id,
        categoryCode="040101",
        urgency="URGENT",
        level="GRID",
    )
    assert triaged == {
        "state": "ACCEPTED",
        "level": "GRID",
        "urgency": "URGENT",
        "suggestedUnit": {"type": "GRID", "id": GRID_ID},
    }
    order = await county.act(
        "dispatchWorkOrder",
        county.secretary,
        "id number role level state assigneeStaffId unit { type id } petition { state currentUnit { id } }",
        petitionId=id,
    )
    order_id = order.pop("id")
    assert order.pop("number").startswith("GD-20")
    assert order == {
        "role": "LEAD",
        "level": "GRID",
        "state": "CREATED",
        "assigneeStaffId": WORKER,
        "unit": {"type": "GRID", "id": GRID_ID},
        "petition": {"state": "ASSIGNED", "currentUnit": {"id": GRID_ID}},
    }
    accepted_order = await county.act("acceptWorkOrder", county.grid_worker, "state petition { state }", id=order_id)
    assert accepted_order == {"state": "ACCEPTED", "petition": {"state": "IN_PROGRESS"}}
    await county.act("respondToReporter", county.grid_worker, id=order_id, text="已到现场,明日回填。")
    done = {"outcome": "SOLVED", "text": "已回填压实。", "evidence": [PHOTO]}
    assert (await county.act("completeWorkOrder", county.grid_worker, id=order_id, **done))["state"] == "COMPLETED"
    verified = await county.act(
        "verifyCompletion", county.secretary, "state petition { state outcome }", id=order_id, passed=True
    )
    assert verified == {"state": "VERIFIED", "petition": {"state": "RESOLVED", "outcome": "SOLVED"}}
    replied = await county.act("replyPetition", county.grid_worker, id=id, text="路面已修复,感谢您的监督。")
    assert replied["state"] == "REPLIED"
    closed = await county.act(
        "ratePetition",
        county.rider,
        "state rating { resolved satisfaction } steps { state }",
        id=id,
        resolved="YES",
        satisfaction="VERY_SATISFIED",
    )
    assert closed["state"] == "CLOSED"
    assert closed["rating"] == {"resolved": "YES", "satisfaction": "VERY_SATISFIED"}
    path = ["SUBMITTED", "ACCEPTED", "ASSIGNED", "IN_PROGRESS", "RESOLVED", "REPLIED", "RATED", "CLOSED"]
    assert [step["state"] for step in closed["steps"]] == path
    await check_events(county, id, order_id)


async def check_events(county: Any, petition_id: str, order_id: str) -> None:
    events = [event for event in await county.service.published() if event.subject in (petition_id, order_id)]
    names = [event.type.removeprefix("cn.lanling.").removesuffix(".v1") for event in events]
    assert [name for name in names if name.startswith("petition.")] == [
        "petition.submitted",
        "petition.accepted",
        "petition.triaged",
        "petition.assigned",
        "petition.resolved",
        "petition.replied",
        "petition.rated",
        "petition.closed",
    ]
    assert [name for name in names if name.startswith("work_order.")] == [
        "work_order.created",
        "work_order.accepted",
        "work_order.responded",
        "work_order.completed",
        "work_order.verified",
    ]
    closed = next(event for event in events if event.type == "cn.lanling.petition.closed.v1")
    assert closed.data == {
        "petitionId": petition_id,
        "result": "RATED",
        "outcome": "SOLVED",
        "categoryCode": "040101",
        "communityId": COMMUNITY,
        "gridCode": GRID,
        "sourceType": "SUPERVISOR",
        "sourceId": "supervisor-1",
    }
    text = str([event.data for event in events])
    assert "resident-2" not in text
    assert "塌陷" not in text
    assert "1990000" not in text
    assert "118.0" not in text


async def test_a_department_handles_what_the_county_dispatches_to_it(county: Any) -> None:
    id = await accepted(county)
    unit = {"type": "DEPARTMENT", "id": DEPARTMENT}
    by_secretary = await county.refusal("dispatchWorkOrder", county.secretary, petitionId=id, unit=unit)
    assert by_secretary == "AUTH_OUT_OF_SCOPE"
    order = await completed(county, id, unit=unit)
    # The community verifies what the department did in it, but does not work on the department's order.
    document = "query($id: ID) { workOrder(id: $id) { allowedActions { action reasonCode } } }"
    hints = (await county.service.data(document, {"id": order["id"]}, county.secretary))["workOrder"]["allowedActions"]
    assert {hint["action"]: hint["reasonCode"] for hint in hints} == {
        "acceptWorkOrder": "AUTH_OUT_OF_SCOPE",
        "respondToReporter": "AUTH_OUT_OF_SCOPE",
        "completeWorkOrder": "AUTH_OUT_OF_SCOPE",
        "verifyCompletion": None,
    }
    await county.act("verifyCompletion", county.dispatcher, id=order["id"], passed=True)
    assert await county.refusal("replyPetition", county.secretary, id=id, text="答复") == "AUTH_OUT_OF_SCOPE"
    assert (await county.act("replyPetition", county.officer, id=id, text="已处理。"))["state"] == "REPLIED"
    seen = await county.see(id, county.neighbour, "departmentId handlingDepartment { id }")
    assert seen == {"departmentId": DEPARTMENT, "handlingDepartment": {"id": DEPARTMENT}}


async def test_a_petition_has_one_lead_order_and_waits_for_those_who_cooperate(county: Any) -> None:
    id = await accepted(county)
    unit = {"type": "COMMUNITY", "id": COMMUNITY}
    assert await county.refusal("dispatchWorkOrder", county.secretary, petitionId=id, role="COOPERATE") == (
        "PET_LEAD_MISSING"
    )
    lead = await completed(county, id)
    assert await county.refusal("dispatchWorkOrder", county.secretary, petitionId=id, unit=unit) == "PET_LEAD_EXISTS"
    helping = await county.act("dispatchWorkOrder", county.dispatcher, "id", petitionId=id, unit=unit, role="COOPERATE")
    verified = await county.act("verifyCompletion", county.dispatcher, "petition { state }", id=lead["id"], passed=True)
    assert verified == {"petition": {"state": "IN_PROGRESS"}}
    await county.act("acceptWorkOrder", county.secretary, id=helping["id"])
    await county.act("completeWorkOrder", county.secretary, id=helping["id"], outcome="SOLVED", text="已配合。")
    assert await county.refusal("verifyCompletion", county.secretary, id=helping["id"], passed=True) == (
        "PET_SELF_VERIFICATION"
    )
    resolved = await county.act(
        "verifyCompletion", county.dispatcher, "petition { state openOrders }", id=helping["id"], passed=True
    )
    assert resolved == {"petition": {"state": "RESOLVED", "openOrders": 0}}


async def test_a_completion_that_does_not_pass_goes_back(county: Any) -> None:
    id = await accepted(county)
    order = await completed(county, id)
    without_reason = await county.refusal("verifyCompletion", county.secretary, id=order["id"], passed=False)
    assert without_reason == "GEN_REASON_REQUIRED"
    back = await county.act(
        "verifyCompletion",
        county.secretary,
        "state reworkCount petition { state reworkCount }",
        id=order["id"],
        passed=False,
        reason="照片不是现场",
    )
    assert back == {
        "state": "REJECTED_BACK",
        "reworkCount": 1,
        "petition": {"state": "IN_PROGRESS", "reworkCount": 1},
    }
    again = {"outcome": "SOLVED", "text": "已返工。"}
    assert (await county.act("completeWorkOrder", county.grid_worker, id=order["id"], **again))["state"] == "COMPLETED"


async def test_orders_are_worked_by_their_unit_alone(county: Any) -> None:
    id = await accepted(county)
    order = await county.act("dispatchWorkOrder", county.secretary, "id", petitionId=id)
    stranger = county.token(Role.GRID_WORKER, sub="worker-2", gridIds=[EASTERN_GRID])
    assert await county.refusal("acceptWorkOrder", stranger, id=order["id"]) == "AUTH_OUT_OF_SCOPE"
    assert await county.refusal("acceptWorkOrder", county.officer, id=order["id"]) == "AUTH_OUT_OF_SCOPE"
    for token, expected in ((county.grid_worker, None), (county.officer, "AUTH_OUT_OF_SCOPE")):
        document = "query($id: ID) { workOrder(id: $id) { allowedActions { action reasonCode } } }"
        hints = (await county.service.data(document, {"id": order["id"]}, token))["workOrder"]["allowedActions"]
        assert next(hint["reasonCode"] for hint in hints if hint["action"] == "acceptWorkOrder") == expected
    assert await county.refusal("acceptWorkOrder", county.resident, id=order["id"]) == "AUTH_FORBIDDEN"
    await county.act("acceptWorkOrder", county.grid_worker, id=order["id"])
    silent = await county.refusal(
        "completeWorkOrder", county.grid_worker, id=order["id"], outcome="SOLVED", text="已修复。"
    )
    assert silent == "PET_RESPONSE_MISSING"
    assert await county.refusal("acceptWorkOrder", county.grid_worker, id=order["id"]) == "GEN_INVALID_STATE"


async def test_nothing_is_closed_without_a_reply_and_nothing_rated_twice(county: Any) -> None:
    id = await accepted(county)
    order = await completed(county, id)
    await county.act("verifyCompletion", county.secretary, id=order["id"], passed=True)
    rating = {"id": id, "resolved": "PARTLY", "satisfaction": "NEUTRAL"}
    assert await county.refusal("closePetition", county.dispatcher, id=id) == "PET_REPLY_REQUIRED"
    assert await county.refusal("ratePetition", county.resident, **rating) == "GEN_INVALID_STATE"
    await county.act("replyPetition", county.grid_worker, id=id, text="已修复。")
    assert await county.refusal("closePetition", county.dispatcher, id=id) == "PET_RATING_WINDOW_OPEN"
    assert await county.refusal("ratePetition", county.neighbour, **rating) == "AUTH_OUT_OF_SCOPE"
    await county.act("ratePetition", county.resident, **rating)
    assert await county.refusal("ratePetition", county.resident, **rating) == "PET_ALREADY_RATED"


async def test_a_reporter_withdraws_with_all_open_orders(county: Any) -> None:
    id = await accepted(county)
    await county.act("dispatchWorkOrder", county.secretary, "id", petitionId=id)
    assert await county.refusal("withdrawPetition", county.neighbour, id=id) == "AUTH_OUT_OF_SCOPE"
    withdrawn = await county.act(
        "withdrawPetition", county.resident, "state workOrders { edges { node { state } } }", id=id
    )
    assert withdrawn == {"state": "WITHDRAWN", "workOrders": {"edges": [{"node": {"state": "CANCELLED"}}]}}


async def test_triage_rejects_with_a_named_reason_and_keeps_it_in_the_trail(county: Any) -> None:
    petition = await county.submit()
    outside = await county.refusal("rejectPetition", county.other_secretary, id=petition["id"], reason="NO_CONTENT")
    assert outside == "AUTH_OUT_OF_SCOPE"
    rejected = await county.act(
        "rejectPetition",
        county.secretary,
        "state rejectionReason auditTrail(first: 1) { reason fromState toState }",
        id=petition["id"],
        reason="IN_XINFANG",
        note="已由信访部门受理",
    )
    assert rejected == {
        "state": "REJECTED",
        "rejectionReason": "IN_XINFANG",
        "auditTrail": [{"reason": "属信访事项 已由信访部门受理", "fromState": "SUBMITTED", "toState": "REJECTED"}],
    }
    assert await county.refusal("acceptPetition", county.secretary, id=petition["id"]) == "GEN_INVALID_STATE"


# --- intake -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kind": "GOSSIP"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"location": {"longitude": 118.0, "latitude": 34.8}}, "GRAPHQL_VALIDATION_FAILED"),
        ({"location": {"longitude": 116.4, "latitude": 39.9, "coordinateSystem": "WGS84"}}, "PET_OUTSIDE_COUNTY"),
        ({"location": {"longitude": 34.8, "latitude": 78.0, "coordinateSystem": "WGS84"}}, "PET_OUTSIDE_COUNTY"),
        ({"location": {"longitude": 999.0, "latitude": 34.8, "coordinateSystem": "WGS84"}}, "GEN_VALIDATION"),
        ({"description": "很" * 4001}, "GEN_VALIDATION"),
        ({"description": "  "}, "GEN_VALIDATION"),
        ({"attachments": [PHOTO] * 10}, "PET_TOO_MANY_ATTACHMENTS"),
        ({"attachments": [{"kind": "PHOTO", "hash": "not a hash"}]}, "GEN_VALIDATION"),
        ({"contact": {"phone": "call me"}}, "GEN_VALIDATION"),
        ({"categoryCode": "999999"}, "GEN_REFERENCE_UNKNOWN"),
        ({"propertyEnterpriseId": "nobody"}, "GEN_REFERENCE_UNKNOWN"),
        ({"reporterId": "resident-7"}, "PET_REPORTER_NOT_ALLOWED"),
        ({"channel": "SUPERVISOR_REPORT"}, "AUTH_FORBIDDEN"),
        ({"clientMutationId": None}, "GEN_VALIDATION"),
    ],
)
async def test_bad_input_is_refused_and_nothing_is_stored(county: Any, changes: dict[str, Any], code: str) -> None:
    store = county.service.store
    before = await store.database["petition"].count_documents({})
    assert await county.refused(**changes) == code
    assert await store.database["petition"].count_documents({}) == before


async def test_the_same_request_again_gets_the_same_petition_and_another_body_is_refused(county: Any) -> None:
    first = await county.submit(clientMutationId="once")
    assert await county.submit(clientMutationId="once") == first
    assert await county.refused(clientMutationId="once", title="别的事") == "GEN_IDEMPOTENCY_MISMATCH"


async def test_a_command_on_an_older_version_is_refused(county: Any) -> None:
    petition = await county.submit()
    stale = await county.refusal("acceptPetition", county.secretary, id=petition["id"], expectedVersion=7)
    assert stale == "GEN_VERSION_CONFLICT"
    assert await county.refusal("acceptPetition", county.secretary, id="nothing") == "GEN_NOT_FOUND"


async def test_a_supervisor_reports_only_what_the_post_covers(county: Any) -> None:
    refused = await county.refused(county.rider, channel="SUPERVISOR_REPORT", categoryCode="07")
    assert refused == "PET_CATEGORY_NOT_ALLOWED_FOR_POST"
    unknown = county.token(Role.SUPERVISOR, sub="resident-3")
    assert await county.refused(unknown, channel="SUPERVISOR_REPORT") == "PET_SUPERVISOR_NOT_ACTIVE"
    both = county.token(Role.SUPERVISOR, Role.RESIDENT, sub="resident-2")
    as_resident = await county.submit(both, "sourceType", categoryCode="07")
    assert as_resident == {"sourceType": "RESIDENT"}


async def test_a_suspended_supervisor_may_not_report_until_appointed_again(county: Any) -> None:
    term = {"supervisorId": "supervisor-5", "residentId": "resident-5", "allowedCategories": ["0401"]}
    appointed = term | {"termEndsOn": "2999-12-31"}
    token = county.token(Role.SUPERVISOR, sub="resident-5")
    for type, data, allowed in (
        ("supervisor.appointed", appointed, True),
        ("supervisor.suspended", term, False),
        ("supervisor.appointed", appointed, True),
        ("supervisor.ended", term | {"endedOn": "2024-01-01"}, False),
    ):
        await county.service.receive("new-employment-group", type, "supervisor-5", data)
        if allowed:
            await county.submit(token, channel="SUPERVISOR_REPORT")
        else:
            assert await county.refused(token, channel="SUPERVISOR_REPORT") == "PET_SUPERVISOR_NOT_ACTIVE"


@pytest.mark.parametrize(
    ("longitude", "latitude", "status", "grid"),
    [
        (118.005, 34.805, "RESOLVED", GRID),
        (118.015, 34.805, "RESOLVED", EASTERN_GRID),
        (118.01, 34.805, "BORDER", GRID),
        (118.02, 34.8102, "NEAREST", EASTERN_GRID),
        (118.3, 35.1, "OUTSIDE", None),
    ],
)
async def test_a_point_is_located_in_any_coordinate_system(
    county: Any, longitude: float, latitude: float, status: str, grid: str | None
) -> None:
    for system in CoordinateSystem:
        given = from_wgs84(GeoPoint(longitude=longitude, latitude=latitude), system)
        location = {"longitude": given[0], "latitude": given[1], "coordinateSystem": system.name}
        fields = "locateStatus gridCode baseGrid { code } location { point { longitude latitude } }"
        found = await county.submit(fields=fields, location=location)
        assert (found["locateStatus"], found["gridCode"]) == (status, grid)
        assert found["baseGrid"] == (grid and {"code": grid})
        assert found["location"]["point"]["longitude"] == pytest.approx(longitude, abs=2e-7)
        assert found["location"]["point"]["latitude"] == pytest.approx(latitude, abs=2e-7)


async def test_triage_sets_the_grid_of_a_petition_that_lies_in_none(county: Any) -> None:
    lost = await county.submit(location=None)
    assert await county.refusal("acceptPetition", county.secretary, id=lost["id"]) == "AUTH_OUT_OF_SCOPE"
    await county.act("acceptPetition", county.dispatcher, id=lost["id"])
    assert await county.refusal("dispatchWorkOrder", county.dispatcher, petitionId=lost["id"]) == "PET_UNIT_UNKNOWN"
    wrong = await county.refusal("triagePetition", county.dispatcher, id=lost["id"], gridCode="000")
    assert wrong == "GEN_REFERENCE_UNKNOWN"
    placed = await county.act(
        "triagePetition", county.dispatcher, "gridCode communityId level", id=lost["id"], gridCode=GRID
    )
    assert placed == {"gridCode": GRID, "communityId": COMMUNITY, "level": "GRID"}


async def test_staff_submit_on_behalf_of_someone_or_of_nobody_known(county: Any) -> None:
    fields = "sourceType reporter { id }"
    someone = await county.submit(county.secretary, fields, channel="COUNCIL_HALL", reporterId="resident-7")
    assert someone == {"sourceType": "COUNCIL", "reporter": {"id": "resident-7"}}
    nobody = await county.submit(county.grid_worker, fields, channel="GRID_PATROL", contact=None)
    assert nobody == {"sourceType": "STAFF", "reporter": None}
