"""What happens by itself when a moment that a record stores has come: one row a rule, beside the table of states.

    DUE = (
        due("expireConsequence", S.ACTIVE, S.EXPIRED, end_of("end_on"), "到期 It expires", tells=ConsequenceExpired),
    )

The kit derives from it the stored `falls_due_at` with its index, the scheduler's work, and `dueActions` for clients.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from govkit.domain.events import Event
from govkit.domain.fields import LabelEnum
from govkit.domain.ports import BUSINESS_ZONE


@dataclass(frozen=True)
class Moment:
    """A stored time, or 00:00 in the county of a stored day, moved by `offset`."""

    field: str
    offset: timedelta = timedelta(0)

    def of(self, record: Any) -> datetime | None:
        value: date | datetime | None = getattr(record, self.field)
        if value is None:
            return None
        if not isinstance(value, datetime):
            value = datetime.combine(value, time(), BUSINESS_ZONE)
        return value + self.offset


def at(field: str, offset: timedelta = timedelta(0)) -> Moment:
    """The time that `field` holds."""
    return Moment(field, offset)


def start_of(field: str, days: int = 0) -> Moment:
    """00:00 of the day that `field` holds, or so many days after it; negative: before."""
    return Moment(field, timedelta(days=days))


def end_of(field: str) -> Moment:
    """The end of the day that `field` holds: 00:00 of the day after."""
    return Moment(field, timedelta(days=1))


@dataclass(frozen=True)
class Due:
    """One rule. `target` None: the state stays. `does` names a method of the record, called when the state has moved;
    `tells` an event that it records. A rule with neither is done by a `@due_handler`, if it is more than a move."""

    name: str
    sources: frozenset[LabelEnum]
    target: LabelEnum | None
    moment: Moment
    doc: str
    does: str | None = None
    tells: type[Event] | None = None


def due(
    name: str,
    sources: LabelEnum | tuple[LabelEnum, ...],
    target: LabelEnum | None,
    moment: Moment,
    doc: str,
    *,
    does: str | None = None,
    tells: type[Event] | None = None,
) -> Due:
    """One row, in reading order: what, from, to, when, and in words ("中文 English"). No `sources`: in any state."""
    origins = sources if isinstance(sources, tuple) else (sources,)
    return Due(name, frozenset(origins), target, moment, doc, does, tells)
