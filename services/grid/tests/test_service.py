"""The grid service over HTTP, on the real database and broker: drawing the net, locating in it, duties."""

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from govkit.domain import Role
from govkit.testing.service import RunningService, running
from govkit.testing.tokens import Issuer
from grid.projections.net import NetCache
from grid.service import SERVICE

if TYPE_CHECKING:
    from lanling_local.stack import Infrastructure

COMMUNITY_CODE, OTHER_CODE = "371324001001", "371324001002"
CREATE = "mutation($i: CreateBaseGridInput!) { createBaseGrid(input: $i) { id code version areaM2 bbox { west } } }"
UPDATE = "mutation($i: UpdateBaseGridInput!) { updateBaseGrid(input: $i) { id code households areaM2 } }"
RETIRE = "mutation($i: RetireBaseGridInput!) { retireBaseGrid(input: $i) { status successors { code } } }"
CREATE_MICRO = "mutation($i: CreateMicroGridInput!) { createMicroGrid(input: $i) { id code } }"
UPDATE_MICRO = "mutation($i: UpdateMicroGridInput!) { updateMicroGrid(input: $i) { id households } }"
RETIRE_MICRO = "mutation($i: RetireMicroGridInput!) { retireMicroGrid(input: $i) { status } }"
DRAW = "mutation($i: DrawAreaBoundaryInput!) { drawAreaBoundary(input: $i) { id version areaM2 } }"
ASSIGN = "mutation($i: AssignDutyInput!) { assignDuty(input: $i) { id state baseGrid { code } staff { id } } }"
END = "mutation($i: EndDutyInput!) { endDuty(input: $i) { state endOn } }"
GENERATION = "mutation($i: CreateGenerationInput!) { createGeneration(input: $i) { id state } }"
LOCATE = """query($lon: Float!, $lat: Float!) { locate(longitude: $lon, latitude: $lat, coordinateSystem: WGS84) {
  status code candidates distanceM baseGrid { code } microGrid { code } community { id } residentialArea { id } } }"""


@pytest_asyncio.fixture(scope="module")
async def started(infrastructure: "Infrastructure", issuer: Issuer, topic_prefix: str) -> AsyncIterator[RunningService]:
    """With communities, an area and workers known from organization."""
    async with running(SERVICE, infrastructure, issuer, topic_prefix) as started:
        for code, id, status in (
            (COMMUNITY_CODE, "com-1", "ACTIVE"),
            (OTHER_CODE, "com-2", "ACTIVE"),
            ("371324001003", "com-3", "MERGED"),
        ):
            established = {"communityId": id, "code": code, "streetId": "street-1", "status": status}
            await started.receive("organization", "community.established", id, established)
        area = {"residentialAreaId": "area-1", "code": f"{COMMUNITY_CODE}R01", "communityId": "com-1"}
        await started.receive("organization", "residential_area.registered", "area-1", area)
        for worker in ("w-1", "w-2", "w-3"):
            hired = {"communityWorkerId": worker, "communityId": "com-1"}
            await started.receive("organization", "worker.hired", worker, hired)
        yield started


@pytest_asyncio.fixture
async def service(started: RunningService) -> RunningService:
    """Without any grids."""
    await started.published()
    for cls in SERVICE.aggregates:
        await started.store.collection(cls).delete_many({})
    await started.store.database["outbox"].delete_many({})
    return started


@pytest.fixture
def admin(issuer: Issuer) -> str:
    return issuer.token(Role.ADMIN)


def square(column: float, row: float = 0, size: float = 1) -> dict[str, Any]:
    """A square of `size` × 0.01°, `column` and `row` such steps from 118° E 34.8° N."""
    west, south = 118 + column / 100, 34.8 + row / 100
    east, north = west + size / 100, south + size / 100
    return {
        "type": "Polygon",
        "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
    }


def grid_input(boundary: Any, **changes: Any) -> dict[str, Any]:
    values = {"communityId": "com-1", "name": "东苑第1网格", "boundary": boundary, "households": 300, "population": 870}
    return {"i": values | changes}


async def activate(service: RunningService, admin: str) -> str:
    values = {"number": 1, "name": "第一版", "state": "ACTIVE", "activatedOn": "2023-01-01"}
    return str((await service.data(GENERATION, {"i": values}, admin))["createGeneration"]["id"])


