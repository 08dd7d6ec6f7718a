"""Registrations: a resident's seat or place in the queue, presence, and the confirmation that earns points."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from govkit.domain import (
    EVERYTHING,
    Actor,
    Aggregate,
    Code,
    Doc,
    Event,
    Hidden,
    Id,
    LabelEnum,
    Ref,
    StateTable,
    Unique,
    Visibility,
    action,
    event,
)
from red_partner.domain.errors import RpaError
from red_partner.domain.events import HELD, CommunityEvent
from red_partner.domain.roles import ORGANIZERS, OVERSEERS, RESIDENTS

OFFER_PERIOD = timedelta(hours=24)
"""How long a seat that became free is kept for the next in the queue (domain reference 3.5)."""


class RegistrationState(LabelEnum):
    """报名状态 State of a registration"""

    REGISTERED = "已报名 Registered"
    WAITLISTED = "候补 On the waiting list"
    OFFERED = "候补待确认 A seat is offered"
    CANCELLED = "已取消 Cancelled"
    ATTENDED = "已签到 Attended"
    NO_SHOW = "缺席 Did not come"


class CheckInMethod(LabelEnum):
    """签到方式 How somebody was checked in"""

    STAFF = "工作人员登记 By staff"
    CODE = "签到码 By code"


@event("registration.made")
class RegistrationMade(Event):
    """报名 A resident registered for an event, with a seat or on the waiting list"""

    registration_id: Annotated[Id, Doc("报名 Registration")]
    event_id: Annotated[Id, Doc("活动 Event")]
    resident_id: Annotated[Id, Doc("居民 Resident")]
    community_id: Annotated[Id, Doc("社区 Community")]
    role: Annotated[Code, Doc("角色 Role", example="VOLUNTEER")]
    state: Annotated[RegistrationState, Doc("状态 State")]


@event("registration.offered")
class RegistrationOffered(Event):
    """候补递补 A seat became free and is offered to the next in the queue"""

    registration_id: Annotated[Id, Doc("报名 Registration")]
    event_id: Annotated[Id, Doc("活动 Event")]
    resident_id: Annotated[Id, Doc("居民 Resident")]
    offer_expires_at: Annotated[datetime | None, Doc("有效期至 Offered until")]


@event("registration.promoted")
class RegistrationPromoted(Event):
    """候补转正 Whoever waited took the offered seat"""

    registration_id: Annotated[Id, Doc("报名 Registration")]
    event_id: Annotated[Id, Doc("活动 Event")]
    resident_id: Annotated[Id, Doc("居民 Resident")]


@event("registration.cancelled")
class RegistrationCancelled(Event):
    """取消报名 A registration was cancelled: by the resident, with the event, or because an offer lapsed"""

    registration_id: Annotated[Id, Doc("报名 Registration")]
    event_id: Annotated[Id, Doc("活动 Event")]
    resident_id: Annotated[Id, Doc("居民 Resident")]


@event("registration.checked_in")
class RegistrationCheckedIn(Event):
    """签到 A registered resident came"""

    registration_id: Annotated[Id, Doc("报名 Registration")]
    event_id: Annotated[Id, Doc("活动 Event")]
    resident_id: Annotated[Id, Doc("居民 Resident")]
    checked_in_at: Annotated[datetime | None, Doc("签到时间 At")]


@event("registration.missed")
class RegistrationMissed(Event):
    """缺席 A registered resident did not come"""

    registration_id: Annotated[Id, Doc("报名 Registration")]
    event_id: Annotated[Id, Doc("活动 Event")]
    resident_id: Annotated[Id, Doc("居民 Resident")]


@event("event_attendance.confirmed")
class EventAttendanceConfirmed(Event):
    """出席确认 The organizers confirmed that a resident attended; once for each registration"""

    registration_id: Annotated[Id, Doc("报名 Registration")]
    event_id: Annotated[Id, Doc("活动 Event")]
    resident_id: Annotated[Id, Doc("居民 Resident")]
    role: Annotated[Code, Doc("角色 Role", example="VOLUNTEER")]
    minutes: Annotated[int, Doc("服务分钟 Minutes")]
    rule_code: Annotated[Code | None, Doc("积分规则 Earning rule; none: no points", example="VOLUNTEER_HOUR")]
    community_id: Annotated[Id, Doc("社区 Community")]


State = RegistrationState
SEATED = frozenset({State.REGISTERED, State.OFFERED})
LIVE = SEATED | {State.WAITLISTED}
COUNTED = frozenset(RegistrationState) - {State.CANCELLED}


@dataclass(kw_only=True)
class Registration(Aggregate):
    """活动报名 Registration of a resident for a community event"""

    UNIQUE = (Unique(("event_id", "resident_id"), RpaError.ALREADY_REGISTERED, {"state": COUNTED}),)
    TABLE = StateTable(
        action("cancelRegistration", tuple(LIVE), State.CANCELLED, *RESIDENTS, *ORGANIZERS),
        action("acceptWaitlistOffer", State.OFFERED, State.REGISTERED, *RESIDENTS, *ORGANIZERS),
        action("checkIn", State.REGISTERED, State.ATTENDED, *ORGANIZERS),
        action("checkOut", State.ATTENDED, None, *ORGANIZERS),
        action("markNoShow", State.REGISTERED, State.NO_SHOW, *ORGANIZERS, reason=True),
    )

    event_id: Annotated[Id, Doc("活动 Event"), Ref("CommunityEvent", inverse="registrations")]
    resident_id: Annotated[Id, Doc("居民 Resident"), Ref("Resident", inverse="registrations")]
    community_id: Annotated[Id, Doc("社区 Community of the event"), Ref("Community")]
    role: Annotated[Code, Doc("角色 Role in the event", example="VOLUNTEER")] = "VOLUNTEER"
    state: Annotated[RegistrationState, Doc("状态 State")] = RegistrationState.REGISTERED
    registered_at: Annotated[datetime, Doc("报名时间 Registered at")]
    event_starts_at: Annotated[datetime, Doc("活动开始 Event starts at")]
    event_ends_at: Annotated[datetime, Doc("活动结束 Event ends at")]
    waitlist_position: Annotated[int | None, Doc("候补位次 Place in the queue, 1 is next")] = None
    offer_expires_at: Annotated[datetime | None, Doc("递补有效期 The offered seat is kept until")] = None
    cancelled_at: Annotated[datetime | None, Doc("取消时间 Cancelled at")] = None
    checked_in_at: Annotated[datetime | None, Doc("签到时间 Checked in at")] = None
    checked_in_by: Annotated[Id | None, Doc("签到经办人 Checked in by")] = None
    check_in_method: Annotated[CheckInMethod | None, Doc("签到方式 How checked in")] = None
    checked_out_at: Annotated[datetime | None, Doc("签退时间 Checked out at")] = None
    confirmed_at: Annotated[datetime | None, Doc("确认时间 Attendance confirmed at")] = None
    confirmed_by: Annotated[Id | None, Doc("确认人 Attendance confirmed by")] = None
    minutes: Annotated[int, Doc("服务分钟 Minutes confirmed")] = 0
    street_id: Annotated[Id | None, Doc("街道 Street"), Hidden] = None

    @classmethod
    def visible_to(cls, actor: Actor) -> Visibility:
        """The resident's own, those of the community staff's communities, all for auditors and administrators."""
        if actor.has(OVERSEERS) or (actor.has(frozenset(ORGANIZERS)) and actor.scope.county_wide):
            return EVERYTHING
        seen: list[dict[str, object]] = [{"resident_id": actor.id}]
        if actor.has(frozenset(ORGANIZERS)):
            seen.append({"community_id": actor.scope.community_ids})
            seen.append({"street_id": actor.scope.street_ids})
        return tuple(seen)

    # --- seat and queue ----------------------------------------------------------------------------------------------

    def make(self, event: CommunityEvent) -> "Registration":
        """Take a seat, or a place in the queue when there is none. Raises RPA_ROLE_UNKNOWN, RPA_FULL."""
        event.require_role(self.role)
        if event.has_seat:
            event.take_seat()
        else:
            self.state, self.waitlist_position = State.WAITLISTED, event.queue()
        self.record(RegistrationMade)
        return self

    @property
    def seated(self) -> bool:
        """Whether it takes one of the event's seats."""
        return self.state in SEATED

    def offer(self, event: CommunityEvent, now: datetime) -> None:
        """Offer a seat that is free to this one, the first in the queue."""
        event.leave_queue()
        event.take_seat()
        self.state, self.waitlist_position = State.OFFERED, None
        self.offer_expires_at = min(now + OFFER_PERIOD, event.starts_at) if now < event.starts_at else event.ends_at
        self.record(RegistrationOffered)

    def offer_lapsed(self, now: datetime) -> bool:
        return self.state is State.OFFERED and self.offer_expires_at is not None and self.offer_expires_at <= now

    def accept(self, now: datetime) -> None:
        """Raises RPA_OFFER_EXPIRED."""
        if self.offer_lapsed(now):
            raise RpaError.OFFER_EXPIRED(field="id")
        self.TABLE.move(self, "acceptWaitlistOffer")
        self.offer_expires_at = None
        self.record(RegistrationPromoted)

    def cancel(self, event: CommunityEvent, now: datetime) -> None:
        """Give back the seat or the place in the queue. Raises RPA_REGISTRATION_CLOSED once the event is over."""
        if event.state in HELD:
            raise RpaError.REGISTRATION_CLOSED(field="id", state=event.state.name)
        if self.seated:
            event.free_seat()
        else:
            event.leave_queue()
        self.void(now)

    def void(self, now: datetime) -> None:
        """Cancelled together with its event, which gives back all seats at once."""
        self.TABLE.move(self, "cancelRegistration")
        self.cancelled_at, self.waitlist_position, self.offer_expires_at = now, None, None
        self.record(RegistrationCancelled)

    # --- presence ----------------------------------------------------------------------------------------------------

    def check_in(self, event: CommunityEvent, now: datetime, by: str, method: CheckInMethod) -> None:
        """Raises RPA_EVENT_NOT_STARTED, RPA_EVENT_CANCELLED."""
        event.require_started()
        self.TABLE.move(self, "checkIn")
        event.came()
        self.checked_in_at, self.checked_in_by, self.check_in_method = now, by, method
        self.record(RegistrationCheckedIn)

    def check_out(self, now: datetime) -> None:
        """Raises RPA_ALREADY_CONFIRMED, RPA_ALREADY_CHECKED_OUT."""
        if self.confirmed_at:
            raise RpaError.ALREADY_CONFIRMED(field="id")
        if self.checked_out_at:
            raise RpaError.ALREADY_CHECKED_OUT(field="id")
        self.TABLE.move(self, "checkOut")
        self.checked_out_at = now

    def miss(self, event: CommunityEvent) -> None:
        """Raises RPA_EVENT_NOT_STARTED, RPA_EVENT_CANCELLED."""
        event.require_started()
        self.TABLE.move(self, "markNoShow")
        event.stayed_away()
        self.record(RegistrationMissed)

    def confirm(self, event: CommunityEvent, now: datetime, by: str) -> None:
        """Raises RPA_NOT_CHECKED_IN, RPA_ALREADY_CONFIRMED, RPA_SELF_CONFIRMATION."""
        if self.state is not State.ATTENDED:
            raise RpaError.NOT_CHECKED_IN(field="registrationId", state=self.state.name)
        if self.confirmed_at:
            raise RpaError.ALREADY_CONFIRMED(field="registrationId")
        if self.resident_id == by:
            raise RpaError.SELF_CONFIRMATION(field="registrationId")
        self.confirmed_at, self.confirmed_by = now, by
        self.minutes = self._minutes(event)
        event.confirmed(self.minutes)
        self.record(EventAttendanceConfirmed, rule_code=event.rule_code)

    def _minutes(self, event: CommunityEvent) -> int:
        """From check-in to check-out, never more than planned; the planned length for whoever was not checked out."""
        if self.checked_in_at is None or self.checked_out_at is None:
            return event.minutes
        stayed = int((self.checked_out_at - self.checked_in_at).total_seconds() // 60)
        return max(0, min(stayed, event.minutes))
