"""Who sees which petition, and what of its reporter (domain reference 3.8)."""

from typing import Any

import pytest

from govkit.domain import Role

GRID = "371324001001001"
FIELDS = "reporter { id } reporterContact { name phone masked } sourceId location { point { longitude } address }"
OTHER_STREET = {"streetIds": ["street-2"]}


async def count(county: Any, token: str, petition_id: str) -> int:
    document = "query($f: PetitionFilter) { petitions(filter: $f) { totalCount } }"
    data = await county.service.data(document, {"f": {"id": {"eq": petition_id}}}, token)
    return int(data["petitions"]["totalCount"])


async def test_the_schema_offers_no_way_to_a_reporter_or_by_a_reporter(county: Any) -> None:
    sdl = county.service.service.schema_text()
    for name in ("PetitionFilter", "PetitionSort", "WorkOrderFilter", "MicroWishFilter"):
        body = sdl.split(f"input {name} ", 1)[1].split("\n}", 1)[0]
        for field in ("reporterId", "residentId", "sourceId"):
            assert f"\n  {field}" not in body
    petition = sdl.split("type Petition ", 1)[1].split("\n}", 1)[0]
    for name in ("reporterId", "createdBy", "updatedBy", "phoneMasked"):
        assert f"\n  {name}" not in petition


@pytest.mark.parametrize("visibility", ["PUBLIC", "INTERNAL", "CONFIDENTIAL"])
async def test_who_reads_a_petition(county: Any, visibility: str) -> None:
    petition = await county.submit(visibility=visibility)
    everyone, staff = visibility == "PUBLIC", visibility != "CONFIDENTIAL"
    for token, reads in (
        (county.resident, True),
        (county.secretary, True),
        (county.grid_worker, True),
        (county.dispatcher, True),
        (county.issuer.token(Role.AUDITOR), True),
        (county.neighbour, everyone),
        (county.token(Role.PARTNER, partnerId="p"), everyone),
        (county.other_secretary, staff),
        (county.officer, staff),
        (county.token(Role.STREET_OFFICER, **OTHER_STREET), staff),
        (county.token(Role.STREET_OFFICER, streetIds=["street-1"]), True),
        (county.token(Role.HOUSING_AUTHORITY), staff),
    ):
        assert await count(county, token, petition["id"]) == int(reads)
        assert (await county.see(petition["id"], token, "id") is not None) is reads


async def test_what_is_seen_of_the_reporter(county: Any) -> None:
    petition = await county.submit()
    own = await county.see(petition["id"], county.resident, FIELDS)
    assert own["reporter"] == {"id": "resident-1"}
    assert own["reporterContact"] == {"name": "王小明", "phone": "19900001234", "masked": False}
    in_charge = await county.see(petition["id"], county.secretary, FIELDS)
    assert in_charge["reporter"] == {"id": "resident-1"}
    assert in_charge["reporterContact"] == {"name": "王**", "phone": "199****1234", "masked": True}
    for token in (county.neighbour, county.other_secretary, county.officer):
        seen = await county.see(petition["id"], token, FIELDS)
        assert (seen["reporter"], seen["reporterContact"]) == (None, None)
    auditor = await county.see(petition["id"], county.issuer.token(Role.AUDITOR), FIELDS)
    assert auditor["reporterContact"] == {"name": "王**", "phone": None, "masked": True}


async def test_the_handler_sees_the_name_of_the_case(county: Any) -> None:
    petition = await county.submit()
    await county.act("acceptPetition", county.secretary, id=petition["id"])
    await county.act("triagePetition", county.secretary, id=petition["id"], level="GRID")
    await county.act("dispatchWorkOrder", county.secretary, "id", petitionId=petition["id"])
    seen = await county.see(petition["id"], county.grid_worker, FIELDS)
    assert seen["reporterContact"] == {"name": "王小明", "phone": "199****1234", "masked": True}


