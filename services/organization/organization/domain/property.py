"""Property management: enterprises, contracts, the monthly red/black list and its consequences, hand-over of areas."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from govkit.domain import (
    Added,
    Aggregate,
    Code,
    Doc,
    Event,
    Id,
    LabelEnum,
    Managed,
    Month,
    Name,
    Place,
    Range,
    Ref,
    Register,
    Role,
    StateTable,
    Text,
    Unique,
    action,
    due,
    end_of,
    event,
)
from organization.domain.errors import OrgError
from organization.domain.territory import PropertyStatus


@dataclass(kw_only=True)
class PropertyEnterprise(Aggregate):
    """物业服务企业 Property enterprise"""

    KEYS = ("credit_code",)
    UNIQUE = (Unique(("credit_code",), OrgError.ENTERPRISE_EXISTS),)
    REGISTER = Register(Role.HOUSING_AUTHORITY, create="registerPropertyEnterprise", update="updatePropertyEnterprise")

    name: Annotated[Name, Doc("名称 Name")]
    credit_code: Annotated[Code, Doc("统一社会信用代码 Unified social credit code", example="91371324MA3C0A0011")]
    state_owned: Annotated[bool, Doc("国有企业 State-owned")]
    party_organization_id: Annotated[
        Id | None, Doc("党组织 Its Party organization"), Ref("PartyOrganization", inverse="property_enterprises")
    ] = None

    def place(self) -> Place:
        return Place(enterprise_id=self.id)


class ContractKind(LabelEnum):
    """物业合同类型 Kind of property contract"""

    MARKET = "市场化 Market"
    FALLBACK = "兜底 Fallback"


class ContractState(LabelEnum):
    """合同状态 State of a contract"""

    ACTIVE = "履行中 Active"
    ENDED = "已终止 Ended"


@event("property_contract.started")
class PropertyContractStarted(Event):
    """物业合同登记,自开始日期起生效 A property contract was entered; it runs from the date of the start"""

    property_contract_id: Annotated[Id, Doc("合同 Contract")]
    residential_area_id: Annotated[Id, Doc("小区 Residential area")]
    enterprise_id: Annotated[Id, Doc("物业企业 Enterprise")]
    kind: Annotated[ContractKind, Doc("类型 Kind")]
    start_on: Annotated[date, Doc("开始日期 From")]


@event("property_contract.ended")
class PropertyContractEnded(Event):
    """物业合同终止 The end of a property contract was entered"""

    property_contract_id: Annotated[Id, Doc("合同 Contract")]
    residential_area_id: Annotated[Id, Doc("小区 Residential area")]
    enterprise_id: Annotated[Id, Doc("物业企业 Enterprise")]
    end_on: Annotated[date, Doc("结束日期 To")]


@dataclass(kw_only=True)
class PropertyContract(Aggregate):
    """物业合同 Property contract: at most one active contract an area"""

    TABLE = StateTable(
        action("endPropertyContract", ContractState.ACTIVE, ContractState.ENDED, Role.HOUSING_AUTHORITY, reason=True)
    )
    UNIQUE = (Unique(("residential_area_id",), OrgError.CONTRACT_EXISTS, {"state": ContractState.ACTIVE}),)

    residential_area_id: Annotated[
        Id, Doc("小区 Residential area"), Ref("ResidentialArea", inverse="property_contracts")
    ]
    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community")]
    enterprise_id: Annotated[Id, Doc("物业企业 Enterprise"), Ref("PropertyEnterprise", inverse="contracts")]
    kind: Annotated[ContractKind, Doc("类型 Kind")]
    start_on: Annotated[date, Doc("开始日期 From")]
    end_on: Annotated[date | None, Doc("结束日期 To")] = None
    fee_per_m2_fen: Annotated[
        int | None, Doc("物业费(分/平方米·月) Fee in fen per square metre and month"), Range(0, 100_000)
    ]
    state: Annotated[ContractState, Doc("状态 State")] = ContractState.ACTIVE

    @classmethod
    def sign(
        cls,
        *,
        id: str,
        residential_area_id: str,
        community_id: str,
        enterprise_id: str,
        kind: ContractKind,
        start_on: date,
        fee_per_m2_fen: int | None,
    ) -> "PropertyContract":
        contract = cls(
            id=id,
            residential_area_id=residential_area_id,
            community_id=community_id,
            enterprise_id=enterprise_id,
            kind=kind,
            start_on=start_on,
            fee_per_m2_fen=fee_per_m2_fen,
        )
        contract.record(PropertyContractStarted)
        return contract

    def end(self, on: date) -> None:
        """Raises ORG_PERIOD_INVALID."""
        if on < self.start_on:
            raise OrgError.PERIOD_INVALID(field="on", start=self.start_on.isoformat())
        self.TABLE.move(self, "endPropertyContract")
        self.end_on = on
        self.record(PropertyContractEnded)


class Colour(LabelEnum):
    """红黑榜 Colour of an entry"""

    RED = "红榜 Red"
    BLACK = "黑榜 Black"


class ListState(LabelEnum):
    """榜单状态 State of a list"""

    DRAFT = "草稿 Draft"
    PUBLISHED = "已发布 Published"
    CORRECTED = "已更正 Replaced by a corrected version"


@dataclass(frozen=True, kw_only=True)
class ListEntry:
    """红黑榜条目 Entry of a red/black list"""

    subject_id: Annotated[Id, Doc("物业企业或开发企业 Property enterprise or developer")]
    colour: Annotated[Colour, Doc("红黑 Colour")]
    rank: Annotated[int, Doc("名次 Rank"), Range(1, 1_000)]
    score: Annotated[float, Doc("得分 Score"), Range(0, 200)]


@event("red_black_list.published")
class RedBlackListPublished(Event):
    """红黑榜发布 A red/black list was published; a correction names the list that it replaces"""

    red_black_list_id: Annotated[Id, Doc("榜单 List")]
    period: Annotated[Month, Doc("月份 Month")]
    edition: Annotated[int, Doc("版次 Edition")]
    corrects_id: Annotated[Id | None, Doc("更正的榜单 List that it corrects")]
    entries: Annotated[list[ListEntry], Doc("条目 Entries")]


@dataclass(kw_only=True)
class RedBlackList(Aggregate):
    """物业服务质量红黑榜 Monthly red/black list of property service; published once and for all, corrections are new"""

    PLURAL = "redBlackLists"
    TABLE = StateTable(action("publishList", ListState.DRAFT, ListState.PUBLISHED, Role.HOUSING_AUTHORITY))
    UNIQUE = (Unique(("period", "edition"), OrgError.LIST_EXISTS),)

    period: Annotated[Month, Doc("月份 Month")]
    edition: Annotated[int, Doc("版次 Edition"), Managed] = 1
    entries: Annotated[list[ListEntry], Doc("条目 Entries")]
    drafted_by: Annotated[Id, Doc("起草人 Drafted by"), Managed]
    published_at: Annotated[datetime | None, Doc("发布时间 Published at")] = None
    corrects_id: Annotated[Id | None, Doc("更正的榜单 List that it corrects"), Ref("RedBlackList", edge="corrects")] = (
        None
    )
    state: Annotated[ListState, Doc("状态 State")] = ListState.DRAFT

    def publish(self, by: str, at: datetime) -> None:
        """Four eyes: whoever drafted may not publish. Raises ORG_SELF_PUBLICATION, ORG_LIST_EMPTY."""
        if by == self.drafted_by:
            raise OrgError.SELF_PUBLICATION()
        if not self.entries:
            raise OrgError.LIST_EMPTY(field="entries")
        self.TABLE.move(self, "publishList")
        self.published_at = at
        self.record(RedBlackListPublished)


class SubjectType(LabelEnum):
    """对象类型 Who a consequence falls upon"""

    PROPERTY_ENTERPRISE = "物业服务企业 Property enterprise"
    DEVELOPER = "开发企业 Developer"


class ConsequenceKind(LabelEnum):
    """挂钩措施 What follows from a list"""

    AWARD_INELIGIBLE = "取消评先树先资格 Not eligible for awards"
    BIDDING_RESTRICTED = "限制项目招投标 Restricted in bidding"
    INTERVIEW = "约谈 Interview"
    PRIORITY_AWARD = "优先评先 Priority for awards"


class ConsequenceState(LabelEnum):
    """措施状态 State of a consequence"""

    ACTIVE = "生效中 Active"
    LIFTED = "已解除 Lifted"
    EXPIRED = "已到期 Expired"


@event("consequence.activated")
class ConsequenceActivated(Event):
    """挂钩措施启动,在起止日期内有效(含首尾两日) A consequence was decided; it holds between its dates, both included"""

    linked_consequence_id: Annotated[Id, Doc("措施 Consequence")]
    subject_type: Annotated[SubjectType, Doc("对象类型 Subject type")]
    subject_id: Annotated[Id, Doc("对象 Subject")]
    kind: Annotated[ConsequenceKind, Doc("措施 Kind")]
    start_on: Annotated[date, Doc("开始日期 From")]
    end_on: Annotated[date, Doc("结束日期 To")]


@event("consequence.lifted")
class ConsequenceLifted(Event):
    """挂钩措施解除 A consequence was lifted before its end"""

    linked_consequence_id: Annotated[Id, Doc("措施 Consequence")]
    subject_type: Annotated[SubjectType, Doc("对象类型 Subject type")]
    subject_id: Annotated[Id, Doc("对象 Subject")]
    kind: Annotated[ConsequenceKind, Doc("措施 Kind")]
    lifted_on: Annotated[date | None, Doc("解除日期,自该日起不再适用 Lifted on: no longer holds from that day"), Added]


@event("consequence.expired")
class ConsequenceExpired(Event):
    """挂钩措施到期 A consequence came to its end"""

    linked_consequence_id: Annotated[Id, Doc("措施 Consequence")]
    subject_type: Annotated[SubjectType, Doc("对象类型 Subject type")]
    subject_id: Annotated[Id, Doc("对象 Subject")]
    kind: Annotated[ConsequenceKind, Doc("措施 Kind")]
    end_on: Annotated[date, Doc("结束日期 Last day on which it held")]


@dataclass(kw_only=True)
class LinkedConsequence(Aggregate):
    """挂钩措施 Consequence of a published list for an enterprise or developer, until its end or until it is lifted"""

    TABLE = StateTable(
        action("liftConsequence", ConsequenceState.ACTIVE, ConsequenceState.LIFTED, Role.HOUSING_AUTHORITY, reason=True)
    )
    DUE = (
        due(
            "expireConsequence",
            ConsequenceState.ACTIVE,
            ConsequenceState.EXPIRED,
            end_of("end_on"),
            "措施到期 The consequence expires",
            tells=ConsequenceExpired,
        ),
    )

    subject_type: Annotated[SubjectType, Doc("对象类型 Subject type")]
    subject_id: Annotated[Id, Doc("对象 Subject")]
    kind: Annotated[ConsequenceKind, Doc("措施 Kind")]
    start_on: Annotated[date, Doc("开始日期 From")]
    end_on: Annotated[date, Doc("结束日期 To")]
    basis_list_id: Annotated[Id, Doc("依据榜单 List that it follows from"), Ref("RedBlackList", inverse="consequences")]
    lifted_on: Annotated[
        date | None, Doc("解除日期,自该日起不再适用 Lifted on: no longer holds from that day"), Added
    ] = None
    state: Annotated[ConsequenceState, Doc("状态 State")] = ConsequenceState.ACTIVE

    def activate(self) -> "LinkedConsequence":
        """Raises ORG_PERIOD_INVALID."""
        if self.end_on < self.start_on:
            raise OrgError.PERIOD_INVALID(field="endOn", start=self.start_on.isoformat())
        self.record(ConsequenceActivated)
        return self

    def lift(self, on: date) -> None:
        self.TABLE.move(self, "liftConsequence")
        self.lifted_on = on
        self.record(ConsequenceLifted)


@dataclass(kw_only=True)
class HandoverBatch(Aggregate):
    """移交批次 Batch of hand-overs, and the day on which its areas are to be taken over"""

    PLURAL = "handoverBatches"
    UNIQUE = (Unique(("number",), OrgError.DUPLICATE_CODE),)
    REGISTER = Register(Role.HOUSING_AUTHORITY)

    number: Annotated[int, Doc("批次号 Number"), Range(1, 1_000)]
    due_on: Annotated[date, Doc("计划完成日期 Due on")]


class HandoverState(LabelEnum):
    """移交状态 State of a hand-over plan"""

    DRAFTED = "已拟定 Drafted"
    APPROVED = "已批准 Approved"
    COMPLETED = "已完成 Completed"
    ABANDONED = "已放弃 Abandoned"


@dataclass(frozen=True, kw_only=True)
class HandoverStage:
    """移交阶段 Stage of a hand-over"""

    name: Annotated[Name, Doc("名称 Name")]
    due_on: Annotated[date, Doc("计划日期 Due on")]
    done_on: Annotated[date | None, Doc("完成日期 Done on")] = None


@event("handover.completed")
class HandoverCompleted(Event):
    """兜底管理移交完成 A residential area came under fallback management"""

    handover_plan_id: Annotated[Id, Doc("方案 Plan")]
    residential_area_id: Annotated[Id, Doc("小区 Residential area")]
    enterprise_id: Annotated[Id, Doc("国有物业企业 State-owned enterprise")]
    completed_on: Annotated[date | None, Doc("完成日期 Completed on")]


OPEN_PLANS = (HandoverState.DRAFTED, HandoverState.APPROVED)


@dataclass(kw_only=True)
class HandoverPlan(Aggregate):
    """一区一策移交方案 Hand-over plan of one area to a state-owned property enterprise"""

    TABLE = StateTable(
        action("approveHandoverPlan", HandoverState.DRAFTED, HandoverState.APPROVED, Role.HOUSING_AUTHORITY),
        action("completeHandoverStage", HandoverState.APPROVED, None, Role.STREET_OFFICER, Role.HOUSING_AUTHORITY),
        action(
            "completeHandover",
            HandoverState.APPROVED,
            HandoverState.COMPLETED,
            Role.STREET_OFFICER,
            Role.HOUSING_AUTHORITY,
        ),
        action("abandonHandoverPlan", OPEN_PLANS, HandoverState.ABANDONED, Role.HOUSING_AUTHORITY, reason=True),
    )
    UNIQUE = (Unique(("residential_area_id",), OrgError.PLAN_EXISTS, {"state": OPEN_PLANS}),)

    residential_area_id: Annotated[Id, Doc("小区 Residential area"), Ref("ResidentialArea", inverse="handover_plans")]
    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community", inverse="handover_plans")]
    enterprise_id: Annotated[Id, Doc("国有物业企业 State-owned enterprise"), Ref("PropertyEnterprise")]
    batch_number: Annotated[int, Doc("批次 Batch"), Range(1, 1_000)]
    stages: Annotated[list[HandoverStage], Doc("阶段 Stages in order")]
    responsibility_split: Annotated[Text | None, Doc("责任划分 Division of duties")] = None
    charge_standard: Annotated[Text | None, Doc("收费标准 Charges")] = None
    completed_on: Annotated[date | None, Doc("完成日期 Completed on")] = None
    state: Annotated[HandoverState, Doc("状态 State")] = HandoverState.DRAFTED

    @staticmethod
    def require_possible(property_status: PropertyStatus, state_owned: bool) -> None:
        """Only an area without property management, only to a state-owned enterprise.

        Raises ORG_AREA_HAS_PROPERTY, ORG_NOT_STATE_OWNED.
        """
        if property_status is not PropertyStatus.NONE:
            raise OrgError.AREA_HAS_PROPERTY(field="residentialAreaId", status=property_status.name)
        if not state_owned:
            raise OrgError.NOT_STATE_OWNED(field="enterpriseId")

    def approve(self) -> None:
        self.TABLE.move(self, "approveHandoverPlan")

    def complete_stage(self, on: date) -> None:
        """The next open stage is done; stages are done in order."""
        self.TABLE.move(self, "completeHandoverStage")
        index = next((i for i, stage in enumerate(self.stages) if stage.done_on is None), None)
        if index is not None:
            stage = self.stages[index]
            self.stages = [
                *self.stages[:index],
                HandoverStage(name=stage.name, due_on=stage.due_on, done_on=on),
                *self.stages[index + 1 :],
            ]

    def complete(self, on: date) -> None:
        """Raises ORG_STAGES_OPEN."""
        open_stages = [index for index, stage in enumerate(self.stages) if stage.done_on is None]
        if open_stages:
            raise OrgError.STAGES_OPEN(open=len(open_stages))
        self.TABLE.move(self, "completeHandover")
        self.completed_on = on
        self.record(HandoverCompleted)

    def abandon(self) -> None:
        self.TABLE.move(self, "abandonHandoverPlan")
