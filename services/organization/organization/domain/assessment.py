"""How property service is assessed (editions of the county's scheme), and appeals against a published list."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated

from govkit.domain import (
    EVERYTHING,
    STAFF,
    Actor,
    Aggregate,
    Code,
    Doc,
    Event,
    Id,
    LabelEnum,
    Managed,
    Name,
    Range,
    Ref,
    Role,
    StateTable,
    Text,
    Unique,
    Visibility,
    action,
    event,
)
from organization.domain.errors import OrgError
from organization.domain.property import ListState, RedBlackList

Score = Annotated[float, Range(0, 200)]
FULL_WEIGHT = 100
APPEAL_WINDOW = timedelta(days=10)


class IndicatorKind(LabelEnum):
    """考核指标类型 Kind of an indicator"""

    BASE = "基础指标 Base"
    GOOD = "加分指标 Adds to the score"
    BAD = "扣分指标 Deducts from the score"


@dataclass(frozen=True, kw_only=True)
class AssessmentIndicator:
    """考核指标 Indicator of an assessment scheme"""

    code: Annotated[Code, Doc("代码 Code", example="A1")]
    name: Annotated[Name, Doc("名称 Name")]
    kind: Annotated[IndicatorKind, Doc("类型 Kind")]
    weight: Annotated[int, Doc("权重 Weight in percent; 0 unless base"), Range(0, FULL_WEIGHT)]
    max_score: Annotated[int, Doc("最高分 Highest score"), Range(1, 200)]
    valid_months: Annotated[int, Doc("有效期(月) Months for which a score counts"), Range(1, 60)]


@event("assessment_scheme.adopted")
class AssessmentSchemeAdopted(Event):
    """考核办法发布 An edition of the assessment scheme was adopted"""

    assessment_scheme_id: Annotated[Id, Doc("考核办法 Scheme")]
    edition: Annotated[int, Doc("版次 Edition")]
    effective_on: Annotated[date, Doc("生效日期 In force from")]
    red_min: Annotated[float, Doc("红榜最低分 Lowest score of the red list")]
    black_max: Annotated[float, Doc("黑榜最高分 Highest score of the black list")]


@dataclass(kw_only=True)
class AssessmentScheme(Aggregate):
    """物业服务市场考核办法 Scheme by which property service is assessed; a change is a new edition"""

    UNIQUE = (Unique(("edition",), OrgError.SCHEME_EXISTS),)

    edition: Annotated[int, Doc("版次 Edition"), Range(1, 1_000), Managed]
    name: Annotated[Name, Doc("名称 Name")]
    effective_on: Annotated[date, Doc("生效日期 In force from")]
    indicators: Annotated[list[AssessmentIndicator], Doc("指标 Indicators")]
    red_min: Annotated[Score, Doc("红榜最低分 Lowest score of the red list")]
    black_max: Annotated[Score, Doc("黑榜最高分 Highest score of the black list")]
    red_top: Annotated[int | None, Doc("红榜名额 How many the red list names"), Range(1, 1_000)] = None
    min_areas: Annotated[int, Doc("最少在管小区数 Areas that an enterprise manages to be ranked"), Range(1, 1_000)] = 1

    def adopt(self) -> "AssessmentScheme":
        """Raises ORG_SCHEME_INVALID."""
        weight = sum(item.weight for item in self.indicators if item.kind is IndicatorKind.BASE)
        bonus = sum(item.weight for item in self.indicators if item.kind is not IndicatorKind.BASE)
        codes = {item.code for item in self.indicators}
        if weight != FULL_WEIGHT or bonus or len(codes) != len(self.indicators):
            raise OrgError.SCHEME_INVALID(field="indicators", weight=weight)
        if self.red_min <= self.black_max:
            raise OrgError.SCHEME_INVALID(field="redMin")
        self.record(AssessmentSchemeAdopted)
        return self


class AppealState(LabelEnum):
    """申诉状态 State of an appeal"""

    FILED = "已提交 Filed"
    ACCEPTED = "已受理 Accepted"
    UPHELD = "申诉成立 Upheld"
    REJECTED = "申诉驳回 Rejected"


@event("list_appeal.filed")
class ListAppealFiled(Event):
    """榜单申诉 An enterprise appealed against its entry in a published list"""

    list_appeal_id: Annotated[Id, Doc("申诉 Appeal")]
    list_id: Annotated[Id, Doc("榜单 List")]
    enterprise_id: Annotated[Id, Doc("物业企业 Enterprise")]


@event("list_appeal.decided")
class ListAppealDecided(Event):
    """申诉决定 An appeal was decided"""

    list_appeal_id: Annotated[Id, Doc("申诉 Appeal")]
    list_id: Annotated[Id, Doc("榜单 List")]
    enterprise_id: Annotated[Id, Doc("物业企业 Enterprise")]
    state: Annotated[AppealState, Doc("结果 Upheld or rejected")]
    decided_on: Annotated[date | None, Doc("决定日期 Decided on")]


UNDECIDED = (AppealState.FILED, AppealState.ACCEPTED)


@dataclass(kw_only=True)
class ListAppeal(Aggregate):
    """红黑榜申诉 Appeal of an enterprise against its entry in a published list; one a list"""

    TABLE = StateTable(
        action("acceptListAppeal", AppealState.FILED, AppealState.ACCEPTED, Role.HOUSING_AUTHORITY),
        action("upholdListAppeal", UNDECIDED, AppealState.UPHELD, Role.HOUSING_AUTHORITY),
        action("rejectListAppeal", UNDECIDED, AppealState.REJECTED, Role.HOUSING_AUTHORITY, reason=True),
    )
    UNIQUE = (Unique(("list_id", "enterprise_id"), OrgError.APPEAL_EXISTS),)

    list_id: Annotated[Id, Doc("榜单 List"), Ref("RedBlackList", inverse="appeals")]
    enterprise_id: Annotated[Id, Doc("物业企业 Enterprise"), Ref("PropertyEnterprise", inverse="appeals")]
    grounds: Annotated[Text, Doc("理由 Grounds")]
    filed_at: Annotated[datetime, Doc("提交时间 Filed at")]
    decision: Annotated[Text | None, Doc("决定说明 Decision")] = None
    decided_on: Annotated[date | None, Doc("决定日期 Decided on")] = None
    state: Annotated[AppealState, Doc("状态 State")] = AppealState.FILED

    @classmethod
    def visible_to(cls, actor: Actor) -> Visibility:
        """Staff, and the enterprise itself."""
        return EVERYTHING if actor.has(STAFF) else ({"enterprise_id": actor.scope.enterprise_id},)

    @classmethod
    def file(cls, *, id: str, listed: RedBlackList, enterprise_id: str, grounds: str, at: datetime) -> "ListAppeal":
        """Within ten days of publication. Raises ORG_APPEAL_CLOSED, ORG_NOT_LISTED."""
        published = listed.published_at if listed.state is ListState.PUBLISHED else None
        if published is None or at > published + APPEAL_WINDOW:
            raise OrgError.APPEAL_CLOSED(field="listId", days=APPEAL_WINDOW.days)
        if enterprise_id not in {entry.subject_id for entry in listed.entries}:
            raise OrgError.NOT_LISTED(field="enterpriseId")
        appeal = cls(id=id, list_id=listed.id, enterprise_id=enterprise_id, grounds=grounds, filed_at=at)
        appeal.record(ListAppealFiled)
        return appeal

    def accept(self) -> None:
        self.TABLE.move(self, "acceptListAppeal")

    def uphold(self, on: date, decision: str) -> None:
        self.TABLE.move(self, "upholdListAppeal")
        self._decide(on, decision)

    def reject(self, on: date, decision: str) -> None:
        self.TABLE.move(self, "rejectListAppeal")
        self._decide(on, decision)

    def _decide(self, on: date, decision: str) -> None:
        self.decision = decision
        self.decided_on = on
        self.record(ListAppealDecided)
