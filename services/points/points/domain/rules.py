"""Earning rules: versioned data that says what is worth how many points."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from govkit.domain import Aggregate, Code, Doc, Event, Id, LabelEnum, Managed, Name, Range, Role, Unique, event
from points.domain.errors import PtsError
from points.domain.passbook import PointsPassbook

RULE_MAKERS = (Role.ADMIN, Role.ORG_ADMIN)


class PointsPath(LabelEnum):
    """积分路径 The three ways to earn points"""

    TIMELY_HELP = "雪中送炭 Timely help: charity"
    VOLUNTEER_ACTIVITY = "锦上添花 Volunteer activity"
    PEACEMAKING = "息事宁人 Peacemaking: mediation of disputes"


@event("earning_rule.changed")
class EarningRuleChanged(Event):
    """积分规则变更 An edition of an earning rule was made or ended"""

    earning_rule_id: Annotated[Id, Doc("规则 Rule")]
    code: Annotated[Code, Doc("代码 Code", example="VOLUNTEER_HOUR")]
    edition: Annotated[int, Doc("版次 Edition")]
    path: Annotated[PointsPath, Doc("路径 Path")]
    points: Annotated[int, Doc("积分 Points for one unit")]
    per_hour: Annotated[bool, Doc("按小时 A unit is an hour")]
    valid_from: Annotated[date, Doc("生效日期 From")]
    valid_to: Annotated[date | None, Doc("失效日期 To, included")]


@dataclass(kw_only=True)
class EarningRule(Aggregate):
    """积分规则 Earning rule; a change is a new edition, and facts are paid by the edition of their day"""

    UNIQUE = (Unique(("code", "edition"), PtsError.CODE_EXISTS),)

    code: Annotated[Code, Doc("代码 Code, the same for all editions", example="VOLUNTEER_HOUR")]
    edition: Annotated[int, Doc("版次 Edition"), Managed] = 1
    name: Annotated[Name, Doc("名称 Name")]
    path: Annotated[PointsPath, Doc("路径 Path")]
    points: Annotated[int, Doc("积分 Points for one unit: an hour or an occurrence"), Range(1, 1_000)]
    per_hour: Annotated[bool, Doc("按小时 A unit is a full hour")] = False
    max_hours_per_activity: Annotated[int | None, Doc("每次上限小时 Hours paid for one activity"), Range(1, 24)] = None
    cap_per_day: Annotated[int | None, Doc("每日上限 Points a day"), Range(1, 1_000)] = None
    cap_per_month: Annotated[int | None, Doc("每月上限 Points a month"), Range(1, 10_000)] = None
    needs_review: Annotated[bool, Doc("需审核 A reviewer decides on each grant")] = False
    valid_months: Annotated[int | None, Doc("有效月数 Months until the points expire; null: never"), Range(1, 120)] = (
        None
    )
    valid_from: Annotated[date, Doc("生效日期 From")]
    valid_to: Annotated[date | None, Doc("失效日期 To, included")] = None

    def check(self) -> None:
        """Raises PTS_RULE_INVALID."""
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise PtsError.RULE_INVALID(field="validTo")
        if self.max_hours_per_activity is not None and not self.per_hour:
            raise PtsError.RULE_INVALID(field="maxHoursPerActivity")

    def establish(self, earlier: list["EarningRule"]) -> "EarningRule":
        """Put this edition into force; the one before it ends the day before. Raises PTS_RULE_INVALID."""
        self.check()
        for rule in earlier:
            if rule.valid_from >= self.valid_from:
                raise PtsError.RULE_INVALID(field="validFrom", edition=rule.edition)
            if rule.valid_to is None or rule.valid_to >= self.valid_from:
                rule.valid_to = self.valid_from - timedelta(days=1)
                rule.record(EarningRuleChanged)
        self.edition = len(earlier) + 1
        self.record(EarningRuleChanged)
        return self

    def in_force(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)

    def worth(self, *, quantity: int = 1, minutes: int | None = None) -> int:
        """Points for so many occurrences, or for the full hours of one activity up to the limit, before caps."""
        if not self.per_hour:
            return self.points * quantity
        hours = quantity if minutes is None else minutes // 60
        return self.points * min(hours, self.max_hours_per_activity or hours)

    def allowance(self, passbook: PointsPassbook, on: date) -> int | None:
        """How many points the caps still leave this resident on that day; None without caps."""
        left = []
        if self.cap_per_day is not None:
            left.append(self.cap_per_day - passbook.used(self.code, on=on))
        if self.cap_per_month is not None:
            left.append(self.cap_per_month - passbook.used(self.code, month=on))
        return max(0, min(left)) if left else None

    def expiry(self, earned_on: date) -> date | None:
        """Last day of points earned then; None: they never expire."""
        if self.valid_months is None:
            return None
        months = earned_on.month - 1 + self.valid_months
        year, month = earned_on.year + months // 12, months % 12 + 1
        return date(year, month, min(earned_on.day, monthrange(year, month)[1]))


def rule_in_force(editions: list[EarningRule], on: date) -> EarningRule | None:
    """The newest edition that is in force on that day."""
    return max((rule for rule in editions if rule.in_force(on)), key=lambda rule: rule.edition, default=None)
