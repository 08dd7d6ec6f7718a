"""Deliberation: 89 council halls, their monthly meetings, 126 spokespersons."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from .areas import areas_by_community
from .calendar import at
from .county import Community, communities
from .ids import stable_id
from .petition_draft import WORSE
from .residents import others_by_community
from .staff import Person, person
from .story import rng, topic
from .venues import venues_by_key

MISSED, MISSED_IN_WORSE = 17, 5
ORIGINS = {"RETIRED_CADRE": 51, "ENTHUSIASTIC_OWNER": 47, "VETERAN": 28}
PARTICIPANTS = ("COMMUNITY_COMMITTEE", "PROPERTY_ENTERPRISE", "AREA_BRANCH", "OWNERS_COMMITTEE", "RESIDENTS")
AGENDA_KINDS = ("PROBLEM_SOLVING", "OPINION_COLLECTION", "PROPERTY_EVALUATION")


@dataclass(frozen=True, slots=True)
class CouncilHall:
    """At the community centre or at an area's station; the area is None for the former."""

    n: int
    id: str
    name: str
    venue_id: str
    venue_key: str
    community_id: str
    community_code: str
    residential_area_id: str | None
    residential_area_code: str | None
    registered_on: date


@dataclass(frozen=True, slots=True)
class CouncilMeeting:
    """The regular meeting of one hall and month. ``state`` CLOSED (held, with minutes) or MISSED."""

    id: str
    hall_n: int
    hall_id: str
    community_id: str
    community_code: str
    month: str
    planned_at: datetime
    place: str
    state: str
    notice_channels: tuple[str, ...]
    notice_published_at: datetime | None
    participants: tuple[str, ...]
    agenda_kind: str
    topic: str
    attendees: int
    resolutions: int


@dataclass(frozen=True, slots=True)
class Spokesperson:
    """``scores``: political, organising, service, each 3 … 5."""

    n: int
    id: str
    person: Person
    resident_id: str
    origin: str
    community_id: str
    community_code: str
    hall_n: int
    hall_id: str
    scores: tuple[int, int, int]
    duties: tuple[str, ...]
    start_on: date
    end_on: date
    state: str


@topic
def council_halls(as_of: date) -> tuple[CouncilHall, ...]:
    """By community: the first at the centre, the others at the first stations."""
    halls: list[CouncilHall] = []
    for community in communities(as_of):
        keys = [f"center/{community.code}"]
        keys += [f"station/{area.code}" for area in areas_by_community(as_of)[community.code]]
        for key in keys[: community.counts.halls]:
            halls.append(_hall(len(halls) + 1, key, community, as_of))
    return tuple(halls)


@topic
def council_meetings(as_of: date) -> tuple[CouncilMeeting, ...]:
    """Twelve for each hall, 1,068 in all; 17 were missed, most of them in one community."""
    missed = _missed(as_of)
    return tuple(
        _meeting(hall, month, (hall.n, month) in missed, as_of)
        for hall in council_halls(as_of)
        for month in range(1, 13)
    )


@topic
def spokespersons(as_of: date) -> tuple[Spokesperson, ...]:
    """Six in each community, shared among its halls."""
    origins = [origin for origin, count in ORIGINS.items() for _ in range(count)]
    rng("spokesperson-origins").shuffle(origins)
    found: list[Spokesperson] = []
    for community in communities(as_of):
        halls = [hall for hall in council_halls(as_of) if hall.community_code == community.code]
        for place in range(community.counts.spokespersons):
            n = len(found) + 1
            resident = others_by_community(as_of)[community.code][-1 - place]
            hall = halls[place % len(halls)]
            found.append(_spokesperson(n, origins[n - 1], hall, resident.id, as_of))
    return tuple(found)


def _hall(n: int, key: str, community: Community, as_of: date) -> CouncilHall:
    venue = venues_by_key(as_of)[key]
    return CouncilHall(
        n=n,
        id=stable_id("hall", n),
        name=f"{venue.name}红色议事厅",
        venue_id=venue.id,
        venue_key=key,
        community_id=community.id,
        community_code=community.code,
        residential_area_id=venue.residential_area_id,
        residential_area_code=venue.residential_area_code,
        registered_on=date(as_of.year - 1, 12, 1),
    )


def _missed(as_of: date) -> set[tuple[int, int]]:
    random = rng("meetings", "missed")
    worse = communities(as_of)[WORSE].code
    own = [(hall.n, month) for hall in council_halls(as_of) if hall.community_code == worse for month in range(1, 13)]
    rest = [(hall.n, month) for hall in council_halls(as_of) if hall.community_code != worse for month in range(1, 13)]
    return {*random.sample(own, MISSED_IN_WORSE), *random.sample(rest, MISSED - MISSED_IN_WORSE)}


def _meeting(hall: CouncilHall, month: int, missed: bool, as_of: date) -> CouncilMeeting:
    random = rng("meeting", hall.n, month)
    planned = at(date(as_of.year, month, random.randint(8, 26)), random.choice((9, 15, 19)), 30)
    kind = AGENDA_KINDS[(hall.n + month) % 3]
    topics = {
        "PROBLEM_SOLVING": "停车与充电",
        "OPINION_COLLECTION": "小区改造意见",
        "PROPERTY_EVALUATION": "物业服务评议",
    }
    channels = ("BULLETIN_BOARD", "WECHAT_GROUP") if random.random() < 0.7 else ("WECHAT_GROUP",)
    return CouncilMeeting(
        id=stable_id("meeting", hall.n, month),
        hall_n=hall.n,
        hall_id=hall.id,
        community_id=hall.community_id,
        community_code=hall.community_code,
        month=f"{as_of.year}-{month:02}",
        planned_at=planned,
        place=hall.name,
        state="MISSED" if missed else "CLOSED",
        notice_channels=() if missed else channels,
        notice_published_at=None if missed else planned - timedelta(days=random.randint(3, 7)),
        participants=() if missed else PARTICIPANTS,
        agenda_kind=kind,
        topic=topics[kind],
        attendees=0 if missed else random.randint(12, 46),
        resolutions=0 if missed else random.randint(0, 3),
    )


def _spokesperson(n: int, origin: str, hall: CouncilHall, resident_id: str, as_of: date) -> Spokesperson:
    random = rng("spokesperson", n)
    start = date(as_of.year - 1, 12, 1) + timedelta(days=random.randrange(60))
    return Spokesperson(
        n=n,
        id=stable_id("spokesperson", n),
        person=person("spokesperson", n, 1200),
        resident_id=resident_id,
        origin=origin,
        community_id=hall.community_id,
        community_code=hall.community_code,
        hall_n=hall.n,
        hall_id=hall.id,
        scores=(random.randint(3, 5), random.randint(3, 5), random.randint(3, 5)),
        duties=("HOSTING", "MEDIATION", "RECORDING"),
        start_on=start,
        end_on=start + timedelta(days=2 * 365),
        state="ACTIVE",
    )
