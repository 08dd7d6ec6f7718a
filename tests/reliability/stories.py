"""What the clients do: short stories over all six services, many of which compete for the same records.

Everything that a person would write, every name, number, phone and address, is of `planted` and would be found again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count

from planted import NAME, PHONE, TEXT, id_number
from reliability.clients import Client, Refused

STAFF, REVIEWER, RESIDENT = "load-staff", "load-reviewer", "load-resident"
ROLES = {
    STAFF: (
        "ADMIN",
        "ORG_ADMIN",
        "COMMUNITY_SECRETARY",
        "STREET_OFFICER",
        "INDUSTRY_COMMITTEE_OFFICER",
        "UNION_OFFICER",
    ),
    REVIEWER: ("POINTS_REVIEWER", "COUNTY_DISPATCHER"),
    RESIDENT: ("RESIDENT",),
}
COMMUNITIES, GRIDS, RESIDENTS, SEATS = 4, 8, 12, 3
TODAY = datetime.now(UTC).date().isoformat()


@dataclass
class World:
    """What the stories share; made by `found`."""

    communities: list[str] = field(default_factory=list)
    grids: list[str] = field(default_factory=list)
    partner: str = ""
    committee: str = ""
    union: str = ""
    numbers: Iterator[int] = field(default_factory=count)
    """Of workers, each of whom has an identity number of his own."""


def text(client: Client, what: str) -> str:
    """Different each time, so that every change is one."""
    return f"{TEXT}{what}{client.name}-{client.next_number()}"


def name(client: Client) -> str:
    """Of a person."""
    return f"{NAME}{client.next_number()}"


async def found(client: Client, world: World, services: frozenset[str]) -> None:
    """The records that the stories need, in those of their services that run."""
    await _found_organization(client, world)
    if "grid" in services:
        await _found_grid(client, world)
    if "petition" in services:
        names = {"name": text(client, "类别"), "nameEn": TEXT}
        category = {"code": "04", "defaultLevel": "GRID", "duplicateRadiusM": 50}
        await client.do("petition", "createPetitionCategory", REVIEWER, **category, **names)
    if "points" in services:
        rule = {"name": text(client, "规则"), "path": "VOLUNTEER_ACTIVITY", "points": 2, "validFrom": "2020-01-01"}
        for code in ("LOAD_ATTENDANCE", "LOAD_GRANT"):
            await client.do("points", "createRule", STAFF, code=code, **rule)
    if "red-partner" in services:
        await _found_partner(client, world)
    if "new-employment-group" in services:
        committee = {"sector": "FOOD_DELIVERY", "establishedOn": "2022-01-01", "secretaryName": name(client)}
        world.committee = await client.do(
            "new-employment-group", "establishIndustryCommittee", STAFF, name=text(client, "行业党委"), **committee
        )
        union = {"sector": "FOOD_DELIVERY", "establishedOn": "2022-01-01", "chairName": name(client)}
        world.union = await client.do(
            "new-employment-group", "establishUnion", STAFF, name=text(client, "工会"), **union
        )
        await rider(client, world)  # here a refusal ends the run: else nobody would see that nothing was planted


async def _found_organization(client: Client, world: World) -> None:
    street = await client.do("organization", "createStreet", STAFF, code="371324001", name=text(client, "街道"))
    for number in range(1, COMMUNITIES + 1):
        community = {"streetId": street, "origin": "ORIGINAL", "establishedOn": "2020-01-01"}
        named = {"code": f"371324001{number:03}", "name": text(client, "社区"), "address": text(client, "地址")}
        world.communities.append(await client.do("organization", "createCommunity", STAFF, **community, **named))
    await client.do("organization", "createPerson", STAFF, name=name(client), phone=PHONE)


async def _found_grid(client: Client, world: World) -> None:
    generation = {"number": 1, "state": "ACTIVE", "activatedOn": "2023-01-01"}
    words = {"name": text(client, "网格版本"), "description": text(client, "说明")}
    await client.do("grid", "createGeneration", STAFF, **generation, **words)
    for number in range(GRIDS):
        community = world.communities[number % COMMUNITIES]
        grid = {"communityId": community, "kind": "RESIDENTIAL", "boundary": square(number)}
        values = {"name": text(client, "网格"), "households": 100, "population": 300}
        world.grids.append(await once_known(partial(client.do, "grid", "createBaseGrid", STAFF, **grid, **values)))


async def _found_partner(client: Client, world: World) -> None:
    shop = {"category": "BICYCLE", "kind": "STREET_SHOP", "communityId": world.communities[0]}
    person = {"contactName": name(client), "contactPhone": PHONE, "address": text(client, "地址")}
    named = {"name": text(client, "车行")}
    world.partner = await once_known(
        partial(client.do, "red-partner", "applyPartner", STAFF, **named, **shop, **person)
    )
    for command in ("startReview", "approvePartner"):
        await client.do("red-partner", command, STAFF, id=world.partner)
    for community in world.communities:  # the others are known a moment later
        planned = event(client, world, community)
        await once_known(partial(client.do, "red-partner", "createEvent", STAFF, **planned))


async def once_known(ask: Callable[[], Awaitable[str]]) -> str:
    """The answer, once the service has heard of what the request refers to. Each time is a new intention."""
    while True:
        try:
            return await ask()
        except Refused as refused:
            if "UNKNOWN" not in refused.code:
                raise
            await asyncio.sleep(0.3)


def square(column: int) -> dict[str, object]:
    west, south = 118 + column / 100, 34.8
    east, north = west + 0.01, south + 0.01
    return {
        "type": "Polygon",
        "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
    }


# --- the stories -----------------------------------------------------------------------------------------------------


async def unit(client: Client, world: World) -> None:
    """organization: a stationed unit is registered and changed; four services keep it."""
    where = {"communityId": client.random.choice(world.communities)}
    unit_id = await client.do("organization", "createResidentUnit", STAFF, name=text(client, "单位"), **where)
    for _ in range(2):
        await client.do("organization", "updateResidentUnit", STAFF, id=unit_id, name=text(client, "单位"))


async def community(client: Client, world: World) -> None:
    """organization: many change the same few communities; five services keep them."""
    community_id = client.random.choice(world.communities)
    await client.do("organization", "updateCommunity", STAFF, id=community_id, address=text(client, "地址"))


async def grid(client: Client, world: World) -> None:
    """grid: many change the same few grids; the petition service counts the changes of the net."""
    grid_id = client.random.choice(world.grids)
    await client.do("grid", "updateBaseGrid", STAFF, id=grid_id, name=text(client, "网格"))


async def petition(client: Client, world: World) -> None:
    """petition: submitted, then accepted or withdrawn; two services listen."""
    column, row = client.random.uniform(0, GRIDS), client.random.uniform(0.1, 0.9)
    place = {"longitude": 118 + column / 100, "latitude": 34.8 + row / 100, "coordinateSystem": "WGS84"}
    given = {"kind": "REPORT", "categoryCode": "04", "channel": "APP_PROPERTY_COLUMN"}
    words = {"title": text(client, "路面"), "description": text(client, "内容")}
    contact = {"name": name(client), "phone": PHONE}
    where = {"location": place | {"address": text(client, "地址")}, "contact": contact}
    petition_id = await client.do("petition", "submitPetition", RESIDENT, **given, **words, **where)
    if client.random.random() < 0.3:
        await client.do("petition", "withdrawPetition", RESIDENT, id=petition_id, reason=text(client, "原因"))
    else:
        await client.do("petition", "acceptPetition", REVIEWER, id=petition_id)


def event(client: Client, world: World, community_id: str) -> dict[str, object]:
    starts = datetime.now(UTC) + timedelta(minutes=10)
    return {
        "title": text(client, "活动"),
        "description": text(client, "说明"),
        "address": text(client, "地址"),
        "themeKey": f"theme-{client.name}-{client.next_number()}",
        "communityId": community_id,
        "partnerIds": [world.partner],
        "startsAt": starts.isoformat(),
        "endsAt": (starts + timedelta(hours=1)).isoformat(),
        "capacity": 30,
        "ruleCode": "LOAD_ATTENDANCE",
    }


async def attendance(client: Client, world: World) -> None:
    """red-partner: an event from its plan to confirmed attendances, each of which the points service pays once."""
    planned = event(client, world, client.random.choice(world.communities))
    event_id = await client.do("red-partner", "createEvent", STAFF, **planned)
    await client.do("red-partner", "publishEvent", STAFF, id=event_id)
    seats = []
    for _ in range(SEATS):
        resident = f"resident-{client.name}-{client.next_number()}"
        seats.append(await client.do("red-partner", "registerForEvent", STAFF, eventId=event_id, residentId=resident))
    await client.do("red-partner", "startEvent", STAFF, id=event_id)
    for seat in seats:
        await client.do("red-partner", "checkIn", STAFF, id=seat)
    await client.do("red-partner", "completeEvent", STAFF, id=event_id)
    await client.do("red-partner", "confirmAttendance", STAFF, eventId=event_id)


async def grant(client: Client, world: World) -> None:
    """points: a grant is asked for and paid; many competing for the same few passbooks."""
    resident = f"resident-{client.random.randrange(RESIDENTS)}"
    asked = {"residentId": resident, "communityId": world.communities[0], "ruleCode": "LOAD_GRANT"}
    fact = {"occurredOn": TODAY, "evidence": text(client, "说明")}
    request_id = await client.do("points", "submitGrant", STAFF, **asked, **fact)
    await client.do("points", "approveGrant", REVIEWER, id=request_id)


async def sector(client: Client, world: World) -> None:
    """new-employment-group: a Party organization from its founding to its end; the organization service shows it."""
    service = "new-employment-group"
    founded = {"type": "BRANCH", "industryCommitteeId": world.committee, "enterpriseIds": []}
    more = {"name": text(client, "支部"), "establishedOn": "2023-01-01", "memberCount": 3}
    organization = await client.do(service, "establishNewBusinessPartyOrganization", STAFF, **founded, **more)
    for members in (4, 5):
        await client.do(service, "updateNewBusinessPartyOrganization", STAFF, id=organization, memberCount=members)
    end = {"on": TODAY, "reason": text(client, "原因")}
    await client.do(service, "dissolveNewBusinessPartyOrganization", STAFF, id=organization, **end)


async def rider(client: Client, world: World) -> None:
    """new-employment-group: a worker with name, phone and identity number becomes a member of the union."""
    service = "new-employment-group"
    consents = [{"purpose": purpose, "textVersion": "1"} for purpose in ("REGISTRATION", "IDENTITY_NUMBER")]
    person = {"displayName": name(client), "phone": PHONE, "idNumber": id_number(next(world.numbers))}
    work = {"occupation": "FOOD_DELIVERY_RIDER", "enterpriseIds": [], "consents": consents}
    worker = await client.do(service, "registerWorker", STAFF, **person, **work)
    membership = await client.do(service, "applyMembership", STAFF, workerId=worker, unionId=world.union)
    await client.do(service, "approveMembership", STAFF, id=membership)


Story = Callable[[Client, World], Awaitable[None]]
STORIES: dict[str, tuple[Story, ...]] = {
    "organization": (unit, community, community),
    "grid": (grid, grid, grid),
    "petition": (petition, petition),
    "red-partner": (attendance,),
    "points": (grant, grant),
    "new-employment-group": (sector, rider),
}
