"""Time and identity as parameters, so that the domain stays pure and tests own the clock."""

from datetime import UTC, date, datetime, timedelta, timezone
from hashlib import sha256
from typing import Protocol
from uuid import UUID

import uuid_utils

BUSINESS_ZONE = timezone(timedelta(hours=8), "Asia/Shanghai")


class Clock(Protocol):
    def now(self) -> datetime:
        """The present in UTC, in whole milliseconds (what the database keeps)."""
        ...


class SystemClock:
    def now(self) -> datetime:
        present = datetime.now(UTC)
        return present.replace(microsecond=present.microsecond // 1000 * 1000)


class FixedClock:
    """Stands still until it is moved; for tests."""

    def __init__(self, present: datetime):
        self.present = present

    def now(self) -> datetime:
        return self.present

    def advance(self, step: timedelta) -> None:
        self.present += step


def business_date(moment: datetime) -> date:
    """The calendar day in the county at this moment."""
    return moment.astimezone(BUSINESS_ZONE).date()


def months_after(day: date, months: int) -> date:
    """The first day that is not within `months` of `day`: the same day of the month, or the first of the one after; the
    last day that there is where the calendar ends before."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        return date.max
    try:
        return day.replace(year=year, month=month + 1)
    except ValueError:
        # A month with fewer days, so never December.
        return date(year, month + 2, 1)


def derived_id(moment: datetime, *parts: str) -> str:
    """The same id for the same parts. It sorts by the moment, among the ids that `new_id` makes: a UUIDv8."""
    digest = sha256("/".join(parts).encode()).digest()
    number = int(moment.timestamp() * 1000) << 80 | int.from_bytes(digest[:10], "big")
    number = number & ~(0xF << 76) | 8 << 76
    return str(UUID(int=number & ~(0x3 << 62) | 0x2 << 62))


def new_id() -> str:
    """A UUIDv7: sortable by time, unique without coordination."""
    return str(uuid_utils.uuid7())
