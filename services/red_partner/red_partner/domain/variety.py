"""Activities that do not repeat (每月活动不重样): the rule, and each community's programme by which it is kept."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from govkit.domain import (
    Aggregate,
    Code,
    Doc,
    Id,
    LabelEnum,
    Place,
    Range,
    Ref,
    Register,
    Role,
    Unique,
    months_after,
)
from red_partner.domain.errors import RpaError

LONGEST_MEMORY = 60


class VarietyScope(LabelEnum):
    """规则范围 Where a variety rule holds"""

    COUNTY = "全县 Whole county"
    COMMUNITY = "社区 One community; goes before the rule of the county"


class VarietyPolicy(LabelEnum):
    """规则方式 What happens to a repeated theme"""

    WARN = "提示 Published, marked as a repetition"
    BLOCK = "禁止 Refused"


@dataclass(kw_only=True)
class VarietyRule(Aggregate):
    """活动不重样规则 Variety rule: for how long a theme is not repeated in a community"""

    UNIQUE = (
        Unique(("scope",), RpaError.RULE_EXISTS, {"scope": VarietyScope.COUNTY}),
        Unique(("community_id",), RpaError.RULE_EXISTS),
    )
    REGISTER = Register(Role.COMMUNITY_SECRETARY, Role.STREET_OFFICER, Role.ADMIN)

    scope: Annotated[VarietyScope, Doc("范围 Scope")]
    community_id: Annotated[Id | None, Doc("社区 Community"), Ref("Community", inverse="variety_rules")] = None
    window_months: Annotated[int, Doc("不重样月数 Months without repetition"), Range(1, LONGEST_MEMORY)] = 12
    policy: Annotated[VarietyPolicy, Doc("方式 Policy")] = VarietyPolicy.BLOCK

    def check(self) -> None:
        """Raises RPA_RULE_SCOPE_INVALID."""
        if (self.scope is VarietyScope.COMMUNITY) != (self.community_id is not None):
            raise RpaError.RULE_SCOPE_INVALID(field="communityId")


def default_rule() -> VarietyRule:
    """What holds when the county has registered no rule (domain reference 3.5)."""
    return VarietyRule(id="default", scope=VarietyScope.COUNTY)


@dataclass(frozen=True, kw_only=True)
class ThemeUse:
    """主题使用 When a theme was, or will be, used"""

    theme_key: Annotated[Code, Doc("主题代码 Theme", example="cycling")]
    event_id: Annotated[Id, Doc("活动 Event")]
    on: Annotated[date, Doc("日期 Day")]


@dataclass(kw_only=True)
class CommunityProgramme(Aggregate):
    """社区活动主题表 Programme of a community: which themes its published events used, and when

    Its id is the community's. Publishing enters the event here in the same commit, so that two events of one
    theme, however parallel, compete for one version.
    """

    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community", inverse="event_programme", single=True)]
    uses: Annotated[list[ThemeUse], Doc("主题使用 Uses, oldest first")] = field(default_factory=list)

    def place(self) -> Place:
        return Place(community_id=self.community_id)

    def enter(self, use: ThemeUse, rule: VarietyRule) -> str | None:
        """Enter a published event; answer the one that it repeats if the rule only warns. Raises RPA_THEME_REPEATED."""
        repeated = self.repeated(use, rule.window_months)
        if repeated and rule.policy is VarietyPolicy.BLOCK:
            raise RpaError.THEME_REPEATED(
                field="themeKey", lastEventId=repeated.event_id, on=repeated.on.isoformat(), months=rule.window_months
            )
        memory = _months_before(use.on, LONGEST_MEMORY)
        kept = [known for known in self.uses if known.on >= memory]
        self.uses = sorted([*kept, use], key=lambda known: (known.on, known.event_id))
        return repeated.event_id if repeated else None

    def repeated(self, use: ThemeUse, months: int) -> ThemeUse | None:
        """The nearest event of the same theme less than `months` away, before or after."""
        near = [
            known
            for known in self.uses
            if known.theme_key == use.theme_key
            and known.event_id != use.event_id
            and max(known.on, use.on) < months_after(min(known.on, use.on), months)
        ]
        return min(near, key=lambda known: abs(known.on - use.on), default=None)

    def leave(self, event_id: str) -> None:
        self.uses = [use for use in self.uses if use.event_id != event_id]


def _months_before(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, 1)
