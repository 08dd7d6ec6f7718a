"""Community events: planned with partners, published under the variety rule, held. They count their seats."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated

from govkit.domain import (
    EVERYTHING,
    STAFF,
    Actor,
    Aggregate,
    Code,
    Doc,
    GeoPoint,
    Hidden,
    Id,
    LabelEnum,
    Managed,
    Name,
    Place,
    Range,
    Ref,
    StateTable,
    Text,
    Visibility,
    action,
)
from red_partner.domain.errors import RpaError
from red_partner.domain.event_facts import (
    CommunityEventCancelled,
    CommunityEventCompleted,
    CommunityEventPublished,
    CommunityEventRegistrationClosed,
    CommunityEventStarted,
)
from red_partner.domain.roles import ORGANIZERS, REVIEWERS

EARLIEST_START = timedelta(days=1)
"""How long before its time an event may be started; a guard against starting the wrong one."""


class CommunityEventState(LabelEnum):
    """活动状态 State of an event"""

    DRAFT = "草稿 Draft"
    PUBLISHED = "已发布 Published"
    REGISTRATION_CLOSED = "报名截止 Registration closed"
    ONGOING = "进行中 Ongoing"
    COMPLETED = "已结束 Completed"
    SUMMARISED = "已总结 Summarised"
    CANCELLED = "已取消 Cancelled"


@dataclass(frozen=True, kw_only=True)
class EventRole:
    """活动角色 Role that people take in an event"""

    code: Annotated[Code, Doc("代码 Code", example="VOLUNTEER")]
    name: Annotated[Name, Doc("名称 Name")]
    needed: Annotated[int, Doc("需要人数 People needed"), Range(1, 10_000)]


State = CommunityEventState
COMING = frozenset({State.PUBLISHED, State.REGISTRATION_CLOSED, State.ONGOING})
HELD = frozenset({State.COMPLETED, State.SUMMARISED})
STARTED = frozenset({State.ONGOING}) | HELD


@dataclass(kw_only=True)
class CommunityEvent(Aggregate):
    """社区活动 Community event held with red partners, such as the monthly volunteer activity"""

    TABLE = StateTable(
        action("updateEvent", State.DRAFT, None, *ORGANIZERS),
        action("publishEvent", State.DRAFT, State.PUBLISHED, *REVIEWERS),
        action("closeEventRegistration", State.PUBLISHED, State.REGISTRATION_CLOSED, *ORGANIZERS),
        action("startEvent", (State.PUBLISHED, State.REGISTRATION_CLOSED), State.ONGOING, *ORGANIZERS),
        action("completeEvent", State.ONGOING, State.COMPLETED, *ORGANIZERS),
        action(
            "cancelEvent",
            (State.DRAFT, State.PUBLISHED, State.REGISTRATION_CLOSED),
            State.CANCELLED,
            *REVIEWERS,
            reason=True,
        ),
        action("confirmAttendance", tuple(STARTED), None, *ORGANIZERS),
    )

    title: Annotated[Name, Doc("标题 Title")]
    description: Annotated[Text | None, Doc("说明 Description")] = None
    theme_key: Annotated[Code, Doc("主题代码 Theme, for the variety rule", example="cycling")]
    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community", inverse="community_events")]
    host_organization_id: Annotated[
        Id | None, Doc("主办党组织 Party organization that hosts"), Ref("PartyOrganization", inverse="hosted_events")
    ] = None
    partner_ids: Annotated[
        list[Id], Doc("红色合伙人 Red partners"), Ref("RedPartner", edge="partners", inverse="community_events")
    ]
    monthly_volunteer_activity: Annotated[bool, Doc("月度志愿服务 The monthly volunteer activity")] = False
    starts_at: Annotated[datetime, Doc("开始 Starts at")]
    ends_at: Annotated[datetime, Doc("结束 Ends at")]
    venue_id: Annotated[Id | None, Doc("阵地 Venue"), Ref("Venue", inverse="community_events")] = None
    address: Annotated[Name | None, Doc("地点 Place in words")] = None
    location: Annotated[GeoPoint | None, Doc("位置 Location, WGS-84")] = None
    capacity: Annotated[int, Doc("名额 Seats"), Range(1, 100_000)]
    waitlist_limit: Annotated[int, Doc("候补上限 Places on the waiting list"), Range(0, 500)] = 100
    min_age: Annotated[int | None, Doc("最低年龄 Minimum age"), Range(0, 120)] = None
    roles: Annotated[list[EventRole], Doc("角色 Roles; none: anybody takes part")] = field(default_factory=list)
    registration_opens_at: Annotated[datetime, Doc("报名开始 Registration opens")]
    registration_closes_at: Annotated[datetime, Doc("报名截止 Registration closes")]
    rule_code: Annotated[
        Code | None, Doc("积分规则 Earning rule for those who attend; none: no points", example="VOLUNTEER_HOUR")
    ] = None
    state: Annotated[CommunityEventState, Doc("状态 State")] = CommunityEventState.DRAFT
    series_id: Annotated[Id | None, Doc("系列 Series"), Managed] = None
    repeat_of_id: Annotated[
        Id | None,
        Doc("重复的活动 Earlier event with this theme that the rule warned of"),
        Ref("CommunityEvent"),
    ] = None
    seats_taken: Annotated[int, Doc("已占名额 Seats given, offered ones included"), Managed] = 0
    waitlist_length: Annotated[int, Doc("候补人数 People on the waiting list"), Managed] = 0
    attendees: Annotated[int, Doc("签到人数 People who checked in"), Managed] = 0
    no_shows: Annotated[int, Doc("缺席人数 People who were marked absent"), Managed] = 0
    confirmed_attendances: Annotated[int, Doc("已确认出席 Attendances confirmed"), Managed] = 0
    volunteer_minutes: Annotated[int, Doc("服务分钟 Minutes confirmed, of all attendees"), Managed] = 0
    # Denormalised, so that lists of registrations can be limited to a street officer's street.
    street_id: Annotated[Id | None, Doc("街道 Street"), Hidden, Managed] = None

    def place(self) -> Place:
        return Place(community_id=self.community_id)

    @classmethod
    def visible_to(cls, actor: Actor) -> Visibility:
        """Events are public once published; drafts are seen by staff and by the partners in them."""
        if actor.has(STAFF):
            return EVERYTHING
        own = [{"partner_ids": actor.scope.partner_id}] if actor.scope.partner_id else []
        return ({"state": frozenset(CommunityEventState) - {State.DRAFT}}, *own)

    # --- planning ----------------------------------------------------------------------------------------------------

    def check(self) -> None:
        """Raises RPA_PERIOD_INVALID."""
        if self.ends_at <= self.starts_at:
            raise RpaError.PERIOD_INVALID(field="endsAt")
        if self.registration_closes_at <= self.registration_opens_at:
            raise RpaError.PERIOD_INVALID(field="registrationClosesAt")
        if self.registration_closes_at > self.ends_at:
            raise RpaError.PERIOD_INVALID(field="registrationClosesAt", latest=self.ends_at.isoformat())

    def require_partner(self) -> None:
        """Raises RPA_NO_PARTNER."""
        if not self.partner_ids:
            raise RpaError.NO_PARTNER(field="partnerIds")

    def publish(self, repeat_of_id: str | None = None) -> None:
        """Raises RPA_NO_PARTNER."""
        self.require_partner()
        self.TABLE.move(self, "publishEvent")
        self.repeat_of_id = repeat_of_id
        self.record(CommunityEventPublished)

    def close_registration(self) -> None:
        self.TABLE.move(self, "closeEventRegistration")
        self.record(CommunityEventRegistrationClosed)

    def start(self, now: datetime) -> None:
        """Raises RPA_EVENT_NOT_STARTED more than a day before its time."""
        if now < self.starts_at - EARLIEST_START:
            raise RpaError.EVENT_NOT_STARTED(field="id", startsAt=self.starts_at.isoformat())
        self.TABLE.move(self, "startEvent")
        self.record(CommunityEventStarted)

    def complete(self) -> None:
        self.TABLE.move(self, "completeEvent")
        self.record(CommunityEventCompleted)

    def cancel(self) -> None:
        self.TABLE.move(self, "cancelEvent")
        self.seats_taken = self.waitlist_length = 0
        self.record(CommunityEventCancelled)

    # --- seats -------------------------------------------------------------------------------------------------------

    def require_registration_open(self, now: datetime) -> None:
        """Raises RPA_REGISTRATION_CLOSED. Joining an event that has begun is possible until registration closes."""
        open_now = self.registration_opens_at <= now < self.registration_closes_at
        if self.state not in (State.PUBLISHED, State.ONGOING) or not open_now:
            raise RpaError.REGISTRATION_CLOSED(
                field="eventId",
                state=self.state.name,
                opensAt=self.registration_opens_at.isoformat(),
                closesAt=self.registration_closes_at.isoformat(),
            )

    @property
    def has_seat(self) -> bool:
        """Whether the next who comes gets a seat; whoever waits comes first."""
        return self.seats_taken < self.capacity and not self.waitlist_length

    def require_role(self, code: str) -> None:
        """Raises RPA_ROLE_UNKNOWN."""
        codes = [role.code for role in self.roles]
        if codes and code not in codes:
            raise RpaError.ROLE_UNKNOWN(field="role", allowed=codes)

    def take_seat(self) -> None:
        """Raises RPA_FULL."""
        if self.seats_taken >= self.capacity:
            raise RpaError.FULL(field="eventId", capacity=self.capacity)
        self.seats_taken += 1

    def free_seat(self) -> None:
        self.seats_taken -= 1

    def queue(self) -> int:
        """The place of one more who waits, 1 for the next to get a seat. Raises RPA_FULL."""
        if self.waitlist_length >= self.waitlist_limit:
            raise RpaError.FULL(field="eventId", capacity=self.capacity, waitlistLimit=self.waitlist_limit)
        self.waitlist_length += 1
        return self.waitlist_length

    def leave_queue(self) -> None:
        self.waitlist_length -= 1

    # --- attendance --------------------------------------------------------------------------------------------------

    def require_started(self) -> None:
        """People are checked in or marked from the start on. Raises RPA_EVENT_NOT_STARTED, RPA_EVENT_CANCELLED."""
        if self.state is State.CANCELLED:
            raise RpaError.EVENT_CANCELLED(field="eventId")
        if self.state not in STARTED:
            raise RpaError.EVENT_NOT_STARTED(field="eventId", startsAt=self.starts_at.isoformat())

    @property
    def minutes(self) -> int:
        """Planned length."""
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    def came(self) -> None:
        self.attendees += 1

    def stayed_away(self) -> None:
        self.no_shows += 1

    def confirmed(self, minutes: int) -> None:
        self.TABLE.move(self, "confirmAttendance")
        self.confirmed_attendances += 1
        self.volunteer_minutes += minutes
