"""Grants over HTTP and by events, on the real database and broker: each fact pays once."""

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Any

from govkit.domain import Role
from points.domain.passbook import PointsPassbook

if TYPE_CHECKING:
    from services.points.tests.conftest import Shop

COMMUNITY = "community-1"

CREATE_RULE = "mutation($i: CreateRuleInput!) { createRule(input: $i) { id edition validFrom validTo } }"
SUBMIT = "mutation($i: SubmitGrantInput!) { submitGrant(input: $i) { id state submittedBy } }"
APPROVE = "mutation($i: ApproveGrantInput!) { approveGrant(input: $i) { state transaction { points approvedBy } } }"
REJECT = "mutation($i: RejectGrantInput!) { rejectGrant(input: $i) { state } }"


async def test_a_confirmed_report_is_paid_once_however_often_it_is_told(shop: "Shop") -> None:
    data = {
        "supervisorId": "s1",
        "residentId": "rider",
        "petitionId": "p1",
        "outcome": "RESOLVED",
        "communityId": COMMUNITY,
    }
    await shop.service.receive("new-employment-group", "supervisor.report_confirmed", "s1", data, times=3)
    # Another event about the same report.
    await shop.service.receive("new-employment-group", "supervisor.report_confirmed", "s1", data)
    (grant,) = await shop.grants_of("rider")
    assert (grant.points, grant.rule_code, grant.source_type, grant.source_id) == (
        1,
        "SUPERVISOR_REPORT",
        "SUPERVISOR_REPORT",
        "p1",
    )
    # A replay from the beginning, into an inbox that has forgotten everything.
    await shop.service.store.database["inbox"].delete_many({"_id": "/lanling/new-employment-group|s1"})
    await shop.service.receive("new-employment-group", "supervisor.report_confirmed", "s1", data, sequence=1)
    assert len(await shop.grants_of("rider")) == 1
    # The cap of the month is 3.
    for number in range(2, 7):
        more = data | {"petitionId": f"p{number}"}
        await shop.service.receive("new-employment-group", "supervisor.report_confirmed", "s1", more)
    assert await shop.numbers("rider") == (3, 0, 3)
    (passbook,) = await shop.service.store.find(PointsPassbook, {"resident_id": "rider"})
    assert (passbook.community_id, passbook.participant) == (COMMUNITY, True)
    told = [item.data for item in await shop.service.published("points.granted") if item.subject == grant.id]
    assert told == [
        {
            "ledgerTransactionId": grant.id,
            "residentId": "rider",
            "points": 1,
            "path": "VOLUNTEER_ACTIVITY",
            "ruleCode": "SUPERVISOR_REPORT",
            "sourceType": "SUPERVISOR_REPORT",
            "sourceId": "p1",
            "communityId": COMMUNITY,
        }
    ]


async def test_attendance_is_paid_by_the_hour_up_to_two(shop: "Shop") -> None:
    for number, (minutes, rule) in enumerate(
        [(190, "VOLUNTEER_HOUR"), (70, "VOLUNTEER_HOUR"), (50, "VOLUNTEER_HOUR"), (90, None)]
    ):
        data: dict[str, Any] = {
            "registrationId": f"g{number}",
            "eventId": f"e{number}",
            "residentId": "walker",
            "role": "VOLUNTEER",
        }
        data |= {"minutes": minutes, "ruleCode": rule, "communityId": COMMUNITY}
        await shop.service.receive("red-partner", "event_attendance.confirmed", f"g{number}", data)
        # The same attendance once more, of another registration.
        again = data | {"registrationId": f"again-{number}"}
        await shop.service.receive("red-partner", "event_attendance.confirmed", f"again-{number}", again)
    assert [(grant.points, grant.source_id) for grant in await shop.grants_of("walker")] == [
        (2, "e0:walker"),
        (1, "e1:walker"),
    ]


async def test_a_fact_without_a_rule_in_force_waits_for_a_reviewer(shop: "Shop") -> None:
    data = {
        "registrationId": "g",
        "eventId": "e",
        "residentId": "helper",
        "minutes": 60,
        "ruleCode": "NEW_RULE",
        "communityId": COMMUNITY,
    }
    await shop.service.receive("red-partner", "event_attendance.confirmed", "g", data)
    listed = '{ grantRequests(filter: {ruleCode: {eq: "NEW_RULE"}}) { edges { node { id ruleCode submittedBy } } } }'
    (edge,) = (await shop.service.data(listed, token=shop.auditor))["grantRequests"]["edges"]
    reviewer = shop.issuer.token(Role.POINTS_REVIEWER, sub="reviewer")
    approve = {"i": {"id": edge["node"]["id"]}}
    assert await shop.service.refusal(APPROVE, approve, reviewer) == "PTS_RULE_NOT_ACTIVE"
    rule = {"code": "NEW_RULE", "name": "新规则", "path": "TIMELY_HELP", "points": 2, "validFrom": "2023-01-01"}
    await shop.service.data(CREATE_RULE, {"i": rule}, shop.admin)
    done = (await shop.service.data(APPROVE, approve, reviewer))["approveGrant"]
    assert done == {"state": "GRANTED", "transaction": {"points": 2, "approvedBy": "reviewer"}}
    await shop.service.receive("red-partner", "event_attendance.confirmed", "g2", data | {"registrationId": "g2"})
    assert await shop.numbers("helper") == (2, 0, 2)


