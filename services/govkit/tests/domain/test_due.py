"""What falls due, without any I/O: what has come takes effect at once, the rest when its moment comes."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

import pytest

from govkit.domain import Aggregate, Doc, LabelEnum, StateTable, at, due, months_after, start_of
from govkit.due import DueContext, due_handler


class LeaseState(LabelEnum):
    """租约状态 State of a lease"""

    SIGNED = "已签 Signed"
    RUNNING = "履行中 Running"
    OVER = "已终止 Over"


S = LeaseState


@dataclass(kw_only=True)
class FlatLease(Aggregate):
    """租约 Lease of a flat"""

    TABLE = StateTable()
    DUE = (
        due("leaseStarts", S.SIGNED, S.RUNNING, start_of("start_on"), "开始 Starts"),
        due("remindTenant", S.RUNNING, None, start_of("end_on", days=-30), "提醒 Reminds", does="remind"),
        due("leaseEnds", S.RUNNING, S.OVER, start_of("end_on"), "结束 Ends"),
    )

    start_on: Annotated[date, Doc("开始 From")]
    end_on: Annotated[date | None, Doc("结束 To")] = None
    reminders: Annotated[int, Doc("提醒次数 Reminders")] = 0
    state: Annotated[LeaseState, Doc("状态 State")] = S.SIGNED

    def remind(self) -> None:
        self.reminders += 1


MIDNIGHT = datetime(2026, 2, 28, 16, tzinfo=UTC)
"""00:00 of 1 March in the county."""


@pytest.mark.parametrize(
    ("now", "state", "reminders"),
    [
        (MIDNIGHT - timedelta(milliseconds=1), S.SIGNED, 0),
        (MIDNIGHT, S.RUNNING, 0),
        (MIDNIGHT + timedelta(days=60), S.RUNNING, 1),
        (MIDNIGHT + timedelta(days=90), S.OVER, 1),
    ],
)
def test_what_has_come_takes_effect_in_order(now: datetime, state: LeaseState, reminders: int) -> None:
    lease = FlatLease(id="l", start_on=date(2026, 3, 1), end_on=date(2026, 5, 30))
    lease.take_effect(now)
    assert (lease.state, lease.reminders) == (state, reminders)
    lease.take_effect(now)
    assert (lease.state, lease.reminders) == (state, reminders), "once"


def test_a_day_that_is_moved_before_it_has_come_takes_effect_on_the_new_one() -> None:
    lease = FlatLease(id="l", start_on=date(2026, 3, 1), end_on=date(2026, 3, 20), state=S.RUNNING)
    lease.end_on = date(2026, 3, 10)
    assert [moment for moment, rule in lease.coming() if rule.target] == [datetime(2026, 3, 9, 16, tzinfo=UTC)]


def test_a_handler_is_of_rules_that_there_are() -> None:
    async def follow(_context: DueContext, _lease: FlatLease) -> None: ...

    assert due_handler(FlatLease, "leaseStarts", "leaseEnds")(follow).rules == ("leaseStarts", "leaseEnds")
    with pytest.raises(TypeError, match="FlatLease has no rule leaseLapses"):
        due_handler(FlatLease, "leaseStarts", "leaseLapses")
    assert at("start_on").of(FlatLease(id="l", start_on=date(2026, 3, 1))) == MIDNIGHT


@pytest.mark.parametrize(
    ("day", "months", "after"),
    [
        (date(2023, 1, 15), 1, date(2023, 2, 15)),
        (date(2023, 1, 31), 1, date(2023, 3, 1)),
        (date(2024, 2, 29), 12, date(2025, 3, 1)),
        (date(2023, 12, 31), 2, date(2024, 3, 1)),
        (date(2023, 11, 30), 14, date(2025, 1, 30)),
        (date(9999, 12, 1), 1, date.max),
    ],
)
def test_months_after(day: date, months: int, after: date) -> None:
    assert months_after(day, months) == after
