"""Residents who appear in the case data: opaque ids, a home community, a synthetic name."""

from dataclasses import dataclass
from datetime import date

from .county import communities
from .ids import stable_id
from .people import name, phone
from .split import spread
from .story import topic

FIRST_OTHER = 1001
OTHERS_PER_COMMUNITY = 120


@dataclass(frozen=True, slots=True)
class Resident:
    """``participant``: holds a points passbook. Numbers 1 … 912 do, numbers from 1001 do not."""

    n: int
    id: str
    display_name: str
    phone: str
    community_id: str
    community_code: str
    participant: bool


@topic
def residents(as_of: date) -> tuple[Resident, ...]:
    """Participants by community, then 120 others of each community."""
    participants = spread([community.counts.points_participants for community in communities(as_of)])
    others = spread([OTHERS_PER_COMMUNITY] * len(communities(as_of)))
    numbered = [*enumerate(participants, start=1), *enumerate(others, start=FIRST_OTHER)]
    return tuple(_resident(n, index, as_of) for n, index in numbered)


@topic
def participants_by_community(as_of: date) -> dict[str, tuple[Resident, ...]]:
    """Holders of a passbook, by community code."""
    return _by_community(as_of, participant=True)


@topic
def others_by_community(as_of: date) -> dict[str, tuple[Resident, ...]]:
    """Residents without a passbook, by community code."""
    return _by_community(as_of, participant=False)


def _by_community(as_of: date, *, participant: bool) -> dict[str, tuple[Resident, ...]]:
    groups: dict[str, list[Resident]] = {community.code: [] for community in communities(as_of)}
    for resident in residents(as_of):
        if resident.participant == participant:
            groups[resident.community_code].append(resident)
    return {code: tuple(members) for code, members in groups.items()}


def _resident(n: int, index: int, as_of: date) -> Resident:
    community = communities(as_of)[index]
    return Resident(
        n=n,
        id=stable_id("resident", n),
        display_name=name("resident", n),
        phone=phone(5000 + n),
        community_id=community.id,
        community_code=community.code,
        participant=n < FIRST_OTHER,
    )
