"""New sectors: industry committees, their Party organizations, enterprises, unions."""

from dataclasses import dataclass
from datetime import date, timedelta

from .calendar import random_day
from .county import communities
from .departments import department_id
from .geometry import LonLat
from .ids import stable_id
from .people import credit_code
from .split import split
from .staff import Person, person
from .story import rng, topic

# Sector → name, lead department, Party organizations, unions, enterprises.
SECTORS = {
    "EXPRESS_LOGISTICS": ("快递物流", "transport", 9, 9, 22),
    "FOOD_DELIVERY": ("外卖配送", "commerce", 8, 8, 18),
    "LIVE_STREAM_ECOMMERCE": ("直播电商", "commerce", 8, 8, 20),
}
MEMBERS = 2638
_TYPES = ("BRANCH", "BRANCH", "JOINT_BRANCH", "GENERAL_BRANCH")
_WORDS = ("通达", "速运", "优配", "云播", "鲜达", "聚客", "快送", "星选", "邻里", "万家", "顺风", "兰品")


@dataclass(frozen=True, slots=True)
class IndustryCommittee:
    id: str
    sector: str
    name: str
    lead_department_id: str
    established_on: date
    secretary: Person


@dataclass(frozen=True, slots=True)
class NewBusinessPartyOrganization:
    n: int
    id: str
    name: str
    type: str
    sector: str
    industry_committee_id: str
    enterprise_ids: tuple[str, ...]
    established_on: date
    member_count: int


@dataclass(frozen=True, slots=True)
class Enterprise:
    """Every enterprise has a union; those that a Party organization covers name it."""

    n: int
    id: str
    name: str
    credit_code: str
    sector: str
    community_id: str
    community_code: str
    location: LonLat
    party_organization_id: str | None
    union_id: str
    registered_on: date


@dataclass(frozen=True, slots=True)
class IndustryUnion:
    n: int
    id: str
    name: str
    sector: str
    enterprise_ids: tuple[str, ...]
    established_on: date
    chair: Person
    member_count: int


@topic
def industry_committees(as_of: date) -> tuple[IndustryCommittee, ...]:
    return tuple(
        IndustryCommittee(
            id=stable_id("industry-committee", sector),
            sector=sector,
            name=f"兰陵县{label}行业党委",
            lead_department_id=department_id(department),
            established_on=date(as_of.year - 1, 6, 18) + timedelta(days=30 * place),
            secretary=person("industry-secretary", place + 1, 1450),
        )
        for place, (sector, (label, department, *_)) in enumerate(SECTORS.items())
    )


@topic
def enterprises(as_of: date) -> tuple[Enterprise, ...]:
    """60, by sector. Each Party organization covers two, each union every n-th of its sector."""
    found: list[Enterprise] = []
    organizations = unions = 0
    for sector, (label, _, organization_count, union_count, count) in SECTORS.items():
        for place in range(count):
            n = len(found) + 1
            covered = place < 2 * organization_count
            organization = organizations + place // 2 + 1 if covered else None
            found.append(_enterprise(n, sector, label, organization, unions + place % union_count + 1, as_of))
        organizations, unions = organizations + organization_count, unions + union_count
    return tuple(found)


@topic
def new_business_organizations(as_of: date) -> tuple[NewBusinessPartyOrganization, ...]:
    """25: nine, eight, eight."""
    sectors = [sector for sector, (_, _, count, _, _) in SECTORS.items() for _ in range(count)]
    found = []
    for n, sector in enumerate(sectors, start=1):
        id_ = stable_id("new-business-organization", n)
        covered = [item for item in enterprises(as_of) if item.party_organization_id == id_]
        found.append(
            NewBusinessPartyOrganization(
                n=n,
                id=id_,
                name=f"{covered[0].name.removesuffix('(示例)')}党支部",
                type=_TYPES[n % len(_TYPES)],
                sector=sector,
                industry_committee_id=stable_id("industry-committee", sector),
                enterprise_ids=tuple(item.id for item in covered),
                established_on=date(as_of.year - 1, 10, 1) + timedelta(days=9 * n),
                member_count=3 + n % 8,
            )
        )
    return tuple(found)


@topic
def unions(as_of: date) -> tuple[IndustryUnion, ...]:
    """25 with 106 or 105 members each."""
    sectors = [sector for sector, (_, _, _, count, _) in SECTORS.items() for _ in range(count)]
    members = split(MEMBERS, len(sectors))
    found = []
    for n, sector in enumerate(sectors, start=1):
        id_ = stable_id("union", n)
        own = [item for item in enterprises(as_of) if item.union_id == id_]
        found.append(
            IndustryUnion(
                n=n,
                id=id_,
                name=f"兰陵县{SECTORS[sector][0]}行业第{n}联合工会",
                sector=sector,
                enterprise_ids=tuple(item.id for item in own),
                established_on=date(as_of.year - 1, 9, 1) + timedelta(days=5 * n),
                chair=person("union-chair", n, 1460),
                member_count=members[n - 1],
            )
        )
    return tuple(found)


def _enterprise(n: int, sector: str, label: str, organization: int | None, union: int, as_of: date) -> Enterprise:
    random = rng("enterprise", n)
    community = communities(as_of)[n * 5 % 21]
    return Enterprise(
        n=n,
        id=stable_id("enterprise", n),
        name=f"兰陵{_WORDS[n % len(_WORDS)]}{label}{n}号店(示例)",
        credit_code=credit_code(600_000 + n),
        sector=sector,
        community_id=community.id,
        community_code=community.code,
        location=community.cell.at(random.uniform(0.1, 0.9), random.uniform(0.1, 0.9)),
        party_organization_id=stable_id("new-business-organization", organization) if organization else None,
        union_id=stable_id("union", union),
        registered_on=random_day(random, date(as_of.year - 5, 1, 1), date(as_of.year - 2, 12, 31)),
    )
