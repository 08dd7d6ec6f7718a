"""Working time against a slow walk over every minute, and against deadlines computed by hand."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govkit.calendar import working_time
from govkit.domain import GovError
from govkit.domain.ports import BUSINESS_ZONE
from govkit.domain.working_time import Hours, WorkingTime

COUNTY = working_time()
LUNCH: Hours = ((time(8, 30), time(12)), (time(13, 30), time(17, 30)))
MINUTE = timedelta(minutes=1)

calendars = st.sampled_from([COUNTY, working_time(hours=LUNCH)])
moments = st.integers(0, 4 * 365 * 24 * 60 - 60 * 24 * 60).map(  # the last two months of 2026 are for what is added
    lambda minutes: datetime(2023, 1, 1, tzinfo=BUSINESS_ZONE) + minutes * MINUTE
)


def works(calendar: WorkingTime, minute: datetime) -> bool:
    """Whether the minute that begins at this moment is worked."""
    local = minute.astimezone(BUSINESS_ZONE)
    return calendar.days[local.date()] and any(begin <= local.time() < end for begin, end in calendar.hours)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BUSINESS_ZONE)


@given(calendars, moments, st.integers(0, 3000))
def test_minutes_are_added_as_a_walk_would(calendar: WorkingTime, moment: datetime, minutes: int) -> None:
    walked, left = moment, minutes
    while left:
        left -= works(calendar, walked)
        walked += MINUTE
    assert calendar.add_minutes(moment, minutes) == walked
    assert calendar.minutes_between(moment, walked) == minutes


@given(calendars, moments, st.integers(0, 20 * 24 * 60))
def test_minutes_between_are_those_of_a_walk(calendar: WorkingTime, begin: datetime, length: int) -> None:
    worked = sum(works(calendar, begin + minute * MINUTE) for minute in range(length))
    assert calendar.minutes_between(begin, begin + length * MINUTE) == worked


@given(calendars, moments, st.integers(1, 15))
def test_days_are_added_as_a_walk_would(calendar: WorkingTime, moment: datetime, days: int) -> None:
    walked = (moment + timedelta(days=1)).replace(hour=0, minute=0)
    worked: set[date] = set()
    last = walked
    while len(worked) <= days:
        if works(calendar, walked):
            worked.add(walked.date())
            if len(worked) <= days:
                last = walked + MINUTE
        walked += MINUTE
    assert calendar.add_days(moment, days) == last


@given(calendars, moments)
def test_the_end_of_the_day_before_is_that_of_a_walk(calendar: WorkingTime, moment: datetime) -> None:
    walked = moment.replace(hour=0, minute=0)
    while not works(calendar, walked - MINUTE):
        walked -= MINUTE
    assert calendar.end_of_day_before(moment) == walked


@pytest.mark.parametrize(
    ("moment", "minutes", "deadline"),
    [
        ("2026-02-13T16:59", 2, "2026-02-14T09:01"),  # the Saturday before Spring Festival is worked
        ("2026-02-14T16:00", 120, "2026-02-24T10:00"),  # nine days of Spring Festival
        ("2023-09-28T16:00", 540, "2023-10-07T17:00"),  # National Day, then a make-up Saturday …
        ("2023-09-28T16:00", 541, "2023-10-08T09:01"),  # … and a make-up Sunday
        ("2024-10-11T16:30", 60, "2024-10-12T09:30"),  # the make-up Saturday after National Day
        ("2025-06-11T20:30", 30, "2025-06-12T09:30"),  # an evening
        ("2025-06-15T12:00", 480, "2025-06-16T17:00"),  # a Sunday
        ("2025-06-11T16:59", 1, "2025-06-11T17:00"),  # the last minute of a day
        ("2025-06-11T17:00", 1, "2025-06-12T09:01"),
        ("2025-06-11T16:59:30", 1, "2025-06-12T09:00:30"),
        ("2025-06-15T12:00", 0, "2025-06-15T12:00"),
    ],
)
def test_deadlines_in_minutes(moment: str, minutes: int, deadline: str) -> None:
    assert COUNTY.add_minutes(local(moment), minutes) == local(deadline)


@pytest.mark.parametrize(
    ("moment", "days", "deadline"),
    [
        ("2026-02-13T16:59", 1, "2026-02-14T17:00"),
        ("2026-02-13T16:59", 2, "2026-02-24T17:00"),
        ("2026-02-13T16:59", 6, "2026-02-28T17:00"),  # the make-up Saturday after Spring Festival
        ("2023-09-28T10:00", 5, "2023-10-11T17:00"),
        ("2025-06-11T20:30", 1, "2025-06-12T17:00"),
        ("2025-06-15T12:00", 1, "2025-06-16T17:00"),
        ("2025-06-13T09:00", 1, "2025-06-16T17:00"),
    ],
)
def test_deadlines_in_days(moment: str, days: int, deadline: str) -> None:
    assert COUNTY.add_days(local(moment), days) == local(deadline)


@pytest.mark.parametrize(
    ("moment", "before"),
    [
        ("2026-02-24T17:00", "2026-02-14T17:00"),
        ("2023-10-07T10:00", "2023-09-28T17:00"),
        ("2025-06-15T12:00", "2025-06-13T17:00"),
        ("2025-06-12T23:59", "2025-06-11T17:00"),
    ],
)
def test_the_end_of_the_working_day_before(moment: str, before: str) -> None:
    assert COUNTY.end_of_day_before(local(moment)) == local(before)


def test_the_county_s_day_begins_at_its_own_midnight_and_moments_come_out_in_utc() -> None:
    late = datetime(2025, 6, 11, 16, 30, tzinfo=UTC)  # half past midnight on the twelfth in the county
    assert COUNTY.add_days(late, 1) == local("2025-06-13T17:00")
    assert COUNTY.add_minutes(local("2025-06-11T10:00"), 0).tzinfo is UTC
    assert COUNTY.add_minutes(late, 1).tzinfo is UTC


def test_a_year_that_nobody_has_published_is_refused() -> None:
    last = max(COUNTY.days)
    assert (last.month, last.day) == (12, 31)
    first = date(last.year + 1, 1, 1)
    evening = datetime.combine(last, time(20), BUSINESS_ZONE)
    for count in (
        lambda: COUNTY.add_minutes(evening, 1),
        lambda: COUNTY.add_days(evening, 1),
        lambda: COUNTY.minutes_between(evening, evening + timedelta(days=1)),
    ):
        with pytest.raises(GovError) as caught:
            count()
        assert caught.value.code == "GEN_CALENDAR_UNKNOWN"
        assert caught.value.details == {"year": first.year, "day": first.isoformat()}
    with pytest.raises(GovError) as caught:
        COUNTY.end_of_day_before(datetime.combine(min(COUNTY.days), time(12), BUSINESS_ZONE))
    assert caught.value.details["year"] == min(COUNTY.days).year - 1
    assert COUNTY.minutes_between(evening - timedelta(hours=1), evening) == 0  # needs no day of the year after


def test_the_county_s_own_days_overrule_and_add() -> None:
    evening = local("2025-06-11T20:30")
    assert working_time({date(2025, 6, 12): False}).add_minutes(evening, 30) == local("2025-06-13T09:30")
    first = date(max(COUNTY.days).year + 1, 1, 1)
    own = working_time({first: False, first + timedelta(days=1): True})
    evening = datetime.combine(max(COUNTY.days), time(20), BUSINESS_ZONE)
    assert own.add_minutes(evening, 480) == datetime.combine(first + timedelta(days=1), time(17), BUSINESS_ZONE)
    with pytest.raises(GovError, match="GEN_CALENDAR_UNKNOWN"):
        own.add_minutes(evening, 481)


@pytest.mark.parametrize("hours", [(), ((time(9), time(9)),), ((time(13), time(17)), (time(8), time(12)))])
def test_hours_that_cannot_be_worked_are_refused(hours: Hours) -> None:
    with pytest.raises(ValueError, match="sessions"):
        WorkingTime({}, hours)


def test_nothing_is_counted_backwards() -> None:
    moment = local("2025-06-11T10:00")
    for count in (
        lambda: COUNTY.add_minutes(moment, -1),
        lambda: COUNTY.add_days(moment, 0),
        lambda: COUNTY.minutes_between(moment, moment - MINUTE),
    ):
        with pytest.raises(ValueError, match=r"less than|before"):
            count()
