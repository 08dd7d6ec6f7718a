"""Red partners: application, review, agreement, suspension, exit."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from govkit.domain import (
    EVERYTHING,
    STAFF,
    Actor,
    Aggregate,
    Code,
    CreditCode,
    Doc,
    Event,
    GeoPoint,
    Id,
    LabelEnum,
    Name,
    Phone,
    Place,
    Privacy,
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
from red_partner.domain.errors import RpaError
from red_partner.domain.roles import REVIEWERS


class PartnerCategory(LabelEnum):
    """业态 Line of business of a partner"""

    WEDDING_PHOTO = "婚纱摄影 Wedding photography"
    BICYCLE = "自行车行 Bicycle shop"
    HAIR_BEAUTY = "美容美发 Hair and beauty"
    CATERING = "餐饮 Catering"
    RETAIL = "零售 Retail"
    TRAINING = "教育培训 Training"
    SOCIAL_ORGANIZATION = "社会组织 Social organization"
    MEDICAL = "医疗健康 Medical"
    LEGAL = "法律服务 Legal services"
    OTHER = "其他 Other"


class PartnerKind(LabelEnum):
    """合伙人类型 Kind of partner"""

    STREET_SHOP = "沿街商户 Shop on the street"
    STORE = "门店 Store"
    SOCIAL_ORG = "社会组织 Social organization"
    TRAINING_INSTITUTION = "培训机构 Training institution"
    UNIT = "单位 Unit"


class PartnerState(LabelEnum):
    """合伙人状态 State of a partner"""

    APPLIED = "已申请 Applied"
    UNDER_REVIEW = "审核中 Under review"
    ACTIVE = "在册 Active"
    REJECTED = "未通过 Rejected"
    SUSPENDED = "已暂停 Suspended"
    EXITED = "已退出 Exited"


@event("partner.applied")
class PartnerApplied(Event):
    """申请成为红色合伙人 A shop or organization applied"""

    red_partner_id: Annotated[Id, Doc("合伙人 Partner")]
    community_id: Annotated[Id, Doc("社区 Community")]
    category: Annotated[PartnerCategory, Doc("业态 Category")]
    kind: Annotated[PartnerKind, Doc("类型 Kind")]


@event("partner.review_started")
class PartnerReviewStarted(Event):
    """开始审核 The review of an application started"""

    red_partner_id: Annotated[Id, Doc("合伙人 Partner")]
    community_id: Annotated[Id, Doc("社区 Community")]


@event("partner.approved")
class PartnerApproved(Event):
    """通过审核 A red partner was approved and is active"""

    red_partner_id: Annotated[Id, Doc("合伙人 Partner")]
    community_id: Annotated[Id, Doc("社区 Community")]
    category: Annotated[PartnerCategory, Doc("业态 Category")]
    kind: Annotated[PartnerKind, Doc("类型 Kind")]
    location: Annotated[GeoPoint | None, Doc("位置 Location, WGS-84")]
    joined_on: Annotated[date | None, Doc("加入日期 Joined on")]


@event("partner.changed")
class PartnerChanged(Event):
    """登记信息变更 What is registered of a partner changed"""

    red_partner_id: Annotated[Id, Doc("合伙人 Partner")]
    community_id: Annotated[Id, Doc("社区 Community")]
    category: Annotated[PartnerCategory, Doc("业态 Category")]
    kind: Annotated[PartnerKind, Doc("类型 Kind")]
    location: Annotated[GeoPoint | None, Doc("位置 Location, WGS-84")]


@event("partner.rejected")
class PartnerRejected(Event):
    """未通过审核 An application was rejected"""

    red_partner_id: Annotated[Id, Doc("合伙人 Partner")]
    community_id: Annotated[Id, Doc("社区 Community")]


@event("partner.agreement_signed")
class PartnerAgreementSigned(Event):
    """签订共建协议 A partner signed the agreement of joint building"""

    red_partner_id: Annotated[Id, Doc("合伙人 Partner")]
    community_id: Annotated[Id, Doc("社区 Community")]
    agreement_number: Annotated[Code | None, Doc("协议编号 Number of the agreement", example="HH-2023-017")]
    agreement_from: Annotated[date | None, Doc("协议开始 From")]
    agreement_to: Annotated[date | None, Doc("协议结束 To")]


@event("partner.suspended")
class PartnerSuspended(Event):
    """暂停 A partner was suspended"""

    red_partner_id: Annotated[Id, Doc("合伙人 Partner")]
    community_id: Annotated[Id, Doc("社区 Community")]


@event("partner.resumed")
class PartnerResumed(Event):
    """恢复 A suspended partner is active again"""

    red_partner_id: Annotated[Id, Doc("合伙人 Partner")]
    community_id: Annotated[Id, Doc("社区 Community")]


@event("partner.exited")
class PartnerExited(Event):
    """退出 A partner left"""

    red_partner_id: Annotated[Id, Doc("合伙人 Partner")]
    community_id: Annotated[Id, Doc("社区 Community")]
    exited_on: Annotated[date | None, Doc("退出日期 Exited on")]


State = PartnerState
OPEN_STATES = frozenset({State.APPLIED, State.UNDER_REVIEW, State.ACTIVE, State.SUSPENDED})
PUBLIC_STATES = frozenset({State.ACTIVE, State.SUSPENDED, State.EXITED})


@dataclass(kw_only=True)
class RedPartner(Aggregate):
    """红色合伙人 Red partner: a shop, store, organization or unit that supports its community"""

    UNIQUE = (Unique(("credit_code",), RpaError.PARTNER_EXISTS, {"state": OPEN_STATES}),)
    TABLE = StateTable(
        action("startReview", State.APPLIED, State.UNDER_REVIEW, *REVIEWERS),
        action("approvePartner", State.UNDER_REVIEW, State.ACTIVE, *REVIEWERS),
        action("rejectPartner", State.UNDER_REVIEW, State.REJECTED, *REVIEWERS, reason=True),
        action("signAgreement", State.ACTIVE, None, *REVIEWERS),
        action("updatePartner", tuple(OPEN_STATES), None, Role.PARTNER, *REVIEWERS),
        action("suspendPartner", State.ACTIVE, State.SUSPENDED, *REVIEWERS, reason=True),
        action("resumePartner", State.SUSPENDED, State.ACTIVE, *REVIEWERS),
        action("exitPartner", (State.ACTIVE, State.SUSPENDED), State.EXITED, Role.PARTNER, *REVIEWERS, reason=True),
    )

    name: Annotated[Name, Doc("名称 Name")]
    credit_code: Annotated[CreditCode | None, Doc("统一社会信用代码 Unified social credit code")] = None
    category: Annotated[PartnerCategory, Doc("业态 Category")]
    kind: Annotated[PartnerKind, Doc("类型 Kind")]
    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community", inverse="partners")]
    address: Annotated[Name | None, Doc("地址 Address")] = None
    location: Annotated[GeoPoint | None, Doc("位置 Location, WGS-84")] = None
    contact_name: Annotated[Name | None, Doc("联系人 Contact person"), Privacy.P1] = None
    contact_phone: Annotated[Phone | None, Doc("联系电话 Contact phone"), Privacy.P2] = None
    state: Annotated[PartnerState, Doc("状态 State")] = PartnerState.APPLIED
    agreement_number: Annotated[Code | None, Doc("协议编号 Number of the agreement", example="HH-2023-017")] = None
    agreement_from: Annotated[date | None, Doc("协议开始 Agreement from")] = None
    agreement_to: Annotated[date | None, Doc("协议结束 Agreement to")] = None
    commitments: Annotated[list[Text], Doc("承诺事项 What the partner committed to")] = field(default_factory=list)
    stars: Annotated[int, Doc("星级 Stars, 0 to 5"), Range(0, 5)] = 0
    events_count: Annotated[int, Doc("参与活动数 Published events that it takes part in")] = 0
    joined_on: Annotated[date | None, Doc("加入日期 Joined on")] = None
    exited_on: Annotated[date | None, Doc("退出日期 Exited on")] = None

    def place(self) -> Place:
        return Place(partner_id=self.id, community_id=self.community_id)

    @classmethod
    def visible_to(cls, actor: Actor) -> Visibility:
        """Partners are public; applications are seen by staff, by the partner and by whoever entered them."""
        if actor.has(STAFF):
            return EVERYTHING
        return (
            {"state": PUBLIC_STATES},
            {"created_by": actor.id},
            *([{"id": actor.scope.partner_id}] if actor.scope.partner_id else []),
        )

    def apply(self) -> "RedPartner":
        self.record(PartnerApplied)
        return self

    def start_review(self) -> None:
        self.TABLE.move(self, "startReview")
        self.record(PartnerReviewStarted)

    def approve(self, on: date) -> None:
        self.TABLE.move(self, "approvePartner")
        self.joined_on = on
        self.record(PartnerApproved)

    def reject(self) -> None:
        self.TABLE.move(self, "rejectPartner")
        self.record(PartnerRejected)

    def sign(self, number: str, start: date, end: date, commitments: list[str]) -> None:
        """Sign or renew the agreement. Raises RPA_PERIOD_INVALID."""
        if end <= start:
            raise RpaError.PERIOD_INVALID(field="to")
        self.TABLE.move(self, "signAgreement")
        self.agreement_number, self.agreement_from, self.agreement_to = number, start, end
        self.commitments = commitments
        self.record(PartnerAgreementSigned)

    def changed(self) -> None:
        self.TABLE.move(self, "updatePartner")
        self.record(PartnerChanged)

    def suspend(self) -> None:
        self.TABLE.move(self, "suspendPartner")
        self.record(PartnerSuspended)

    def resume(self) -> None:
        self.TABLE.move(self, "resumePartner")
        self.record(PartnerResumed)

    def leave(self, on: date, coming_event_ids: list[str]) -> None:
        """Exit. Raises RPA_HAS_FUTURE_EVENTS with the ids of the events that the partner is expected at."""
        if coming_event_ids:
            raise RpaError.HAS_FUTURE_EVENTS(eventIds=sorted(coming_event_ids))
        self.TABLE.move(self, "exitPartner")
        self.exited_on = on
        self.record(PartnerExited)

    def require_active(self, field: str = "partnerId") -> None:
        """Raises RPA_PARTNER_NOT_ACTIVE."""
        if self.state is not PartnerState.ACTIVE:
            raise RpaError.PARTNER_NOT_ACTIVE(field=field, partnerId=self.id, state=self.state.name)

    def take_part(self) -> None:
        """Be counted in as host of an event that is published now. Raises RPA_PARTNER_NOT_ACTIVE.

        Counting makes publication and exit compete for one version: no partner leaves with an event to come.
        """
        self.require_active("partnerIds")
        self.events_count += 1

    def step_back(self) -> None:
        """An event that the partner was counted for was cancelled."""
        self.events_count -= 1
