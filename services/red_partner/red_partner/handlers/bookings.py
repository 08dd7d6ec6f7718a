"""Commands on bookings of offers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from govkit.commands import Context, command
from govkit.domain import Doc, Id
from red_partner.domain.bookings import OfferBooking
from red_partner.domain.events import CommunityEvent
from red_partner.domain.offers import SupportOffer
from red_partner.domain.roles import ORGANIZERS
from red_partner.handlers.inputs import ById, ByIdWithReason


@dataclass(frozen=True, kw_only=True)
class BookOffer:
    offer_id: Annotated[Id, Doc("支持项目 Offer")]
    community_id: Annotated[Id, Doc("预约社区 Community that books")]
    event_id: Annotated[Id | None, Doc("活动 Event that it is for")] = None
    starts_at: Annotated[datetime, Doc("开始 From")]
    ends_at: Annotated[datetime, Doc("结束 To")]


@command(*ORGANIZERS)
async def book_offer(context: Context, input: BookOffer) -> OfferBooking:
    """预约支持项目 Ask for an offer at a time; the partner confirms."""
    offer = await context.get(SupportOffer, input.offer_id, "offerId")
    if input.event_id:
        await context.get(CommunityEvent, input.event_id, "eventId")
    booking = OfferBooking(
        id=context.new_id(),
        offer_id=offer.id,
        partner_id=offer.partner_id,
        community_id=input.community_id,
        event_id=input.event_id,
        starts_at=input.starts_at,
        ends_at=input.ends_at,
    )
    return await context.add(booking.request(offer))


@command(on=OfferBooking)
async def confirm_booking(context: Context, input: ById) -> OfferBooking:
    """确认预约 Give the slot to this booking."""
    booking = await context.load(OfferBooking, input.id)
    booking.confirm(await context.get(SupportOffer, booking.offer_id, "offerId"), context.now)
    return booking


@command(on=OfferBooking)
async def complete_booking(context: Context, input: ById) -> OfferBooking:
    """完成预约 Note that what was booked took place."""
    booking = await context.load(OfferBooking, input.id)
    booking.complete()
    return booking


@command(on=OfferBooking)
async def cancel_booking(context: Context, input: ByIdWithReason) -> OfferBooking:
    """取消预约 Cancel a booking; its slot is free again."""
    booking = await context.load(OfferBooking, input.id)
    booking.cancel(await context.get(SupportOffer, booking.offer_id, "offerId"))
    return booking


@command(on=OfferBooking)
async def mark_booking_missed(context: Context, input: ByIdWithReason) -> OfferBooking:
    """预约未到 Note that those who had booked did not come."""
    booking = await context.load(OfferBooking, input.id)
    booking.miss()
    return booking
