"""Rules of red partners and community events, without any I/O."""

from datetime import UTC, date, datetime, timedelta

import pytest

from govkit.domain import Actor, GovError, Role, Scope
from govkit.domain.aggregate import matches
from red_partner.domain.bookings import OfferBooking
from red_partner.domain.events import CommunityEvent, CommunityEventState, EventRole
from red_partner.domain.offers import (
    OfferPublished,
    PartnerServiceListed,
    SupportKind,
    SupportOffer,
    SupportOfferState,
)
from red_partner.domain.partners import PartnerCategory, PartnerKind, PartnerState, RedPartner
from red_partner.domain.registrations import CheckInMethod, EventAttendanceConfirmed, Registration, RegistrationState
from red_partner.domain.schedules import ResidentSchedule
from red_partner.domain.variety import CommunityProgramme, ThemeUse, VarietyPolicy, VarietyRule, VarietyScope

NOW = datetime(2023, 5, 1, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def partner() -> RedPartner:
    return RedPartner(
        id="p1", name="车行", category=PartnerCategory.BICYCLE, kind=PartnerKind.STREET_SHOP, community_id="c1"
    ).apply()


def active_partner() -> RedPartner:
    made = partner()
    made.start_review()
    made.approve(date(2023, 1, 1))
    return made


def draft(id: str = "e1", *, capacity: int = 2, starts_at: datetime = NOW + 3 * HOUR) -> CommunityEvent:
    return CommunityEvent(
        id=id,
        title="骑乐无穷",
        theme_key="cycling",
        community_id="c1",
        partner_ids=["p1"],
        starts_at=starts_at,
        ends_at=starts_at + 2 * HOUR,
        capacity=capacity,
        registration_opens_at=NOW,
        registration_closes_at=starts_at,
        rule_code="VOLUNTEER_HOUR",
    )


def published(capacity: int = 2) -> CommunityEvent:
    event = draft(capacity=capacity)
    event.publish()
    return event


def registration(event: CommunityEvent, number: int = 1) -> Registration:
    return Registration(
        id=f"r{number}",
        event_id=event.id,
        resident_id=f"resident{number}",
        community_id="c1",
        registered_at=NOW,
        event_starts_at=event.starts_at,
        event_ends_at=event.ends_at,
    ).make(event)


# --- partners --------------------------------------------------------------------------------------------------------


def test_a_partner_is_reviewed_before_it_is_active() -> None:
    applied = partner()
    with pytest.raises(GovError, match="GEN_INVALID_STATE"):
        applied.approve(NOW.date())
    applied.start_review()
    applied.reject()
    assert applied.state is PartnerState.REJECTED
    assert active_partner().joined_on == date(2023, 1, 1)


def test_a_partner_with_events_to_come_stays() -> None:
    active = active_partner()
    with pytest.raises(GovError, match="RPA_HAS_FUTURE_EVENTS") as refused:
        active.leave(NOW.date(), ["e2", "e1"])
    assert refused.value.details == {"eventIds": ["e1", "e2"]}
    active.leave(NOW.date(), [])
    with pytest.raises(GovError, match="RPA_PARTNER_NOT_ACTIVE"):
        active.take_part()


def test_an_agreement_runs_forward() -> None:
    active = active_partner()
    with pytest.raises(GovError, match="RPA_PERIOD_INVALID"):
        active.sign("HHR-1", date(2023, 5, 1), date(2023, 5, 1), [])
    active.sign("HHR-1", date(2023, 5, 1), date(2025, 5, 1), ["每月一次"])
    assert active.agreement_to == date(2025, 5, 1)


def test_applications_are_seen_by_staff_and_their_own_side_only() -> None:
    applied = partner()
    applied.created_by = "owner"

    def sees(actor: Actor) -> bool:
        return any(matches(applied, where) for where in RedPartner.visible_to(actor))

    assert sees(Actor(id="x", roles=frozenset({Role.GRID_WORKER})))
    assert sees(Actor(id="owner", roles=frozenset({Role.RESIDENT})))
    assert sees(Actor(id="x", roles=frozenset({Role.PARTNER}), scope=Scope(partner_id="p1")))
    assert not sees(Actor(id="x", roles=frozenset({Role.PARTNER}), scope=Scope(partner_id="p2")))
    assert not sees(Actor(id="x", roles=frozenset({Role.RESIDENT})))


# --- offers and bookings ---------------------------------------------------------------------------------------------


def offer(kind: SupportKind = SupportKind.VENUE, hint: int | None = None) -> SupportOffer:
    return SupportOffer(
        id="o1", partner_id="p1", community_id="c1", kind=kind, title="场地", capacity=10, points_price_hint=hint
    ).publish()


def booking(id: str, start: datetime) -> OfferBooking:
    return OfferBooking(id=id, offer_id="o1", partner_id="p1", community_id="c1", starts_at=start, ends_at=start + HOUR)


def test_a_service_with_a_price_is_listed_for_redemption() -> None:
    assert [type(event) for event in offer().take_events()] == [OfferPublished]
    listed = offer(SupportKind.SERVICE, hint=5).take_events()
    assert [type(event) for event in listed] == [OfferPublished, PartnerServiceListed]


def test_a_slot_is_given_once_and_free_again_after_a_cancellation() -> None:
    open_offer = offer()
    first, second = booking("b1", NOW).request(open_offer), booking("b2", NOW + HOUR / 2).request(open_offer)
    first.confirm(open_offer, NOW)
    with pytest.raises(GovError, match="RPA_SLOT_TAKEN"):
        second.confirm(open_offer, NOW)
    with pytest.raises(GovError, match="RPA_SLOT_TAKEN"):
        booking("b3", NOW).request(open_offer)
    booking("b4", NOW + HOUR).request(open_offer)
    first.cancel(open_offer)
    second = booking("b2", NOW + HOUR / 2).request(open_offer)
    second.confirm(open_offer, NOW)
    assert [slot.booking_id for slot in open_offer.booked] == ["b2"]


def test_a_paused_offer_is_not_booked() -> None:
    paused = offer()
    paused.pause()
    assert paused.state is SupportOfferState.PAUSED
    with pytest.raises(GovError, match="RPA_OFFER_NOT_OPEN"):
        booking("b1", NOW).request(paused)


# --- variety ---------------------------------------------------------------------------------------------------------


def use(event_id: str, on: date, theme: str = "cycling") -> ThemeUse:
    return ThemeUse(theme_key=theme, event_id=event_id, on=on)


@pytest.mark.parametrize(
    ("on", "repeated"),
    [
        (date(2023, 6, 1), True),
        (date(2024, 5, 12), True),
        (date(2024, 5, 13), False),
        (date(2022, 5, 14), True),
        (date(2022, 5, 13), False),
    ],
)
def test_a_theme_returns_after_twelve_months_and_not_before(on: date, repeated: bool) -> None:
    rule = VarietyRule(id="v", scope=VarietyScope.COUNTY)
    programme = CommunityProgramme(id="c1", community_id="c1")
    programme.enter(use("e1", date(2023, 5, 13)), rule)
    programme.enter(use("e2", date(2023, 6, 1), "reading"), rule)
    if repeated:
        with pytest.raises(GovError, match="RPA_THEME_REPEATED") as refused:
            programme.enter(use("e3", on), rule)
        assert refused.value.details["lastEventId"] == "e1"
    else:
        assert programme.enter(use("e3", on), rule) is None


def test_the_end_of_february_counts_as_a_month_end() -> None:
    rule = VarietyRule(id="v", scope=VarietyScope.COUNTY)
    programme = CommunityProgramme(id="c1", community_id="c1")
    programme.enter(use("e1", date(2024, 2, 29)), rule)
    with pytest.raises(GovError, match="RPA_THEME_REPEATED"):
        programme.enter(use("e2", date(2025, 2, 28)), rule)
    assert programme.enter(use("e2", date(2025, 3, 1)), rule) is None


def test_a_rule_that_warns_names_the_event_that_is_repeated_and_a_cancelled_one_is_forgotten() -> None:
    rule = VarietyRule(id="v", scope=VarietyScope.COUNTY, policy=VarietyPolicy.WARN)
    programme = CommunityProgramme(id="c1", community_id="c1")
    programme.enter(use("e1", date(2023, 5, 13)), rule)
    assert programme.enter(use("e2", date(2023, 6, 13)), rule) == "e1"
    programme.leave("e2")
    programme.leave("e1")
    assert programme.enter(use("e3", date(2023, 7, 13)), rule) is None


def test_a_rule_names_its_scope() -> None:
    with pytest.raises(GovError, match="RPA_RULE_SCOPE_INVALID"):
        VarietyRule(id="v", scope=VarietyScope.COMMUNITY).check()
    with pytest.raises(GovError, match="RPA_RULE_SCOPE_INVALID"):
        VarietyRule(id="v", scope=VarietyScope.COUNTY, community_id="c1").check()
    VarietyRule(id="v", scope=VarietyScope.COMMUNITY, community_id="c1").check()


# --- events ----------------------------------------------------------------------------------------------------------


def test_an_event_needs_a_partner_and_periods_that_run_forward() -> None:
    alone = draft()
    alone.partner_ids = []
    with pytest.raises(GovError, match="RPA_NO_PARTNER"):
        alone.publish()
    for name, value in (
        ("ends_at", alone.starts_at),
        ("registration_closes_at", NOW),
        ("registration_closes_at", alone.ends_at + HOUR),
    ):
        wrong = draft()
        setattr(wrong, name, value)
        with pytest.raises(GovError, match="RPA_PERIOD_INVALID"):
            wrong.check()


def test_registration_is_open_in_its_time_only() -> None:
    event = draft()
    with pytest.raises(GovError, match="RPA_REGISTRATION_CLOSED"):
        event.require_registration_open(NOW)
    event.publish()
    event.require_registration_open(NOW)
    for at in (NOW - HOUR, event.registration_closes_at):
        with pytest.raises(GovError, match="RPA_REGISTRATION_CLOSED"):
            event.require_registration_open(at)
    event.close_registration()
    with pytest.raises(GovError, match="RPA_REGISTRATION_CLOSED"):
        event.require_registration_open(NOW)


def test_a_role_is_one_of_the_event() -> None:
    event = draft()
    event.require_role("ANY")
    event.roles = [EventRole(code="GUIDE", name="引导员", needed=2)]
    event.require_role("GUIDE")
    with pytest.raises(GovError, match="RPA_ROLE_UNKNOWN"):
        event.require_role("ANY")


def test_an_event_starts_at_most_a_day_early() -> None:
    event = published()
    with pytest.raises(GovError, match="RPA_EVENT_NOT_STARTED"):
        event.start(event.starts_at - timedelta(hours=25))
    with pytest.raises(GovError, match="GEN_INVALID_STATE"):
        event.complete()
    event.start(event.starts_at - timedelta(hours=23))
    event.complete()
    assert event.state is CommunityEventState.COMPLETED


# --- registrations ---------------------------------------------------------------------------------------------------


def test_who_comes_after_the_last_seat_waits_until_the_list_is_full() -> None:
    event = published(capacity=1)
    event.waitlist_limit = 1
    assert registration(event, 1).state is RegistrationState.REGISTERED
    waiting = registration(event, 2)
    assert (waiting.state, waiting.waitlist_position) == (RegistrationState.WAITLISTED, 1)
    with pytest.raises(GovError, match="RPA_FULL"):
        registration(event, 3)


def test_an_offered_seat_is_kept_for_a_day() -> None:
    event = published(capacity=1)
    event.starts_at, event.ends_at = NOW + timedelta(days=9), NOW + timedelta(days=9, hours=2)
    seated, waiting = registration(event, 1), registration(event, 2)
    seated.cancel(event, NOW)
    waiting.offer(event, NOW)
    assert waiting.offer_expires_at == NOW + timedelta(days=1)
    assert (event.seats_taken, event.waitlist_length) == (1, 0)
    with pytest.raises(GovError, match="RPA_OFFER_EXPIRED"):
        waiting.accept(NOW + timedelta(days=1))
    waiting.accept(NOW + timedelta(hours=23))
    assert waiting.state is RegistrationState.REGISTERED


def test_an_offer_made_shortly_before_the_event_ends_when_it_starts() -> None:
    event = published(capacity=1)
    seated, waiting = registration(event, 1), registration(event, 2)
    seated.cancel(event, NOW)
    waiting.offer(event, NOW)
    assert waiting.offer_expires_at == event.starts_at


def test_nobody_attends_before_the_start_or_after_a_cancellation() -> None:
    event = published()
    made = registration(event)
    with pytest.raises(GovError, match="RPA_EVENT_NOT_STARTED"):
        made.check_in(event, NOW, "staff", CheckInMethod.STAFF)
    event.cancel()
    with pytest.raises(GovError, match="RPA_EVENT_CANCELLED"):
        made.miss(event)


def attended(event: CommunityEvent, check_out_after: timedelta | None) -> Registration:
    made = registration(event)
    event.start(event.starts_at)
    made.check_in(event, event.starts_at, "staff", CheckInMethod.STAFF)
    if check_out_after is not None:
        made.check_out(event.starts_at + check_out_after)
    return made


@pytest.mark.parametrize(
    ("stayed", "minutes"), [(None, 120), (timedelta(minutes=45), 45), (timedelta(hours=9), 120), (timedelta(0), 0)]
)
def test_minutes_are_those_stayed_and_never_more_than_planned(stayed: timedelta | None, minutes: int) -> None:
    event = published()
    made = attended(event, stayed)
    made.confirm(event, event.ends_at, "staff")
    assert made.minutes == event.volunteer_minutes == minutes


def test_attendance_is_confirmed_once_and_never_by_oneself() -> None:
    event = published()
    made = attended(event, None)
    with pytest.raises(GovError, match="RPA_SELF_CONFIRMATION"):
        made.confirm(event, event.ends_at, made.resident_id)
    made.take_events()
    made.confirm(event, event.ends_at, "staff")
    (confirmed,) = made.take_events()
    assert isinstance(confirmed, EventAttendanceConfirmed)
    assert (confirmed.rule_code, confirmed.minutes, confirmed.resident_id) == ("VOLUNTEER_HOUR", 120, "resident1")
    with pytest.raises(GovError, match="RPA_ALREADY_CONFIRMED"):
        made.confirm(event, event.ends_at, "staff")
    with pytest.raises(GovError, match="RPA_ALREADY_CONFIRMED"):
        made.check_out(event.ends_at)


def test_who_stayed_away_is_not_confirmed_and_nobody_checks_out_twice() -> None:
    event = published()
    absent = registration(event, 2)
    present = attended(event, HOUR)
    absent.miss(event)
    with pytest.raises(GovError, match="RPA_NOT_CHECKED_IN"):
        absent.confirm(event, event.ends_at, "staff")
    with pytest.raises(GovError, match="RPA_ALREADY_CHECKED_OUT"):
        present.check_out(event.ends_at)


def test_presence_noted_after_the_end_is_counted() -> None:
    event = published()
    early, late, absent = (registration(event, number) for number in (1, 2, 3))
    assert absent.state is RegistrationState.WAITLISTED
    event.start(event.starts_at)
    early.check_in(event, event.starts_at, "staff", CheckInMethod.STAFF)
    event.complete()
    late.check_in(event, event.ends_at, "staff", CheckInMethod.STAFF)
    assert (event.attendees, event.no_shows) == (2, 0)
    with pytest.raises(GovError, match="RPA_REGISTRATION_CLOSED"):
        absent.cancel(event, event.ends_at)


def test_a_resident_has_one_event_at_a_time() -> None:
    schedule = ResidentSchedule(id="resident1", resident_id="resident1")
    schedule.enter(draft("e1"), NOW)
    with pytest.raises(GovError, match="RPA_TIME_CONFLICT") as refused:
        schedule.enter(draft("e2", starts_at=NOW + 4 * HOUR), NOW)
    assert refused.value.details == {"eventId": "e1"}
    with pytest.raises(GovError, match="RPA_ALREADY_REGISTERED"):
        schedule.enter(draft("e1"), NOW)
    schedule.enter(draft("e3", starts_at=NOW + 5 * HOUR), NOW)
    schedule.leave("e1")
    schedule.enter(draft("e2", starts_at=NOW + 3 * HOUR), NOW)
    schedule.enter(draft("e4", starts_at=NOW + 50 * HOUR), NOW + 40 * HOUR)
    assert [entry.event_id for entry in schedule.entries] == ["e4"]
