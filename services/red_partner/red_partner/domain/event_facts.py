"""What community events tell other services."""

from datetime import datetime
from typing import Annotated

from govkit.domain import Code, Doc, Event, Id, event


@event("event.published")
class CommunityEventPublished(Event):
    """发布活动 A community event was published"""

    community_event_id: Annotated[Id, Doc("活动 Event")]
    community_id: Annotated[Id, Doc("社区 Community")]
    theme_key: Annotated[Code, Doc("主题代码 Theme", example="cycling")]
    partner_ids: Annotated[list[Id], Doc("红色合伙人 Red partners")]
    venue_id: Annotated[Id | None, Doc("阵地 Venue")]
    monthly_volunteer_activity: Annotated[bool, Doc("月度志愿服务 The monthly volunteer activity")]
    starts_at: Annotated[datetime, Doc("开始 Starts at")]
    ends_at: Annotated[datetime, Doc("结束 Ends at")]
    capacity: Annotated[int, Doc("名额 Seats")]
    rule_code: Annotated[Code | None, Doc("积分规则 Earning rule; none: no points", example="VOLUNTEER_HOUR")]
    repeat_of_id: Annotated[Id | None, Doc("重复的活动 Earlier event with this theme")]


@event("event.registration_closed")
class CommunityEventRegistrationClosed(Event):
    """报名截止 Registration for an event was closed by its organizers"""

    community_event_id: Annotated[Id, Doc("活动 Event")]
    community_id: Annotated[Id, Doc("社区 Community")]


@event("event.started")
class CommunityEventStarted(Event):
    """活动开始 An event started"""

    community_event_id: Annotated[Id, Doc("活动 Event")]
    community_id: Annotated[Id, Doc("社区 Community")]


@event("event.completed")
class CommunityEventCompleted(Event):
    """活动结束 An event was completed"""

    community_event_id: Annotated[Id, Doc("活动 Event")]
    community_id: Annotated[Id, Doc("社区 Community")]
    partner_ids: Annotated[list[Id], Doc("红色合伙人 Red partners")]
    attendees: Annotated[int, Doc("签到人数 People who checked in")]
    no_shows: Annotated[int, Doc("缺席人数 People who were marked absent")]


@event("event.cancelled")
class CommunityEventCancelled(Event):
    """活动取消 An event was cancelled"""

    community_event_id: Annotated[Id, Doc("活动 Event")]
    community_id: Annotated[Id, Doc("社区 Community")]