async def make_grid(service: RunningService, admin: str, boundary: Any = None, **changes: Any) -> dict[str, Any]:
    created = await service.data(CREATE, grid_input(boundary or square(0), **changes), admin)
    return dict(created["createBaseGrid"])


async def make_micro(service: RunningService, admin: str, base_id: str, boundary: Any, **changes: Any) -> Any:
    values = {"baseGridId": base_id, "name": "1号楼", "boundary": boundary, "buildings": [], "households": 40}
    return await service.query(CREATE_MICRO, {"i": values | changes}, admin)


def code_of(answer: Any) -> str:
    return str(answer["errors"][0]["extensions"]["code"])


# --- base grids ----------------------------------------------------------------------------------------------------


async def test_base_grids_get_the_next_code_and_publish_their_boundary(service: RunningService, admin: str) -> None:
    await activate(service, admin)
    first = await make_grid(service, admin, residentialAreaId="area-1")
    second = await make_grid(service, admin, square(1))
    park = await make_grid(service, admin, square(2), kind="EXCLUSIVE")
    elsewhere = await make_grid(service, admin, square(3), communityId="com-2", code=f"{OTHER_CODE}017")
    codes = [grid["code"] for grid in (first, second, park, elsewhere)]
    assert codes == [f"{COMMUNITY_CODE}001", f"{COMMUNITY_CODE}002", f"{COMMUNITY_CODE}900", f"{OTHER_CODE}017"]
    assert first["bbox"] == {"west": 118.0}
    assert first["areaM2"] == pytest.approx(1_014_000, rel=0.01)
    created = {event.data["code"]: event.data for event in await service.published("grid.created")}
    assert created[first["code"]]["boundary"] == square(0)
    assert created[first["code"]]["residentialAreaId"] == "area-1"
    assert created[first["code"]]["status"] == "ACTIVE"
    assert "name" not in created[first["code"]]


BOWTIE = {"type": "Polygon", "coordinates": [[[118, 34.8], [118.1, 34.9], [118.1, 34.8], [118, 34.9], [118, 34.8]]]}


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (grid_input(BOWTIE), "GRID_GEOMETRY_INVALID"),
        (grid_input({"type": "Point", "coordinates": [118, 34.8]}), "GRID_GEOMETRY_INVALID"),
        (grid_input([[118, 34.8]]), "GEN_VALIDATION"),
        (grid_input("POLYGON"), "GEN_VALIDATION"),
        (grid_input(17), "GEN_VALIDATION"),
        (grid_input(square(0.5)), "GRID_OVERLAP"),
        (grid_input(square(5)), "GRID_OUTSIDE_PARENT"),
        (grid_input(square(1), code=f"{COMMUNITY_CODE}001"), "GRID_CODE_EXISTS"),
        (grid_input(square(1), code=f"{OTHER_CODE}001"), "GRID_CODE_INVALID"),
        (grid_input(square(1), communityId="com-9"), "GRID_COMMUNITY_UNKNOWN"),
        (grid_input(square(1), communityId="com-3"), "GRID_COMMUNITY_NOT_ACTIVE"),
        (grid_input(square(1), residentialAreaId="area-9"), "GEN_REFERENCE_UNKNOWN"),
        (grid_input(square(3), communityId="com-2", residentialAreaId="area-1"), "GRID_AREA_OUTSIDE_COMMUNITY"),
        (grid_input(square(1), name="x" * 121), "GEN_VALIDATION"),
        (grid_input(square(1), households=-1), "GEN_VALIDATION"),
    ],
)
async def test_a_refused_grid_stores_nothing(
    service: RunningService, admin: str, values: dict[str, Any], code: str
) -> None:
    await activate(service, admin)
    await service.data(DRAW, {"i": {"subject": "COMMUNITY", "subjectId": "com-1", "boundary": square(0, 0, 2)}}, admin)
    await make_grid(service, admin)
    assert await service.refusal(CREATE, values, admin) == code
    listed = await service.data("{ baseGrids { totalCount } generations { edges { node { revision } } } }", token=admin)
    assert listed["baseGrids"]["totalCount"] == 1
    assert listed["generations"]["edges"][0]["node"]["revision"] == 2


