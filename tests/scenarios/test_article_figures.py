"""The acceptance query: the article's figures through the gateway, and the list behind every one."""

from pathlib import Path
from typing import Any

import pytest

from county import County
from lanling_demo.county import communities

QUERY = (Path(__file__).parents[2] / "schemas" / "examples" / "01-article-figures.graphql").read_text()
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
    "baseGrids": 405,
    "microGrids": 2971,
    "halls": 89,
    "spokespersons": 126,
    "teams": 77,
    "doorKnockingRounds": 22,
    "microCollections": 196,
    "weChatGroups": 160,
    "petitionsResolved": 2537,
    "partners": 350,
    "events": 284,
    "supermarkets": 21,
    "pointsParticipants": 912,
    "pointsIssued": 4086,
    "industryCommittees": 3,
    "newBusinessPartyOrganizations": 25,
    "stations": 22,
    "unions": 25,
    "unionMembers": 2638,
    "insurancePersonTimes": 1726,
    "supervisors": 20,
    "supervisorPostTypes": 4,
    "careMeasures": 10,
    "plans": 3,
}
pytestmark = pytest.mark.timeout(300)  # the first test starts the county
ROOTS = (
    "organizationStatistics",
    "gridStatistics",
    "petitionStatistics",
    "redPartnerStatistics",
    "pointsStatistics",
    "newEmploymentStatistics",
)
# Column of the per-community table in the demonstration facts → figure and its root.
TABLE = {
    "areas": ("organizationStatistics", "branches"),
    "base_grids": ("gridStatistics", "baseGrids"),
    "workers": ("organizationStatistics", "workers"),
    "halls": ("petitionStatistics", "halls"),
    "spokespersons": ("petitionStatistics", "spokespersons"),
    "teams": ("petitionStatistics", "teams"),
    "partners": ("redPartnerStatistics", "partners"),
    "events": ("redPartnerStatistics", "events"),
    "supermarkets": ("pointsStatistics", "supermarkets"),
    "points_participants": ("pointsStatistics", "pointsParticipants"),
    "red_collar_secretaries": ("organizationStatistics", "redCollarSecretaries"),
    "fallback_areas": ("organizationStatistics", "fallbackAreas"),
    "micro_collections": ("petitionStatistics", "microCollections"),
    "petitions_resolved": ("petitionStatistics", "petitionsResolved"),
    "bee_stations": ("newEmploymentStatistics", "stations"),
}


def test_article_figures(county: County) -> None:
    answer = county.data(QUERY, token=county.token("AUDITOR"))
    assert {name: value for root in ROOTS for name, value in answer[root].items()} == FIGURES


def test_the_table_of_communities_cell_by_cell(county: County) -> None:
    token = county.token("AUDITOR")
    asked = {root: " ".join(name for other, name in TABLE.values() if other == root) for root in ROOTS}
    fields = " ".join(f"{root}(communityId: $id) {{ {names} }}" for root, names in asked.items())
    for community in communities():
        answer = county.data(f"query($id: ID) {{ {fields} }}", {"id": community.id}, token)
        row = {column: answer[root][name] for column, (root, name) in TABLE.items()}
        assert row == {column: getattr(community.counts, column) for column in TABLE}, community.name


@pytest.mark.parametrize("root", ROOTS)
def test_each_figure_is_the_list_behind_it(county: County, root: str) -> None:
    token = county.token("AUDITOR", "ADMIN")
    types = filter_types(county, token)
    statistics = county.data(f"{{ {root} {{ definitions {{ name list filter sum }} }} }}", token=token)[root]
    for definition in statistics["definitions"]:
        if definition["name"] in FIGURES:
            counted = listed(county, token, definition, types[definition["list"]])
            assert counted == FIGURES[definition["name"]], definition


def filter_types(county: County, token: str) -> dict[str, str]:
    document = "{ __schema { queryType { fields { name args { name type { name } } } } } }"
    fields = county.data(document, token=token)["__schema"]["queryType"]["fields"]
    return {
        field["name"]: argument["type"]["name"]
        for field in fields
        for argument in field["args"]
        if argument["name"] == "filter"
    }


def listed(county: County, token: str, definition: dict[str, Any], filter_type: str) -> int:
    """The count of the list, or the sum over all its pages."""
    name, summed = definition["list"], definition["sum"]
    document = f"""query($filter: {filter_type}, $after: String) {{
        {name}(filter: $filter, first: 100, after: $after) {{
            totalCount pageInfo {{ hasNextPage endCursor }} edges {{ node {{ {summed or "id"} }} }}
        }} }}"""
    variables: dict[str, Any] = {"filter": definition["filter"]}
    total = 0
    while True:
        page = county.data(document, variables, token)[name]
        if not summed:
            return int(page["totalCount"])
        total += sum(int(edge["node"][summed]) for edge in page["edges"])
        if not page["pageInfo"]["hasNextPage"]:
            return total
        variables["after"] = page["pageInfo"]["endCursor"]
