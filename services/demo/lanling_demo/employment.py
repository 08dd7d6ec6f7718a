"""New sectors: industry committees, their Party organizations, enterprises, unions, workers, insurance."""

from dataclasses import dataclass
from datetime import date, timedelta

from .calendar import random_day
from .county import communities
from .departments import department_id
from .geometry import LonLat
from .ids import stable_id
from .people import credit_code, gender, identity_number, name, phone
from .split import split, spread
from .staff import Person, person
from .story import rng, topic
from .supervisors import COURIERS, SUPERVISORS, supervisors

# Sector → name, lead department, Party organizations, unions, enterprises.
SECTORS = {
    "EXPRESS_LOGISTICS": ("快递物流", "transport", 9, 9, 22),
    "FOOD_DELIVERY": ("外卖配送", "commerce", 8, 8, 18),
    "LIVE_STREAM_ECOMMERCE": ("直播电商", "commerce", 8, 8, 20),
}
MEMBERS, OUTSIDERS = 2638, 62  # union members; workers who belong to no union
PENSION, WORK_INJURY, INSURED = 1012, 714, 1331
_OCCUPATIONS = {
    "EXPRESS_LOGISTICS": ("COURIER", "COURIER", "COURIER", "DRIVER", "SORTER"),
    "FOOD_DELIVERY": ("FOOD_DELIVERY_RIDER",),
    "LIVE_STREAM_ECOMMERCE": ("LIVE_STREAMER", "LIVE_STREAMER", "OTHER"),
}
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


@dataclass(frozen=True, slots=True)
class NewEmploymentWorker:
    """Numbers 1 … 20 are the supervisors and have a resident id; the identity number cannot be a real one."""

    n: int
    id: str
    resident_id: str | None
    display_name: str
    gender: str
    phone: str
    identity_number: str
    occupation: str
    sector: str
    enterprise_id: str
    enterprise_number: int
    community_id: str
    community_code: str
    registered_on: date
    consented_on: date
    status: str


@dataclass(frozen=True, slots=True)
class UnionMembership:
    n: int
    id: str
    worker_id: str
    worker_number: int
    union_id: str
    union_number: int
    applied_on: date
    joined_on: date
    state: str


@dataclass(frozen=True, slots=True)
class InsuranceEnrollment:
    """``type`` PENSION or WORK_INJURY; one person may have both."""

    n: int
    id: str
    worker_id: str
    worker_number: int
    type: str
    payer: str
    from_on: date
    state: str


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


@topic
def workers(as_of: date) -> tuple[NewEmploymentWorker, ...]:
    """2,700: the supervisors, the other union members by union, then 62 without a union."""
    left = [union.member_count for union in unions(as_of)]
    first_food = SECTORS["EXPRESS_LOGISTICS"][3]
    appointed = [0] * COURIERS + [first_food] * (SUPERVISORS - COURIERS)
    for index in appointed:
        left[index] -= 1
    own = [*appointed, *spread(left)]
    outside = [n % len(unions(as_of)) for n in range(OUTSIDERS)]
    return tuple(_worker(n, union_index, as_of) for n, union_index in enumerate([*own, *outside], start=1))


@topic
def memberships(as_of: date) -> tuple[UnionMembership, ...]:
    """The first 2,638 workers; everybody belongs to the union of the own enterprise."""
    union_of = {item.id: item.union_id for item in enterprises(as_of)}
    by_id = {union.id: union for union in unions(as_of)}
    found = []
    for worker in workers(as_of)[:MEMBERS]:
        union = by_id[union_of[worker.enterprise_id]]
        applied = max(union.established_on, worker.registered_on) + timedelta(days=worker.n % 40)
        found.append(
            UnionMembership(
                n=worker.n,
                id=stable_id("union-membership", worker.n),
                worker_id=worker.id,
                worker_number=worker.n,
                union_id=union.id,
                union_number=union.n,
                applied_on=applied,
                joined_on=applied + timedelta(days=7),
                state="ACTIVE",
            )
        )
    return tuple(found)


@topic
def insurance_enrollments(as_of: date) -> tuple[InsuranceEnrollment, ...]:
    """1,726 person-times of 1,331 persons: 395 of them have both kinds."""
    persons = rng("insured").sample(range(1, MEMBERS + 1), INSURED)
    pension, injury = persons[:PENSION], persons[INSURED - WORK_INJURY :]
    kinds = [(n, "PENSION") for n in pension] + [(n, "WORK_INJURY") for n in injury]
    return tuple(_enrollment(place, n, kind, as_of) for place, (n, kind) in enumerate(sorted(kinds), start=1))


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


def _worker(n: int, union_index: int, as_of: date) -> NewEmploymentWorker:
    random = rng("new-employment-worker", n)
    union = unions(as_of)[union_index]
    enterprise = _by_id(as_of)[random.choice(union.enterprise_ids)]
    supervisor = supervisors(as_of)[n - 1] if n <= SUPERVISORS else None
    occupation = supervisor.occupation if supervisor else random.choice(_OCCUPATIONS[union.sector])
    community = communities(as_of)[(n - 1) % 21]
    registered = random_day(random, date(as_of.year - 1, 9, 1), date(as_of.year, 1, 31))
    return NewEmploymentWorker(
        n=n,
        id=stable_id("new-employment-worker", n),
        resident_id=supervisor.resident_id if supervisor else None,
        display_name=name("resident", supervisor.resident_number) if supervisor else name("new-employment-worker", n),
        gender=gender("new-employment-worker", n),
        phone=phone(supervisor.resident_number + 5000 if supervisor else 7000 + n),
        identity_number=identity_number(n),
        occupation=occupation,
        sector=union.sector,
        enterprise_id=enterprise.id,
        enterprise_number=enterprise.n,
        community_id=community.id,
        community_code=community.code,
        registered_on=registered,
        consented_on=registered,
        status="ACTIVE",
    )


@topic
def _by_id(as_of: date) -> dict[str, Enterprise]:
    return {item.id: item for item in enterprises(as_of)}


def _enrollment(place: int, worker: int, kind: str, as_of: date) -> InsuranceEnrollment:
    random = rng("insurance", kind, worker)
    payer = random.choice(("ENTERPRISE", "SUBSIDY")) if kind == "WORK_INJURY" else random.choice(("SELF", "ENTERPRISE"))
    return InsuranceEnrollment(
        n=place,
        id=stable_id("insurance", kind, worker),
        worker_id=stable_id("new-employment-worker", worker),
        worker_number=worker,
        type=kind,
        payer=payer,
        from_on=random_day(random, date(as_of.year, 2, 1), date(as_of.year, 11, 30)).replace(day=1),
        state="ACTIVE",
    )
