"""Each arrow of the choreography that ends here, whatever happens around its event (docs/choreography.md)."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import pytest_asyncio

from govkit.domain import Role
from govkit.testing.arrows import Told, prove_arrow
from govkit.testing.service import RunningService, running
from govkit.testing.tokens import Issuer
from organization.service import SERVICE

if TYPE_CHECKING:
    from lanling_local.stack import Infrastructure

SECTORS = "new-employment-group"
PARTY = "query($id: ID) { partyOrganization(id: $id) { name type parentId memberCount status source } }"
ITEMS = """query($id: ID) { propertyEnterprise(id: $id) { assessmentItems { edges { node {
    period score residentialArea { id } councilMeeting { id } } } } } }"""
REGISTER = "mutation($i: RegisterPropertyEnterpriseInput!) { registerPropertyEnterprise(input: $i) { id } }"


@pytest_asyncio.fixture(scope="module")
async def service(infrastructure: "Infrastructure", issuer: Issuer, topic_prefix: str) -> AsyncIterator[RunningService]:
    async with running(SERVICE, infrastructure, issuer, topic_prefix) as started:
        yield started


@pytest.fixture
def auditor(issuer: Issuer) -> str:
    return issuer.token(Role.AUDITOR, Role.HOUSING_AUTHORITY)


def fresh(name: str) -> str:
    return f"{name}-{uuid4().hex[:8]}"


@pytest.mark.parametrize("event", ["established", "changed", "snapshot"])
async def test_a_committee_of_a_sector_is_shown(service: RunningService, auditor: str, event: str) -> None:
    id = fresh("committee")

    async def seen() -> Any:
        found = (await service.data(PARTY, {"id": id}, auditor))["partyOrganization"]
        return found and (found["name"], found["type"], found["source"])

    committee = {"industryCommitteeId": id, "sector": "FOOD_DELIVERY", "establishedOn": "2021-01-01"}
    told = Told(SECTORS, f"industry_committee.{event}", id, committee)
    shown = ("外卖配送行业党委", "INDUSTRY_COMMITTEE", "NEW_EMPLOYMENT_GROUP")
    other = {"industryCommitteeId": fresh("other"), "sector": "A_SECTOR_TO_COME"}
    await prove_arrow(service, told, seen, shown, unknown=other)


@pytest.mark.parametrize("event", ["established", "snapshot"])
async def test_a_party_organization_of_a_sector_is_shown(service: RunningService, auditor: str, event: str) -> None:
    """Before its committee, too; with what becomes of it."""
    id, committee_id = fresh("branch"), fresh("committee")

    async def seen() -> Any:
        found = (await service.data(PARTY, {"id": id}, auditor))["partyOrganization"]
        return found and (found["parentId"], found["memberCount"], found["status"])

    key = {"newBusinessPartyOrganizationId": id}
    branch = {"industryCommitteeId": committee_id, "sector": "FOOD_DELIVERY", "establishedOn": "2022-01-01"}
    kind = "new_business_party_organization"
    other = {"newBusinessPartyOrganizationId": fresh("other"), "industryCommitteeId": "a committee to come"}
    committee = Told(SECTORS, "industry_committee.established", committee_id, branch)
    told = Told(SECTORS, f"{kind}.{event}", id, branch | key | {"memberCount": 5})
    await prove_arrow(service, told, seen, (committee_id, 5, "ACTIVE"), unknown=other, needs=[committee])
    changed = Told(SECTORS, f"{kind}.changed", fresh("changed"), key | {"memberCount": 7})
    await prove_arrow(service, changed, seen, (committee_id, 7, "ACTIVE"), unknown=other)
    gone = Told(SECTORS, f"{kind}.dissolved", fresh("gone"), key | {"dissolvedOn": "2023-05-01"})
    await prove_arrow(service, gone, seen, (committee_id, 7, "DISSOLVED"), unknown=other)


async def test_an_evaluation_is_an_item_of_the_months_assessment(service: RunningService, auditor: str) -> None:
    """Told before the area and the meeting are known anywhere; a second event about the same fact changes nothing."""
    firm = {"name": "物业", "creditCode": fresh("code"), "stateOwned": False}
    enterprise = (await service.data(REGISTER, {"i": firm}, auditor))["registerPropertyEnterprise"]["id"]
    meeting, area = fresh("meeting"), fresh("area")

    async def seen() -> Any:
        found = (await service.data(ITEMS, {"id": enterprise}, auditor))["propertyEnterprise"]["assessmentItems"]
        return [edge["node"] for edge in found["edges"]]

    evaluation = {
        "councilMeetingId": meeting,
        "enterpriseId": enterprise,
        "residentialAreaId": area,
        "communityId": "a community to come",
        "month": "2023-05",
        "score": 85,
    }
    item = {"period": "2023-05", "score": 85, "residentialArea": None, "councilMeeting": {"id": meeting}}
    told = Told("petition", "property_evaluation.submitted", meeting, evaluation)
    await prove_arrow(service, told, seen, [item], unknown={"enterpriseId": "an enterprise to come"})
    again = Told("petition", "property_evaluation.submitted", fresh("again"), evaluation | {"score": 10})
    await again.to(service, 1)
    assert await seen() == [item]
