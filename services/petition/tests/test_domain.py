"""The rules of petitions, orders, deliberation and claims, without any I/O."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from govkit.domain import Actor, GeoPoint, GovError, Role, Scope
from petition.domain.categories import PetitionCategory
from petition.domain.claims import Claim, ClaimState, ClaimTargetType
from petition.domain.county import EAST, NORTH, SOUTH, WEST, require_inside
from petition.domain.deliberation import (
    AgendaItem,
    AgendaKind,
    CouncilMeeting,
    CouncilParty,
    MeetingState,
    NoticeChannel,
    Spokesperson,
    SpokespersonDuty,
    SpokespersonOrigin,
    SpokespersonScores,
)
from petition.domain.petitions import RATING_WINDOW, Petition
from petition.domain.values import GridPlace, HandlingUnit, PetitionRating, UnitPlace, WorkResult
from petition.domain.vocabulary import (
    OPEN_ORDERS,
    HandlingUnitType,
    PetitionChannel,
    PetitionKind,
    PetitionLocateStatus,
    PetitionSourceType,
    PetitionState,
    PetitionUrgency,
    PetitionVisibility,
    RatingResolved,
    RatingSatisfaction,
    RejectionReason,
    ResponseLevel,
    WorkOrderRole,
    WorkOrderState,
    WorkOutcome,
)
from petition.domain.work_orders import WorkOrder

START = datetime(2023, 10, 16, 1, 0, tzinfo=UTC)
GRID = HandlingUnit(type=HandlingUnitType.GRID, id="grid-1")
PLACE = UnitPlace(street_id="street", community_id="community", grid_code="001", assignee_staff_id="worker")
WHERE = GridPlace(status=PetitionLocateStatus.RESOLVED, grid_code="001", community_id="community", street_id="street")
RESULT = WorkResult(outcome=WorkOutcome.SOLVED, text="已修复。", evidence=[])


def actor(role: Role, id: str, **scope: Any) -> Actor:
    return Actor(id=id, roles=frozenset({role}), scope=Scope(**scope))


WORKER = actor(Role.GRID_WORKER, "worker", grid_ids=frozenset({"001"}))
SECRETARY = actor(Role.COMMUNITY_SECRETARY, "secretary", community_ids=frozenset({"community"}))
DISPATCHER = actor(Role.COUNTY_DISPATCHER, "dispatcher")


def category(**changes: Any) -> PetitionCategory:
    given: dict[str, Any] = {
        "id": "c",
        "code": "04",
        "name": "公共设施",
        "name_en": "Facilities",
        "duplicate_radius_m": 50,
    }
    return PetitionCategory(**{**given, "default_level": ResponseLevel.GRID, **changes})


def petition(**changes: Any) -> Petition:
    made = Petition(
        **{
            "id": "petition",
            "number": "LL-20231016-000001",
            "kind": PetitionKind.REPORT,
            "category_code": "04",
            "title": "路面塌陷",
            "description": "北门外路面塌陷",
            "channel": PetitionChannel.APP_PROPERTY_COLUMN,
            "visibility": PetitionVisibility.PUBLIC,
            "reporter_id": "resident",
            "source_type": PetitionSourceType.RESIDENT,
            "submitted_at": START,
            **changes,
        }
    )
    return made.submit(category(), WHERE)


def dispatch(case: Petition, role: WorkOrderRole, lead: WorkOrder | None, id: str, at: datetime) -> WorkOrder:
    return WorkOrder.dispatch(
        case,
        id=id,
        number=id,
        role=role,
        unit=GRID,
        place=PLACE,
        analysis=None,
        lead=lead,
        by=SECRETARY,
        at=at,
    )


def refused(code: str) -> Any:
    return pytest.raises(GovError, match=f"^{code}:")


# --- the closed loop --------------------------------------------------------------------------------------------------


@dataclass
class Case:
    """A petition with its orders, driven as the handlers drive it."""

    petition: Petition = field(default_factory=petition)
    orders: dict[str, WorkOrder] = field(default_factory=dict)

    @property
    def lead(self) -> WorkOrder | None:
        lead = self.orders.get(self.petition.lead_order_id or "")
        return lead if lead and lead.stands else None

    def dispatch(self, role: WorkOrderRole, at: datetime = START) -> None:
        order = dispatch(self.petition, role, self.lead, f"order-{len(self.orders)}", at)
        self.orders[order.id] = order

    def verify(self, order: WorkOrder, passed: bool, now: datetime) -> None:
        order.verify(passed, "照片不是现场", SECRETARY, now)
        if not passed:
            self.petition.send_back()
            return
        assert order.result
        assert self.petition.lead_order_id
        verified = self.orders[self.petition.lead_order_id].state is WorkOrderState.VERIFIED
        self.petition.settle(order.id, order.result.outcome, now, verified)

    def withdraw(self, now: datetime) -> None:
        self.petition.withdraw(now)
        for order in self.orders.values():
            if order.state in OPEN_ORDERS:
                order.cancel()


class AnyCourse(RuleBasedStateMachine):
    """Whatever people try, in whatever order: what is refused changes nothing, and the invariants hold."""

    def __init__(self) -> None:
        super().__init__()
        self.case = Case()
        self.now = START

    def attempt(self, step: Any) -> None:
        self.now += timedelta(hours=1)
        try:
            step()
        except GovError:
            pass

    def order(self, index: int) -> WorkOrder:
        return list(self.case.orders.values())[index % len(self.case.orders)]

    @rule()
    def accept(self) -> None:
        self.attempt(lambda: self.case.petition.accept(self.now))

    @rule()
    def reject(self) -> None:
        if self.now > START + timedelta(hours=20):
            self.attempt(lambda: self.case.petition.reject(RejectionReason.NO_CONTENT, self.now))

    @rule()
    def triage(self) -> None:
        step = lambda: self.case.petition.triage(category(), PetitionUrgency.NORMAL, ResponseLevel.GRID)  # noqa: E731
        self.attempt(step)

    @rule(role=st.sampled_from(WorkOrderRole))
    def dispatch(self, role: WorkOrderRole) -> None:
        self.attempt(lambda: self.case.dispatch(role, self.now))

    def begin(self, order: WorkOrder) -> None:
        order.accept(WORKER, self.now)
        self.case.petition.begin(self.now)

    @precondition(lambda self: self.case.orders)
    @rule(index=st.integers(0, 5))
    def work(self, index: int) -> None:
        order = self.order(index)
        if order.state is WorkOrderState.CREATED:
            self.attempt(lambda: self.begin(order))
        elif order.responded_at is None:
            self.attempt(lambda: order.respond("已到现场", self.case.petition, WORKER, self.now))
        else:
            self.attempt(lambda: order.complete(RESULT, False, WORKER, self.now))

    @precondition(lambda self: self.case.orders)
    @rule(index=st.integers(0, 5), passed=st.booleans())
    def verify(self, index: int, passed: bool) -> None:
        self.attempt(lambda: self.case.verify(self.order(index), passed, self.now))

    @rule()
    def reply(self) -> None:
        if self.case.petition.level:
            self.attempt(lambda: self.case.petition.reply_with("已修复", WORKER, self.now))

    @rule()
    def rate(self) -> None:
        rating = PetitionRating(
            resolved=RatingResolved.YES, satisfaction=RatingSatisfaction.SATISFIED, rated_at=self.now
        )
        self.attempt(lambda: self.case.petition.rate(rating))

    @rule(days=st.integers(0, 9))
    def close(self, days: int) -> None:
        self.now += timedelta(days=days)
        self.attempt(lambda: self.case.petition.close_unrated(self.now))

    @rule(sure=st.integers(0, 9))
    def withdraw(self, sure: int) -> None:
        if sure == 0:
            self.attempt(lambda: self.case.withdraw(self.now))

    @invariant()
    def closed_only_with_a_reply(self) -> None:
        case = self.case.petition
        if case.state in (PetitionState.RATED, PetitionState.CLOSED):
            assert case.reply is not None
            assert case.outcome is not None
            assert case.closed_at is not None

    @invariant()
    def one_lead_while_units_are_at_work_and_no_open_order_after(self) -> None:
        orders = list(self.case.orders.values())
        open_orders = [order for order in orders if order.state in OPEN_ORDERS]
        assert self.case.petition.open_orders == len(open_orders)
        leads = [order for order in orders if order.role is WorkOrderRole.LEAD and order.stands]
        assert len(leads) <= 1
        if self.case.petition.state in (PetitionState.ASSIGNED, PetitionState.IN_PROGRESS):
            assert len(leads) == 1
            assert open_orders
        if self.case.petition.state in (PetitionState.RESOLVED, PetitionState.REPLIED, PetitionState.CLOSED):
            assert not open_orders

    @invariant()
    def the_steps_never_run_backwards(self) -> None:
        moments = [step.at for step in self.case.petition.steps]
        assert moments == sorted(moments)
        assert self.case.petition.steps[-1].state is self.case.petition.state


TestAnyCourse = AnyCourse.TestCase
TestAnyCourse.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def resolved(case: Case) -> Case:
    case.petition.accept(START)
    case.petition.triage(category(), PetitionUrgency.NORMAL, ResponseLevel.GRID)
    case.dispatch(WorkOrderRole.LEAD)
    lead = case.lead
    assert lead
    lead.accept(WORKER, START)
    lead.respond("已到现场", case.petition, WORKER, START)
    lead.complete(RESULT, False, WORKER, START)
    case.verify(lead, True, START + timedelta(minutes=90))
    return case


def test_resolution_counts_the_minutes_since_submission() -> None:
    case = resolved(Case())
    event = case.petition.take_events()[-1]
    assert type(event).TYPE == "cn.lanling.petition.resolved.v1"
    assert event.minutes == 90  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("reporter", "after", "code"),
    [
        ("resident", RATING_WINDOW - timedelta(seconds=1), "PET_RATING_WINDOW_OPEN"),
        ("resident", RATING_WINDOW, None),
        (None, timedelta(), None),
    ],
)
def test_an_unrated_petition_is_closed_after_the_window(
    reporter: str | None, after: timedelta, code: str | None
) -> None:
    case = resolved(Case(petition(reporter_id=reporter))).petition
    case.reply_with("已修复", WORKER, START)
    if code:
        with refused(code):
            case.close_unrated(START + after)
    else:
        case.close_unrated(START + after)
        assert case.state is PetitionState.CLOSED


def test_no_role_dispatches_above_its_own_level() -> None:
    for type, lowest in (
        (HandlingUnitType.GRID, Role.COMMUNITY_SECRETARY),
        (HandlingUnitType.COMMUNITY, Role.COMMUNITY_SECRETARY),
        (HandlingUnitType.STREET, Role.STREET_OFFICER),
        (HandlingUnitType.DEPARTMENT, Role.COUNTY_DISPATCHER),
    ):
        ranks = [Role.COMMUNITY_SECRETARY, Role.STREET_OFFICER, Role.COUNTY_DISPATCHER]
        for role in ranks:
            case = petition()
            case.accept(START)
            unit = HandlingUnit(type=type, id="u")
            order: dict[str, Any] = {"id": "o", "number": "o", "role": WorkOrderRole.LEAD, "unit": unit, "place": PLACE}
            more: dict[str, Any] = {"analysis": None, "lead": None, "by": actor(role, "x"), "at": START}
            if ranks.index(role) >= ranks.index(lowest):
                assert WorkOrder.dispatch(case, **order, **more).level is type.level
            else:
                with refused("AUTH_OUT_OF_SCOPE"):
                    WorkOrder.dispatch(case, **order, **more)


def test_evidence_is_asked_for_where_the_category_wants_it() -> None:
    case = Case()
    case.petition.accept(START)
    case.dispatch(WorkOrderRole.LEAD)
    order = case.orders["order-0"]
    order.accept(WORKER, START)
    order.respond("已到现场", case.petition, WORKER, START)
    with refused("PET_EVIDENCE_MISSING"):
        order.complete(RESULT, True, WORKER, START)
    assert order.state is WorkOrderState.IN_PROGRESS


def test_an_inactive_category_takes_no_petition() -> None:
    with refused("PET_CATEGORY_INACTIVE"):
        petition().triage(category(active=False), PetitionUrgency.NORMAL, ResponseLevel.GRID)


@pytest.mark.parametrize(("code", "parent", "sound"), [("04", None, True), ("0401", "04", True), ("0401", "05", False)])
def test_a_categorys_parent_is_its_code_without_the_last_two_digits(code: str, parent: str, sound: bool) -> None:
    made = category(code=code, parent_code=parent)
    if sound:
        made.check()
    else:
        with refused("PET_CATEGORY_PARENT"):
            made.check()


@given(longitude=st.floats(-180, 180), latitude=st.floats(-90, 90))
def test_the_county_is_a_box(longitude: float, latitude: float) -> None:
    inside = WEST <= longitude <= EAST and SOUTH <= latitude <= NORTH
    point = GeoPoint(longitude=longitude, latitude=latitude)
    if inside:
        require_inside(point)
    else:
        with refused("PET_OUTSIDE_COUNTY"):
            require_inside(point)


# --- deliberation and claims ------------------------------------------------------------------------------------------


def meeting() -> CouncilMeeting:
    return CouncilMeeting(
        id="m",
        hall_id="h",
        community_id="community",
        month="2023-10",
        planned_at=START,
        meeting_place="议事厅",
        agenda=[AgendaItem(kind=AgendaKind.PROBLEM_SOLVING, topic="停车")],
    )


def test_a_meeting_is_announced_three_days_ahead_and_closed_with_minutes() -> None:
    planned = meeting()
    with refused("PET_NOTICE_REQUIRED"):
        planned.publish_notice(NoticeChannel.WECHAT_GROUP, START - timedelta(days=3) + timedelta(seconds=1))
    with refused("PET_NOTICE_REQUIRED"):
        planned.close("记录", 20, [CouncilParty.RESIDENTS], 1, START)
    planned.publish_notice(NoticeChannel.WECHAT_GROUP, START - timedelta(days=3))
    with refused("PET_MEETING_NOT_HELD"):
        planned.close("记录", 20, [CouncilParty.RESIDENTS], 1, START - timedelta(hours=1))
    planned.close("记录", 20, [CouncilParty.RESIDENTS], 1, START + timedelta(hours=2))
    assert planned.state is MeetingState.CLOSED
    with refused("GEN_INVALID_STATE"):
        planned.cancel()


def spokesperson(scores: tuple[int, int, int], days: int) -> Spokesperson:
    return Spokesperson(
        id="s",
        name="张三",
        origin=SpokespersonOrigin.VETERAN,
        scores=SpokespersonScores(political=scores[0], organising=scores[1], service=scores[2]),
        duties=[SpokespersonDuty.HOSTING],
        hall_id="h",
        community_id="community",
        start_on=date(2023, 1, 1),
        end_on=date(2023, 1, 1) + timedelta(days=days),
    ).nominate()


@given(scores=st.tuples(*[st.integers(1, 5)] * 3))
def test_a_spokesperson_meets_all_three_criteria(scores: tuple[int, int, int]) -> None:
    if min(scores) >= 3:
        assert spokesperson(scores, 730).scores.met
    else:
        with refused("PET_CRITERIA_NOT_MET"):
            spokesperson(scores, 730)


@pytest.mark.parametrize("days", [-1, 0, 3 * 366 + 1])
def test_a_term_lasts_at_most_three_years(days: int) -> None:
    with refused("PET_TERM_INVALID"):
        spokesperson((3, 3, 3), days)


def test_a_claim_is_completed_by_its_claimant_and_confirmed_by_the_community() -> None:
    def claim() -> Claim:
        return Claim(
            id="k",
            target_type=ClaimTargetType.MICRO_WISH,
            target_id="w",
            community_id="community",
            claimant_id="resident",
            claimed_at=START,
            due_at=START + timedelta(days=30),
        )

    with refused("PET_SELF_CLAIM"):
        claim().make("resident")
    made = claim().make("someone-else")
    with refused("GEN_INVALID_STATE"):
        made.confirm("secretary", START)
    made.complete(START)
    with refused("GEN_INVALID_STATE"):
        made.release(START)
    made.confirm("secretary", START)
    assert made.state is ClaimState.CONFIRMED
    names = [type(event).TYPE.split(".")[3] for event in made.take_events()]
    assert names == ["made", "completed", "confirmed"]
