"""Workers of the new sectors, their union memberships and their insurance."""

from dataclasses import dataclass
from datetime import date, timedelta

from .calendar import random_day
from .county import communities
from .employment import MEMBERS, SECTORS, Enterprise, enterprises, unions
from .ids import stable_id
from .people import gender, identity_number, name, phone
from .split import spread
from .story import rng, topic
from .supervisors import COURIERS, SUPERVISORS, supervisors

OUTSIDERS = 62  # workers who belong to no union
PENSION, WORK_INJURY, INSURED = 1012, 714, 1331
_OCCUPATIONS = {
    "EXPRESS_LOGISTICS": ("COURIER", "COURIER", "COURIER", "DRIVER", "SORTER"),
    "FOOD_DELIVERY": ("FOOD_DELIVERY_RIDER",),
    "LIVE_STREAM_ECOMMERCE": ("LIVE_STREAMER", "LIVE_STREAMER", "OTHER"),
}


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
