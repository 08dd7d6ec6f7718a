"""Bad input at the front door: a precise code each, and nothing stored."""

from typing import Any

import httpx
import pytest

from county import County

pytestmark = pytest.mark.timeout(300)  # the first test starts the county

SUBMIT = "mutation($i: SubmitPetitionInput!) { submitPetition(input: $i) { id number version } }"
PETITION = {
    "kind": "COMPLAINT",
    "categoryCode": "",
    "title": "路灯不亮",
    "description": "晚上看不清路",
    "channel": "RED_BUTLER_WECHAT",
    "location": {"longitude": 118.0467, "latitude": 34.8537, "coordinateSystem": "WGS84"},
}


@pytest.fixture(scope="module")
def resident(county: County) -> str:
    return county.token("RESIDENT", sub="resident-of-the-tests")


@pytest.fixture(scope="module")
def category(county: County, resident: str) -> str:
    document = "{ petitionCategories(first: 100, filter: {active: {eq: true}}) { edges { node { code level } } } }"
    nodes = [edge["node"] for edge in county.data(document, token=resident)["petitionCategories"]["edges"]]
    return str(max(nodes, key=lambda node: (node["level"], node["code"]))["code"])


def petitions(county: County) -> int:
    token = county.token("AUDITOR", "ADMIN")
    return int(county.data("{ petitions(first: 1) { totalCount } }", token=token)["petitions"]["totalCount"])


CASES: list[tuple[str, dict[str, Any], str]] = [
    ("unknown enum", {"kind": "MADE_UP"}, "BAD_USER_INPUT"),
    ("unknown category", {"categoryCode": "99-99-99"}, "GEN_REFERENCE_UNKNOWN"),
    ("text too long", {"description": "长" * 4001}, "GEN_VALIDATION"),
    ("empty text", {"title": "  "}, "GEN_VALIDATION"),
    ("control characters", {"title": "a\u0000b"}, "GEN_VALIDATION"),
    ("no coordinate system", {"location": {"longitude": 118.0, "latitude": 34.8}}, "BAD_USER_INPUT"),
    (
        "outside the county",
        {"location": {"longitude": 116.4, "latitude": 39.9, "coordinateSystem": "WGS84"}},
        "PET_OUTSIDE_COUNTY",
    ),
    (
        "no place on earth",
        {"location": {"longitude": 218.0, "latitude": 34.8, "coordinateSystem": "WGS84"}},
        "GEN_VALIDATION",
    ),
    ("unknown enterprise", {"propertyEnterpriseId": "nobody"}, "GEN_REFERENCE_UNKNOWN"),
]


@pytest.mark.parametrize(("changes", "code"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_petition_that_cannot_be(
    county: County, resident: str, category: str, changes: dict[str, Any], code: str
) -> None:
    before = petitions(county)
    values = PETITION | {"categoryCode": category, "clientMutationId": "bad"} | changes
    assert county.refusal(SUBMIT, {"i": values}, resident) == code
    assert petitions(county) == before


def test_the_same_request_with_another_body_is_refused(county: County, resident: str, category: str) -> None:
    values = PETITION | {"categoryCode": category, "clientMutationId": "same"}
    first = county.data(SUBMIT, {"i": values}, resident)["submitPetition"]
    before = petitions(county)
    assert county.data(SUBMIT, {"i": values}, resident)["submitPetition"] == first
    assert county.refusal(SUBMIT, {"i": values | {"title": "另一件事"}}, resident) == "GEN_IDEMPOTENCY_MISMATCH"
    assert county.refusal(SUBMIT, {"i": PETITION | {"categoryCode": category}}, resident) == "GEN_VALIDATION"
    assert petitions(county) == before


def test_unknown_ids_and_wrong_versions(county: County) -> None:
    officer = county.token("ORG_ADMIN")
    update = "mutation($i: UpdateCommunityInput!) { updateCommunity(input: $i) { version } }"
    assert county.refusal(update, {"i": {"id": "nobody", "name": "某社区"}}, officer) == "GEN_NOT_FOUND"
    one = county.data("{ communities(first: 1) { edges { node { id version } } } }", token=officer)
    known = one["communities"]["edges"][0]["node"]
    stale = {"id": known["id"], "name": "某社区", "expectedVersion": known["version"] + 7}
    assert county.refusal(update, {"i": stale}, officer) == "GEN_VERSION_CONFLICT"


def test_tokens_that_do_not_count(county: County, category: str) -> None:
    from lanling_local import issuer

    document = "{ communities(first: 1) { totalCount } }"
    expired = issuer.issue(["ADMIN"], hours=-1, directory=county.directory / "issuer")
    head, body, signature = county.token("ADMIN").split(".")
    forged = f"{head}.{body}.{signature[::-1]}"
    foreign = issuer.issue(["ADMIN"], directory=county.directory / "another-issuer")
    assert county.refusal(document) == "AUTH_UNAUTHENTICATED"
    for token in (expired, forged, foreign, "nonsense"):
        assert county.refusal(document, token=token) == "INVALID_TOKEN"  # by the gateway, before any service
    create = "mutation($i: CreatePersonInput!) { createPerson(input: $i) { id } }"
    assert county.refusal(create, {"i": {"name": "某人"}}, county.token("RESIDENT")) == "AUTH_FORBIDDEN"
    elsewhere = county.token("STREET_OFFICER", streetIds=["elsewhere"])
    document = "{ communities(first: 1) { edges { node { id } } } }"
    community_id = county.data(document, token=elsewhere)["communities"]["edges"][0]["node"]["id"]
    worker = {"name": "某人", "communityId": community_id, "recruitmentChannel": "OTHER", "hiredOn": "2023-01-01"}
    hire = "mutation($i: HireWorkerInput!) { hireWorker(input: $i) { id } }"
    assert county.refusal(hire, {"i": worker}, elsewhere) == "AUTH_OUT_OF_SCOPE"


def test_requests_that_are_too_much(county: County) -> None:
    token = county.token("AUDITOR")
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    huge = httpx.post(county.url, content=b" " * (50 << 20), headers=headers, timeout=30)
    assert huge.status_code == 413
    deep = "{ communities { edges { node { " + "street { communities { edges { node { " * 250 + "id" + " } } } }" * 250
    assert county.refusal(deep + " } } } }", token=token) in (
        "GRAPHQL_PARSE_FAILED",
        "DOCUMENT_TOO_DEEP",
        "DOCUMENT_TOO_LARGE",
    )
    assert county.refusal("{ communities(first: 100000) { totalCount } }", token=token) == "GEN_PAGE_TOO_LARGE"
    lists = ("communities", "baseGrids", "microGrids")
    many = "".join(f"{{ {name}(first: 100) {{ edges {{ node " for name in lists) + "{ id }" + " } } }" * len(lists)
    assert county.refusal(many, token=token) == "OPERATION_TOO_COSTLY"
    broken = httpx.post(county.url, content=b'{"query": "{ \xff\xfe }"}', headers=headers, timeout=30)
    assert broken.status_code == 400
    assert broken.json()["errors"][0]["extensions"]["code"] == "INVALID_UTF8"
    assert county.data("{ communities(first: 1) { totalCount } }", token=token)["communities"]["totalCount"] >= 21
