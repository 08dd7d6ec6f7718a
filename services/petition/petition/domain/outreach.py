"""Outreach: teams, door-knocking rounds, micro-collection sessions, WeChat groups."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from govkit.domain import Aggregate, Doc, Id, LabelEnum, Name, Range, Ref, Register, Role, Unique
from petition.domain.errors import PetError

COMMUNITY_STAFF = (Role.COMMUNITY_SECRETARY, Role.BRANCH_SECRETARY)
Count = Annotated[int, Range(0, 1_000_000)]


@dataclass(kw_only=True)
class LanzhixinTeam(Aggregate):
    """“兰知心”小队 Lanzhixin team: visits the households of some residential areas"""

    REGISTER = Register(*COMMUNITY_STAFF, created="formed")

    name: Annotated[Name, Doc("名称 Name")]
    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community", inverse="lanzhixin_teams")]
    leader_staff_id: Annotated[
        Id, Doc("队长 Leader"), Ref("CommunityWorker", edge="leader", inverse="led_lanzhixin_teams")
    ]
    member_staff_ids: Annotated[
        list[Id], Doc("队员 Members"), Ref("CommunityWorker", edge="members", inverse="lanzhixin_teams")
    ]
    residential_area_ids: Annotated[
        list[Id], Doc("负责小区 Residential areas"), Ref("ResidentialArea", inverse="lanzhixin_teams")
    ]
    formed_on: Annotated[date, Doc("成立日期 Formed on")]


@dataclass(kw_only=True)
class DoorKnockingRound(Aggregate):
    """“敲门行动”轮次 Round of door knocking, in counts: who was visited is not recorded"""

    UNIQUE = (Unique(("street_id", "number"), PetError.ROUND_EXISTS),)
    REGISTER = Register(
        Role.STREET_OFFICER,
        noun="round",
        created="started",
        create="startDoorKnockingRound",
        update="updateDoorKnockingRound",
    )

    number: Annotated[int, Doc("轮次 Number"), Range(1, 10_000)]
    name: Annotated[Name, Doc("名称 Name")]
    street_id: Annotated[Id, Doc("街道 Street"), Ref("Street", inverse="door_knocking_rounds")]
    from_on: Annotated[date, Doc("开始日期 From")]
    to_on: Annotated[date, Doc("结束日期 To")]
    target_households: Annotated[Count, Doc("计划户数 Households to visit")]
    visits: Annotated[Count, Doc("走访户数 Households visited")] = 0
    needs_found: Annotated[Count, Doc("发现需求 Needs found")] = 0

    def check(self) -> None:
        if self.to_on < self.from_on:
            raise PetError.PERIOD_INVALID(field="toOn", start=self.from_on.isoformat())


class MicroCollectionKind(LabelEnum):
    """微征集形式 Form of a micro-collection"""

    PAVILION_TALK = "凉亭说事 Pavilion talk"
    SQUARE_TALK = "广场话事 Square talk"


@dataclass(kw_only=True)
class MicroCollectionSession(Aggregate):
    """“微征集”活动 Micro-collection: a weekend session where residents say what troubles them"""

    REGISTER = Register(*COMMUNITY_STAFF, noun="micro_collection", created="held", create="recordMicroCollection")

    kind: Annotated[MicroCollectionKind, Doc("形式 Kind")]
    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community", inverse="micro_collections")]
    held_at: Annotated[datetime, Doc("时间 Held at")]
    held_in: Annotated[Name, Doc("地点 Place")]
    attendees: Annotated[Count, Doc("参加人数 Attendees")]
    items: Annotated[Count, Doc("征集事项 Items collected")]


@dataclass(kw_only=True)
class WeChatGroup(Aggregate):
    """议事微信群 WeChat group of a residential area"""

    UNIQUE = (Unique(("residential_area_id",), PetError.GROUP_EXISTS),)
    REGISTER = Register(*COMMUNITY_STAFF, noun="wechat_group", create="registerWeChatGroup")

    name: Annotated[Name, Doc("名称 Name")]
    residential_area_id: Annotated[
        Id, Doc("小区 Residential area"), Ref("ResidentialArea", inverse="we_chat_group", single=True)
    ]
    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community", inverse="we_chat_groups")]
    owner_staff_id: Annotated[Id, Doc("群主 Owner"), Ref("CommunityWorker", edge="owner", inverse="we_chat_groups")]
    member_count: Annotated[Count, Doc("成员数 Members")]
    created_on: Annotated[date, Doc("建群日期 Created on")]
