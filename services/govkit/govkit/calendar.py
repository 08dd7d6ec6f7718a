"""The days that the State Council has published, and the county's own before them."""

from collections.abc import Mapping
from datetime import date, timedelta

from chinese_calendar import is_workday
from chinese_calendar.constants import holidays

from govkit.domain.working_time import OFFICE_HOURS, Hours, WorkingTime
from govkit.memo import memoized


def working_time(own: Mapping[date, bool] | None = None, hours: Hours = OFFICE_HOURS) -> WorkingTime:
    """The county's working time. `own`: day → whether it is worked; it overrules and adds to what is published."""
    return WorkingTime({**_published(), **(own or {})}, hours)


@memoized
def _published() -> dict[date, bool]:
    # The notice for a year names days around it, too; it is the notice for that year when it has its National Day.
    years = {day.year for day in holidays if (day.month, day.day) == (10, 1)}
    return {day: is_workday(day) for year in sorted(years) for day in _days_of(year)}


def _days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=number) for number in range((date(year + 1, 1, 1) - first).days)]
