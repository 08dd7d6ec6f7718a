"""The new-employment-group service over HTTP, on the real database and broker."""

import asyncio
import base64
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import orjson
import pytest
import pytest_asyncio

from govkit.domain import GeoPoint, Role, SystemClock, business_date
from govkit.geo import CoordinateSystem, from_wgs84
from govkit.testing.service import RunningService, running
from govkit.testing.tokens import Issuer
from lanling_demo.people import right_check
from new_employment_group.service import SERVICE

if TYPE_CHECKING:
    from lanling_local.stack import Infrastructure

KEY = base64.b64encode(b"test-test-test-test-test-test-32").decode()
CONSENTS = [{"purpose": purpose, "textVersion": "1"} for purpose in ("REGISTRATION", "IDENTITY_NUMBER", "INSURANCE")]
RESIDENT = """query($r: [_Any!]!) { _entities(representations: $r) {
    ... on Resident { supervisor { id state } } } }"""
EVERY_OFFICER = (Role.ORG_ADMIN, Role.UNION_OFFICER, Role.INDUSTRY_COMMITTEE_OFFICER)


@pytest_asyncio.fixture(scope="module")
async def service(infrastructure: "Infrastructure", issuer: Issuer, topic_prefix: str) -> AsyncIterator[RunningService]:
    async with running(
        SERVICE, infrastructure, issuer, topic_prefix, personal_data_key=KEY, demo_data=False
    ) as started:
        yield started


def an_id_number() -> str:
    """A number with a right check character, another one each time; nobody is older than 120."""
    body = f"37132418{uuid4().int % 100:02}0101{uuid4().int % 1000:03}"
    return body + right_check(body)


@dataclass
class Office:
    """Officers at work: what the tests need, given to the service as its users would."""

    service: RunningService
    issuer: Issuer

    @property
    def token(self) -> str:
        return self.issuer.token(*EVERY_OFFICER, sub="officer")

    async def run(self, mutation: str, answer: str = "id", token: str | None = None, **values: Any) -> Any:
        data = await self.service.data(self.document(mutation, answer), {"input": values}, token or self.token)
        return data[mutation]

    async def refused(self, mutation: str, token: str | None = None, **values: Any) -> str:
        return await self.service.refusal(self.document(mutation, "id"), {"input": values}, token or self.token)

    @staticmethod
    def document(mutation: str, answer: str) -> str:
        type_name = f"{mutation[0].upper()}{mutation[1:]}Input!"
        return f"mutation($input: {type_name}) {{ {mutation}(input: $input) {{ {answer} }} }}"

    async def worker(self, **values: Any) -> str:
        person = {
            "displayName": "示例员",
            "phone": "19900001234",
            "idNumber": an_id_number(),
            "occupation": "FOOD_DELIVERY_RIDER",
            "enterpriseIds": [],
            "residentId": f"resident-{uuid4().hex[:8]}",
            "consents": CONSENTS,
        }
        return str((await self.run("registerWorker", **(person | values)))["id"])

    async def union(self, sector: str = "FOOD_DELIVERY") -> str:
        made = await self.run("establishUnion", name="工会", sector=sector, establishedOn="2023-01-01")
        return str(made["id"])

    async def community(self) -> str:
        id = f"community-{uuid4().hex[:8]}"
        data = {"communityId": id, "code": id, "streetId": "s1", "status": "ACTIVE"}
        await self.service.receive("organization", "community.established", id, data)
        return id

    async def post(self, places: int = 5) -> int:
        """A batch with places for observers; the post is set up once."""
        answer = await self.service.query(
            self.document("defineSupervisorPostType", "id"),
            {
                "input": {
                    "postType": "MUNICIPAL_FACILITY_OBSERVER",
                    "allowedCategories": ["04", "06"],
                    "allowedOccupations": ["COURIER", "FOOD_DELIVERY_RIDER"],
                }
            },
            self.token,
        )
        assert "errors" not in answer or answer["errors"][0]["extensions"]["code"] == "NEG_POST_EXISTS"
        number = uuid4().int % 1000 + 1
        quotas = [{"postType": "MUNICIPAL_FACILITY_OBSERVER", "places": places}]
        await self.run("createSupervisorBatch", number=number, announcedOn="2023-01-01", quotas=quotas)
        return number

    async def nominated(self, batch: int, worker_id: str | None = None) -> str:
        values: dict[str, Any] = {
            "workerId": worker_id or await self.worker(),
            "postType": "MUNICIPAL_FACILITY_OBSERVER",
            "batchNumber": batch,
        }
        return str((await self.run("nominateSupervisor", communityIds=[await self.community()], **values))["id"])


@pytest.fixture(scope="module")
def office(service: RunningService, issuer: Issuer) -> Office:
    return Office(service, issuer)


# --- supervisors and their reports ---------------------------------------------------------------------------------


async def test_what_a_supervisor_reported_is_confirmed_exactly_once(service: RunningService, office: Office) -> None:
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


async def test_other_petitions_confirm_nothing(service: RunningService, office: Office) -> None:
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


async def test_the_last_place_goes_to_one_of_two(service: RunningService, office: Office) -> None:
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


