"""Bookings of what partners offer; a slot is given to one booking only."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from govkit.domain import (
    EVERYTHING,
    NOTHING,
    STAFF,
    Actor,
    Aggregate,
    Doc,
    Event,
    Id,
    LabelEnum,
    Ref,
    Role,
    StateTable,
    Visibility,
    action,
    event,
)
from red_partner.domain.errors import RpaError
from red_partner.domain.offers import OFFERING, BookedSlot, SupportOffer
from red_partner.domain.roles import ORGANIZERS


class OfferBookingState(LabelEnum):
    """预约状态 State of a booking"""

    REQUESTED = "已申请 Requested"
    CONFIRMED = "已确认 Confirmed"
    DONE = "已完成 Done"
    CANCELLED = "已取消 Cancelled"
    NO_SHOW = "未到 Did not come"


@event("offer_booking.requested")
class OfferBookingRequested(Event):
    """申请预约 A booking was requested"""

    offer_booking_id: Annotated[Id, Doc("预约 Booking")]
    offer_id: Annotated[Id, Doc("支持项目 Offer")]
    partner_id: Annotated[Id, Doc("合伙人 Partner")]
    community_id: Annotated[Id, Doc("社区 Community that books")]
    starts_at: Annotated[datetime, Doc("开始 From")]
    ends_at: Annotated[datetime, Doc("结束 To")]


@event("offer_booking.confirmed")
class OfferBookingConfirmed(Event):
    """确认预约 A booking was confirmed"""

    offer_booking_id: Annotated[Id, Doc("预约 Booking")]
    offer_id: Annotated[Id, Doc("支持项目 Offer")]
    partner_id: Annotated[Id, Doc("合伙人 Partner")]
    community_id: Annotated[Id, Doc("社区 Community that books")]
    starts_at: Annotated[datetime, Doc("开始 From")]
    ends_at: Annotated[datetime, Doc("结束 To")]


@event("offer_booking.completed")
class OfferBookingCompleted(Event):
    """完成预约 What was booked took place"""

    offer_booking_id: Annotated[Id, Doc("预约 Booking")]
    offer_id: Annotated[Id, Doc("支持项目 Offer")]
    partner_id: Annotated[Id, Doc("合伙人 Partner")]
    community_id: Annotated[Id, Doc("社区 Community that books")]


@event("offer_booking.cancelled")
class OfferBookingCancelled(Event):
    """取消预约 A booking was cancelled"""

    offer_booking_id: Annotated[Id, Doc("预约 Booking")]
    offer_id: Annotated[Id, Doc("支持项目 Offer")]
    partner_id: Annotated[Id, Doc("合伙人 Partner")]
    community_id: Annotated[Id, Doc("社区 Community that books")]


@event("offer_booking.missed")
class OfferBookingMissed(Event):
    """预约未到 Those who had booked did not come"""

    offer_booking_id: Annotated[Id, Doc("预约 Booking")]
    offer_id: Annotated[Id, Doc("支持项目 Offer")]
    partner_id: Annotated[Id, Doc("合伙人 Partner")]
    community_id: Annotated[Id, Doc("社区 Community that books")]


BOTH_SIDES = (Role.PARTNER, *ORGANIZERS)
Booked = OfferBookingState


@dataclass(kw_only=True)
class OfferBooking(Aggregate):
    """支持项目预约 Booking of an offer by a community, for an event or for itself"""

    TABLE = StateTable(
        action("confirmBooking", Booked.REQUESTED, Booked.CONFIRMED, *OFFERING),
        action("completeBooking", Booked.CONFIRMED, Booked.DONE, *BOTH_SIDES),
        action("cancelBooking", (Booked.REQUESTED, Booked.CONFIRMED), Booked.CANCELLED, *BOTH_SIDES, reason=True),
        action("markBookingMissed", Booked.CONFIRMED, Booked.NO_SHOW, *OFFERING, reason=True),
    )

    offer_id: Annotated[Id, Doc("支持项目 Offer"), Ref("SupportOffer", inverse="bookings")]
    partner_id: Annotated[Id, Doc("合伙人 Partner"), Ref("RedPartner", inverse="bookings")]
    community_id: Annotated[Id, Doc("预约社区 Community that books"), Ref("Community", inverse="offer_bookings")]
    event_id: Annotated[
        Id | None, Doc("活动 Event that it is for"), Ref("CommunityEvent", inverse="offer_bookings")
    ] = None
    starts_at: Annotated[datetime, Doc("开始 From")]
    ends_at: Annotated[datetime, Doc("结束 To")]
    state: Annotated[OfferBookingState, Doc("状态 State")] = OfferBookingState.REQUESTED

    @classmethod
    def visible_to(cls, actor: Actor) -> Visibility:
        if actor.has(STAFF):
            return EVERYTHING
        return ({"partner_id": actor.scope.partner_id},) if actor.scope.partner_id else NOTHING

    def request(self, offer: SupportOffer) -> "OfferBooking":
        """Raises RPA_PERIOD_INVALID, RPA_OFFER_NOT_OPEN, RPA_SLOT_TAKEN."""
        if self.ends_at <= self.starts_at:
            raise RpaError.PERIOD_INVALID(field="endsAt")
        offer.require_open()
        offer.require_free(self.starts_at, self.ends_at)
        self.record(OfferBookingRequested)
        return self

    def confirm(self, offer: SupportOffer, now: datetime) -> None:
        """Raises RPA_OFFER_NOT_OPEN, RPA_SLOT_TAKEN."""
        self.TABLE.move(self, "confirmBooking")
        offer.take(BookedSlot(booking_id=self.id, starts_at=self.starts_at, ends_at=self.ends_at), now)
        self.record(OfferBookingConfirmed)

    def complete(self) -> None:
        self.TABLE.move(self, "completeBooking")
        self.record(OfferBookingCompleted)

    def cancel(self, offer: SupportOffer) -> None:
        self.TABLE.move(self, "cancelBooking")
        offer.release(self.id)
        self.record(OfferBookingCancelled)

    def miss(self) -> None:
        self.TABLE.move(self, "markBookingMissed")
        self.record(OfferBookingMissed)
