"""Work orders (红色议事工单) of the accepted petitions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from .calendar import add_working_hours, day_of
from .categories import category
from .county import STREET
from .departments import department_id, departments
from .grid_facts import duties
from .ids import stable_id
from .petition_timeline import levels_passed
from .petitions import Petition, petitions
from .story import topic

RETURNS, EXTENSIONS = 14, 12
LIMITS = {"GRID": 8, "COMMUNITY": 16, "STREET": 24, "COUNTY_DEPARTMENT": 40}  # working hours of one order

_OPEN_STATES = {
    "ASSIGNED": "CREATED",
    "IN_PROGRESS": "IN_PROGRESS",
    "SUSPENDED": "SUSPENDED",
    "REOPENED": "CREATED",
    "SUPERVISED": "IN_PROGRESS",
}


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """The lead order of one level. ``unit_type`` GRID, COMMUNITY, STREET or DEPARTMENT; GRID orders have an assignee.

    A chain runs from the category's default level to the level reached; all but the last are ESCALATED, or RETURNED.
    """

    n: int
    id: str
    number: str
    petition_n: int
    petition_id: str
    level: str
    unit_type: str
    unit_id: str
    unit_code: str
    assignee_staff_id: str | None
    state: str
    created_at: datetime
    complete_by: datetime
    accepted_at: datetime | None
    responded_at: datetime | None
    completed_at: datetime | None
    ended_at: datetime | None
    escalated_from_id: str | None
    escalation_reason: str | None
    return_reason: str | None
    extension_days: int
    suspended_since: datetime | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class _Step:
    level: str
    department: str
    begin: datetime
    end: datetime | None
    returned: bool = False


@topic
def work_orders(as_of: date) -> tuple[WorkOrder, ...]:
    """By petition, then level. A petition that is merely ACCEPTED has none."""
    leaders = {duty.base_grid_code: duty.staff_id for duty in duties(as_of) if duty.role == "GRID_LEADER"}
    at_county = [item for item in petitions(as_of) if item.resolved and item.level == "COUNTY_DEPARTMENT"]
    returned = {item.n for item in at_county[:: len(at_county) // RETURNS][:RETURNS]}
    extended = {item.n for item in at_county[1 :: len(at_county) // EXTENSIONS][:EXTENSIONS]}
    orders: list[WorkOrder] = []
    for petition in petitions(as_of):
        if petition.timeline and petition.timeline.assigned_at:
            steps = _steps(petition, petition.n in returned)
            orders += _chain(petition, steps, len(orders), leaders, petition.n in extended)
    return tuple(orders)


def _steps(petition: Petition, returned: bool) -> list[_Step]:
    """The time between assignment and completion, shared among the levels in proportion to their limits."""
    timeline, level = petition.timeline, petition.level
    assert timeline
    assert timeline.assigned_at
    assert level
    department = category(petition.category_code).department_code
    levels = levels_passed(category(petition.category_code).default_level, level)
    if timeline.completed_at is None:
        return [_Step(level, department, timeline.assigned_at, None)]
    weights = [LIMITS[item] for item in levels]
    whole = timeline.completed_at - timeline.assigned_at
    marks = [timeline.assigned_at + whole * sum(weights[:done]) / sum(weights) for done in range(len(levels) + 1)]
    marks = [mark.replace(microsecond=0) for mark in marks]
    steps = [_Step(item, department, marks[i], marks[i + 1]) for i, item in enumerate(levels)]
    if returned:
        last = steps.pop()
        assert last.end
        wrong = next(item.code for item in departments() if item.code != last.department)
        handed_back = last.begin + (last.end - last.begin) / 8
        steps += [
            _Step(last.level, wrong, last.begin, handed_back, returned=True),
            _Step(last.level, last.department, handed_back, last.end),
        ]
    return steps


def _chain(
    petition: Petition, steps: Sequence[_Step], before: int, leaders: dict[str, str], extended: bool
) -> list[WorkOrder]:
    orders: list[WorkOrder] = []
    for place, step in enumerate(steps):
        final = place == len(steps) - 1
        orders.append(
            _order(petition, step, before + place + 1, final, orders[-1] if orders else None, leaders, extended)
        )
    return orders


def _order(
    petition: Petition,
    step: _Step,
    n: int,
    final: bool,
    previous: WorkOrder | None,
    leaders: dict[str, str],
    extended: bool,
) -> WorkOrder:
    timeline = petition.timeline
    assert timeline
    unit_type, unit_id, unit_code = _unit(petition, step)
    state = _order_state(petition, step, final)
    accepted = step.begin + _share(step, timeline.first_responded_at, 0.1)
    begun = state != "CREATED"
    escalated = previous if previous and previous.state == "ESCALATED" else None
    overdue_reason = "OVERDUE" if petition.overdue else "BEYOND_AUTHORITY"
    extension = 5 if extended and final else 0
    return WorkOrder(
        n=n,
        id=stable_id("work-order", n),
        number=f"GD-{day_of(step.begin):%Y%m%d}-{n:06}",
        petition_n=petition.n,
        petition_id=petition.id,
        level=step.level,
        unit_type=unit_type,
        unit_id=unit_id,
        unit_code=unit_code,
        assignee_staff_id=leaders.get(unit_code) if unit_type == "GRID" else None,
        state=state,
        created_at=step.begin,
        complete_by=add_working_hours(step.begin, LIMITS[step.level] + 8 * extension),
        accepted_at=accepted if begun and state != "RETURNED" else None,
        responded_at=_responded(timeline.first_responded_at, step, begun),
        completed_at=timeline.completed_at if final else None,
        ended_at=timeline.verified_at if final else step.end,
        escalated_from_id=escalated.id if escalated else None,
        escalation_reason=overdue_reason if escalated else None,
        return_reason="不属本部门职责" if step.returned else None,
        extension_days=extension,
        suspended_since=accepted + timedelta(hours=20) if state == "SUSPENDED" else None,
        outcome=("SOLVED" if not petition.rating or petition.rating.resolved != "NO" else "EXPLAINED")
        if state == "VERIFIED"
        else None,
    )


def _share(step: _Step, responded: datetime | None, part: float) -> timedelta:
    if step.end:
        return (step.end - step.begin) * part
    return (responded - step.begin) * part if responded else timedelta()


def _responded(first: datetime | None, step: _Step, begun: bool) -> datetime | None:
    """The reporter's first response belongs to the order that was running then."""
    return first if first and begun and step.begin <= first and (step.end is None or first <= step.end) else None


def _order_state(petition: Petition, step: _Step, final: bool) -> str:
    if step.returned:
        return "RETURNED"
    if not final:
        return "ESCALATED"
    return "VERIFIED" if petition.resolved else _OPEN_STATES[petition.state]


def _unit(petition: Petition, step: _Step) -> tuple[str, str, str]:
    if step.level == "GRID":
        return "GRID", str(petition.grid_id), str(petition.grid_code)
    if step.level == "COMMUNITY":
        return "COMMUNITY", str(petition.community_id), str(petition.community_code)
    if step.level == "STREET":
        return "STREET", STREET.id, STREET.code
    return "DEPARTMENT", department_id(step.department), step.department
