"""Outreach: Lanzhixin teams, door-knocking rounds, micro-collection sessions, WeChat groups."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from .areas import areas_by_community, residential_areas
from .calendar import at, weekends
from .county import communities
from .ids import stable_id
from .split import split
from .staff import CommunityWorker, community_workers
from .story import rng, topic

ROUNDS, VISITS = 22, 31_400
SESSIONS = {"PAVILION_TALK": 118, "SQUARE_TALK": 78}


@dataclass(frozen=True, slots=True)
class LanzhixinTeam:
    n: int
    id: str
    name: str
    community_id: str
    community_code: str
    leader_staff_id: str
    member_staff_ids: tuple[str, ...]
    residential_area_ids: tuple[str, ...]
    formed_on: date


@dataclass(frozen=True, slots=True)
class DoorKnockingRound:
    """Counts only: who was visited is not recorded."""

    n: int
    id: str
    name: str
    from_on: date
    to_on: date
    target_households: int
    visits: int
    needs_found: int


@dataclass(frozen=True, slots=True)
class MicroCollectionSession:
    n: int
    id: str
    kind: str
    community_id: str
    community_code: str
    held_at: datetime
    place: str
    attendees: int
    items: int


@dataclass(frozen=True, slots=True)
class WeChatGroup:
    n: int
    id: str
    name: str
    residential_area_id: str
    residential_area_code: str
    community_id: str
    community_code: str
    owner_staff_id: str
    member_count: int
    created_on: date


@topic
def lanzhixin_teams(as_of: date) -> tuple[LanzhixinTeam, ...]:
    """The areas of a community are dealt out to its teams in turn; a team has four members."""
    teams: list[LanzhixinTeam] = []
    for community in communities(as_of):
        count = community.counts.teams
        areas, staff = areas_by_community(as_of)[community.code], _staff(as_of)[community.code]
        for place in range(count):
            n, members = len(teams) + 1, staff[place::count][:4]
            teams.append(
                LanzhixinTeam(
                    n=n,
                    id=stable_id("lanzhixin-team", n),
                    name=f"{community.stem}“兰知心”{place + 1}队",
                    community_id=community.id,
                    community_code=community.code,
                    leader_staff_id=members[0].id,
                    member_staff_ids=tuple(member.id for member in members),
                    residential_area_ids=tuple(area.id for area in areas[place::count]),
                    formed_on=date(as_of.year - 1, 11, 1) + timedelta(days=n),
                )
            )
    return tuple(teams)


@topic
def door_knocking_rounds(as_of: date) -> tuple[DoorKnockingRound, ...]:
    """One every 16 days, 31,400 visits in all."""
    return tuple(
        DoorKnockingRound(
            n=n,
            id=stable_id("door-knocking-round", n),
            name=f"第{n}轮“敲门行动”",
            from_on=date(as_of.year, 1, 5) + timedelta(days=16 * (n - 1)),
            to_on=date(as_of.year, 1, 5) + timedelta(days=16 * (n - 1) + 9),
            target_households=1500,
            visits=visits,
            needs_found=rng("round", n).randint(8, 14),
        )
        for n, visits in enumerate(split(VISITS, ROUNDS), start=1)
    )


@topic
def micro_collections(as_of: date) -> tuple[MicroCollectionSession, ...]:
    """On weekends, never two of one community on a day; by community."""
    kinds = [kind for kind, count in SESSIONS.items() for _ in range(count)]
    rng("micro-collection-kinds").shuffle(kinds)
    sessions: list[MicroCollectionSession] = []
    for community in communities(as_of):
        random = rng("micro-collections", community.code)
        for day in sorted(random.sample(weekends(as_of.year), community.counts.micro_collections)):
            n, kind = len(sessions) + 1, kinds[len(sessions)]
            sessions.append(
                MicroCollectionSession(
                    n=n,
                    id=stable_id("micro-collection", n),
                    kind=kind,
                    community_id=community.id,
                    community_code=community.code,
                    held_at=at(day, random.choice((9, 10, 16)), 30),
                    place=f"{community.stem}{'凉亭' if kind == 'PAVILION_TALK' else '广场'}",
                    attendees=random.randint(15, 60),
                    items=random.randint(1, 9),
                )
            )
    return tuple(sessions)


@topic
def wechat_groups(as_of: date) -> tuple[WeChatGroup, ...]:
    """One for each area, owned by the leader of its first grid."""
    owners: dict[str, CommunityWorker] = {}
    for worker in community_workers(as_of):
        if worker.leads_grid:
            owners.setdefault(worker.residential_area_code, worker)
    return tuple(
        WeChatGroup(
            n=area.index + 1,
            id=stable_id("wechat-group", area.code),
            name=f"{area.name}议事群",
            residential_area_id=area.id,
            residential_area_code=area.code,
            community_id=area.community_id,
            community_code=area.community_code,
            owner_staff_id=owners[area.code].id,
            member_count=min(500, round(area.households * rng("group", area.code).uniform(0.5, 0.8))),
            created_on=date(as_of.year - 1, 10, 15) + timedelta(days=area.index % 60),
        )
        for area in residential_areas(as_of)
    )


def _staff(as_of: date) -> dict[str, list[CommunityWorker]]:
    staff: dict[str, list[CommunityWorker]] = {}
    for worker in community_workers(as_of):
        staff.setdefault(worker.community_code, []).append(worker)
    return staff
