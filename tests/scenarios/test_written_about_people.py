"""What people write and what is written about them reaches those concerned; tests/topics looks for it in all events."""

from typing import Any
from uuid import uuid4

import pytest

from county import County
from planted import NAME, PHONE, TEXT, id_number

pytestmark = pytest.mark.timeout(300)  # the first test starts the county

PLACE = {"longitude": 118.0467, "latitude": 34.8537, "coordinateSystem": "GCJ02"}


def do(county: County, token: str, mutation: str, fields: str = "id", **values: Any) -> Any:
    input_type = f"{mutation[0].upper()}{mutation[1:]}Input"
    document = f"mutation($i: {input_type}!) {{ {mutation}(input: $i) {{ {fields} }} }}"
    return county.data(document, {"i": values | {"clientMutationId": uuid4().hex}}, token)[mutation]


def first(county: County, connection: str, fields: str = "id") -> Any:
    document = f"{{ {connection} {{ edges {{ node {{ {fields} }} }} }} }}"
    found = county.data(document, token=county.token("AUDITOR", "ADMIN"))
    return found[connection.split("(")[0]]["edges"][0]["node"]


@pytest.fixture(scope="module")
def community_id(county: County) -> str:
    return str(first(county, "communities(first: 1)")["id"])


def test_a_petition_with_contact_and_address(county: County) -> None:
    resident = county.token("RESIDENT", sub="writer")
    words = {"title": TEXT, "description": f"{NAME} {PHONE} {id_number(1)}", "location": PLACE | {"address": TEXT}}
    given = {"kind": "COMPLAINT", "categoryCode": "010302", "channel": "RED_BUTLER_WECHAT"} | words
    contact = {"name": NAME, "phone": PHONE}
    asked = "id title reporterContact { name phone }"
    petition = do(county, resident, "submitPetition", asked, contact=contact, **given)
    assert petition["title"] == TEXT
    assert petition["reporterContact"] == contact
    do(county, resident, "withdrawPetition", id=petition["id"], reason=TEXT)
    county.planted.append(("petition", petition["id"]))


def test_a_worker_of_the_community_and_an_office_holder(county: County, community_id: str) -> None:
    officer = county.token("ORG_ADMIN")
    hired = {"communityId": community_id, "recruitmentChannel": "OTHER", "hiredOn": "2023-01-01"}
    for command, values in (("hireWorker", hired), ("createPerson", {})):
        record = do(county, officer, command, "id name phoneMasked", name=NAME, phone=PHONE, **values)
        assert (record["name"], record["phoneMasked"]) == (NAME, "199****7531")
        county.planted.append(("organization", record["id"]))


def test_a_rider_who_joins_the_union(county: County, community_id: str) -> None:
    officer = county.token("UNION_OFFICER")
    consents = [{"purpose": purpose, "textVersion": "2023-01"} for purpose in ("REGISTRATION", "IDENTITY_NUMBER")]
    person = {"displayName": NAME, "phone": PHONE, "idNumber": id_number(2), "communityId": community_id}
    work = {"occupation": "FOOD_DELIVERY_RIDER", "enterpriseIds": [], "consents": consents}
    rider = do(county, officer, "registerWorker", "id displayName phoneMasked", **person, **work)
    assert (rider["displayName"], rider["phoneMasked"]) == (NAME, "199****7531")
    union = first(county, "industryUnions(first: 1)")["id"]
    membership = do(county, officer, "applyMembership", workerId=rider["id"], unionId=union)
    do(county, officer, "approveMembership", id=membership["id"])
    county.planted.append(("new-employment-group", membership["id"]))


def test_a_partner_with_a_contact(county: County, community_id: str) -> None:
    shop = {"name": TEXT, "category": "BICYCLE", "kind": "STREET_SHOP", "communityId": community_id, "address": TEXT}
    secretary = county.token("COMMUNITY_SECRETARY")
    partner = do(county, secretary, "applyPartner", contactName=NAME, contactPhone=PHONE, **shop)
    county.planted.append(("red-partner", partner["id"]))


def test_a_grant_with_its_evidence(county: County, community_id: str) -> None:
    rule = first(county, "earningRules(first: 1)", "code")["code"]
    deed = {"residentId": "writer", "communityId": community_id, "ruleCode": rule, "occurredOn": "2026-01-05"}
    secretary = county.token("COMMUNITY_SECRETARY", sub="secretary")
    request = do(county, secretary, "submitGrant", evidence=f"{NAME} {PHONE} {TEXT}", **deed)
    reviewer = county.token("POINTS_REVIEWER", sub="reviewer")
    do(county, reviewer, "rejectGrant", id=request["id"], reason=TEXT)
    county.planted.append(("points", request["id"]))


def test_what_was_found_in_a_grid(county: County) -> None:
    """Reported, so that it becomes a petition of another service."""
    grid = first(county, "baseGrids(first: 1)", "code")["code"]
    found = {"categoryCode": "010302", "gridCode": grid, "solvedOnSpot": False}
    worker = county.token("GRID_WORKER", sub="grid-worker")
    event = do(county, worker, "recordGridEvent", "id note", note=f"{NAME} {PHONE} {TEXT}", **found)
    assert TEXT in event["note"]
    county.planted.append(("grid", event["id"]))
