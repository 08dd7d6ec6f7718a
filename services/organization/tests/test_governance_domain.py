"""Rules of joint meetings, resolutions, uses of powers, assessment, appeals and violations, without any I/O."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govkit.domain import GovError
from organization.domain.assessment import (
    APPEAL_WINDOW,
    AppealState,
    AssessmentIndicator,
    AssessmentScheme,
    IndicatorKind,
    ListAppeal,
)
from organization.domain.meetings import (
    NOTICE,
    JointAgendaItem,
    JointAgendaKind,
    JointAttendance,
    JointMeeting,
    JointMeetingState,
)
from organization.domain.powers import DelegatedPowerItem, PowerExercise, PowerGrant, PowerOutcome
from organization.domain.property import (
    Colour,
    ConsequenceKind,
    ConsequenceState,
    LinkedConsequence,
    ListEntry,
    RedBlackList,
    SubjectType,
)
from organization.domain.resolutions import JointResolution, JointResolutionState, ResolutionCreated
from organization.domain.violations import ViolationCase, ViolationKind, ViolationState

AT = datetime(2023, 6, 10, 9, tzinfo=UTC)
DAY = AT.date()
AGENDA = [JointAgendaItem(topic="议题", kind=JointAgendaKind.MAJOR_MATTER)]


def convoke(convener: str | None = "a", agenda: list[JointAgendaItem] = AGENDA, quorum: float = 0.5) -> JointMeeting:
    return JointMeeting.convoke(
        id="m",
        community_id="c",
        title="会议",
        convener_id=convener,
        planned_at=AT,
        agenda_items=agenda,
        quorum=quorum,
    )


def attendees(present: int, absent: int = 0) -> list[JointAttendance]:
    return [JointAttendance(person_id=str(n), present=n < present) for n in range(present + absent)]


def held(present: int, absent: int = 0, quorum: float = 0.5) -> JointMeeting:
    meeting = convoke(quorum=quorum)
    meeting.notice(AT - NOTICE)
    meeting.record_attendance(attendees(present, absent))
    return meeting


def resolve(meeting: JointMeeting, votes_for: int = 1, votes_against: int = 0) -> JointResolution:
    return JointResolution.resolve(
        id="r",
        meeting=meeting,
        text="决议",
        votes_for=votes_for,
        votes_against=votes_against,
        abstained=0,
        owner_organization_id="o",
        due_on=DAY,
    )


def test_only_a_secretary_convenes_and_with_an_agenda() -> None:
    with pytest.raises(GovError, match="ORG_NOT_CONVENER"):
        convoke(convener=None)
    with pytest.raises(GovError, match="ORG_AGENDA_EMPTY"):
        convoke(agenda=[])


def test_the_notice_is_three_days_ahead() -> None:
    meeting = convoke()
    with pytest.raises(GovError, match="ORG_NOTICE_TOO_SHORT"):
        meeting.notice(AT - NOTICE + timedelta(seconds=1))
    assert (meeting.state, meeting.take_events()) == (JointMeetingState.CONVOKED, [])
    meeting.notice(AT - NOTICE)
    assert meeting.state is JointMeetingState.NOTICED


def test_a_meeting_closes_with_minutes_and_attendance_only() -> None:
    meeting = convoke()
    meeting.notice(AT - NOTICE)
    with pytest.raises(GovError, match="ORG_MINUTES_MISSING"):
        meeting.close(AT, "记录")
    meeting.record_attendance(attendees(2, 1))
    with pytest.raises(GovError, match="ORG_MINUTES_MISSING"):
        meeting.close(AT)
    meeting.take_events()
    meeting.close(AT, "记录")
    (closed,) = meeting.take_events()
    assert (closed.present, closed.invited) == (2, 3)  # type: ignore[attr-defined]
    with pytest.raises(GovError, match="GEN_INVALID_STATE"):
        meeting.cancel()


@pytest.mark.parametrize(
    "attendance",
    [
        [JointAttendance(present=True)],
        [JointAttendance(person_id="p", organization_id="o", present=True)],
        [JointAttendance(person_id="p", present=True), JointAttendance(person_id="p", present=False)],
    ],
)
def test_an_attendee_is_one_of_somebody(attendance: list[JointAttendance]) -> None:
    meeting = convoke()
    meeting.notice(AT - NOTICE)
    with pytest.raises(GovError, match="ORG_ATTENDEE_INVALID"):
        meeting.record_attendance(attendance)
    assert meeting.state is JointMeetingState.NOTICED


@given(present=st.integers(0, 30), absent=st.integers(0, 30), quorum=st.floats(0, 1))
def test_without_quorum_nothing_is_resolved(present: int, absent: int, quorum: float) -> None:
    meeting = held(present, absent, quorum)
    if present and present >= quorum * (present + absent):
        assert resolve(meeting).state is JointResolutionState.OPEN
    else:
        with pytest.raises(GovError, match="ORG_NO_QUORUM"):
            resolve(meeting)


def test_a_resolution_passes_by_majority_of_those_present() -> None:
    meeting = held(3)
    with pytest.raises(GovError, match="ORG_VOTES_EXCEED_PRESENT"):
        resolve(meeting, 2, 2)
    lost = resolve(meeting, 1, 2)
    assert (lost.state, lost.take_events()) == (JointResolutionState.REJECTED, [])
    passed = resolve(meeting, 2, 1)
    assert [type(event) for event in passed.take_events()] == [ResolutionCreated]


def test_progress_never_goes_back_and_ends_at_one_hundred() -> None:
    resolution = resolve(held(1))
    resolution.advance(40, "过半")
    with pytest.raises(GovError, match="ORG_PROGRESS_INVALID"):
        resolution.advance(39)
    resolution.complete(DAY)
    assert (resolution.progress, resolution.evidence) == (100, "过半")
    with pytest.raises(GovError, match="GEN_INVALID_STATE"):
        resolution.cancel()


@given(offset=st.integers(-400, 400))
def test_a_power_is_exercised_only_while_it_is_granted_and_in_force(offset: int) -> None:
    item = DelegatedPowerItem(
        id="i", code="P1-1", name="权力", category_id="k", effective_on=DAY, repealed_on=DAY + timedelta(days=300)
    )
    grant = PowerGrant.grant(id="g", item_code="P1-1", community_id="c", start_on=DAY - timedelta(days=10))
    grant.revoke(DAY + timedelta(days=200))
    on = DAY + timedelta(days=offset)

    def exercise() -> PowerExercise:
        return PowerExercise.exercise(
            id="x",
            item=item,
            grants=[grant],
            community_id="c",
            exercised_on=on,
            subject="事项",
            outcome=PowerOutcome.ADOPTED,
        )

    if 0 <= offset <= 200:
        assert exercise().exercised_on == on
    else:
        with pytest.raises(GovError, match="ORG_POWER_NOT_GRANTED"):
            exercise()


def indicator(code: str, weight: int, kind: IndicatorKind = IndicatorKind.BASE) -> AssessmentIndicator:
    return AssessmentIndicator(code=code, name=code, kind=kind, weight=weight, max_score=100, valid_months=1)


@pytest.mark.parametrize(
    ("indicators", "red_min", "valid"),
    [
        ([indicator("A", 60), indicator("B", 40)], 90, True),
        ([indicator("A", 60), indicator("B", 40), indicator("G", 0, IndicatorKind.GOOD)], 90, True),
        ([indicator("A", 60), indicator("B", 39)], 90, False),
        ([indicator("A", 60), indicator("A", 40)], 90, False),
        ([indicator("A", 100), indicator("G", 5, IndicatorKind.GOOD)], 90, False),
        ([indicator("A", 100)], 70, False),
    ],
)
def test_a_scheme_adds_up(indicators: list[AssessmentIndicator], red_min: float, valid: bool) -> None:
    scheme = AssessmentScheme(
        id="s", edition=1, name="办法", effective_on=DAY, indicators=indicators, red_min=red_min, black_max=70
    )
    if valid:
        assert len(scheme.adopt().take_events()) == 1
    else:
        with pytest.raises(GovError, match="ORG_SCHEME_INVALID"):
            scheme.adopt()


def test_an_appeal_is_filed_by_a_listed_enterprise_in_time() -> None:
    entries = [ListEntry(subject_id="e", colour=Colour.BLACK, rank=1, score=50)]
    listed = RedBlackList(id="l", period="2023-05", entries=entries, drafted_by="a")

    def file(enterprise: str, at: datetime) -> ListAppeal:
        return ListAppeal.file(id="p", listed=listed, enterprise_id=enterprise, grounds="理由", at=at)

    with pytest.raises(GovError, match="ORG_APPEAL_CLOSED"):
        file("e", AT)
    listed.publish("b", AT)
    with pytest.raises(GovError, match="ORG_NOT_LISTED"):
        file("other", AT)
    with pytest.raises(GovError, match="ORG_APPEAL_CLOSED"):
        file("e", AT + APPEAL_WINDOW + timedelta(seconds=1))
    appeal = file("e", AT + APPEAL_WINDOW)
    appeal.accept()
    appeal.reject(DAY, "不成立")
    assert appeal.state is AppealState.REJECTED
    with pytest.raises(GovError, match="GEN_INVALID_STATE"):
        appeal.uphold(DAY, "成立")


def violation(found_on: date, rectify_by: date) -> ViolationCase:
    return ViolationCase(
        id="v",
        kind=ViolationKind.FORCED_SERVICE,
        enterprise_id="e",
        residential_area_id="r",
        community_id="c",
        found_on=found_on,
        rectify_by=rectify_by,
    )


def test_a_violation_closes_after_it_was_put_right_or_penalised() -> None:
    with pytest.raises(GovError, match="ORG_PERIOD_INVALID"):
        violation(DAY, DAY - timedelta(days=1)).open()
    case = violation(DAY, DAY).open()
    with pytest.raises(GovError, match="GEN_INVALID_STATE"):
        case.close(DAY)
    with pytest.raises(GovError, match="ORG_PERIOD_INVALID"):
        case.rectify(DAY - timedelta(days=1))
    case.rectify(DAY)
    case.penalise(100_00)
    case.close(DAY)
    assert (case.state, case.penalty_fen) == (ViolationState.CLOSED, 100_00)


def test_a_consequence_expires_when_its_last_day_is_over() -> None:
    consequence = LinkedConsequence(
        id="c",
        subject_type=SubjectType.DEVELOPER,
        subject_id="d",
        kind=ConsequenceKind.INTERVIEW,
        start_on=date(2026, 1, 1),
        end_on=date(2026, 3, 31),
        basis_list_id="l",
    )
    ((moment, rule),) = consequence.coming()
    assert moment == datetime(2026, 3, 31, 16, tzinfo=UTC), "00:00 of 1 April in the county"
    consequence.fall_due(rule, moment)
    assert consequence.state is ConsequenceState.EXPIRED
    assert [type(told).__name__ for told in consequence.take_events()] == ["ConsequenceExpired"]
    assert consequence.coming() == []


def test_a_resolution_becomes_overdue_once() -> None:
    resolution = JointResolution(
        id="r",
        joint_meeting_id="m",
        community_id="c",
        text="t",
        votes_for=2,
        votes_against=0,
        abstained=0,
        owner_organization_id="o",
        due_on=date(2026, 3, 31),
    )
    ((moment, rule),) = resolution.coming()
    resolution.fall_due(rule, moment)
    assert resolution.state is JointResolutionState.OVERDUE
    resolution.advance(50)
    assert resolution.coming() == [], "the same day makes it overdue once"