async def test_without_an_active_generation_there_is_no_net(service: RunningService, admin: str) -> None:
    assert await service.refusal(CREATE, grid_input(square(0)), admin) == "GRID_NO_ACTIVE_GENERATION"
    located = await service.data(LOCATE, {"lon": 118.005, "lat": 34.805}, admin)
    assert (located["locate"]["status"], located["locate"]["distanceM"]) == ("OUTSIDE", None)
    await activate(service, admin)
    second = {"number": 2, "name": "第二版", "state": "ACTIVE", "activatedOn": "2023-02-01"}
    assert await service.refusal(GENERATION, {"i": second}, admin) == "GRID_GENERATION_EXISTS"


async def test_of_those_who_claim_the_same_ground_at_once_one_gets_it(service: RunningService, admin: str) -> None:
    await activate(service, admin)
    answers = await asyncio.gather(
        *(service.query(CREATE, grid_input(square(0, 0, 1 + part / 10)), admin) for part in range(5))
    )
    refused = [code_of(answer) for answer in answers if "errors" in answer]
    assert refused == ["GRID_OVERLAP"] * 4
    apart = await asyncio.gather(*(service.query(CREATE, grid_input(square(2 + part)), admin) for part in range(5)))
    codes = {answer["data"]["createBaseGrid"]["code"] for answer in apart}
    assert codes == {f"{COMMUNITY_CODE}{number:03}" for number in range(2, 7)}


async def test_a_retired_grid_frees_its_ground_but_not_its_code(service: RunningService, admin: str) -> None:
    await activate(service, admin)
    grid = await make_grid(service, admin)
    micro = (await make_micro(service, admin, grid["id"], square(0, 0, 0.5)))["data"]["createMicroGrid"]
    retire = {"i": {"id": grid["id"], "on": "2099-06-30", "reason": "重新划分"}}
    assert await service.refusal(RETIRE, retire, admin) == "GRID_HAS_MICRO_GRIDS"
    await service.data(RETIRE_MICRO, {"i": {"id": micro["id"], "reason": "重新划分"}}, admin)
    unknown = retire["i"] | {"successorCodes": [f"{COMMUNITY_CODE}077"]}
    assert await service.refusal(RETIRE, {"i": unknown}, admin) == "GEN_REFERENCE_UNKNOWN"
    early = retire["i"] | {"on": "2001-01-01"}
    assert await service.refusal(RETIRE, {"i": early}, admin) == "GRID_PERIOD_INVALID"
    neighbour = await make_grid(service, admin, square(1))
    following = retire["i"] | {"successorCodes": [neighbour["code"]]}
    retired = (await service.data(RETIRE, {"i": following}, admin))["retireBaseGrid"]
    assert retired == {"status": "RETIRED", "successors": [{"code": neighbour["code"]}]}
    assert await service.refusal(RETIRE, retire, admin) == "GEN_INVALID_STATE"
    again = await make_grid(service, admin)
    assert again["code"] == f"{COMMUNITY_CODE}003"
    assert await service.refusal(CREATE, grid_input(square(7), code=grid["code"]), admin) == "GRID_CODE_EXISTS"
    assert len(await service.published("grid.retired")) == 1


async def test_only_who_reaches_the_community_draws_there(service: RunningService, issuer: Issuer, admin: str) -> None:
    await activate(service, admin)
    officer = issuer.token(Role.STREET_OFFICER, scope={"streetIds": ["street-1"]})
    stranger = issuer.token(Role.STREET_OFFICER, scope={"streetIds": ["street-2"]})
    secretary = issuer.token(Role.COMMUNITY_SECRETARY, scope={"communityIds": ["com-1"]})
    assert await service.refusal(CREATE, grid_input(square(0)), stranger) == "AUTH_OUT_OF_SCOPE"
    assert await service.refusal(CREATE, grid_input(square(0)), secretary) == "AUTH_FORBIDDEN"
    grid = (await service.data(CREATE, grid_input(square(0)), officer))["createBaseGrid"]
    assert "errors" not in await make_micro(service, secretary, grid["id"], square(0, 0, 0.5))
    other = issuer.token(Role.COMMUNITY_SECRETARY, scope={"communityIds": ["com-2"]})
    assert code_of(await make_micro(service, other, grid["id"], square(0.5, 0, 0.5))) == "AUTH_OUT_OF_SCOPE"


# --- micro-grids ---------------------------------------------------------------------------------------------------


