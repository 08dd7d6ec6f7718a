"""Commands on community events."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from govkit.commands import Context, command
from govkit.domain import Code, Doc, Id, Name, Range, Text, business_date
from red_partner.domain.errors import RpaError
from red_partner.domain.events import COMING, CommunityEvent, EventRole
from red_partner.domain.partners import RedPartner
from red_partner.domain.registrations import LIVE, Registration
from red_partner.domain.roles import ORGANIZERS
from red_partner.domain.schedules import ResidentSchedule
from red_partner.domain.variety import CommunityProgramme, ThemeUse, VarietyRule, VarietyScope, default_rule
from red_partner.handlers.inputs import ById, ByIdWithReason, PartnerPosition

Seats = Annotated[int, Range(1, 100_000)]
VOLUNTEER_HOUR = "VOLUNTEER_HOUR"
"""The earning rule of points that events follow unless told."""


@dataclass(frozen=True, kw_only=True)
class CreateEvent:
    title: Annotated[Name, Doc("标题 Title")]
    description: Annotated[Text | None, Doc("说明 Description")] = None
    theme_key: Annotated[Code, Doc("主题代码 Theme, for the variety rule")]
    community_id: Annotated[Id, Doc("社区 Community")]
    host_organization_id: Annotated[Id | None, Doc("主办党组织 Party organization that hosts")] = None
    partner_ids: Annotated[list[Id] | None, Doc("红色合伙人 Red partners; at least one to publish")] = None
    monthly_volunteer_activity: Annotated[bool, Doc("月度志愿服务 The monthly volunteer activity")] = False
    starts_at: Annotated[datetime, Doc("开始 Starts at")]
    ends_at: Annotated[datetime, Doc("结束 Ends at")]
    venue_id: Annotated[Id | None, Doc("阵地 Venue")] = None
    address: Annotated[Name | None, Doc("地点 Place in words")] = None
    position: Annotated[PartnerPosition | None, Doc("位置 Position")] = None
    capacity: Annotated[Seats, Doc("名额 Seats")]
    waitlist_limit: Annotated[int, Doc("候补上限 Places on the waiting list"), Range(0, 500)] = 100
    min_age: Annotated[int | None, Doc("最低年龄 Minimum age"), Range(0, 120)] = None
    roles: Annotated[list[EventRole], Doc("角色 Roles")] = field(default_factory=list)
    registration_opens_at: Annotated[datetime | None, Doc("报名开始 Registration opens; else at once")] = None
    registration_closes_at: Annotated[datetime | None, Doc("报名截止 Registration closes; else at the start")] = None
    rule_code: Annotated[Code | None, Doc("积分规则 Earning rule; null: no points")] = VOLUNTEER_HOUR


@command(*ORGANIZERS)
async def create_event(context: Context, input: CreateEvent) -> CommunityEvent:
    """策划活动 Plan an event; residents see it once it is published."""
    community = await context.reference("Community", input.community_id, "communityId")
    event = CommunityEvent(
        id=context.new_id(),
        title=input.title,
        description=input.description,
        theme_key=input.theme_key,
        community_id=input.community_id,
        host_organization_id=input.host_organization_id,
        partner_ids=_distinct(input.partner_ids),
        monthly_volunteer_activity=input.monthly_volunteer_activity,
        starts_at=input.starts_at,
        ends_at=input.ends_at,
        venue_id=input.venue_id,
        address=input.address,
        location=input.position.wgs84() if input.position else None,
        capacity=input.capacity,
        waitlist_limit=input.waitlist_limit,
        min_age=input.min_age,
        roles=input.roles,
        registration_opens_at=input.registration_opens_at or context.now,
        registration_closes_at=input.registration_closes_at or input.starts_at,
        rule_code=input.rule_code,
        street_id=community.get("streetId"),
    )
    event.check()
    return await context.add(event)


@dataclass(frozen=True, kw_only=True)
class UpdateEvent:
    id: Annotated[Id, Doc("活动 Event")]
    title: Annotated[Name | None, Doc("标题 Title")] = None
    description: Annotated[Text | None, Doc("说明 Description")] = None
    theme_key: Annotated[Code | None, Doc("主题代码 Theme")] = None
    partner_ids: Annotated[list[Id] | None, Doc("红色合伙人 Red partners")] = None
    starts_at: Annotated[datetime | None, Doc("开始 Starts at")] = None
    ends_at: Annotated[datetime | None, Doc("结束 Ends at")] = None
    venue_id: Annotated[Id | None, Doc("阵地 Venue")] = None
    address: Annotated[Name | None, Doc("地点 Place in words")] = None
    capacity: Annotated[Seats | None, Doc("名额 Seats")] = None
    registration_opens_at: Annotated[datetime | None, Doc("报名开始 Registration opens")] = None
    registration_closes_at: Annotated[datetime | None, Doc("报名截止 Registration closes")] = None


@command(on=CommunityEvent)
async def update_event(context: Context, input: UpdateEvent) -> CommunityEvent:
    """修改活动 Change a draft; what is left out or null stays as it is."""
    event = await context.load(CommunityEvent, input.id)
    if event.registration_closes_at == event.starts_at and input.starts_at:
        event.registration_closes_at = input.starts_at
    for name in UpdateEvent.__annotations__.keys() - {"id"}:
        if (value := getattr(input, name)) is not None:
            setattr(event, name, _distinct(value) if name == "partner_ids" else value)
    event.check()
    await context.check_references(event)
    return event


def _distinct(ids: list[str] | None) -> list[str]:
    return list(dict.fromkeys(ids or []))


@command(on=CommunityEvent)
async def publish_event(context: Context, input: ById) -> CommunityEvent:
    """发布活动 Publish an event: with active partners, a free venue, and a theme that is new to the community."""
    event = await context.load(CommunityEvent, input.id)
    event.require_partner()
    for partner_id in event.partner_ids:
        (await context.get(RedPartner, partner_id, "partnerIds")).take_part()
    programme = await _programme(context, event.community_id)
    use = ThemeUse(theme_key=event.theme_key, event_id=event.id, on=business_date(event.starts_at))
    repeat_of_id = programme.enter(use, await _rule(context, event.community_id))
    await _require_free_venue(context, event)
    event.publish(repeat_of_id)
    return event


async def _programme(context: Context, community_id: str) -> CommunityProgramme:
    found = await context.first(CommunityProgramme, id=community_id)
    return found or context.work.add(CommunityProgramme(id=community_id, community_id=community_id))


async def _rule(context: Context, community_id: str) -> VarietyRule:
    own = await context.first(VarietyRule, community_id=community_id)
    return own or await context.first(VarietyRule, scope=VarietyScope.COUNTY) or default_rule()


async def _require_free_venue(context: Context, event: CommunityEvent) -> None:
    """Events of one community are published one after the other, by their programme. Raises RPA_VENUE_CONFLICT."""
    if event.venue_id is None:
        return
    for other in await context.find(CommunityEvent, venue_id=event.venue_id, state=COMING):
        if other.id != event.id and other.starts_at < event.ends_at and event.starts_at < other.ends_at:
            raise RpaError.VENUE_CONFLICT(field="venueId", eventId=other.id)


@command(on=CommunityEvent)
async def close_event_registration(context: Context, input: ById) -> CommunityEvent:
    """截止报名 Close registration before its time."""
    event = await context.load(CommunityEvent, input.id)
    event.close_registration()
    return event


@command(on=CommunityEvent)
async def start_event(context: Context, input: ById) -> CommunityEvent:
    """开始活动 Start an event, at most a day early; from now on people are checked in."""
    event = await context.load(CommunityEvent, input.id)
    event.start(context.now)
    return event


@command(on=CommunityEvent)
async def complete_event(context: Context, input: ById) -> CommunityEvent:
    """结束活动 Complete an event that was started."""
    event = await context.load(CommunityEvent, input.id)
    event.complete()
    return event


@command(on=CommunityEvent)
async def cancel_event(context: Context, input: ByIdWithReason) -> CommunityEvent:
    """取消活动 Cancel an event with all its registrations; its theme and its partners are free again."""
    event = await context.load(CommunityEvent, input.id)
    if event.state in COMING:
        await _release(context, event)
    event.cancel()
    return event


async def _release(context: Context, event: CommunityEvent) -> None:
    for partner_id in event.partner_ids:
        (await context.get(RedPartner, partner_id, "partnerIds")).step_back()
    (await _programme(context, event.community_id)).leave(event.id)
    registrations = await context.find(Registration, event_id=event.id, state=LIVE)
    for registration in registrations:
        registration.void(context.now)
    residents = frozenset(registration.resident_id for registration in registrations)
    for schedule in await context.find(ResidentSchedule, id=residents):
        schedule.leave(event.id)
