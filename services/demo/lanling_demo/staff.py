"""The 595 community workers and the 49 red-collar secretaries with their three batches."""

from dataclasses import dataclass
from datetime import date, timedelta

from .calendar import random_day
from .county import communities
from .departments import departments
from .grids import BaseGrid, grids_by_community
from .ids import stable_id
from .people import gender, name, phone
from .story import rng, topic

CHANNELS = {"UNIFIED_EXAM": 412, "TRANSFER": 151, "OTHER": 32}
BATCH_SIZES = (16, 16, 17)
RED_COLLAR_MONTHS = 36


@dataclass(frozen=True, slots=True)
class Person:
    """A staff member or office holder, always synthetic. ``gender`` is MALE or FEMALE."""

    id: str
    name: str
    gender: str
    phone: str


@dataclass(frozen=True, slots=True)
class CommunityWorker:
    """Deployed to one residential area and to one base grid, as its leader or as the second."""

    n: int
    id: str
    person: Person
    community_id: str
    community_code: str
    recruitment_channel: str
    hired_on: date
    deployed_on: date
    residential_area_id: str
    residential_area_code: str
    base_grid_id: str
    base_grid_code: str
    leads_grid: bool


@dataclass(frozen=True, slots=True)
class DispatchBatch:
    number: int
    id: str
    dispatched_on: date
    size: int


@dataclass(frozen=True, slots=True)
class RedCollarSecretary:
    n: int
    id: str
    person: Person
    origin_department_id: str
    origin_department_code: str
    batch_number: int
    batch_id: str
    community_id: str
    community_code: str
    start_on: date
    end_on: date
    planned_months: int
    help_plan: str


def person(kind: str, n: int, phone_block: int) -> Person:
    """The n-th person of a kind; ``phone_block`` keeps the kinds' telephone numbers apart."""
    return Person(stable_id("person", kind, n), name(kind, n), gender(kind, n), phone(phone_block + n))


@topic
def community_workers(as_of: date) -> tuple[CommunityWorker, ...]:
    """By community; inside it first the leaders in the order of their grids, then the seconds."""
    channels = [channel for channel, count in CHANNELS.items() for _ in range(count)]
    rng("worker-channels").shuffle(channels)
    workers: list[CommunityWorker] = []
    for community in communities(as_of):
        grids = grids_by_community(as_of)[community.code]
        for place, grid in enumerate(_posts(grids, community.counts.workers)):
            n = len(workers) + 1
            workers.append(_worker(n, channels[n - 1], grid, place < len(grids), as_of))
    return tuple(workers)


def _posts(grids: tuple[BaseGrid, ...], workers: int) -> tuple[BaseGrid, ...]:
    """One worker leads each grid; the others second the grids with the most households."""
    largest = sorted(grids, key=lambda grid: (-grid.households, grid.code))
    return (*grids, *largest[: workers - len(grids)])


def _worker(n: int, channel: str, grid: BaseGrid, leads: bool, as_of: date) -> CommunityWorker:
    hired = random_day(rng("worker", n), date(as_of.year - 6, 3, 1), date(as_of.year - 1, 8, 1))
    return CommunityWorker(
        n=n,
        id=stable_id("worker", n),
        person=person("worker", n, 0),
        community_id=grid.community_id,
        community_code=grid.community_code,
        recruitment_channel=channel,
        hired_on=hired,
        deployed_on=max(grid.active_from, hired + timedelta(days=30)),
        residential_area_id=grid.residential_area_id,
        residential_area_code=grid.residential_area_code,
        base_grid_id=grid.id,
        base_grid_code=grid.code,
        leads_grid=leads,
    )


@topic
def dispatch_batches(as_of: date) -> tuple[DispatchBatch, ...]:
    """Three batches, the last in the year of the story."""
    days = (date(as_of.year - 2, 8, 1), date(as_of.year - 1, 3, 15), date(as_of.year, 4, 10))
    return tuple(
        DispatchBatch(number, stable_id("dispatch-batch", number), day, size)
        for number, (day, size) in enumerate(zip(days, BATCH_SIZES, strict=True), start=1)
    )


@topic
def red_collar_secretaries(as_of: date) -> tuple[RedCollarSecretary, ...]:
    """Ordered by batch. Communities formed after the second batch receive theirs from the third."""
    places: list[tuple[int, int]] = []
    for community in communities(as_of):
        count = community.counts.red_collar_secretaries
        batches = range(count) if not community.predecessor_codes else [len(BATCH_SIZES) - 1] * count
        places += [(batch, community.index) for batch in batches]
    return tuple(_secretary(n, batch, index, as_of) for n, (batch, index) in enumerate(sorted(places), start=1))


def _secretary(n: int, batch_index: int, community_index: int, as_of: date) -> RedCollarSecretary:
    batch, community = dispatch_batches(as_of)[batch_index], communities(as_of)[community_index]
    origin = departments()[n % len(departments())]
    start = batch.dispatched_on
    return RedCollarSecretary(
        n=n,
        id=stable_id("red-collar-secretary", n),
        person=person("red-collar", n, 1000),
        origin_department_id=origin.id,
        origin_department_code=origin.code,
        batch_number=batch.number,
        batch_id=batch.id,
        community_id=community.id,
        community_code=community.code,
        start_on=start,
        end_on=start.replace(year=start.year + RED_COLLAR_MONTHS // 12) - timedelta(days=1),
        planned_months=RED_COLLAR_MONTHS,
        help_plan=f"帮助{community.name}建强党支部、办好民生实事、培养后备力量",
    )
