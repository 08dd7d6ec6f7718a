"""The rule of versions: what has been published of a type stays true for as long as the type exists.

Both directions count. A subscriber who wrote against the published schema must be able to read tomorrow's events; and
the schema of today must fit yesterday's events, because topics keep them for ever and every new subscriber reads them.

    allowed       a new type; a new field marked `Added`; a new member of an enum; another description
    not allowed   everything below; it needs a new version of the type, published beside the old one until a stated day,
                  which is told at least NOTICE before
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from lanling_local.contract.promises import Promise, Promises

NOTICE = timedelta(days=180)
"""From the day on which the last day of a type is told until that day; docs/subscribers.md promises it."""

TYPE_REMOVED = "a type is published until the day that it names; give the class `until=…` and keep it up to then"
TYPE_MOVED = "a type stays in its service's topic"
ENDS_EARLIER = "the last day of a type may move back, not forward"
ENDS_TOO_SOON = f"subscribers hear of the last day of a type {NOTICE.days} days before it at least"
FIELD_REMOVED = "a published field stays"
KIND_CHANGED = "a published field keeps its type"
NOW_NULLABLE = "a field that was never null stays so: subscribers do not expect null"
NO_LONGER_NULLABLE = "a field that could be null stays so: older events hold null"
NO_LONGER_REQUIRED = "a field that was always there stays so: subscribers rely on it"
NOW_REQUIRED = "a field that was added later stays `Added`: older events lack it"
NEW_REQUIRED = "a new field of a published type is marked `Added`: older events lack it"
MEMBER_REMOVED = "published members of an enum stay: older events hold them"


@dataclass(frozen=True)
class Edition:
    """What is promised of one type: by its class now, or when it was published."""

    service: str
    promises: Promises
    until: date | None = None


@dataclass(frozen=True)
class Break:
    """`field` is a path within the event's data, empty for the type as a whole; `rule` one of the texts above."""

    type: str
    field: str
    rule: str
    detail: str = ""

    def __str__(self) -> str:
        place = f"{self.type} {self.field}".rstrip()
        return f"{place}: {self.rule}" + (f" ({self.detail})" if self.detail else "")


def breaks(published: Mapping[str, Edition], current: Mapping[str, Edition], today: date) -> list[Break]:
    """Every promise that the current editions do not keep, by type and field. A last day that has not been published
    is told today."""
    names = sorted(published.keys() | current.keys())
    return [found for name in names for found in _of_type(name, published.get(name), current.get(name), today)]


def _of_type(name: str, before: Edition | None, now: Edition | None, today: date) -> Iterator[Break]:
    if now and now.until and not (before and before.until) and now.until < today + NOTICE:
        yield Break(name, "", ENDS_TOO_SOON, f"{now.until}; {today + NOTICE} at the earliest")
    if before:
        yield from _of_published(name, before, now, today)


def _of_published(name: str, before: Edition, now: Edition | None, today: date) -> Iterator[Break]:
    if now is None:
        if before.until is None or today <= before.until:
            yield Break(name, "", TYPE_REMOVED, f"published until {before.until}" if before.until else "")
        return
    if now.service != before.service:
        yield Break(name, "", TYPE_MOVED, f"{before.service}, now {now.service}")
    if before.until and now.until and now.until < before.until:
        yield Break(name, "", ENDS_EARLIER, f"{before.until}, now {now.until}")
    for path in sorted(before.promises.keys() | now.promises.keys()):
        if _is_part_of_what_changed(path, before.promises, now.promises):
            continue
        if path not in now.promises:
            yield Break(name, path, FIELD_REMOVED)
        elif path in before.promises:
            yield from _of_field(name, path, before.promises[path], now.promises[path])
        elif not now.promises[path].added:
            yield Break(name, path, NEW_REQUIRED)


def _of_field(name: str, path: str, before: Promise, now: Promise) -> Iterator[Break]:
    if now.kind != before.kind:
        yield Break(name, path, KIND_CHANGED, f"{before.kind}, now {now.kind}")
        return
    if now.nullable != before.nullable:
        yield Break(name, path, NOW_NULLABLE if now.nullable else NO_LONGER_NULLABLE)
    if now.added != before.added:
        yield Break(name, path, NO_LONGER_REQUIRED if now.added else NOW_REQUIRED)
    if gone := [member for member in before.members if member not in now.members]:
        yield Break(name, path, MEMBER_REMOVED, ", ".join(gone))


def _is_part_of_what_changed(path: str, before: Promises, now: Promises) -> bool:
    """Whether the field lies in a value that is itself new, gone or of another type: that is judged alone."""
    holder = path.removesuffix("[]") if path.endswith("[]") else path.rpartition(".")[0]
    if not holder:
        return False
    return holder not in before or holder not in now or before[holder].kind != now[holder].kind
