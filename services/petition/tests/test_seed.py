"""The demonstration county in this service: the article's figures, exact, as numbers and lists, by community."""

from collections import Counter
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import pytest_asyncio

from govkit.domain import Role
from govkit.testing.figures import check_figures
from govkit.testing.service import RunningService, running
from govkit.testing.tokens import Issuer
from lanling_demo import petition_facts as facts
from lanling_demo.county import communities
from petition.service import SERVICE

if TYPE_CHECKING:
    from lanling_local.stack import Infrastructure

FIGURES = {
    "halls": 89,
    "spokespersons": 126,
    "teams": 77,
    "doorKnockingRounds": 22,
    "microCollections": 196,
    "weChatGroups": 160,
    "petitionsResolved": 2537,
}
BY_COMMUNITY = {
    "halls": "halls",
    "spokespersons": "spokespersons",
    "teams": "teams",
    "microCollections": "micro_collections",
    "weChatGroups": "areas",
    "petitionsResolved": "petitions_resolved",
}


@pytest_asyncio.fixture(scope="module")
async def seeded(infrastructure: "Infrastructure", issuer: Issuer, topic_prefix: str) -> AsyncIterator[RunningService]:
    async with running(SERVICE, infrastructure, issuer, topic_prefix, seeded=True) as service:
        yield service


async def counts(service: RunningService, name: str) -> Counter[str]:
    rows = service.store.database[name].aggregate([{"$group": {"_id": "$state", "count": {"$sum": 1}}}])
    return Counter({row["_id"]: row["count"] async for row in rows})


async def test_article_figures(seeded: RunningService, issuer: Issuer) -> None:
    token = issuer.token(Role.AUDITOR)
    await check_figures(seeded, token, "petitionStatistics", FIGURES)
    for community in communities():
        answer: Any = await seeded.data(
            f"query($id: ID) {{ petitionStatistics(communityId: $id) {{ {' '.join(BY_COMMUNITY)} }} }}",
            {"id": community.id},
            token,
        )
        expected = {name: getattr(community.counts, column) for name, column in BY_COMMUNITY.items()}
        assert answer["petitionStatistics"] == expected, community.name


async def test_petitions_and_orders_are_whole(seeded: RunningService) -> None:
    petitions, orders = await counts(seeded, "petition"), await counts(seeded, "work_order")
    assert petitions["REJECTED"] == 96
    assert petitions["MERGED"] == 61
    assert petitions.total() == 2700 + 96 + 61
    assert orders.total() == len(facts.work_orders())
    assert orders["VERIFIED"] == 2537
    database = seeded.store.database
    assert await database["petition"].count_documents({"state": "CLOSED", "reply": None, "rating": {"$ne": None}}) == 0
    assert await database["petition"].count_documents({"rating": {"$ne": None}}) == 2233
    open_leads = {"role": "LEAD", "state": {"$nin": ["VERIFIED", "ESCALATED", "RETURNED"]}}
    assert await database["work_order"].count_documents(open_leads) == await database["petition"].count_documents(
        {"open_orders": 1}
    )


async def test_a_sample_of_outreach_is_seeded(seeded: RunningService, issuer: Issuer) -> None:
    """Six check-ins and two collectors a community, four visits a team, two posts a group; visits in their round."""
    counted: Any = await seeded.data(
        """{ partyMemberCheckIns { totalCount } opinionCollectors { totalCount }
             householdVisits { totalCount } groupPosts { totalCount } }""",
        token=issuer.token(Role.AUDITOR),
    )
    assert {name: page["totalCount"] for name, page in counted.items()} == {
        "partyMemberCheckIns": 126,
        "opinionCollectors": 42,
        "householdVisits": 308,
        "groupPosts": 320,
    }
    last = facts.door_knocking_rounds()[-1]
    async for visit in seeded.store.database["household_visit"].find():
        assert last.from_on.isoformat() <= str(visit["visited_on"])[:10] <= last.to_on.isoformat()


async def test_the_past_triggers_nothing(seeded: RunningService) -> None:
    types = {event.type for event in await seeded.published() if event.type.split(".")[2] in ("petition", "work_order")}
    assert types == {"cn.lanling.petition.snapshot.v1", "cn.lanling.work_order.snapshot.v1"}


async def test_a_second_load_changes_nothing(seeded: RunningService) -> None:
    before = await counts(seeded, "petition"), await counts(seeded, "claim")
    published = len(await seeded.published())
    assert SERVICE.seed_data is not None
    from govkit.domain import SystemClock
    from govkit.seeding import Seeder

    await SERVICE.seed_data(Seeder(seeded.store, SERVICE.source, SystemClock().now()))
    assert (await counts(seeded, "petition"), await counts(seeded, "claim")) == before
    assert len(await seeded.published()) == published


async def test_people_go_on_with_what_was_seeded(seeded: RunningService, issuer: Issuer) -> None:
    """A replied petition of the story is rated by its reporter, an open order is worked on."""
    waiting = next(item for item in facts.petitions() if item.state == "REPLIED" and item.reporter_id)
    token = issuer.token(Role.RESIDENT, sub=str(waiting.reporter_id), scope={})
    document = """mutation($id: ID!) { ratePetition(input: {id: $id, resolved: YES, satisfaction: SATISFIED}) {
        state steps { state } } }"""
    rated = (await seeded.data(document, {"id": waiting.id}, token))["ratePetition"]
    assert rated["state"] == "CLOSED"
    order = next(item for item in facts.work_orders() if item.state == "CREATED" and item.unit_type == "GRID")
    worker = issuer.token(Role.GRID_WORKER, sub=str(order.assignee_staff_id), scope={"gridIds": [order.unit_code]})
    accept = "mutation($id: ID!) { acceptWorkOrder(input: {id: $id}) { state petition { state } } }"
    begun = (await seeded.data(accept, {"id": order.id}, worker))["acceptWorkOrder"]
    assert begun == {"state": "ACCEPTED", "petition": {"state": "IN_PROGRESS"}}
