"""Sectors, bee stations and care over HTTP, on the real database and broker."""

from typing import TYPE_CHECKING, Any

from govkit.domain import GeoPoint
from govkit.geo import CoordinateSystem, from_wgs84

if TYPE_CHECKING:
    from govkit.testing.service import RunningService
    from services.new_employment_group.tests.conftest import Office

MEASURE = "measure { number delivered progress deliveries { totalCount } }"


async def test_a_sector_has_one_committee_and_its_organizations_cover_its_enterprises(
    service: "RunningService", office: "Office"
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
    under = {"id": own["id"], "partyOrganizationId": made["id"]}
    assert await office.refused("organizeEnterprise", **under) == "NEG_ORGANIZATION_DISSOLVED"
    types = [event.type.split(".", 2)[2] for event in await service.published() if event.subject == made["id"]]
    assert types == ["new_business_party_organization.established.v1", "new_business_party_organization.dissolved.v1"]


async def test_a_station_opens_with_six_items_and_is_found_from_a_phone(
    service: "RunningService", office: "Office"
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
    standard: dict[str, Any] = {"edition": 1, "items": items, "effectiveOn": "2023-01-01"}
    await office.run("defineSixHaveStandard", **standard)
    assert await office.refused("defineSixHaveStandard", **standard) == "NEG_STANDARD_EXISTS"
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


async def test_care_is_delivered_and_plans_make_progress(service: "RunningService", office: "Office") -> None:
    await service.receive("organization", "department.registered", "d1", {"departmentId": "d1", "code": "union"})
    measure: dict[str, Any] = {"number": 1, "title": "安全装备发放", "departmentId": "d1", "target": 100, "unit": "人"}
    await office.run("defineCareMeasure", **measure, fromOn="2023-01-01")
    assert await office.refused("defineCareMeasure", **measure, fromOn="2023-01-01") == "NEG_MEASURE_EXISTS"
    delivery: dict[str, Any] = {"measureNumber": 1, "deliveredOn": "2023-02-01", "beneficiaries": 40}
    delivered = await office.run("recordCareDelivery", MEASURE, **delivery)
    assert delivered["measure"] == {"number": 1, "delivered": 40, "progress": 0.4, "deliveries": {"totalCount": 1}}
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
