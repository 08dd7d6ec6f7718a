"""Second step of the case data: when what happened to a petition, in working hours from its acceptance."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from .calendar import add_working_hours
from .petition_draft import LEVELS, Draft
from .story import rng

# Centre and limit of the working hours until completion. The limit adds up the limits of the levels passed on the way;
# cutting the lognormal off there leaves medians near 6, 19, 41 and 74.
HOURS = {"GRID": (6.1, 8), "COMMUNITY": (19.6, 24), "STREET": (44.5, 48), "COUNTY_DEPARTMENT": (78, 88)}
SPREAD = 0.2
RESPONSE_LIMIT_HOURS = 8.0
RATING_WINDOW = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Timeline:
    """Instants in UTC; what has not happened yet is None. ``resolve_by`` is the limit of the level reached."""

    accepted_at: datetime
    assigned_at: datetime | None
    first_responded_at: datetime | None
    resolve_by: datetime
    completed_at: datetime | None
    verified_at: datetime | None
    replied_at: datetime | None
    rated_at: datetime | None
    closed_at: datetime | None
    working_hours: float | None


@dataclass(frozen=True, slots=True)
class Pace:
    """What the outcome asks of the timeline."""

    overdue: bool
    late_response: bool
    rated: bool


def resolved_timeline(draft: Draft, pace: Pace, end: datetime) -> Timeline:
    """Everything up to the close, or up to the reply when the rating window runs past ``end``. Never after ``end``."""
    random = rng("petition-timeline", draft.key)
    accepted = draft.submitted_at + timedelta(minutes=random.randint(3, 100))
    hours = _hours(random, draft.level, overdue=pace.overdue)
    assigned, responded = _first_steps(random, accepted, hours, pace)
    completed = add_working_hours(accepted, hours)
    verified = add_working_hours(completed, random.uniform(0.5, 3))
    replied = add_working_hours(verified, random.uniform(0.2, 2))
    rated = replied + min(timedelta(hours=random.uniform(1, 120)), (end - replied) * 0.9) if pace.rated else None
    closed = rated + timedelta(minutes=1) if rated else replied + RATING_WINDOW
    return Timeline(
        accepted_at=accepted,
        assigned_at=assigned,
        first_responded_at=responded,
        resolve_by=add_working_hours(accepted, HOURS[draft.level][1]),
        completed_at=completed,
        verified_at=verified,
        replied_at=replied,
        rated_at=rated,
        closed_at=closed if closed <= end else None,
        working_hours=round(hours, 2),
    )


def open_timeline(draft: Draft, pace: Pace, end: datetime) -> Timeline:
    """Up to the first response; what would come after ``end`` has not happened.

    Unless the case is overdue its limit lies up to five days after ``end``.
    """
    random = rng("petition-timeline", draft.key)
    accepted = draft.submitted_at + timedelta(minutes=random.randint(3, 100))
    hours = float(HOURS[draft.level][1])
    assigned, responded = _first_steps(random, accepted, hours, pace)
    limit = add_working_hours(accepted, hours)
    if not pace.overdue:
        limit = max(limit, add_working_hours(end, random.uniform(2, 40)))
    begun = draft.state != "ACCEPTED"
    return Timeline(
        accepted_at=accepted,
        assigned_at=min(assigned, accepted + timedelta(hours=1)) if begun else None,
        first_responded_at=responded if begun and responded <= end else None,
        resolve_by=limit,
        completed_at=None,
        verified_at=None,
        replied_at=None,
        rated_at=None,
        closed_at=None,
        working_hours=None,
    )


def levels_passed(default_level: str, level: str) -> tuple[str, ...]:
    """From the category's default level up to the level reached; that level alone when it lies below the default."""
    order = list(LEVELS)
    first, last = order.index(default_level), order.index(level)
    return tuple(order[min(first, last) : last + 1])


def _hours(random: Random, level: str, *, overdue: bool) -> float:
    median, limit = HOURS[level]
    if overdue:
        return limit * random.uniform(1.05, 1.8)
    while True:
        hours = median * random.lognormvariate(0, SPREAD)
        if hours < limit * 0.98:
            return hours


def _first_steps(random: Random, accepted: datetime, hours: float, pace: Pace) -> tuple[datetime, datetime]:
    """Assignment and first response; a late response comes after a working day, or after a short case was completed."""
    assigned = add_working_hours(accepted, random.uniform(0.1, 0.6))
    share = 1.2 if pace.late_response else random.uniform(0.15, 0.6)
    wait = min(hours, RESPONSE_LIMIT_HOURS) * share
    return assigned, max(add_working_hours(accepted, wait), assigned)
