"""Outreach: teams, door-knocking rounds with their visits, micro-collection sessions, WeChat groups and posts."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated

from govkit.domain import (
    EVERYTHING,
    NOTHING,
    STAFF,
    Actor,
    Aggregate,
    Code,
    Doc,
    Hidden,
    Id,
    LabelEnum,
    Name,
    Pattern,
    Privacy,
    Range,
    Ref,
    Register,
    Role,
    Unique,
    Visibility,
)
from petition.domain.errors import PetError

COMMUNITY_STAFF = (Role.COMMUNITY_SECRETARY, Role.BRANCH_SECRETARY)
Count = Annotated[int, Range(0, 1_000_000)]
HouseholdRef = Annotated[str, Pattern(r"HH-[0-9A-Z]{6,16}", "HH-0A12F9")]
"""A household's number in the community's own register: no name, no address."""


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


class HouseholdVisitResult(LabelEnum):
    """走访结果 Result of a visit"""

    MET = "已见面 Met"
    ABSENT = "家中无人 Nobody at home"
    DECLINED = "未接受走访 Declined"
    MOVED_OUT = "已搬离 Moved out"


@dataclass(kw_only=True)
class HouseholdVisit(Aggregate):
    """入户走访 Visit to a household in a door-knocking round, in counts: no names"""

    UNIQUE = (Unique(("round_id", "household_ref"), PetError.VISIT_EXISTS),)
    REGISTER = Register(*COMMUNITY_STAFF, noun="visit", created="recorded", create="recordHouseholdVisit")

    round_id: Annotated[Id, Doc("轮次 Round"), Ref("DoorKnockingRound", inverse="household_visits")]
    # Only to visit nobody twice: it is never shown, so that a visit does not lead to the people visited.
    household_ref: Annotated[HouseholdRef, Doc("户编号 Household, by its number in the register"), Hidden, Privacy.P2]
    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community", inverse="household_visits")]
    micro_grid_code: Annotated[
        Code | None,
        Doc("微网格 Micro-grid", example="37132400100100101"),
        Ref("MicroGrid", key="code", edge="micro_grid", inverse="household_visits"),
    ] = None
    team_id: Annotated[Id | None, Doc("走访小队 Team"), Ref("LanzhixinTeam", inverse="household_visits")] = None
    visited_on: Annotated[date, Doc("走访日期 Visited on")]
    result: Annotated[HouseholdVisitResult, Doc("结果 Result")]
    needs: Annotated[Count, Doc("发现需求 Needs found")] = 0
    petition_ids: Annotated[list[Id], Doc("形成的诉求 Petitions made of the needs"), Ref("Petition")] = field(
        default_factory=list
    )

    @classmethod
    def visible_to(cls, actor: Actor) -> Visibility:
        """Staff only."""
        return EVERYTHING if actor.roles & STAFF else NOTHING


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


class GroupPostKind(LabelEnum):
    """群消息类型 Kind of a post in a WeChat group"""

    POLICY = "政策信息 Policy"
    EVENT_PREVIEW = "活动预告 Preview of an event"
    TOPIC = "“群里有话说” Topic to talk about"
    ANSWER = "问题答复 Answer"


@dataclass(kw_only=True)
class GroupPost(Aggregate):
    """群消息记录 Log of what staff post in a WeChat group; what members write is not recorded"""

    REGISTER = Register(*COMMUNITY_STAFF, created="recorded", create="recordGroupPost")

    group_id: Annotated[Id, Doc("微信群 Group"), Ref("WeChatGroup", inverse="posts")]
    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community", inverse="we_chat_group_posts")]
    kind: Annotated[GroupPostKind, Doc("类型 Kind")]
    title: Annotated[Name, Doc("标题 Title")]
    posted_at: Annotated[datetime, Doc("发布时间 Posted at")]
    reach: Annotated[Count, Doc("触达人数 Members reached")]
    petition_id: Annotated[Id | None, Doc("相关诉求 Petition that it is about"), Ref("Petition")] = None
