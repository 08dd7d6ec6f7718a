"""The demonstration county in this service: the article's figures, exact, as numbers and lists, by community."""

from typing import TYPE_CHECKING, Any

from govkit.domain import Role
from govkit.testing.figures import check_figures
from govkit.testing.service import running
from govkit.testing.tokens import Issuer
from lanling_demo.county import communities
from lanling_demo.organization_facts import assessment_scheme, contact_points, handover_batches
from organization.service import SERVICE

if TYPE_CHECKING:
    from lanling_local.stack import Infrastructure

FIGURES = {
    "communities": 21,
    "originalCommunities": 16,
    "newCommunities": 5,
    "branches": 160,
    "branchSecretaries": 160,
    "workers": 595,
    "areaStations": 160,
    "redCollarSecretaries": 49,
    "dispatchBatches": 3,
    "powerCategories": 9,
    "powerItems": 23,
    "propertyPartyOrganizations": 21,
    "fallbackAreas": 66,
}
EXERCISES = 63
BY_COMMUNITY = {
    "branches": "areas",
    "branchSecretaries": "areas",
    "areaStations": "areas",
    "workers": "workers",
    "redCollarSecretaries": "red_collar_secretaries",
    "fallbackAreas": "fallback_areas",
}


async def test_article_figures(infrastructure: "Infrastructure", issuer: Issuer, topic_prefix: str) -> None:
    token = issuer.token(Role.AUDITOR)
    async with running(SERVICE, infrastructure, issuer, topic_prefix, seeded=True) as service:
        await check_figures(service, token, "organizationStatistics", FIGURES)
        for community in communities():
            answer: Any = await service.data(
                f"query($id: ID) {{ organizationStatistics(communityId: $id) {{ {' '.join(BY_COMMUNITY)} }} }}",
                {"id": community.id},
                token,
            )
            expected = {name: getattr(community.counts, column) for name, column in BY_COMMUNITY.items()}
            assert answer["organizationStatistics"] == expected, community.name
        listed: Any = await service.data(
            """{ powerExercises { totalCount } assessmentSchemes { edges { node { edition indicators { code } } } }
                 jointMeetings(filter: {state: {eq: CLOSED}}) { totalCount }
                 contactVisits { totalCount } handoverBatches { totalCount }
                 jointResolutions(filter: {state: {eq: DONE}}) { totalCount } }""",
            token=token,
        )
        assert listed["powerExercises"]["totalCount"] == EXERCISES
        assert len(listed["assessmentSchemes"]["edges"][0]["node"]["indicators"]) == len(assessment_scheme().indicators)
        assert listed["contactVisits"]["totalCount"] == sum(len(point.visits) for point in contact_points())
        assert listed["handoverBatches"]["totalCount"] == len(handover_batches())
        assert listed["jointMeetings"]["totalCount"] == 4 * FIGURES["communities"]
        assert listed["jointResolutions"]["totalCount"] == 3 * FIGURES["communities"]
