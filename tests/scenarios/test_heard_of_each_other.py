"""What each service made of the others' events in the whole county agrees with what these themselves answer."""

from typing import Any

import pytest

from county import County, eventually
from lanling_demo.county import communities

pytestmark = pytest.mark.timeout(300)  # the first test starts the county

UNDER_WAY = "[SUBMITTED, ACCEPTED, ASSIGNED, IN_PROGRESS, SUSPENDED, RESOLVED, REPLIED, RATED, REOPENED, SUPERVISED]"


def nodes(found: Any) -> list[Any]:
    return [edge["node"] for edge in found["edges"]]


@pytest.fixture(scope="module")
def staff(county: County) -> str:
    return county.token("AUDITOR", "ADMIN", "ORG_ADMIN", countyWide=True)


def test_the_load_of_grids_is_what_the_petition_service_has_under_way(county: County, staff: str) -> None:
    document = f"""query($c: ID!) {{
        baseGrids(first: 100, filter: {{communityId: {{eq: $c}}}}) {{ edges {{ node {{ load {{ openPetitions }} }} }} }}
        petitions(filter: {{communityId: {{eq: $c}}, state: {{in: {UNDER_WAY}}}}}) {{ totalCount }} }}"""
    total = 0
    for community in communities():

        def agreed(id: str = community.id) -> Any:
            found = county.data(document, {"c": id}, staff)
            counted = sum(grid["load"]["openPetitions"] for grid in nodes(found["baseGrids"]))
            return counted == found["petitions"]["totalCount"] and (counted,)

        total += eventually(agreed)[0]
    assert total >= 163


def test_a_case_names_the_branch_of_its_area_and_the_secretary(county: County, staff: str) -> None:
    document = f"""{{ petitions(first: 50, filter: {{state: {{in: {UNDER_WAY}}}}}) {{ edges {{ node {{
        residentialArea {{ id }} propertyStanding {{ kind }}
        branch {{ type residentialArea {{ id }} }} branchSecretary {{ name }} }} }} }} }}"""
    cases = [case for case in nodes(county.data(document, token=staff)["petitions"]) if case["residentialArea"]]
    assert len(cases) > 20
    for case in cases:
        assert case["branch"] == {"type": "AREA_BRANCH", "residentialArea": case["residentialArea"]}
        assert case["branchSecretary"]["name"]


def test_whoever_is_deployed_to_the_area_is_a_candidate_for_its_grids(county: County, staff: str) -> None:
    grids = nodes(county.data("{ baseGrids(first: 30) { edges { node { code } } } }", token=staff)["baseGrids"])
    document = "query($c: String!) { dutyCandidates(gridCode: $c) { staffId deployedHere activeDuties } }"
    deployed = 0
    for grid in grids:
        candidates = county.data(document, {"c": grid["code"]}, staff)["dutyCandidates"]
        assert len(candidates) in (28, 29)
        deployed += candidates[0]["deployedHere"]
    assert deployed > 20


def test_the_balance_of_a_worker_is_what_the_passbook_says(county: County, staff: str) -> None:
    document = """{ governanceSupervisors(first: 100) { edges { node { residentId
        worker { serviceBalance { pointsEarned reportsConfirmed } } resident { passbook { lifetimeEarned } } } } } }"""

    def agreed() -> Any:
        found = nodes(county.data(document, token=staff)["governanceSupervisors"])
        pairs = [
            (
                one["worker"]["serviceBalance"]["pointsEarned"],
                (one["resident"]["passbook"] or {}).get("lifetimeEarned", 0),
            )
            for one in found
        ]
        return all(heard == booked for heard, booked in pairs) and pairs

    assert sum(heard for heard, _ in eventually(agreed)) > 100


def test_the_credit_of_partners_is_what_was_redeemed_with_them(county: County, staff: str) -> None:
    redeemed: dict[str, int] = {}
    after: str | None = None
    document = """query($a: String) { redemptions(first: 100, after: $a, filter: {state: {eq: FULFILLED}}) {
        pageInfo { hasNextPage endCursor } edges { node { partnerId totalPoints } } } }"""
    while True:
        page = county.data(document, {"a": after}, staff)["redemptions"]
        for one in nodes(page):
            if one["partnerId"]:
                redeemed[one["partnerId"]] = redeemed.get(one["partnerId"], 0) + one["totalPoints"]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert redeemed
    for partner_id, points in redeemed.items():
        found = county.data("query($p: ID) { redPartner(id: $p) { credit { points } } }", {"p": partner_id}, staff)
        assert found["redPartner"]["credit"]["points"] == points