async def test_submitter_reviewer_and_beneficiary_are_three_persons(shop: "Shop") -> None:
    roles = (Role.COMMUNITY_SECRETARY, Role.POINTS_REVIEWER)
    clerk = shop.issuer.token(*roles, sub="clerk", scope={"communityIds": [COMMUNITY]})
    reviewer = shop.issuer.token(*roles, sub="reviewer")
    request = {
        "residentId": "mediator",
        "communityId": COMMUNITY,
        "ruleCode": "DISPUTE_MEDIATED",
        "occurredOn": "2023-05-31",
    }
    own = request | {"residentId": "clerk"}
    assert await shop.service.refusal(SUBMIT, {"i": own}, clerk) == "PTS_SELF_APPROVAL"
    unknown = request | {"ruleCode": "NONE"}
    assert await shop.service.refusal(SUBMIT, {"i": unknown}, clerk) == "PTS_RULE_NOT_ACTIVE"
    elsewhere = shop.issuer.token(Role.COMMUNITY_SECRETARY, sub="x", scope={"communityIds": ["elsewhere"]})
    assert await shop.service.refusal(SUBMIT, {"i": request}, elsewhere) == "AUTH_OUT_OF_SCOPE"
    submitted = (await shop.service.data(SUBMIT, {"i": request}, clerk))["submitGrant"]["id"]
    assert await shop.service.refusal(APPROVE, {"i": {"id": submitted}}, clerk) == "PTS_SELF_APPROVAL"
    beneficiary = shop.issuer.token(Role.POINTS_REVIEWER, sub="mediator")
    assert await shop.service.refusal(APPROVE, {"i": {"id": submitted}}, beneficiary) == "PTS_SELF_APPROVAL"
    answers = await asyncio.gather(*(shop.service.query(APPROVE, {"i": {"id": submitted}}, reviewer) for _ in range(5)))
    codes = Counter(a["errors"][0]["extensions"]["code"] if "errors" in a else "done" for a in answers)
    assert codes == {"done": 1, "GEN_INVALID_STATE": 4}
    assert await shop.numbers("mediator") == (3, 0, 3)
    known = request | {"sourceService": "petition", "sourceType": "DISPUTE", "sourceId": "d1"}
    first, second = [(await shop.service.data(SUBMIT, {"i": known}, clerk))["submitGrant"]["id"] for _ in range(2)]
    await shop.service.data(APPROVE, {"i": {"id": first}}, reviewer)
    assert await shop.service.refusal(APPROVE, {"i": {"id": second}}, reviewer) == "PTS_DUPLICATE_SOURCE"
    assert await shop.service.refusal(SUBMIT, {"i": known}, clerk) == "PTS_DUPLICATE_SOURCE"
    rejected = {"i": {"id": second, "reason": "重复"}}
    assert (await shop.service.data(REJECT, rejected, reviewer))["rejectGrant"]["state"] == "REJECTED"


async def test_a_recruitment_call_has_so_many_places_and_pays_who_came(shop: "Shop") -> None:
    publish = "mutation($i: PublishCallInput!) { publishCall(input: $i) { id path } }"
    sign_up = "mutation($i: SignUpToCallInput!) { signUpToCall(input: $i) { placesLeft signUps { residentId state } } }"
    confirm = (
        "mutation($i: ConfirmCallAttendanceInput!) { confirmCallAttendance(input: $i) { state signUps { state } } }"
    )
    call = {
        "title": "助老招募令",
        "communityId": COMMUNITY,
        "ruleCode": "VOLUNTEER_HOUR",
        "startsAt": "2023-06-03T09:00:00+08:00",
        "endsAt": "2023-06-03T12:00:00+08:00",
        "meetingPlace": "党群服务中心",
        "capacity": 3,
    }
    secretary = shop.issuer.token(Role.COMMUNITY_SECRETARY, sub="c", scope={"communityIds": [COMMUNITY]})
    backwards = call | {"endsAt": "2023-06-03T08:00:00+08:00"}
    assert await shop.service.refusal(publish, {"i": backwards}, secretary) == "PTS_PERIOD_INVALID"
    id = (await shop.service.data(publish, {"i": call}, secretary))["publishCall"]["id"]
    answers = await asyncio.gather(
        *(shop.service.query(sign_up, {"i": {"id": id}}, shop.token(f"helper-{n}")) for n in range(8))
    )
    codes = Counter(a["errors"][0]["extensions"]["code"] if "errors" in a else "done" for a in answers)
    assert codes == {"done": 3, "PTS_CALL_FULL": 5}
    came = next(n for n, answer in enumerate(answers) if "errors" not in answer)
    assert answers[came]["data"]["signUpToCall"]["signUps"] == [{"residentId": f"helper-{came}", "state": "SIGNED_UP"}]
    attended = {"id": id, "attended": [{"residentId": f"helper-{came}", "minutes": 180}]}
    done = (await shop.service.data(confirm, {"i": attended}, secretary))["confirmCallAttendance"]
    assert Counter(item["state"] for item in done["signUps"]) == {"CONFIRMED": 1, "ABSENT": 2}
    assert await shop.numbers(f"helper-{came}") == (2, 0, 2)
