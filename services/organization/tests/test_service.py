"""The organization service over HTTP, on the real database and broker."""

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from govkit.domain import Role
from govkit.testing.bus import read_topic
from govkit.testing.service import RunningService, running
from govkit.testing.tokens import Issuer
from organization.service import SERVICE

if TYPE_CHECKING:
    from lanling_local.stack import Infrastructure

COMMUNITY = {
    "code": "371324001099",
    "name": "测试社区",
    "origin": "ORIGINAL",
    "establishedOn": "2010-01-01",
}
CREATE_STREET = "mutation($i: CreateStreetInput!) { createStreet(input: $i) { id version } }"
CREATE_COMMUNITY = "mutation($i: CreateCommunityInput!) { createCommunity(input: $i) { id code version } }"
UPDATE_COMMUNITY = "mutation($i: UpdateCommunityInput!) { updateCommunity(input: $i) { id name version } }"
HIRE = "mutation($i: HireWorkerInput!) { hireWorker(input: $i) { id name phoneMasked } }"


@pytest_asyncio.fixture
async def service(infrastructure: "Infrastructure", issuer: Issuer, topic_prefix: str) -> AsyncIterator[RunningService]:
    async with running(SERVICE, infrastructure, issuer, topic_prefix) as started:
        yield started


@pytest.fixture
def admin(issuer: Issuer) -> str:
    return issuer.token(Role.ORG_ADMIN, Role.AUDITOR)


async def make_community(service: RunningService, admin: str, **changes: Any) -> str:
    street = await service.data(CREATE_STREET, {"i": {"code": "371324009", "name": "测试街道"}}, admin)
    community = COMMUNITY | {"streetId": street["createStreet"]["id"]} | changes
    created = await service.data(CREATE_COMMUNITY, {"i": community}, admin)
    return str(created["createCommunity"]["id"])


async def test_a_register_entry_is_created_changed_listed_and_published(service: RunningService, admin: str) -> None:
    community_id = await make_community(service, admin)
    changed = await service.data(
        UPDATE_COMMUNITY, {"i": {"id": community_id, "name": "新名社区", "expectedVersion": 1}}, admin
    )
    assert changed["updateCommunity"] == {"id": community_id, "name": "新名社区", "version": 2}
    listed = await service.data(
        """{ communities(filter: {name: {contains: "新名"}}) { totalCount edges { node { code street { name }
             auditTrail { action changes { field before after } } } } } }""",
        token=admin,
    )
    (edge,) = listed["communities"]["edges"]
    assert edge["node"]["street"] == {"name": "测试街道"}
    assert edge["node"]["auditTrail"][0] == {
        "action": "updateCommunity",
        "changes": [{"field": "name", "before": None, "after": None}],
    }
    events = [event for event in await service.published() if event.subject == community_id]
    assert [(event.type, event.sequence, event.aggregateversion) for event in events] == [
        ("cn.lanling.community.established.v1", 1, 1),
        ("cn.lanling.community.changed.v1", 2, 2),
    ]
    assert "name" not in events[0].data


async def test_events_reach_the_topic_with_key_and_headers(service: RunningService, admin: str) -> None:
    community_id = await make_community(service, admin)
    await service.published()
    records = await read_topic(service.bootstrap_servers, f"{service.topic_prefix}.organization.events", 2)
    mine = [record for record in records if record.key == community_id.encode()]
    assert dict(mine[0].headers)["ce_type"] == b"cn.lanling.community.established.v1"


async def test_bad_input_is_refused_with_a_precise_code_and_stores_nothing(service: RunningService, admin: str) -> None:
    community_id = await make_community(service, admin)
    before = await service.store.database["audit"].count_documents({})
    cases: list[tuple[str, dict[str, Any], str]] = [
        (CREATE_COMMUNITY, COMMUNITY | {"streetId": "unknown", "code": "371324001098"}, "GEN_REFERENCE_UNKNOWN"),
        (CREATE_COMMUNITY, COMMUNITY | {"streetId": "unknown", "code": "12"}, "GEN_VALIDATION"),
        (CREATE_COMMUNITY, COMMUNITY | {"streetId": "unknown", "name": "长" * 121}, "GEN_VALIDATION"),
        (CREATE_COMMUNITY, COMMUNITY | {"streetId": "unknown", "name": "   "}, "GEN_VALIDATION"),
        (CREATE_COMMUNITY, COMMUNITY | {"streetId": "unknown", "origin": "MADE_UP"}, "GRAPHQL_VALIDATION_FAILED"),
        (UPDATE_COMMUNITY, {"id": "unknown", "name": "甲"}, "GEN_NOT_FOUND"),
        (UPDATE_COMMUNITY, {"id": community_id, "name": "上\n下"}, "GEN_VALIDATION"),
        (UPDATE_COMMUNITY, {"id": community_id, "name": "甲", "expectedVersion": 9}, "GEN_VERSION_CONFLICT"),
        (UPDATE_COMMUNITY, {"id": community_id, "dissolvedOn": "1999-01-01"}, "ORG_PERIOD_INVALID"),
    ]
    for document, values, code in cases:
        assert await service.refusal(document, {"i": values}, admin) == code, values
    assert await service.store.database["audit"].count_documents({}) == before


