"""Grants that a person asks for and another decides on (maker–checker)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from govkit.domain import (
    EVERYTHING,
    NOTHING,
    Actor,
    Aggregate,
    Code,
    Doc,
    Event,
    Id,
    LabelEnum,
    Managed,
    Range,
    Ref,
    Role,
    StateTable,
    Text,
    Visibility,
    action,
    event,
)
from points.domain.errors import PtsError
from points.domain.passbook import READERS, derived_id

SUBMITTERS = (
    Role.GRID_WORKER,
    Role.BRANCH_SECRETARY,
    Role.COMMUNITY_SECRETARY,
    Role.STREET_OFFICER,
    Role.SPOKESPERSON,
    Role.ADMIN,
)
REQUEST = "GRANT_REQUEST"


class GrantRequestState(LabelEnum):
    """申请状态 State of a grant request"""

    SUBMITTED = "待审核 Submitted"
    GRANTED = "已发放 Granted"
    REJECTED = "已驳回 Rejected"


def grant_id_of(rule_code: str, source_type: str, source_id: str, resident_id: str) -> str:
    """Id of the transaction by which a rule pays a resident for a fact: one fact, one rule, one payment."""
    return derived_id("grant", rule_code, source_type, source_id, resident_id)


@event("grant_request.submitted")
class GrantRequestSubmitted(Event):
    """提交积分申请 A grant was asked for"""

    grant_request_id: Annotated[Id, Doc("申请 Request")]
    resident_id: Annotated[Id, Doc("居民 Resident")]
    rule_code: Annotated[Code, Doc("规则 Rule", example="VOLUNTEER_HOUR")]
    quantity: Annotated[int, Doc("数量 Quantity")]


@event("grant_request.granted")
class GrantRequestGranted(Event):
    """批准积分申请 A grant request was approved and paid"""

    grant_request_id: Annotated[Id, Doc("申请 Request")]
    resident_id: Annotated[Id, Doc("居民 Resident")]
    rule_code: Annotated[Code, Doc("规则 Rule", example="VOLUNTEER_HOUR")]
    transaction_id: Annotated[Id, Doc("账目 Transaction")]


@event("grant_request.rejected")
class GrantRequestRejected(Event):
    """驳回积分申请 A grant request was rejected"""

    grant_request_id: Annotated[Id, Doc("申请 Request")]
    resident_id: Annotated[Id, Doc("居民 Resident")]
    rule_code: Annotated[Code, Doc("规则 Rule", example="VOLUNTEER_HOUR")]


@dataclass(kw_only=True)
class GrantRequest(Aggregate):
    """积分申请 Request for a grant; submitter, reviewer and beneficiary are three persons"""

    TABLE = StateTable(
        action("approveGrant", GrantRequestState.SUBMITTED, GrantRequestState.GRANTED, Role.POINTS_REVIEWER),
        action(
            "rejectGrant", GrantRequestState.SUBMITTED, GrantRequestState.REJECTED, Role.POINTS_REVIEWER, reason=True
        ),
    )

    resident_id: Annotated[Id, Doc("受益居民 Beneficiary"), Ref("Resident")]
    community_id: Annotated[Id | None, Doc("社区 Community"), Ref("Community")] = None
    rule_code: Annotated[Code, Doc("规则 Rule", example="VOLUNTEER_HOUR")]
    quantity: Annotated[int, Doc("数量 Occurrences, or full hours"), Range(1, 1_000)] = 1
    occurred_on: Annotated[date, Doc("发生日期 Day of the fact; its edition of the rule pays")]
    evidence: Annotated[Text | None, Doc("说明 What happened")] = None
    source_service: Annotated[Code, Doc("来源服务 Service that knows the fact", example="red-partner")] = "points"
    source_type: Annotated[
        Code, Doc("来源类型 Type of the fact; GRANT_REQUEST: known by this request only", example="EVENT_ATTENDANCE")
    ] = REQUEST
    source_id: Annotated[Id, Doc("来源 The fact")]
    submitted_by: Annotated[Id, Doc("提交人 Submitted by (subject)"), Managed]
    reviewer_id: Annotated[Id | None, Doc("审核人 Reviewer (subject)"), Managed] = None
    reviewed_at: Annotated[datetime | None, Doc("审核时间 Reviewed at"), Managed] = None
    transaction_id: Annotated[
        Id | None, Doc("账目 Transaction that paid it"), Ref("LedgerTransaction", inverse="request", single=True)
    ] = None
    state: Annotated[GrantRequestState, Doc("状态 State")] = GrantRequestState.SUBMITTED

    @classmethod
    def visible_to(cls, actor: Actor) -> Visibility:
        if actor.has(READERS):
            return EVERYTHING
        return ({"resident_id": actor.id}, {"submitted_by": actor.id}) if actor.authenticated else NOTHING

    @property
    def grant_id(self) -> str:
        return grant_id_of(self.rule_code, self.source_type, self.source_id, self.resident_id)

    def submit(self) -> "GrantRequest":
        """Raises PTS_SELF_APPROVAL when the submitter asks for themselves."""
        if self.submitted_by == self.resident_id:
            raise PtsError.SELF_APPROVAL(field="residentId")
        self.record(GrantRequestSubmitted)
        return self

    def require_reviewer(self, by: str) -> None:
        """Raises PTS_SELF_APPROVAL."""
        if by in (self.submitted_by, self.resident_id):
            raise PtsError.SELF_APPROVAL()

    def approve(self, *, by: str, at: datetime, transaction_id: str) -> None:
        """Raises PTS_SELF_APPROVAL, GEN_INVALID_STATE."""
        self.require_reviewer(by)
        self.TABLE.move(self, "approveGrant")
        self.reviewer_id, self.reviewed_at, self.transaction_id = by, at, transaction_id
        self.record(GrantRequestGranted)

    def reject(self, *, by: str, at: datetime) -> None:
        """Raises PTS_SELF_APPROVAL, GEN_INVALID_STATE."""
        self.require_reviewer(by)
        self.TABLE.move(self, "rejectGrant")
        self.reviewer_id, self.reviewed_at = by, at
        self.record(GrantRequestRejected)
