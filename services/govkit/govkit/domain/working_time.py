"""Working time of the county: pure arithmetic on the days and hours that it is given.

Moments go in and come out with a zone, and come out in UTC. A day that nobody has published is refused with
GEN_CALENDAR_UNKNOWN, never guessed from its weekday: make-up days and holidays are decided for each year anew.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from govkit.domain.errors import Gen
from govkit.domain.ports import BUSINESS_ZONE, business_date

Hours = tuple[tuple[time, time], ...]
"""Opening and closing of each session of a working day, in the county's time, in order."""

OFFICE_HOURS: Hours = ((time(9), time(17)),)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class WorkingTime:
    """`days`: each published day → whether it is worked. Raises ValueError when sessions are empty or out of order."""

    days: Mapping[date, bool]
    hours: Hours = OFFICE_HOURS

    def __post_init__(self) -> None:
        bounds = [bound for session in self.hours for bound in session]
        if not bounds or any(earlier >= later for earlier, later in pairwise(bounds)):
            raise ValueError("sessions of a working day follow each other and each closes after it opened")

    def is_working_day(self, day: date) -> bool:
        """Raises GEN_CALENDAR_UNKNOWN with the day and its year."""
        if day not in self.days:
            raise Gen.CALENDAR_UNKNOWN(year=day.year, day=day.isoformat())
        return self.days[day]

    def add_minutes(self, moment: datetime, minutes: int) -> datetime:
        """The earliest moment at which so many working minutes have passed: a closing, not the opening after it."""
        _at_least(0, minutes)
        left = minutes * MINUTE
        if not left:
            return moment.astimezone(UTC)
        for opening, closing in self._sessions(moment):
            if left <= closing - opening:
                return opening + left
            left -= closing - opening
        raise AssertionError("sessions end only at a day that is refused")

    def add_days(self, moment: datetime, days: int) -> datetime:
        """The closing of the last of so many working days. The day of the moment is not counted.

        So the Civil Code counts terms in days: articles 201 (from the day after) and 203 (to the end of business).
        """
        _at_least(1, days)
        day = business_date(moment)
        for _ in range(days):
            day = self._next(day, DAY)
        return self._closing(day)

    def minutes_between(self, begin: datetime, end: datetime) -> int:
        """Whole working minutes from `begin` to `end`. Raises ValueError when the end is before the beginning."""
        if end < begin:
            raise ValueError("the end is before the beginning")
        sessions = self._sessions(begin, business_date(end))
        worked = (min(closing, end) - opening for opening, closing in sessions if opening < end)
        return sum(worked, timedelta()) // MINUTE

    def end_of_day_before(self, moment: datetime) -> datetime:
        """The closing of the last working day before the day of the moment."""
        return self._closing(self._next(business_date(moment), -DAY))

    def _sessions(self, moment: datetime, last: date = date.max) -> Iterator[tuple[datetime, datetime]]:
        """What is left of the sessions from a moment on, through a last day."""
        day = business_date(moment)
        while day <= last:
            for opening, closing in self.hours if self.is_working_day(day) else ():
                begin, end = max(_at(day, opening), moment.astimezone(UTC)), _at(day, closing)
                if begin < end:
                    yield begin, end
            day += DAY

    def _next(self, day: date, step: timedelta) -> date:
        day += step
        while not self.is_working_day(day):
            day += step
        return day

    def _closing(self, day: date) -> datetime:
        return _at(day, self.hours[-1][1])


def _at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, BUSINESS_ZONE).astimezone(UTC)


def _at_least(least: int, number: int) -> None:
    if number < least:
        raise ValueError(f"{number} is less than {least}")
