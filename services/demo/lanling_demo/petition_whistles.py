"""Whistles blown by communities, and how fast the departments reported (吹哨报到)."""

from dataclasses import dataclass
from datetime import date, datetime

from .calendar import add_working_hours
from .categories import category
from .departments import department_id, departments
from .ids import stable_id
from .petitions import Petition, petitions
from .story import rng, topic

WHISTLES = {"DAILY": (24, 1), "JOINT_ENFORCEMENT": (6, 3), "EMERGENCY": (3, 2)}  # number, departments called each time


@dataclass(frozen=True, slots=True)
class WhistleReport:
    department_id: str
    department_code: str
    reported_at: datetime
    on_time: bool


@dataclass(frozen=True, slots=True)
class Whistle:
    n: int
    id: str
    petition_n: int
    petition_id: str
    kind: str
    blown_by_community_id: str
    blown_at: datetime
    reports: tuple[WhistleReport, ...]
    score: int


@topic
def whistles(as_of: date) -> tuple[Whistle, ...]:
    """33 whistles of communities on cases that the street or the county resolved."""
    pool = [item for item in petitions(as_of) if item.resolved and item.level in ("STREET", "COUNTY_DEPARTMENT")]
    kinds = [kind for kind, (count, _) in WHISTLES.items() for _ in range(count)]
    chosen = sorted(rng("whistles").sample(pool, len(kinds)), key=lambda item: item.n)
    rng("whistle-kinds").shuffle(kinds)
    return tuple(
        _whistle(n, petition, kind) for n, (petition, kind) in enumerate(zip(chosen, kinds, strict=True), start=1)
    )


def _whistle(n: int, petition: Petition, kind: str) -> Whistle:
    timeline = petition.timeline
    assert timeline
    assert timeline.assigned_at
    assert petition.community_id
    random = rng("whistle", n)
    own = category(petition.category_code).department_code
    others = [item.code for item in departments() if item.code != own]
    called = [own, *random.sample(others, WHISTLES[kind][1] - 1)]
    blown = add_working_hours(timeline.assigned_at, random.uniform(1, 5))
    late = n % 16 == 0
    limit = 0.5 if kind == "EMERGENCY" else 4.0
    reports = tuple(
        WhistleReport(
            department_id=department_id(code),
            department_code=code,
            reported_at=add_working_hours(blown, limit * (1.5 if late else random.uniform(0.2, 0.9))),
            on_time=not late,
        )
        for code in called
    )
    return Whistle(
        n=n,
        id=stable_id("whistle", n),
        petition_n=petition.n,
        petition_id=petition.id,
        kind=kind,
        blown_by_community_id=petition.community_id,
        blown_at=blown,
        reports=reports,
        score=3 if late else 5,
    )