async def test_a_code_is_taken_once(service: RunningService, admin: str) -> None:
    community_id = await make_community(service, admin)
    street = await service.data("{ streets { edges { node { id } } } }", token=admin)
    again = COMMUNITY | {"streetId": street["streets"]["edges"][0]["node"]["id"]}
    assert await service.refusal(CREATE_COMMUNITY, {"i": again}, admin) == "ORG_DUPLICATE_CODE"
    found = await service.data('{ community(code: "371324001099") { id } }', token=admin)
    assert found["community"]["id"] == community_id


async def test_the_same_request_twice_happens_once(service: RunningService, admin: str) -> None:
    community_id = await make_community(service, admin)
    worker = {
        "name": "示例员",
        "phone": "19900001234",
        "communityId": community_id,
        "recruitmentChannel": "TRANSFER",
        "hiredOn": "2023-01-01",
        "clientMutationId": "once",
    }
    answers = await asyncio.gather(*(service.data(HIRE, {"i": worker}, admin) for _ in range(8)))
    assert len({answer["hireWorker"]["id"] for answer in answers}) == 1
    assert answers[0]["hireWorker"]["phoneMasked"] == "199****1234"
    assert await service.refusal(HIRE, {"i": worker | {"name": "别人"}}, admin) == "GEN_IDEMPOTENCY_MISMATCH"
    assert len(await service.published("worker.hired")) == 1


async def test_roles_and_scope_limit_commands(service: RunningService, issuer: Issuer, admin: str) -> None:
    community_id = await make_community(service, admin)
    worker = {"name": "甲", "communityId": community_id, "recruitmentChannel": "OTHER", "hiredOn": "2023-01-01"}
    street = (await service.data("{ streets { edges { node { id } } } }", token=admin))["streets"]["edges"][0]["node"]
    own = issuer.token(Role.STREET_OFFICER, scope={"streetIds": [street["id"]]})
    other = issuer.token(Role.STREET_OFFICER, scope={"streetIds": ["elsewhere"]})
    assert await service.refusal(HIRE, {"i": worker}, issuer.token(Role.RESIDENT)) == "AUTH_FORBIDDEN"
    assert await service.refusal(HIRE, {"i": worker}, other) == "AUTH_OUT_OF_SCOPE"
    assert (await service.data(HIRE, {"i": worker}, own))["hireWorker"]["name"] == "甲"


async def test_a_branch_has_one_secretary_even_under_competition(service: RunningService, admin: str) -> None:
    establish = "mutation($i: EstablishPartyOrganizationInput!) { establishPartyOrganization(input: $i) { id } }"
    made = await service.data(
        establish, {"i": {"name": "县委", "type": "COUNTY_COMMITTEE", "establishedOn": "1949-10-01"}}, admin
    )
    organization_id = made["establishPartyOrganization"]["id"]
    create = "mutation($i: CreatePersonInput!) { createPerson(input: $i) { id } }"
    person_id = (await service.data(create, {"i": {"name": "示例"}}, admin))["createPerson"]["id"]
    appoint = "mutation($i: AppointToPostInput!) { appointToPost(input: $i) { id } }"
    post = {
        "partyOrganizationId": organization_id,
        "role": "SECRETARY",
        "personId": person_id,
        "startOn": "2023-01-01",
    }
    answers = await asyncio.gather(*(service.query(appoint, {"i": post}, admin) for _ in range(5)))
    refused = [answer["errors"][0]["extensions"]["code"] for answer in answers if "errors" in answer]
    assert refused == ["ORG_POST_OCCUPIED"] * 4


async def test_entities_resolve_by_every_key_and_unknown_ones_are_null(service: RunningService, admin: str) -> None:
    community_id = await make_community(service, admin)
    document = "query($r: [_Any!]!) { _entities(representations: $r) { ... on Community { id code } } }"
    representations = [
        {"__typename": "Community", "id": community_id},
        {"__typename": "Community", "code": "371324001099"},
        {"__typename": "Community", "id": "unknown"},
    ]
    answer = await service.data(document, {"r": representations}, admin)
    known = {"id": community_id, "code": "371324001099"}
    assert answer["_entities"] == [known, known, None]
