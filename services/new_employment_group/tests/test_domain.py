"""Rules of the new-employment-group domain, without any I/O."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govkit.domain import Actor, GovError, LabelEnum, Role, Scope, StateTable
from govkit.domain.aggregate import matches
from govkit.domain.fields import fields_of
from new_employment_group.domain.codes import CREDIT_ALPHABET, credit_code_holds, id_number_holds
from new_employment_group.domain.insurance import InsuranceEnrollment, InsurancePayer, InsuranceType
from new_employment_group.domain.reports import SupervisorReport, SupervisorReportConfirmed, SupervisorReportState
from new_employment_group.domain.sectors import (
    Enterprise,
    NewBusinessOrganizationStatus,
    NewBusinessPartyOrganization,
    NewEmploymentSector,
)
from new_employment_group.domain.stations import (
    BeeStation,
    StationStatus,
)
from new_employment_group.domain.supervisors import (
    GovernanceSupervisor,
    PostQuota,
    SupervisorBatch,
    SupervisorPost,
    SupervisorPostType,
    SupervisorState,
)
from new_employment_group.domain.unions import IndustryUnion, MembershipEndReason, MembershipState, UnionMembership
from new_employment_group.domain.workers import Consent, ConsentPurpose, Worker, WorkerOccupation
from new_employment_group.service import SERVICE

DAY = date(2023, 6, 1)
NOON = datetime(2023, 6, 1, 4, tzinfo=UTC)
CREDIT_CODE, ID_NUMBER = "91350100M000100Y43", "11010519491231002X"  # examples of the two standards
Sector = NewEmploymentSector


def worker(occupation: WorkerOccupation = WorkerOccupation.COURIER, resident_id: str | None = "r1") -> Worker:
    return Worker(
        id="w1",
        resident_id=resident_id,
        display_name="示例",
        id_number_sealed="sealed",
        id_number_hash="hash",
        occupation=occupation,
        enterprise_ids=[],
        union_ids=[],
        registered_on=DAY,
        consents=[Consent(purpose=purpose, text_version="1", given_at=NOON) for purpose in ConsentPurpose],
    )


def union(id: str, sector: Sector = Sector.FOOD_DELIVERY) -> IndustryUnion:
    return IndustryUnion(id=id, name=id, sector=sector, established_on=DAY)


# --- numbers -------------------------------------------------------------------------------------------------------


def test_the_examples_of_the_standards_hold() -> None:
    assert credit_code_holds(CREDIT_CODE)
    assert id_number_holds(ID_NUMBER)


@given(st.integers(0, 17), st.sampled_from(CREDIT_ALPHABET))
def test_a_credit_code_with_one_other_character_does_not_hold(place: int, character: str) -> None:
    changed = CREDIT_CODE[:place] + character + CREDIT_CODE[place + 1 :]
    assert credit_code_holds(changed) == (changed == CREDIT_CODE)


@given(st.integers(0, 16), st.sampled_from("0123456789"))
def test_an_identity_number_with_one_other_digit_does_not_hold(place: int, digit: str) -> None:
    changed = ID_NUMBER[:place] + digit + ID_NUMBER[place + 1 :]
    assert id_number_holds(changed) == (changed == ID_NUMBER)


# --- enterprises ---------------------------------------------------------------------------------------------------


def enterprise(code: str = CREDIT_CODE) -> Enterprise:
    return Enterprise(id="e1", name="甲", credit_code=code, sector=Sector.FOOD_DELIVERY, community_id="c1")


def test_an_enterprise_has_a_credit_code_that_holds_or_one_of_the_demonstration() -> None:
    enterprise().check()
    enterprise("91371324DEMO000001").check()
    for wrong in ("91350100M000100Y44", "91371324DEMO00000A", "91371325DEMO000001"):
        with pytest.raises(GovError, match="NEG_CREDIT_CODE_INVALID"):
            enterprise(wrong).check()


def test_an_enterprise_is_organised_in_its_own_sector_and_stays_there() -> None:
    own = enterprise()
    with pytest.raises(GovError, match="NEG_SECTOR_MISMATCH"):
        own.join_union("u1", Sector.EXPRESS_LOGISTICS)
    own.join_union("u1", Sector.FOOD_DELIVERY)
    with pytest.raises(GovError, match="NEG_ENTERPRISE_COVERED"):
        own.join_union("u2", Sector.FOOD_DELIVERY)
    own.sector = Sector.EXPRESS_LOGISTICS
    with pytest.raises(GovError, match="NEG_SECTOR_MISMATCH"):
        own.check()


# --- workers -------------------------------------------------------------------------------------------------------


def test_consents_are_required_given_once_more_and_withdrawn() -> None:
    person = worker()
    person.check()
    person.withdraw(ConsentPurpose.INSURANCE, NOON)
    with pytest.raises(GovError, match="NEG_CONSENT_UNKNOWN"):
        person.withdraw(ConsentPurpose.INSURANCE, NOON)
    with pytest.raises(GovError, match="NEG_CONSENT_REQUIRED"):
        enroll(person, InsuranceType.PENSION, DAY, None, [])
    person.consent(ConsentPurpose.INSURANCE, "2", NOON)
    enroll(person, InsuranceType.PENSION, DAY, None, [])
    kept = [item for item in person.consents if item.purpose is ConsentPurpose.INSURANCE]
    assert [item.holds for item in kept] == [False, True]
    person.withdraw(ConsentPurpose.IDENTITY_NUMBER, NOON)
    with pytest.raises(GovError, match="NEG_CONSENT_REQUIRED"):
        person.check()


@pytest.mark.parametrize(
    ("actor", "seen"),
    [
        (Actor(id="r1", roles=frozenset({Role.RESIDENT})), True),
        (Actor(id="r2", roles=frozenset({Role.RESIDENT})), False),
        (Actor(id="x", roles=frozenset({Role.COMMUNITY_SECRETARY}), scope=Scope(county_wide=True)), False),
        (Actor(id="x", roles=frozenset({Role.AUDITOR})), True),
        (Actor(id="x", roles=frozenset({Role.INDUSTRY_COMMITTEE_OFFICER})), True),
        (Actor(id="x", roles=frozenset({Role.UNION_OFFICER})), False),
        (Actor(id="x", roles=frozenset({Role.UNION_OFFICER}), scope=Scope(county_wide=True)), True),
        (Actor(id="x", roles=frozenset({Role.UNION_OFFICER}), scope=Scope(union_ids=frozenset({"u1"}))), True),
        (Actor(id="x", roles=frozenset({Role.UNION_OFFICER}), scope=Scope(union_ids=frozenset({"u2"}))), False),
    ],
)
def test_who_sees_a_worker_and_the_memberships(actor: Actor, seen: bool) -> None:
    person = worker()
    membership = UnionMembership.apply(id="m1", worker=person, union=union("u1"), on=DAY)
    for record in (person, membership, enroll(person, InsuranceType.PENSION, DAY, None, [])):
        assert any(matches(record, where) for where in type(record).visible_to(actor)) == seen


# --- memberships ---------------------------------------------------------------------------------------------------


def test_a_membership_from_application_to_transfer() -> None:
    person = worker()
    first = UnionMembership.apply(id="m1", worker=person, union=union("u1"), on=DAY)
    assert (first.state, person.union_ids) == (MembershipState.APPLIED, ["u1"])
    with pytest.raises(GovError, match="NEG_PERIOD_INVALID"):
        first.approve(DAY - timedelta(days=1))
    first.approve(DAY)
    with pytest.raises(GovError, match="NEG_SAME_UNION"):
        first.transfer(id="m2", worker=person, to=union("u1"), on=DAY)
    second = first.transfer(id="m2", worker=person, to=union("u2"), on=DAY)
    assert (first.state, second.state) == (MembershipState.TRANSFERRED, MembershipState.ACTIVE)
    assert (second.transfer_from_id, person.union_ids) == ("m1", ["u2"])
    second.end(person, DAY, MembershipEndReason.LEFT)
    assert (second.state, person.union_ids) == (MembershipState.ENDED, [])
    types = [type(event).__name__ for record in (first, second) for event in record.take_events()]
    assert types == ["MembershipActivated", "MembershipTransferred", "MembershipActivated", "MembershipEnded"]


# --- insurance -----------------------------------------------------------------------------------------------------


def enroll(
    person: Worker, type: InsuranceType, from_on: date, to_on: date | None, others: list[InsuranceEnrollment]
) -> InsuranceEnrollment:
    return InsuranceEnrollment.enroll(
        id=f"i{len(others)}",
        worker=person,
        type=type,
        payer=InsurancePayer.SELF,
        from_on=from_on,
        to_on=to_on,
        others=others,
    )


DAYS = st.integers(0, 40).map(lambda n: DAY + timedelta(days=n))
PERIODS = st.tuples(
    st.sampled_from([InsuranceType.PENSION, InsuranceType.WORK_INJURY]), DAYS, st.none() | st.integers(0, 15)
)


@given(st.lists(PERIODS, max_size=12))
def test_periods_of_one_type_never_share_a_day_and_only_such_are_refused(
    wanted: list[tuple[InsuranceType, date, int | None]],
) -> None:
    person, accepted = worker(), list[InsuranceEnrollment]()
    covered: dict[InsuranceType, set[date]] = {InsuranceType.PENSION: set(), InsuranceType.WORK_INJURY: set()}
    for type, from_on, length in wanted:
        to_on = None if length is None else from_on + timedelta(days=length)
        days = {from_on + timedelta(days=n) for n in range(100 if length is None else length + 1)}
        if days & covered[type]:
            with pytest.raises(GovError, match="NEG_COVERAGE_OVERLAP"):
                enroll(person, type, from_on, to_on, accepted)
        else:
            accepted.append(enroll(person, type, from_on, to_on, accepted))
            covered[type] |= days
    assert person.enrollments == len(accepted)


def test_an_enrolment_ends_inside_its_period() -> None:
    enrollment = enroll(worker(), InsuranceType.PENSION, DAY, DAY + timedelta(days=30), [])
    for wrong in (DAY - timedelta(days=1), DAY + timedelta(days=31)):
        with pytest.raises(GovError, match="NEG_PERIOD_INVALID"):
            enrollment.end(wrong)
    enrollment.end(DAY)
    assert enrollment.to_on == DAY


# --- supervisors ---------------------------------------------------------------------------------------------------

POST = SupervisorPostType(
    id="p1",
    post_type=SupervisorPost.MUNICIPAL_FACILITY_OBSERVER,
    allowed_categories=["04", "06"],
    allowed_occupations=[WorkerOccupation.COURIER],
)


def batch(places: int = 1) -> SupervisorBatch:
    return SupervisorBatch(
        id="b1", number=1, announced_on=DAY, quotas=[PostQuota(post_type=POST.post_type, places=places)]
    )


def nominated(id: str = "g1") -> GovernanceSupervisor:
    return GovernanceSupervisor.nominate(
        id=id, worker=worker(), post=POST, batch_number=1, community_ids=["c1"], on=DAY
    )


def appoint(supervisor: GovernanceSupervisor, to: SupervisorBatch, person: Worker | None = None) -> None:
    supervisor.appoint(
        worker=person or worker(),
        post=POST,
        batch=to,
        on=DAY,
        term_ends_on=DAY + timedelta(days=364),
        certificate_number="JDY-1",
    )


def test_a_supervisor_from_nomination_to_the_end_of_the_term() -> None:
    supervisor, first = nominated(), batch()
    appoint(supervisor, first)
    (event,) = supervisor.take_events()
    assert event.TYPE == "cn.lanling.supervisor.appointed.v1"
    assert (event.supervisor_id, event.resident_id) == ("g1", "r1")  # type: ignore[attr-defined]
    with pytest.raises(GovError, match="NEG_QUOTA"):
        appoint(nominated("g2"), first)
    supervisor.suspend()
    supervisor.resume()
    supervisor.end(first, DAY)
    assert supervisor.state is SupervisorState.ENDED
    names = [type(event).__name__ for event in supervisor.take_events()]
    assert names == ["SupervisorSuspended", "SupervisorAppointed", "SupervisorEnded"]
    appoint(nominated("g2"), first)


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        (worker(occupation=WorkerOccupation.LIVE_STREAMER), "OCCUPATION"),
        (worker(resident_id=None), "NO_RESIDENT_IDENTITY"),
    ],
)
def test_who_is_not_eligible_is_neither_nominated_nor_appointed(person: Worker, reason: str) -> None:
    with pytest.raises(GovError) as refused:
        GovernanceSupervisor.nominate(id="g", worker=person, post=POST, batch_number=1, community_ids=[], on=DAY)
    assert (refused.value.code, refused.value.details["reason"]) == ("NEG_NOT_ELIGIBLE", reason)
    with pytest.raises(GovError, match="NEG_NOT_ELIGIBLE"):
        appoint(nominated(), batch(), person)


def test_a_worker_who_left_is_not_appointed_insured_or_organised() -> None:
    person = worker()
    person.leave(DAY)
    with pytest.raises(GovError, match="NEG_WORKER_LEFT"):
        enroll(person, InsuranceType.PENSION, DAY, None, [])
    with pytest.raises(GovError, match="NEG_WORKER_LEFT"):
        UnionMembership.apply(id="m1", worker=person, union=union("u1"), on=DAY)
    with pytest.raises(GovError, match="NEG_NOT_ELIGIBLE"):
        appoint(nominated(), batch(), person)


def test_places_are_never_fewer_than_supervisors_in_office() -> None:
    first = batch(1)
    appoint(nominated(), first)
    first.quotas = []
    with pytest.raises(GovError, match="NEG_QUOTA_BELOW_APPOINTED"):
        first.check()


OUTCOMES = st.lists(st.sampled_from(["SOLVED", "EXPLAINED", "PLANNED", "NOT_FEASIBLE", None]), min_size=1, max_size=8)


@given(OUTCOMES)
def test_a_report_is_confirmed_once_however_often_its_petition_is_closed(outcomes: list[str | None]) -> None:
    supervisor = nominated()
    report = SupervisorReport.submit(
        supervisor=supervisor, petition_id="p1", at=NOON, category_code="040103", community_id="c1"
    )
    for outcome in outcomes:
        report.close(supervisor, at=NOON, outcome=outcome)
    confirmed = [event for event in report.take_events() if isinstance(event, SupervisorReportConfirmed)]
    solved = "SOLVED" in outcomes
    assert (len(confirmed), supervisor.reports_submitted, supervisor.reports_confirmed) == (solved, 1, solved)
    assert report.state is (SupervisorReportState.CONFIRMED if solved else SupervisorReportState.NOT_CONFIRMED)


# --- what leaves the service ---------------------------------------------------------------------------------------


def test_no_event_tells_of_a_membership_or_an_insurance_who_it_is_about() -> None:
    for cls in SERVICE.events:
        name = cls.TYPE.split(".")[2]
        if name in {"membership", "union_membership", "insurance", "insurance_enrollment"}:
            assert not {"worker_id", "resident_id"} & {item.name for item in fields_of(cls)}, cls.TYPE
        if name == "worker":
            assert {item.name for item in fields_of(cls)} == {"worker_id", "occupation", "community_id", "status"}


TABLES: list[tuple[type[LabelEnum], StateTable, set[str]]] = [
    (SupervisorState, GovernanceSupervisor.TABLE, {"ENDED"}),
    (StationStatus, BeeStation.TABLE, {"CLOSED"}),
    (MembershipState, UnionMembership.TABLE, {"TRANSFERRED", "ENDED", "REJECTED"}),
    (NewBusinessOrganizationStatus, NewBusinessPartyOrganization.TABLE, {"DISSOLVED"}),
]


@pytest.mark.parametrize(("states", "table", "final"), TABLES)
def test_only_final_states_have_no_way_out(states: type[LabelEnum], table: StateTable, final: set[str]) -> None:
    left = {source for row in table.rows.values() for source in row.sources}
    assert {state.name for state in states if state not in left} == final
