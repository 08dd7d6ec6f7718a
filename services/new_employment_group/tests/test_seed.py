"""The demonstration county in this service: the article's figures, exact, as numbers and lists; no person outside."""

import base64
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from govkit.domain import Role
from govkit.testing.figures import check_figures
from govkit.testing.service import running
from govkit.testing.tokens import Issuer
from lanling_demo import new_employment_facts as facts
from lanling_demo.county import communities
from new_employment_group.service import SERVICE

if TYPE_CHECKING:
    from lanling_local.stack import Infrastructure

FIGURES = {
    "industryCommittees": 3,
    "newBusinessPartyOrganizations": 25,
    "stations": 22,
    "compliantStations": 21,
    "unions": 25,
    "unionMembers": 2638,
    "insurancePersonTimes": 1726,
    "pensionPersonTimes": 1012,
    "workInjuryPersonTimes": 714,
    "supervisors": 20,
    "supervisorPostTypes": 4,
    "careMeasures": 10,
    "plans": 3,
}
KEY = base64.b64encode(b"test-test-test-test-test-test-32").decode()
NUMBERS = re.compile(r"(?<!\d)(?:\d{17}[\dX]|\d{11})(?!\d)")


async def test_article_figures(infrastructure: "Infrastructure", issuer: Issuer, topic_prefix: str) -> None:
    token = issuer.token(Role.AUDITOR)
    settings: dict[str, Any] = {"personal_data_key": KEY, "demo_data": True}
    async with running(SERVICE, infrastructure, issuer, topic_prefix, seeded=True, **settings) as service:
        await check_figures(service, token, "newEmploymentStatistics", FIGURES)
        document = "query($id: ID) { newEmploymentStatistics(communityId: $id) { stations unionMembers } }"
        for community in communities():
            answer: Any = await service.data(document, {"id": community.id}, token)
            expected = {"stations": community.counts.bee_stations, "unionMembers": None}
            assert answer["newEmploymentStatistics"] == expected, community.name

        statistics = await service.data("{ insuranceStatistics { personTimes persons } }", token=token)
        assert statistics["insuranceStatistics"] == {"personTimes": 1726, "persons": 1331}

        # Derived numbers are those of the records behind them.
        document = """{ industryUnions(first: 100) { edges { node {
            memberCount memberships(filter: {state: {eq: ACTIVE}}) { totalCount } } } }
            careMeasures { edges { node { number delivered } } } }"""
        derived = await service.data(document, token=token)
        unions = [edge["node"] for edge in derived["industryUnions"]["edges"]]
        assert all(union["memberCount"] == union["memberships"]["totalCount"] for union in unions)
        assert sorted(union["memberCount"] for union in unions) == [105] * 12 + [106] * 13
        assert {edge["node"]["number"]: edge["node"]["delivered"] for edge in derived["careMeasures"]["edges"]} == {
            measure.number: sum(delivery.beneficiaries for delivery in measure.deliveries)
            for measure in facts.care_measures()
        }

        # Supervisors: four posts of five, their counters the counts of the lists behind them.
        document = """{ governanceSupervisors(first: 100) { edges { node {
            postType reportsSubmitted reportsConfirmed reports { totalCount }
            confirmed: reports(filter: {state: {eq: CONFIRMED}}) { totalCount } } } } }"""
        listed = await service.data(document, token=token)
        supervisors = [edge["node"] for edge in listed["governanceSupervisors"]["edges"]]
        assert set(Counter(item["postType"] for item in supervisors).values()) == {5}
        for item in supervisors:
            assert item["reportsSubmitted"] == item["reports"]["totalCount"]
            assert item["reportsConfirmed"] == item["confirmed"]["totalCount"]
        assert sum(item["reportsSubmitted"] for item in supervisors) == 187
        assert sum(item["reportsConfirmed"] for item in supervisors) == 161

        # The petition service hears of those in office; nobody is rewarded for the past.
        appointed = await service.published("supervisor.appointed")
        assert {event.data["supervisorId"] for event in appointed} == {item.id for item in facts.supervisors()}
        assert all(event.data["allowedCategories"] for event in appointed)
        assert await service.published("supervisor.report_confirmed") == []

        # Neither names nor numbers of persons in any event, nor numbers anywhere in the database.
        secrets = {number for worker in facts.workers() for number in (worker.identity_number, worker.phone)}
        names = {worker.display_name for worker in facts.workers()[:50]}
        async for row in service.store.database["outbox"].find({}):
            text = row["envelope"].decode()
            assert not secrets & set(NUMBERS.findall(text)), text
            assert not any(name in text for name in names), text
        async for row in service.store.database["worker"].find({}):
            assert not secrets & set(NUMBERS.findall(str(row)))

        # Loaded again, nothing changes.
        before = await service.store.database["outbox"].count_documents({})
        await SERVICE.load_seed(
            SERVICE.settings_class(
                service_port=1,
                mongodb_uri=infrastructure.mongodb_uri,
                mongodb_database=service.store.database.name,
                kafka_bootstrap_servers=infrastructure.kafka_bootstrap_servers,
                jwks_url=issuer.jwks_url,
                jwt_issuer="test",
                jwt_audience="test",
                **settings,
            )
        )
        assert await service.store.database["outbox"].count_documents({}) == before
        await check_figures(service, token, "newEmploymentStatistics", {"unionMembers": 2638})
