"""A running petition service with a small county of two grids that it heard of from others."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest_asyncio

from govkit.domain import GeoPoint, Role
from govkit.geo import CoordinateSystem, from_wgs84
from govkit.testing.service import RunningService, running
from govkit.testing.tokens import Issuer
from petition.service import SERVICE

if TYPE_CHECKING:
    from lanling_local.stack import Infrastructure

WEST, MIDDLE, EAST, SOUTH, NORTH = 118.00, 118.01, 118.02, 34.80, 34.81
STREET, COMMUNITY, OTHER_COMMUNITY, AREA, DEPARTMENT = (
    "street-1",
    "community-1",
    "community-2",
    "area-1",
    "department-1",
)
GRID, EASTERN_GRID = "371324001001001", "371324001001002"
RESIDENT, RIDER, SUPERVISOR = "resident-1", "resident-2", "supervisor-1"


def square(west: float, east: float) -> dict[str, Any]:
    ring = [[west, SOUTH], [east, SOUTH], [east, NORTH], [west, NORTH], [west, SOUTH]]
    return {"type": "Polygon", "coordinates": [ring]}


@dataclass
class County:
    """The service and the people who use it."""

    service: RunningService
    issuer: Issuer

    def token(self, *roles: Role, sub: str = "someone", **scope: Any) -> str:
        return self.issuer.token(*roles, sub=sub, scope=scope)

    @property
    def resident(self) -> str:
        return self.token(Role.RESIDENT, sub=RESIDENT)

    @property
    def neighbour(self) -> str:
        return self.token(Role.RESIDENT, sub="resident-9")

    @property
    def rider(self) -> str:
        return self.token(Role.SUPERVISOR, sub=RIDER)

    @property
    def grid_worker(self) -> str:
        return self.token(Role.GRID_WORKER, sub="worker-1", gridIds=[GRID])

    @property
    def secretary(self) -> str:
        return self.token(Role.COMMUNITY_SECRETARY, sub="secretary-1", communityIds=[COMMUNITY])

    @property
    def other_secretary(self) -> str:
        return self.token(Role.COMMUNITY_SECRETARY, sub="secretary-2", communityIds=[OTHER_COMMUNITY])

    @property
    def dispatcher(self) -> str:
        return self.token(Role.COUNTY_DISPATCHER, sub="dispatcher-1")

    @property
    def officer(self) -> str:
        return self.token(Role.DEPARTMENT_OFFICER, sub="officer-1", departmentId=DEPARTMENT)

    def petition(self, **changes: Any) -> dict[str, Any]:
        """The input of a sound petition inside the western grid, with a clientMutationId of its own."""
        longitude, latitude = from_wgs84(GeoPoint(longitude=118.005, latitude=34.805), CoordinateSystem.GCJ02)
        return {
            "kind": "REPORT",
            "categoryCode": "040101",
            "title": "路面塌陷",
            "description": "北门外路面塌陷,有安全隐患。",
            "channel": "APP_PROPERTY_COLUMN",
            "location": {
                "longitude": longitude,
                "latitude": latitude,
                "coordinateSystem": "GCJ02",
                "address": "北门外",
            },
            "contact": {"name": "王小明", "phone": "19900001234"},
            "clientMutationId": uuid4().hex,
        } | changes

    async def submit(self, token: str | None = None, fields: str = "id number", **changes: Any) -> Any:
        document = f"mutation($i: SubmitPetitionInput!) {{ submitPetition(input: $i) {{ {fields} }} }}"
        data = await self.service.data(document, {"i": self.petition(**changes)}, token or self.resident)
        return data["submitPetition"]

    async def refused(self, token: str | None = None, **changes: Any) -> str:
        """The code with which a submission is refused."""
        document = "mutation($i: SubmitPetitionInput!) { submitPetition(input: $i) { id } }"
        return await self.service.refusal(document, {"i": self.petition(**changes)}, token or self.resident)

    async def act(self, command: str, token: str, fields: str = "id state", **input: Any) -> Any:
        data = await self.service.data(*self._call(command, fields, input), token)
        return data[command]

    async def refusal(self, command: str, token: str, **input: Any) -> str:
        return await self.service.refusal(*self._call(command, "id", input), token)

    def _call(self, command: str, fields: str, input: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        input_type = f"{command[0].upper()}{command[1:]}Input"
        return f"mutation($i: {input_type}!) {{ {command}(input: $i) {{ {fields} }} }}", {"i": input}

    async def see(self, petition_id: str, token: str, fields: str) -> Any:
        document = f"query($id: ID) {{ petition(id: $id) {{ {fields} }} }}"
        return (await self.service.data(document, {"id": petition_id}, token))["petition"]

    async def hear_of_grid(self, code: str, west: float, east: float, community_id: str = COMMUNITY) -> None:
        grid = {
            "baseGridId": f"grid-{code[-3:]}",
            "code": code,
            "communityId": community_id,
            "residentialAreaId": AREA,
            "boundary": square(west, east),
            "status": "ACTIVE",
        }
        await self.service.receive("grid", "grid.created", f"grid-{code[-3:]}", grid)


async def found(county: County) -> None:
    """What it heard of the street, the communities and the department; the categories that it keeps itself."""
    receive = county.service.receive
    await receive("organization", "street.registered", STREET, {"streetId": STREET, "code": "371324001"})
    for id in (COMMUNITY, OTHER_COMMUNITY):
        community = {"communityId": id, "code": f"code-{id}", "streetId": STREET}
        await receive("organization", "community.established", id, community)
    department = {"departmentId": DEPARTMENT, "code": "housing", "duties": ["04"]}
    await receive("organization", "department.registered", DEPARTMENT, department)
    for code, private in (("04", False), ("0401", False), ("040101", False), ("07", True)):
        category = {"code": code, "parentCode": code[:-2] or None, "name": "类别", "nameEn": "Category"}
        more = {"defaultLevel": "GRID", "departmentId": DEPARTMENT, "private": private, "duplicateRadiusM": 50}
        await county.act("createPetitionCategory", county.dispatcher, "id", **category, **more)


async def populate(county: County) -> None:
    """Two neighbouring grids, a leader on duty in the western one, a rider who is a supervisor."""
    await county.hear_of_grid(GRID, WEST, MIDDLE)
    await county.hear_of_grid(EASTERN_GRID, MIDDLE, EAST)
    duty = {"gridDutyId": "duty-1", "gridCode": GRID, "communityId": COMMUNITY, "staffId": "worker-1"}
    started = duty | {"role": "GRID_LEADER", "startOn": "2023-01-01"}
    await county.service.receive("grid", "duty.started", "duty-1", started)
    term = {"supervisorId": SUPERVISOR, "residentId": RIDER, "allowedCategories": ["04"], "termEndsOn": "2999-12-31"}
    await county.service.receive("new-employment-group", "supervisor.appointed", SUPERVISOR, term)


@pytest_asyncio.fixture
async def empty_county(infrastructure: "Infrastructure", issuer: Issuer, topic_prefix: str) -> AsyncIterator[County]:
    """For one test: it knows no grid yet."""
    async with running(SERVICE, infrastructure, issuer, topic_prefix) as service:
        county = County(service, issuer)
        await found(county)
        yield county


@pytest_asyncio.fixture(scope="session")
async def county(infrastructure: "Infrastructure", issuer: Issuer) -> AsyncIterator[County]:
    """One for all modules: tests look at records of their own."""
    async with running(SERVICE, infrastructure, issuer, f"test-{uuid4().hex[:12]}") as service:
        county = County(service, issuer)
        await found(county)
        await populate(county)
        yield county
