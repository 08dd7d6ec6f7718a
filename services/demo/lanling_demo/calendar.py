"""Days of the story: months of its year, weekends, working hours, China's zone."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from random import Random

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
OPENING, CLOSING = 9, 17  # working hours of the facts: Monday to Friday, eight hours a day
_SATURDAY = 5

# The second day of the second lunar month (龙抬头), on which the first named event takes place.
SECOND_OF_SECOND_LUNAR_MONTH = {
    2022: date(2022, 3, 4),
    2023: date(2023, 2, 21),
    2024: date(2024, 3, 11),
    2025: date(2025, 3, 1),
    2026: date(2026, 3, 20),
}


def month_start(year: int, month: int) -> date:
    """First day of a month; month 13 is January of the next year."""
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def days_in_month(year: int, month: int) -> int:
    return (month_start(year, month + 1) - month_start(year, month)).days


def is_weekend(day: date) -> bool:
    return day.weekday() >= _SATURDAY


def weekends(year: int) -> tuple[date, ...]:
    """Every Saturday and Sunday of the year."""
    days = (
        date(year, 1, 1) + timedelta(days=offset) for offset in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)
    )
    return tuple(day for day in days if is_weekend(day))


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """An instant in UTC from the wall clock of China."""
    return datetime.combine(day, time(hour, minute), CHINA).astimezone(UTC)


def day_of(instant: datetime) -> date:
    """The day in China."""
    return instant.astimezone(CHINA).date()


def random_day(random: Random, first: date, last: date) -> date:
    """A day between both, ends included."""
    return first + timedelta(days=random.randint(0, (last - first).days))


def add_working_hours(instant: datetime, hours: float) -> datetime:
    """The instant after so many working hours. Outside of them the clock rests; public holidays are not considered."""
    moment = _next_open(instant.astimezone(CHINA))
    left = timedelta(hours=hours)
    while True:
        closing = moment.replace(hour=CLOSING, minute=0, second=0, microsecond=0)
        if moment + left <= closing:
            return (moment + left).replace(microsecond=0).astimezone(UTC)
        left -= closing - moment
        moment = _next_open(closing)


def _next_open(moment: datetime) -> datetime:
    opening = moment.replace(hour=OPENING, minute=0, second=0, microsecond=0)
    if moment.hour >= CLOSING or is_weekend(moment.date()):
        opening += timedelta(days=1)
        while is_weekend(opening.date()):
            opening += timedelta(days=1)
        return opening
    return max(moment, opening)