async def test_refusals_about_supervisors(office: Office, issuer: Issuer) -> None:
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


async def test_a_resident_shows_the_latest_term(service: RunningService, office: Office) -> None:
    batch, worker_id = await office.post(), await office.worker(residentId="returner")
    first = await office.nominated(batch, worker_id)
    await office.run("endSupervisor", id=first, reason="期满")
    second = await office.nominated(batch, worker_id)
    answer = await service.data(RESIDENT, {"r": [{"__typename": "Resident", "id": "returner"}]}, office.token)
    assert answer["_entities"] == [{"supervisor": {"id": second, "state": "NOMINATED"}}]


# --- workers -------------------------------------------------------------------------------------------------------


async def test_an_identity_number_is_in_no_answer_no_event_no_log_and_no_row(
    service: RunningService, office: Office, issuer: Issuer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    number, phone, name = an_id_number(), "19900004321", "欧阳示例"
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
                "consents": CONSENTS,
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
        "consents": CONSENTS,
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


async def test_a_person_is_registered_once_with_consent_and_a_number_that_holds(office: Office, issuer: Issuer) -> None:
    number = an_id_number()
    person: dict[str, Any] = {"displayName": "甲", "occupation": "COURIER", "enterpriseIds": [], "consents": CONSENTS}
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
        ({"consents": CONSENTS[:1]}, "NEG_CONSENT_REQUIRED"),
        ({"enterpriseIds": ["unknown"]}, "GEN_REFERENCE_UNKNOWN"),
        ({"communityId": "unknown"}, "GEN_REFERENCE_UNKNOWN"),
    ]
    for changes, code in cases:
        assert await office.refused("registerWorker", **person | {"idNumber": an_id_number()} | changes) == code, (
            changes
        )
    resident = issuer.token(Role.RESIDENT, sub="own")
    mine = person | {"idNumber": an_id_number()}
    assert await office.refused("registerWorker", token=resident, **mine, residentId="else") == "AUTH_OUT_OF_SCOPE"
    assert await office.run("registerWorker", token=resident, **mine, residentId="own")