async def test_micro_grids_divide_their_base_grid(service: RunningService, admin: str) -> None:
    await activate(service, admin)
    base = await make_grid(service, admin)
    left = await make_micro(service, admin, base["id"], square(0, 0, 0.5))
    assert left["data"]["createMicroGrid"]["code"] == f"{base['code']}01"
    assert code_of(await make_micro(service, admin, base["id"], square(0.2, 0, 0.5))) == "GRID_OVERLAP"
    assert code_of(await make_micro(service, admin, base["id"], square(0.7, 0, 0.5))) == "GRID_MICRO_OUTSIDE_BASE"
    assert code_of(await make_micro(service, admin, "unknown", square(0.5, 0, 0.5))) == "GEN_REFERENCE_UNKNOWN"
    wrong = await make_micro(service, admin, base["id"], square(0.5, 0, 0.5), code=f"{base['code']}00")
    assert code_of(wrong) == "GRID_CODE_INVALID"
    building = {"name": "2号楼", "units": 3, "households": 36}
    right = await make_micro(service, admin, base["id"], square(0.5, 0, 0.5), buildings=[building])
    assert right["data"]["createMicroGrid"]["code"] == f"{base['code']}02"
    smaller = {"i": {"id": base["id"], "boundary": square(0, 0, 0.8)}}
    assert await service.refusal(UPDATE, smaller, admin) == "GRID_MICRO_OUTSIDE_BASE"
    larger = {"i": {"id": base["id"], "boundary": square(0, 0, 1.2), "households": 310}}
    assert (await service.data(UPDATE, larger, admin))["updateBaseGrid"]["households"] == 310
    moved = {"id": left["data"]["createMicroGrid"]["id"], "boundary": square(0.4, 0, 0.5)}
    assert await service.refusal(UPDATE_MICRO, {"i": moved}, admin) == "GRID_OVERLAP"
    created = await service.published("micro_grid.created")
    assert {event.data["code"]: event.data["baseGridCode"] for event in created} == {
        f"{base['code']}01": base["code"],
        f"{base['code']}02": base["code"],
    }
    assert "buildings" not in created[0].data


# --- locating ------------------------------------------------------------------------------------------------------


async def test_the_chain_of_a_point_is_fresh_after_every_change(service: RunningService, admin: str) -> None:
    generation_id = await activate(service, admin)
    replica = NetCache(service.store)
    assert (await replica.current()).base_grids == {}
    base = await make_grid(service, admin, residentialAreaId="area-1")
    await make_micro(service, admin, base["id"], square(0, 0, 0.5))
    inside = await service.data(LOCATE, {"lon": 118.001, "lat": 34.801}, admin)
    assert inside["locate"] == {
        "status": "CONTAINED",
        "code": base["code"],
        "candidates": [base["code"]],
        "distanceM": 0,
        "baseGrid": {"code": base["code"]},
        "microGrid": {"code": f"{base['code']}01"},
        "community": {"id": "com-1"},
        "residentialArea": {"id": "area-1"},
    }
    beyond = {"lon": 118.0102, "lat": 34.805}
    near = (await service.data(LOCATE, beyond, admin))["locate"]
    assert (near["status"], near["code"], near["microGrid"]) == ("NEAREST", base["code"], None)
    assert near["distanceM"] == pytest.approx(18.3, abs=0.2)
    neighbour = await make_grid(service, admin, square(1), communityId="com-2")
    now = (await service.data(LOCATE, beyond, admin))["locate"]
    assert (now["status"], now["code"], now["community"]) == ("CONTAINED", neighbour["code"], {"id": "com-2"})
    border = (await service.data(LOCATE, {"lon": 118.01, "lat": 34.805}, admin))["locate"]
    assert (border["status"], border["candidates"]) == ("BORDER", [base["code"], neighbour["code"]])
    seen = await replica.current()
    assert (seen.generation_id, sorted(seen.base_grids)) == (generation_id, [base["code"], neighbour["code"]])
    assert await replica.current() is seen


async def test_many_points_are_answered_in_their_order(service: RunningService, admin: str) -> None:
    await activate(service, admin)
    base = await make_grid(service, admin)
    point = {"longitude": 118.005, "latitude": 34.805, "coordinateSystem": "WGS84"}
    document = "query($p: [LocatePointInput!]!, $t: Float) { locateMany(points: $p, toleranceM: $t) { status code } }"
    far = point | {"longitude": 118.02}
    found = await service.data(document, {"p": [far, point], "t": 1_000}, admin)
    assert found["locateMany"] == [
        {"status": "NEAREST", "code": base["code"]},
        {"status": "CONTAINED", "code": base["code"]},
    ]
    assert await service.refusal(document, {"p": [point] * 501}, admin) == "GRID_BATCH_TOO_LARGE"
    assert await service.refusal(document, {"p": [point | {"latitude": 91}]}, admin) == "GEN_VALIDATION"
    assert await service.refusal(document, {"p": [], "t": 5_001}, admin) == "GEN_VALIDATION"
    assert (await service.data(document, {"p": []}, admin))["locateMany"] == []
    unnamed = {"longitude": 118.005, "latitude": 34.805}
    assert await service.refusal(document, {"p": [unnamed]}, admin) == "GRAPHQL_VALIDATION_FAILED"
    assert await service.refusal(document, {"p": [point]}) == "AUTH_UNAUTHENTICATED"


