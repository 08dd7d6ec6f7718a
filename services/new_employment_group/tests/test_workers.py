"""Workers, memberships and insurance over HTTP, on the real database and broker."""

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from govkit.domain import Role

if TYPE_CHECKING:
    from govkit.testing.service import RunningService
    from govkit.testing.tokens import Issuer
    from services.new_employment_group.tests.conftest import Office


async def test_an_identity_number_is_in_no_answer_no_event_no_log_and_no_row(
    service: "RunningService", office: "Office", issuer: "Issuer", caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    number, phone, name = office.id_number(), "19900004321", "欧阳示例"
    answer = await office.service.query(
        office.document("registerWorker", WHOLE_WORKER),
        {
            "input": {
                "displayName": name,
                "phone": phone,
                "idNumber": number,
                "occupation": "COURIER",
                "enterpriseIds": [],
                "residentId": "private",
                "consents": office.consents,
            }
        },
        office.token,
    )
    seen = answer["data"]["registerWorker"]
    assert (seen["displayName"], seen["displayNameMasked"]) == (name, "欧**")
    assert (seen["phoneMasked"], seen["idNumberMasked"]) == ("199****4321", f"{number[:6]}********{number[-4:]}")
    auditor = await service.data(ONE_WORKER, {"id": seen["id"]}, issuer.token(Role.AUDITOR))
    assert auditor["worker"] == seen | {"displayName": None, "idNumberMasked": None, "consents": []}
    own = await service.data(ONE_WORKER, {"id": seen["id"]}, issuer.token(Role.RESIDENT, sub="private"))
    assert own["worker"] == seen
    for stranger in (issuer.token(Role.RESIDENT, sub="other"), issuer.token(Role.COMMUNITY_SECRETARY)):
        assert await service.data(ONE_WORKER, {"id": seen["id"]}, stranger) == {"worker": None}

    again = {
        "displayName": "乙",
        "idNumber": number,
        "occupation": "COURIER",
        "enterpriseIds": [],
        "consents": office.consents,
    }
    refusal = await service.query(office.document("registerWorker", "id"), {"input": again}, office.token)
    assert refusal["errors"][0]["extensions"]["code"] == "NEG_WORKER_EXISTS"
    answers = orjson.dumps([answer, auditor, own, refusal]).decode()
    for secret in (number, phone):
        assert secret not in answers
        assert secret not in caplog.text
        for collection in await service.store.database.list_collection_names():
            async for row in service.store.database[collection].find({}):
                assert secret not in str(row), collection
    for event in await service.published():
        assert not any(secret in event.to_json().decode() for secret in (number, phone, name))


WHOLE_WORKER = "id displayName displayNameMasked phoneMasked idNumberMasked occupation consents { purpose }"
ONE_WORKER = f"query($id: ID!) {{ worker(id: $id) {{ {WHOLE_WORKER} }} }}"


async def test_a_person_is_registered_once_with_consent_and_a_number_that_holds(
    office: "Office", issuer: "Issuer"
) -> None:
    number = office.id_number()
    person: dict[str, Any] = {
        "displayName": "甲",
        "occupation": "COURIER",
        "enterpriseIds": [],
        "consents": office.consents,
    }
    document = office.document("registerWorker", "id")
    answers = await asyncio.gather(
        *(office.service.query(document, {"input": person | {"idNumber": number}}, office.token) for _ in range(4))
    )
    codes = sorted(answer["errors"][0]["extensions"]["code"] if "errors" in answer else "" for answer in answers)
    assert codes == ["", "NEG_WORKER_EXISTS", "NEG_WORKER_EXISTS", "NEG_WORKER_EXISTS"]
    wrong_check = number[:-1] + ("1" if number[-1] != "1" else "2")
    cases: list[tuple[dict[str, Any], str]] = [
        ({"idNumber": wrong_check}, "NEG_ID_NUMBER_INVALID"),
        ({"idNumber": "371324190001010441"}, "NEG_ID_NUMBER_INVALID"),  # of the demonstration, which is off here
        ({"idNumber": "123"}, "GEN_VALIDATION"),
        ({"consents": office.consents[:1]}, "NEG_CONSENT_REQUIRED"),
        ({"enterpriseIds": ["unknown"]}, "GEN_REFERENCE_UNKNOWN"),
        ({"communityId": "unknown"}, "GEN_REFERENCE_UNKNOWN"),
    ]
    for changes, code in cases:
        assert await office.refused("registerWorker", **person | {"idNumber": office.id_number()} | changes) == code, (
            changes
        )
    resident = issuer.token(Role.RESIDENT, sub="own")
    mine = person | {"idNumber": office.id_number()}
    assert await office.refused("registerWorker", token=resident, **mine, residentId="else") == "AUTH_OUT_OF_SCOPE"
    assert await office.run("registerWorker", token=resident, **mine, residentId="own")


async def test_a_worker_is_linked_to_one_resident_who_then_sees_the_own_records(
    service: "RunningService", office: "Office", issuer: "Issuer"
) -> None:
    worker_id = await office.worker(residentId=None)
    await office.run("applyMembership", workerId=worker_id, unionId=await office.union())
    await office.run("updateWorker", id=worker_id, residentId="late")
    assert await office.refused("updateWorker", id=worker_id, residentId="other") == "NEG_RESIDENT_LINKED"
    another = await office.worker(residentId=None)
    assert await office.refused("updateWorker", id=another, residentId="late") == "NEG_WORKER_EXISTS"
    own = issuer.token(Role.RESIDENT, sub="late")
    found = await service.data("{ workers { totalCount } unionMemberships { totalCount } }", token=own)
    assert found == {"workers": {"totalCount": 1}, "unionMemberships": {"totalCount": 1}}
    assert await office.run("updateWorker", "phoneMasked", token=own, id=worker_id, phone="19900009999") == {
        "phoneMasked": "199****9999"
    }
    assert await office.refused("updateWorker", token=own, id=worker_id, occupation="COURIER") == "AUTH_FORBIDDEN"


# --- unions and insurance ------------------------------------------------------------------------------------------


async def test_a_membership_from_application_to_transfer(service: "RunningService", office: "Office") -> None:
    worker_id, first, second = await office.worker(), await office.union(), await office.union()
    applied = await office.run("applyMembership", "id state", workerId=worker_id, unionId=first)
    assert applied["state"] == "APPLIED"
    assert await office.refused("applyMembership", workerId=worker_id, unionId=first) == "NEG_ALREADY_MEMBER"
    await office.run("approveMembership", id=applied["id"])
    rival = await office.run("applyMembership", workerId=worker_id, unionId=second)
    assert await office.refused("approveMembership", id=rival["id"]) == "NEG_SECTOR_UNION_EXISTS"
    await office.run("rejectMembership", id=rival["id"], reason="已是会员")
    moved = await office.run(
        "transferMembership", "id state transferFrom { state }", id=applied["id"], toUnionId=second
    )
    assert (moved["state"], moved["transferFrom"]["state"]) == ("ACTIVE", "TRANSFERRED")
    ended = await office.run("endMembership", "state", id=moved["id"], endReason="LEFT")
    assert ended["state"] == "ENDED"
    # Whoever comes back gets a new record; the gap stays visible.
    back = await office.run("applyMembership", workerId=worker_id, unionId=second)
    assert (await office.run("approveMembership", "state", id=back["id"]))["state"] == "ACTIVE"
    about = {applied["id"], moved["id"], back["id"]}
    events = [event.type.split(".", 2)[2] for event in await service.published() if event.subject in about]
    assert sorted(events) == sorted(
        ["membership.activated.v1"] * 3 + ["membership.transferred.v1", "membership.ended.v1"]
    )


async def test_a_union_officer_reaches_the_own_union_only(
    service: "RunningService", office: "Office", issuer: "Issuer"
) -> None:
    worker_id, own, other = await office.worker(), await office.union(), await office.union()
    membership = await office.run("applyMembership", workerId=worker_id, unionId=own)
    count = "{ workers { totalCount } unionMemberships { totalCount } }"
    here = issuer.token(Role.UNION_OFFICER, scope={"unionIds": [own]})
    there = issuer.token(Role.UNION_OFFICER, scope={"unionIds": [other]})
    for token, expected in ((here, 1), (there, 0)):
        found = await service.data(count, token=token)
        assert [found["workers"]["totalCount"], found["unionMemberships"]["totalCount"]] == [expected, expected]
    assert await office.refused("approveMembership", token=there, id=membership["id"]) == "AUTH_OUT_OF_SCOPE"
    assert await office.run("approveMembership", token=here, id=membership["id"])


async def test_parallel_enrolments_for_one_period_leave_one(service: "RunningService", office: "Office") -> None:
    worker_id = await office.worker()
    period = {"type": "PENSION", "payer": "SELF", "fromOn": "2023-01-01", "toOn": "2023-12-31"}
    values = {"input": {"workerId": worker_id, **period}}
    document = office.document("enrollInsurance", "id state")
    answers = await asyncio.gather(*(service.query(document, values, office.token) for _ in range(5)))
    refused = [answer["errors"][0]["extensions"]["code"] for answer in answers if "errors" in answer]
    assert refused == ["NEG_COVERAGE_OVERLAP"] * 4
    (first,) = [answer["data"]["enrollInsurance"] for answer in answers if "errors" not in answer]
    injury = await office.run("enrollInsurance", workerId=worker_id, **period | {"type": "WORK_INJURY"})
    assert injury["id"] != first["id"]
    await office.run("endInsurance", id=first["id"], on="2023-06-30")
    assert await office.run("enrollInsurance", workerId=worker_id, **period | {"fromOn": "2023-07-01"})
    await office.run("withdrawConsent", id=worker_id, purpose="INSURANCE")
    later = period | {"fromOn": "2025-01-01", "toOn": None}
    assert await office.refused("enrollInsurance", workerId=worker_id, **later) == "NEG_CONSENT_REQUIRED"
