"""The three claims (三领): volunteer posts, residents' small wishes, petitions."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated

from govkit.domain import (
    EVERYTHING,
    STAFF,
    Actor,
    Added,
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
    Range,
    Ref,
    Register,
    Role,
    StateTable,
    Unique,
    Visibility,
    action,
    event,
)
from petition.domain.errors import PetError

COMMUNITY_STAFF = (Role.COMMUNITY_SECRETARY, Role.BRANCH_SECRETARY)
CLAIMANTS = (Role.RESIDENT, Role.SUPERVISOR, Role.PARTNER, Role.BRANCH_SECRETARY)
TERM = timedelta(days=30)


@dataclass(kw_only=True)
class VolunteerPost(Aggregate):
    """志愿服务岗 Volunteer post: for as many volunteers as it has slots"""

    REGISTER = Register(*COMMUNITY_STAFF, created="published", create="publishVolunteerPost")

    title: Annotated[Name, Doc("岗位 Title")]
    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community", inverse="volunteer_posts")]
    residential_area_id: Annotated[
        Id | None, Doc("小区 Residential area"), Ref("ResidentialArea", inverse="volunteer_posts")
    ] = None
    slots: Annotated[int, Doc("名额 Slots"), Range(1, 1_000)]
    # Counted here, so that claims that come at the same moment meet in this record's version and each finds its slot.
    claimed: Annotated[int, Doc("已认领 Slots that are taken"), Range(0, 1_000), Managed] = 0
    published_on: Annotated[date, Doc("发布日期 Published on")]
    closed: Annotated[bool, Doc("已停止 No longer offered")] = False


@dataclass(kw_only=True)
class MicroWish(Aggregate):
    """居民微心愿 Small wish of a resident; who wishes is not shown"""

    PLURAL = "microWishes"
    REGISTER = Register(
        Role.RESIDENT, *COMMUNITY_STAFF, created="published", create="publishMicroWish", update="updateMicroWish"
    )

    # As on petitions: the creator is the wisher as a rule.
    created_by: Annotated[Id, Doc("创建人 Created by (subject)"), Managed, Hidden, Privacy.P1] = ""
    updated_by: Annotated[Id, Doc("更新人 Updated by (subject)"), Managed, Hidden, Privacy.P1] = ""

    title: Annotated[Name, Doc("心愿 Wish")]
    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community", inverse="micro_wishes")]
    resident_id: Annotated[Id, Doc("许愿人 Who wishes"), Ref("Resident"), Hidden, Privacy.P1]
    published_on: Annotated[date, Doc("发布日期 Published on")]
    need_by: Annotated[date | None, Doc("希望日期 Needed by")] = None
    closed: Annotated[bool, Doc("已撤下 Withdrawn")] = False


class ClaimTargetType(LabelEnum):
    """认领对象 What is claimed"""

    VOLUNTEER_POST = "志愿服务岗 Volunteer post"
    MICRO_WISH = "居民微心愿 Small wish"
    PETITION = "居民诉求 Petition"


class ClaimState(LabelEnum):
    """认领状态 State of a claim"""

    CLAIMED = "已认领 Claimed"
    COMPLETED = "待确认 Completed, confirmation pending"
    CONFIRMED = "已确认 Confirmed"
    RELEASED = "已释放 Released"


@event("claim.made")
class ClaimMade(Event):
    """认领 A volunteer post, wish or petition was claimed"""

    claim_id: Annotated[Id, Doc("认领 Claim")]
    target_type: Annotated[ClaimTargetType, Doc("对象类型 Type of the target")]
    target_id: Annotated[Id, Doc("对象 Target")]
    claimant_id: Annotated[Id, Doc("认领人 Claimant")]
    community_id: Annotated[Id, Doc("社区 Community")]


@event("claim.released")
class ClaimReleased(Event):
    """释放认领 A claim was given up"""

    claim_id: Annotated[Id, Doc("认领 Claim")]
    target_type: Annotated[ClaimTargetType, Doc("对象类型 Type of the target")]
    target_id: Annotated[Id, Doc("对象 Target")]
    claimant_id: Annotated[Id, Doc("认领人 Claimant")]
    community_id: Annotated[Id, Doc("社区 Community")]


@event("claim.completed")
class ClaimCompleted(Event):
    """完成认领 A claimant did what was claimed"""

    claim_id: Annotated[Id, Doc("认领 Claim")]
    target_type: Annotated[ClaimTargetType, Doc("对象类型 Type of the target")]
    target_id: Annotated[Id, Doc("对象 Target")]
    claimant_id: Annotated[Id, Doc("认领人 Claimant")]
    community_id: Annotated[Id, Doc("社区 Community")]


@event("claim.confirmed")
class ClaimConfirmed(Event):
    """确认认领 The community confirmed what a claimant did"""

    claim_id: Annotated[Id, Doc("认领 Claim")]
    target_type: Annotated[ClaimTargetType, Doc("对象类型 Type of the target")]
    target_id: Annotated[Id, Doc("对象 Target")]
    claimant_id: Annotated[Id, Doc("认领人 Claimant")]
    partner_id: Annotated[Id | None, Doc("红色合伙人 Partner for whom the claimant acted; null: a resident"), Added]
    community_id: Annotated[Id, Doc("社区 Community")]


TAKEN = (ClaimState.CLAIMED, ClaimState.COMPLETED, ClaimState.CONFIRMED)


@dataclass(kw_only=True)
class Claim(Aggregate):
    """认领 Claim of a volunteer post, a wish or a petition; one a target, or one a slot, until it is released"""

    TABLE = StateTable(
        action("releaseClaim", ClaimState.CLAIMED, ClaimState.RELEASED, *CLAIMANTS, Role.COMMUNITY_SECRETARY),
        action("completeClaim", ClaimState.CLAIMED, ClaimState.COMPLETED, *CLAIMANTS),
        action("confirmClaim", ClaimState.COMPLETED, ClaimState.CONFIRMED, *COMMUNITY_STAFF),
    )
    UNIQUE = (Unique(("target_id", "slot"), PetError.ALREADY_CLAIMED, {"state": TAKEN}),)

    target_type: Annotated[ClaimTargetType, Doc("对象类型 Type of the target")]
    target_id: Annotated[Id, Doc("对象 Target")]
    slot: Annotated[int, Doc("名额序号 Slot, from 0"), Range(0, 1_000)] = 0
    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community", inverse="claims")]
    claimant_id: Annotated[Id, Doc("认领人 Claimant (subject)")]
    partner_id: Annotated[
        Id | None, Doc("红色合伙人 Partner, when one claimed"), Ref("RedPartner", inverse="claims")
    ] = None
    claimed_at: Annotated[datetime, Doc("认领时间 Claimed at")]
    due_at: Annotated[datetime, Doc("期限 Due at")]
    completed_at: Annotated[datetime | None, Doc("完成时间 Completed at")] = None
    confirmed_at: Annotated[datetime | None, Doc("确认时间 Confirmed at")] = None
    confirmed_by: Annotated[Id | None, Doc("确认人 Confirmed by (subject)")] = None
    released_at: Annotated[datetime | None, Doc("释放时间 Released at")] = None
    state: Annotated[ClaimState, Doc("状态 State")] = ClaimState.CLAIMED

    def place(self) -> Place:
        return Place(owner_id=self.claimant_id, community_id=self.community_id, partner_id=self.partner_id)

    @classmethod
    def visible_to(cls, actor: Actor) -> Visibility:
        """Staff all, everyone else their own."""
        return EVERYTHING if actor.roles & STAFF else ({"claimant_id": actor.id},)

    def make(self, target_owner_id: str | None) -> "Claim":
        """Raises PET_SELF_CLAIM."""
        if target_owner_id == self.claimant_id:
            raise PetError.SELF_CLAIM(field="targetId")
        self.record(ClaimMade)
        return self

    def release(self, at: datetime) -> None:
        self.TABLE.move(self, "releaseClaim")
        self.released_at = at
        self.record(ClaimReleased)

    def complete(self, at: datetime) -> None:
        self.TABLE.move(self, "completeClaim")
        self.completed_at = at
        self.record(ClaimCompleted)

    def confirm(self, by: str, at: datetime) -> None:
        self.TABLE.move(self, "confirmClaim")
        self.confirmed_at, self.confirmed_by = at, by
        self.record(ClaimConfirmed)