async def test_the_map_shows_what_touches_the_rectangle(service: RunningService, admin: str) -> None:
    await activate(service, admin)
    base = await make_grid(service, admin)
    await make_micro(service, admin, base["id"], square(0, 0, 0.5))
    area = {"subject": "RESIDENTIAL_AREA", "subjectId": "area-1", "boundary": square(0)}
    drawn = (await service.data(DRAW, {"i": area}, admin))["drawAreaBoundary"]
    again = (await service.data(DRAW, {"i": area | {"boundary": square(0, 0, 2)}}, admin))["drawAreaBoundary"]
    assert (again["id"], again["version"]) == (drawn["id"], 2)
    unknown = area | {"subjectId": "area-9"}
    assert await service.refusal(DRAW, {"i": unknown}, admin) == "GEN_REFERENCE_UNKNOWN"
    document = """query($b: ViewportInput!, $l: BoundaryLevel) {
        boundariesInViewport(bbox: $b, level: $l, simplifyM: 1) }"""
    here = {"west": 118.001, "south": 34.801, "east": 118.002, "north": 34.802}
    shown = {}
    for level in ("BASE_GRID", "MICRO_GRID", "RESIDENTIAL_AREA", "COMMUNITY"):
        answer = await service.data(document, {"b": here, "l": level}, admin)
        shown[level] = [feature["id"] for feature in answer["boundariesInViewport"]["features"]]
    expected = {"BASE_GRID": [base["code"]], "MICRO_GRID": [f"{base['code']}01"], "RESIDENTIAL_AREA": ["area-1"]}
    assert shown == expected | {"COMMUNITY": []}
    elsewhere = await service.data(document, {"b": here | {"west": 118.5, "east": 118.6}}, admin)
    assert elsewhere["boundariesInViewport"] == {"type": "FeatureCollection", "features": []}
    assert await service.refusal(document, {"b": here | {"west": 119}}, admin) == "GEN_VALIDATION"


# --- duties --------------------------------------------------------------------------------------------------------


def duty_input(code: str, staff: str = "w-1", role: str = "GRID_LEADER", **changes: Any) -> dict[str, Any]:
    return {"i": {"gridCode": code, "role": role, "staffId": staff, "startOn": "2023-03-01", **changes}}


async def test_a_grid_has_one_leader_and_says_who_is_on_duty(
    service: RunningService, issuer: Issuer, admin: str
) -> None:
    await activate(service, admin)
    code = (await make_grid(service, admin))["code"]
    leader = (await service.data(ASSIGN, duty_input(code), admin))["assignDuty"]
    assert leader == {"id": leader["id"], "state": "ACTIVE", "baseGrid": {"code": code}, "staff": {"id": "w-1"}}
    assert await service.refusal(ASSIGN, duty_input(code, "w-2"), admin) == "GRID_LEADER_EXISTS"
    assert await service.refusal(ASSIGN, duty_input(code, "w-9", "GRID_WORKER"), admin) == "GRID_STAFF_UNKNOWN"
    assert await service.refusal(ASSIGN, duty_input("371324001001099"), admin) == "GEN_REFERENCE_UNKNOWN"
    await service.data(ASSIGN, duty_input(code, "w-2", "GRID_WORKER", startOn="2023-05-01"), admin)
    assert await service.refusal(ASSIGN, duty_input(code, "w-2", "GRID_WORKER"), admin) == "GRID_DUTY_EXISTS"
    ended = await service.data(
        END, {"i": {"id": leader["id"], "on": "2023-06-30", "handoverNote": "钥匙在物业"}}, admin
    )
    assert ended["endDuty"] == {"state": "ENDED", "endOn": "2023-06-30"}
    noted = "{ gridDuties(filter: {state: {eq: ENDED}}) { edges { node { handoverNote } } } }"
    for reader, note in ((admin, "钥匙在物业"), (issuer.token(Role.RESIDENT, sub="res-1", scope={}), None)):
        read = (await service.data(noted, token=reader))["gridDuties"]["edges"]
        assert read == [{"node": {"handoverNote": note}}]
    on_duty = "query($c: String!, $at: Date) { onDuty(gridCode: $c, at: $at) { role staff { id } } }"
    first = {"role": "GRID_LEADER", "staff": {"id": "w-1"}}
    second = {"role": "GRID_WORKER", "staff": {"id": "w-2"}}
    for day, expected in (
        ("2023-02-28", []),
        ("2023-03-01", [first]),
        ("2023-06-30", [first, second]),
        ("2023-07-01", [second]),
        (None, [second]),
    ):
        assert (await service.data(on_duty, {"c": code, "at": day}, admin))["onDuty"] == expected
    events = await service.published("duty.started") + await service.published("duty.ended")
    assert [(event.data["gridCode"], event.data["staffId"], event.data["role"]) for event in events] == [
        *sorted([(code, "w-1", "GRID_LEADER"), (code, "w-2", "GRID_WORKER")], key=lambda row: row[1]),
        (code, "w-1", "GRID_LEADER"),
    ]


