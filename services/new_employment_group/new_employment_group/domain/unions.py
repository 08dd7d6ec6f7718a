"""Industry unions and who belongs to them."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from govkit.domain import (
    Actor,
    Aggregate,
    Doc,
    Event,
    Hidden,
    Id,
    LabelEnum,
    Managed,
    Name,
    Place,
    Privacy,
    Ref,
    Register,
    Role,
    StateTable,
    Unique,
    Visibility,
    action,
    event,
)
from new_employment_group.domain.errors import NegError
from new_employment_group.domain.sectors import NewEmploymentSector
from new_employment_group.domain.workers import ConsentPurpose, Worker, personal_records_of


@dataclass(kw_only=True)
class IndustryUnion(Aggregate):
    """行业工会 Industry union: organises enterprises of one sector and their workers"""

    REGISTER = Register(
        Role.UNION_OFFICER, noun="union", created="established", create="establishUnion", update="updateUnion"
    )

    name: Annotated[Name, Doc("名称 Name")]
    sector: Annotated[NewEmploymentSector, Doc("行业 Sector")]
    established_on: Annotated[date, Doc("成立日期 Established on")]
    chair_name: Annotated[Name | None, Doc("主席 Chair, an office holder")] = None

    def __post_init__(self) -> None:
        self._sector_before = self.sector

    def check(self) -> None:
        """Its enterprises and members are of its sector. Raises NEG_SECTOR_MISMATCH when it would change."""
        if self.sector is not self._sector_before:
            raise NegError.SECTOR_MISMATCH(field="sector", expected=self._sector_before.name)

    def place(self) -> Place:
        return Place(union_id=self.id)


class MembershipState(LabelEnum):
    """会员状态 State of a union membership"""

    APPLIED = "已申请 Applied"
    UNDER_REVIEW = "审核中 Under review"
    ACTIVE = "会员 Active"
    INACTIVE = "失联 Inactive"
    TRANSFERRED = "已转出 Transferred"
    ENDED = "已终止 Ended"
    REJECTED = "未通过 Rejected"


class MembershipEndReason(LabelEnum):
    """会籍终止原因 Why a membership ended"""

    LEFT = "退会 Left"
    TRANSFERRED = "转会 Transferred"
    EXPELLED = "开除 Expelled"
    DECEASED = "去世 Deceased"
    INACTIVE = "长期失联 Inactive for long"


S = MembershipState
OPEN_MEMBERSHIP = frozenset({S.APPLIED, S.UNDER_REVIEW, S.ACTIVE, S.INACTIVE})
HELD_MEMBERSHIP = frozenset({S.ACTIVE, S.INACTIVE})


# Events on memberships carry no worker: a subscriber counts, and learns of nobody.


@event("membership.activated")
class MembershipActivated(Event):
    """会员入会 A union has one member more"""

    union_membership_id: Annotated[Id, Doc("会籍 Membership")]
    union_id: Annotated[Id, Doc("工会 Union")]
    sector: Annotated[NewEmploymentSector, Doc("行业 Sector")]
    joined_on: Annotated[date, Doc("入会日期 Joined on")]


@event("membership.ended")
class MembershipEnded(Event):
    """会员退会 A union has one member less"""

    union_membership_id: Annotated[Id, Doc("会籍 Membership")]
    union_id: Annotated[Id, Doc("工会 Union")]
    ended_on: Annotated[date, Doc("终止日期 Ended on")]


@event("membership.transferred")
class MembershipTransferred(Event):
    """会员转会 A member went over to another union; the new membership is activated by its own event"""

    union_membership_id: Annotated[Id, Doc("会籍 Membership")]
    union_id: Annotated[Id, Doc("原工会 Union that was left")]
    to_union_id: Annotated[Id, Doc("新工会 Union that was joined")]
    ended_on: Annotated[date, Doc("转会日期 Transferred on")]


@event("union_membership.snapshot")
class MembershipSnapshot(Event):
    """会籍快照 A membership of the past or present"""

    union_membership_id: Annotated[Id, Doc("会籍 Membership")]
    union_id: Annotated[Id, Doc("工会 Union")]
    sector: Annotated[NewEmploymentSector, Doc("行业 Sector")]
    joined_on: Annotated[date | None, Doc("入会日期 Joined on")]
    ended_on: Annotated[date | None, Doc("终止日期 Ended on")]
    state: Annotated[MembershipState, Doc("状态 State")]


@dataclass(kw_only=True)
class UnionMembership(Aggregate):
    """工会会籍 Union membership: one open record for a worker and union; who joins again gets a new one"""

    TABLE = StateTable(
        action("approveMembership", (S.APPLIED, S.UNDER_REVIEW), S.ACTIVE, Role.UNION_OFFICER),
        action("rejectMembership", (S.APPLIED, S.UNDER_REVIEW), S.REJECTED, Role.UNION_OFFICER, reason=True),
        action("endMembership", (S.ACTIVE, S.INACTIVE), S.ENDED, Role.UNION_OFFICER, Role.RESIDENT),
        action("transferMembership", (S.ACTIVE, S.INACTIVE), S.TRANSFERRED, Role.UNION_OFFICER),
    )
    UNIQUE = (
        Unique(("worker_id", "union_id"), NegError.ALREADY_MEMBER, {"state": OPEN_MEMBERSHIP}),
        Unique(("worker_id", "sector"), NegError.SECTOR_UNION_EXISTS, {"state": HELD_MEMBERSHIP}),
    )

    worker_id: Annotated[Id, Doc("从业者 Worker"), Ref("Worker", inverse="memberships")]
    resident_id: Annotated[Id | None, Doc("居民标识 Resident"), Ref("Resident"), Privacy.P1, Hidden] = None
    union_id: Annotated[Id, Doc("工会 Union"), Ref("IndustryUnion", inverse="memberships")]
    sector: Annotated[NewEmploymentSector, Doc("行业 Sector"), Managed]
    applied_on: Annotated[date, Doc("申请日期 Applied on")]
    joined_on: Annotated[date | None, Doc("入会日期 Joined on")] = None
    ended_on: Annotated[date | None, Doc("终止日期 Ended on")] = None
    end_reason: Annotated[MembershipEndReason | None, Doc("终止原因 Why it ended"), Privacy.P1] = None
    transfer_from_id: Annotated[
        Id | None, Doc("转自 Membership that it continues"), Ref("UnionMembership", edge="transfer_from")
    ] = None
    state: Annotated[MembershipState, Doc("状态 State")] = S.APPLIED

    @classmethod
    def visible_to(cls, actor: Actor) -> Visibility:
        return personal_records_of(actor)

    @classmethod
    def snapshot_event(cls) -> type[Event]:
        return MembershipSnapshot

    @classmethod
    def apply(cls, *, id: str, worker: Worker, union: IndustryUnion, on: date) -> "UnionMembership":
        """Raises NEG_WORKER_LEFT, NEG_CONSENT_REQUIRED."""
        worker.require_active("workerId")
        worker.require_consent(ConsentPurpose.REGISTRATION)
        worker.looked_after_by(union.id)
        return cls(
            id=id,
            worker_id=worker.id,
            resident_id=worker.resident_id,
            union_id=union.id,
            sector=union.sector,
            applied_on=on,
        )

    def approve(self, on: date) -> None:
        """Raises NEG_PERIOD_INVALID."""
        self._require_not_before(self.applied_on, on)
        self.TABLE.move(self, "approveMembership")
        self.joined_on = on
        self.record(MembershipActivated)

    def reject(self, worker: Worker, on: date) -> None:
        self.TABLE.move(self, "rejectMembership")
        self.ended_on = on
        worker.no_longer_looked_after_by(self.union_id)

    def end(self, worker: Worker, on: date, reason: MembershipEndReason) -> None:
        """Raises NEG_PERIOD_INVALID."""
        self._require_not_before(self.joined_on or self.applied_on, on)
        self.TABLE.move(self, "endMembership")
        self.ended_on, self.end_reason = on, reason
        worker.no_longer_looked_after_by(self.union_id)
        self.record(MembershipEnded)

    def transfer(self, *, id: str, worker: Worker, to: IndustryUnion, on: date) -> "UnionMembership":
        """The membership in the other union, active at once.

        Raises NEG_SAME_UNION, NEG_PERIOD_INVALID, NEG_WORKER_LEFT, NEG_CONSENT_REQUIRED.
        """
        if to.id == self.union_id:
            raise NegError.SAME_UNION(field="toUnionId")
        self._require_not_before(self.joined_on or self.applied_on, on)
        self.TABLE.move(self, "transferMembership")
        self.ended_on, self.end_reason = on, MembershipEndReason.TRANSFERRED
        worker.no_longer_looked_after_by(self.union_id)
        self.record(MembershipTransferred, to_union_id=to.id)
        follower = UnionMembership.apply(id=id, worker=worker, union=to, on=on)
        follower.transfer_from_id = self.id
        follower.approve(on)
        return follower

    def _require_not_before(self, start: date, on: date) -> None:
        if on < start:
            raise NegError.PERIOD_INVALID(field="on", start=start.isoformat())