async def test_a_worker_is_linked_to_one_resident_who_then_sees_the_own_records(
    service: RunningService, office: Office, issuer: Issuer
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


# --- unions and insurance ------------------------------------------------------------------------------------------


async def test_a_membership_from_application_to_transfer(service: RunningService, office: Office) -> None:
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
    service: RunningService, office: Office, issuer: Issuer
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


async def test_parallel_enrolments_for_one_period_leave_one(service: RunningService, office: Office) -> None:
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


# --- sectors, stations, care ---------------------------------------------------------------------------------------


async def test_a_sector_has_one_committee_and_its_organizations_cover_its_enterprises(
    service: RunningService, office: Office
) -> None:
    sector = {"sector": "EXPRESS_LOGISTICS", "establishedOn": "2023-01-01"}
    committee = await office.run("establishIndustryCommittee", name="快递物流行业党委", **sector)
    assert await office.refused("establishIndustryCommittee", name="又一个", **sector) == "NEG_COMMITTEE_EXISTS"
    company = {"name": "甲", "creditCode": "91350100M000100Y43", "communityId": await office.community()}
    wrong = company | {"sector": "EXPRESS_LOGISTICS", "creditCode": "91350100M000100Y44"}
    assert await office.refused("registerEnterprise", **wrong) == "NEG_CREDIT_CODE_INVALID"
    own = await office.run("registerEnterprise", **company, sector="EXPRESS_LOGISTICS")
    assert await office.refused("registerEnterprise", **company, sector="EXPRESS_LOGISTICS") == "NEG_ENTERPRISE_EXISTS"
    alien = await office.run(
        "registerEnterprise", **company | {"creditCode": "91371324DEMO999999"}, sector="FOOD_DELIVERY"
    )
    branch = {
        "name": "党支部",
        "type": "BRANCH",
        "industryCommitteeId": committee["id"],
        "establishedOn": "2023-02-01",
    }
    establish = "establishNewBusinessPartyOrganization"
    mixed = [own["id"], alien["id"]]
    assert await office.refused(establish, **branch, enterpriseIds=mixed) == "NEG_SECTOR_MISMATCH"
    made = await office.run(establish, "id enterprises { totalCount }", **branch, enterpriseIds=[own["id"]])
    assert made["enterprises"]["totalCount"] == 1
    assert await office.refused(establish, **branch, enterpriseIds=[own["id"]]) == "NEG_ENTERPRISE_COVERED"
    union_id = await office.union("EXPRESS_LOGISTICS")
    organized = await office.run("organizeEnterprise", "union { id }", id=own["id"], unionId=union_id)
    assert organized["union"]["id"] == union_id
    for update, id in (
        ("updateUnion", union_id),
        ("updateEnterprise", own["id"]),
        ("updateIndustryCommittee", committee["id"]),
    ):
        assert await office.refused(update, id=id, sector="FOOD_DELIVERY") == "NEG_SECTOR_MISMATCH"
    dissolved = await office.run(
        "dissolveNewBusinessPartyOrganization",
        "status enterprises { totalCount }",
        id=made["id"],
        on="2023-03-01",
        reason="合并",
    )
    assert dissolved == {"status": "DISSOLVED", "enterprises": {"totalCount": 0}}
    types = [event.type.split(".", 2)[2] for event in await service.published() if event.subject == made["id"]]
    assert types == ["new_business_party_organization.established.v1", "new_business_party_organization.dissolved.v1"]


async def test_a_station_opens_with_six_items_and_is_found_from_a_phone(
    service: RunningService, office: Office
) -> None:
    community_id = await office.community()
    station = await office.run(
        "planStation",
        name="驿站",
        host="COMMERCIAL_BUILDING",
        communityId=community_id,
        location={"longitude": 118.0439, "latitude": 34.8508},
        opensAt="08:00",
        closesAt="22:00",
    )
    assert await office.refused("openStation", id=station["id"]) == "NEG_STANDARD_MISSING"
    codes = ["TEA_WATER", "REST", "CHARGING", "FIRST_AID_KIT", "READING", "MEAL_HEATING"]
    items = [{"code": code, "name": code, "mandatory": True} for code in codes]
    await office.run("defineSixHaveStandard", edition=1, items=items, effectiveOn="2023-01-01")
    found = [{"code": code, "present": True} for code in codes[:5]]
    await office.run("inspectStation", id=station["id"], items=found)
    refusal = await service.query(office.document("openStation", "id"), {"input": {"id": station["id"]}}, office.token)
    assert refusal["errors"][0]["extensions"]["details"] == {"missing": ["MEAL_HEATING"]}
    await office.run("inspectStation", id=station["id"], items=[{"code": "MEAL_HEATING", "present": True}])
    opened = await office.run("openStation", "status compliant inspections { totalCount }", id=station["id"])
    assert opened == {"status": "OPEN", "compliant": True, "inspections": {"totalCount": 2}}

    # The station as the rider's map shows it: GCJ-02 lies some 500 m to the south-east of WGS-84 here.
    near = """query($x: Float!, $y: Float!, $s: CoordinateSystem!, $r: Int) {
        beeStationsNear(longitude: $x, latitude: $y, coordinateSystem: $s, radiusM: $r) {
            distanceM station { id } } }"""
    shown = from_wgs84(GeoPoint(longitude=118.0439, latitude=34.8508), CoordinateSystem.GCJ02)
    point = {"x": shown[0], "y": shown[1], "r": 50}
    (nearby,) = (await service.data(near, point | {"s": "GCJ02"}, office.token))["beeStationsNear"]
    assert nearby == {"distanceM": 0, "station": {"id": station["id"]}}
    assert (await service.data(near, point | {"s": "WGS84"}, office.token))["beeStationsNear"] == []
    assert await service.refusal(near, point | {"s": "WGS84", "x": 181.0}, office.token) == "GEN_VALIDATION"
    known = """query($r: [_Any!]!) { _entities(representations: $r) {
        ... on Community { beeStations { totalCount } } } }"""
    here = {"r": [{"__typename": "Community", "id": community_id}]}
    listed = await service.data(known, here, office.token)
    assert listed["_entities"] == [{"beeStations": {"totalCount": 1}}]


async def test_care_is_delivered_and_plans_make_progress(service: RunningService, office: Office) -> None:
    await service.receive("organization", "department.registered", "d1", {"departmentId": "d1", "code": "union"})
    measure: dict[str, Any] = {"number": 1, "title": "安全装备发放", "departmentId": "d1", "target": 100, "unit": "人"}
    await office.run("defineCareMeasure", **measure, fromOn="2023-01-01")
    assert await office.refused("defineCareMeasure", **measure, fromOn="2023-01-01") == "NEG_MEASURE_EXISTS"
    delivery: dict[str, Any] = {"measureNumber": 1, "deliveredOn": "2023-02-01", "beneficiaries": 40}
    delivered = await office.run("recordCareDelivery", "measure { number deliveries { totalCount } }", **delivery)
    assert delivered["measure"] == {"number": 1, "deliveries": {"totalCount": 1}}
    assert await office.refused("recordCareDelivery", **delivery | {"measureNumber": 9}) == "GEN_REFERENCE_UNKNOWN"
    (event,) = await service.published("care.delivered")
    assert (event.data["measureNumber"], event.data["beneficiaries"]) == (1, 40)
    plan = await office.run("createPlan", code="WARM_NEW", name="暖新计划")
    assert await office.refused("createPlan", code="WARM_NEW", name="又一个") == "NEG_PLAN_EXISTS"
    project: dict[str, Any] = {
        "title": "驿站建设",
        "fromOn": "2023-01-01",
        "toOn": "2023-12-31",
        "target": 20,
        "done": 5,
    }
    added = await office.run("addPlanProject", "id progress", planId=plan["id"], **project)
    updated = await office.run("updatePlanProject", "progress plan { code }", id=added["id"], done=30)
    assert (added["progress"], updated) == (0.25, {"progress": 1.0, "plan": {"code": "WARM_NEW"}})
    assert len(await service.published("plan.project_updated")) == 1