async def test_of_two_leaders_named_at_once_one_is_refused(service: RunningService, admin: str) -> None:
    await activate(service, admin)
    code = (await make_grid(service, admin))["code"]
    answers = await asyncio.gather(
        *(service.query(ASSIGN, duty_input(code, worker), admin) for worker in ("w-1", "w-2"))
    )
    assert [code_of(answer) for answer in answers if "errors" in answer] == ["GRID_LEADER_EXISTS"]


async def test_who_leaves_is_off_duty(service: RunningService, admin: str) -> None:
    await activate(service, admin)
    code = (await make_grid(service, admin))["code"]
    await service.data(ASSIGN, duty_input(code, "w-3"), admin)
    left = {"communityWorkerId": "w-3", "communityId": "com-1", "leftOn": "2023-08-31"}
    await service.receive("organization", "worker.left", "w-3", left, times=2)
    duties = await service.data("{ gridDuties { edges { node { state endOn version } } } }", token=admin)
    assert duties["gridDuties"]["edges"] == [{"node": {"state": "ENDED", "endOn": "2023-08-31", "version": 2}}]
    assert len(await service.published("duty.ended")) == 1
    assert await service.refusal(ASSIGN, duty_input(code, "w-3"), admin) == "GRID_STAFF_NOT_ACTIVE"


async def test_a_grid_with_someone_on_duty_is_not_retired(service: RunningService, admin: str) -> None:
    await activate(service, admin)
    grid = await make_grid(service, admin)
    await service.data(ASSIGN, duty_input(grid["code"]), admin)
    retire = {"i": {"id": grid["id"], "on": "2099-06-30", "reason": "重新划分"}}
    assert await service.refusal(RETIRE, retire, admin) == "GRID_HAS_ACTIVE_DUTY"


async def test_other_services_records_lead_to_grids_and_duties(service: RunningService, admin: str) -> None:
    await activate(service, admin)
    grid = await make_grid(service, admin, residentialAreaId="area-1")
    await service.data(ASSIGN, duty_input(grid["code"]), admin)
    entities = """query($r: [_Any!]!) { _entities(representations: $r) {
        ... on Community { baseGrids { totalCount } boundary }
        ... on ResidentialArea { baseGrids { edges { node { code } } } }
        ... on CommunityWorker { duties { edges { node { gridCode } } } }
        ... on BaseGrid { id } } }"""
    keys = [("Community", "id", "com-1"), ("ResidentialArea", "id", "area-1"), ("CommunityWorker", "id", "w-1")]
    keys += [("BaseGrid", "code", grid["code"]), ("BaseGrid", "id", grid["id"]), ("BaseGrid", "code", "unknown")]
    representations = [{"__typename": name, key: value} for name, key, value in keys]
    answer = await service.data(entities, {"r": representations}, admin)
    assert answer["_entities"] == [
        {"baseGrids": {"totalCount": 1}, "boundary": None},
        {"baseGrids": {"edges": [{"node": {"code": grid["code"]}}]}},
        {"duties": {"edges": [{"node": {"gridCode": grid["code"]}}]}},
        {"id": grid["id"]},
        {"id": grid["id"]},
        None,
    ]