async def test_an_anonymous_reporter_is_shown_to_nobody_but_stays_the_owner(county: Any) -> None:
    petition = await county.submit(anonymous=True, title="匿名反映")
    for token in (county.secretary, county.dispatcher, county.issuer.token(Role.AUDITOR)):
        seen = await county.see(petition["id"], token, f"{FIELDS} auditTrail {{ actorId action }}")
        assert (seen["reporter"], seen["reporterContact"]) == (None, None)
        assert seen["auditTrail"] == [{"actorId": "resident", "action": "submitPetition"}]
    document = '{ myPetitions(filter: {title: {contains: "匿名反映"}}) { totalCount } }'
    mine = await county.service.data(document, token=county.resident)
    assert mine == {"myPetitions": {"totalCount": 1}}
    assert await county.service.data(document, token=county.neighbour) == {"myPetitions": {"totalCount": 0}}


async def test_a_supervisor_is_the_reporter_and_so_no_public_source(county: Any) -> None:
    petition = await county.submit(county.rider, channel="SUPERVISOR_REPORT")
    assert (await county.see(petition["id"], county.neighbour, FIELDS))["sourceId"] is None
    assert (await county.see(petition["id"], county.secretary, FIELDS))["sourceId"] == "supervisor-1"


async def test_a_private_dwelling_is_shown_roughly(county: Any) -> None:
    petition = await county.submit(categoryCode="07", visibility="PUBLIC")
    exact = (await county.see(petition["id"], county.secretary, FIELDS))["location"]
    rough = (await county.see(petition["id"], county.neighbour, FIELDS))["location"]
    assert exact["address"] == "北门外"
    assert rough["address"] is None
    assert rough["point"]["longitude"] == pytest.approx(exact["point"]["longitude"], abs=0.0003)
    assert round(rough["point"]["longitude"] * 2000, 3) == round(rough["point"]["longitude"] * 2000)
    by_default = await county.submit(fields="visibility", categoryCode="07")
    assert by_default == {"visibility": "INTERNAL"}


async def test_the_petitions_of_a_resident(county: Any) -> None:
    await county.submit(title="某居民的诉求")
    hidden = await county.submit(title="某居民的诉求", anonymous=True)
    document = """query($r: [_Any!]!) { _entities(representations: $r) { ... on Resident {
        petitions(filter: {title: {contains: "某居民的诉求"}}) { edges { node { id } } } } } }"""
    variables = {"r": [{"__typename": "Resident", "id": "resident-1"}]}

    async def seen_by(token: str) -> list[str]:
        (resident,) = (await county.service.data(document, variables, token))["_entities"]
        return [edge["node"]["id"] for edge in resident["petitions"]["edges"]]

    assert len(await seen_by(county.resident)) == 2
    assert hidden["id"] in await seen_by(county.resident)
    for token in (county.secretary, county.dispatcher, county.grid_worker):
        assert len(await seen_by(token)) == 1
    for token in (county.neighbour, county.other_secretary, county.officer):
        assert await seen_by(token) == []


async def test_work_orders_are_for_staff_and_the_reporter(county: Any) -> None:
    petition = await county.submit()
    await county.act("acceptPetition", county.secretary, id=petition["id"])
    await county.act("triagePetition", county.secretary, id=petition["id"], level="GRID")
    await county.act("dispatchWorkOrder", county.secretary, "id", petitionId=petition["id"])
    for token, expected in ((county.resident, 1), (county.officer, 1), (county.neighbour, 0)):
        seen = await county.see(petition["id"], token, "workOrders { totalCount }")
        assert seen["workOrders"]["totalCount"] == expected


async def test_the_timeline_is_what_the_reader_of_a_petition_may_see(county: Any) -> None:
    petition = await county.submit(visibility="INTERNAL")
    document = "query($n: String) { petitionTimeline(number: $n) { state } }"
    variables = {"n": petition["number"]}
    mine = await county.service.data(document, variables, county.resident)
    assert mine == {"petitionTimeline": [{"state": "SUBMITTED"}]}
    assert await county.service.data(document, variables, county.neighbour) == {"petitionTimeline": None}
    assert await county.service.refusal("{ petitionTimeline { state } }", token=county.resident) == "GEN_VALIDATION"
