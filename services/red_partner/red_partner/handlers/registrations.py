"""Commands of residents on their registrations, and the queue for seats."""

from dataclasses import dataclass
from typing import Annotated

from govkit.commands import Context, command
from govkit.domain import Code, Doc, Id, Text
from red_partner.domain.errors import RpaError
from red_partner.domain.events import COMING, CommunityEvent
from red_partner.domain.registrations import COUNTED, Registration, RegistrationState
from red_partner.domain.roles import ORGANIZERS, RESIDENTS
from red_partner.domain.schedules import ResidentSchedule
from red_partner.handlers.inputs import ById


@dataclass(frozen=True, kw_only=True)
class RegisterForEvent:
    event_id: Annotated[Id, Doc("活动 Event")]
    resident_id: Annotated[Id | None, Doc("居民 Resident; else the caller. Only staff register others")] = None
    role: Annotated[Code, Doc("角色 Role in the event")] = "VOLUNTEER"


@command(*RESIDENTS, *ORGANIZERS)
async def register_for_event(context: Context, input: RegisterForEvent) -> Registration:
    """报名 Register for an event: with a seat while there is one (REGISTERED), else in the queue (WAITLISTED)."""
    event = await context.get(CommunityEvent, input.event_id, "eventId")
    resident_id = input.resident_id or context.actor.id
    known = await context.first(Registration, event_id=event.id, resident_id=resident_id, state=COUNTED)
    if known:
        raise RpaError.ALREADY_REGISTERED(field="eventId", state=known.state.name)
    event.require_registration_open(context.now)
    if not event.has_seat:
        await pass_on_seats(context, event)
    registration = Registration(
        id=context.new_id(),
        event_id=event.id,
        resident_id=resident_id,
        community_id=event.community_id,
        role=input.role,
        registered_at=context.now,
        event_starts_at=event.starts_at,
        event_ends_at=event.ends_at,
        street_id=event.street_id,
    ).make(event)
    if registration.seated:
        (await _schedule(context, resident_id)).enter(event, context.now)
    return await context.add(registration)


@dataclass(frozen=True, kw_only=True)
class CancelRegistration:
    id: Annotated[Id, Doc("报名 Registration")]
    reason: Annotated[Text | None, Doc("原因 Reason")] = None


@command(on=Registration)
async def cancel_registration(context: Context, input: CancelRegistration) -> Registration:
    """取消报名 Cancel a registration before the event is over; its seat is offered to the first in the queue."""
    registration = await context.load(Registration, input.id)
    event = await context.get(CommunityEvent, registration.event_id, "eventId")
    had_promised = registration.state is RegistrationState.REGISTERED
    registration.cancel(event, context.now)
    if had_promised:
        (await _schedule(context, registration.resident_id)).leave(event.id)
    await pass_on_seats(context, event)
    return registration


@command(on=Registration)
async def accept_waitlist_offer(context: Context, input: ById) -> Registration:
    """接受递补名额 Take the seat that is offered."""
    registration = await context.load(Registration, input.id)
    event = await context.get(CommunityEvent, registration.event_id, "eventId")
    registration.accept(context.now)
    (await _schedule(context, registration.resident_id)).enter(event, context.now)
    return registration


async def pass_on_seats(context: Context, event: CommunityEvent) -> None:
    """Take back offers that lapsed, and offer free seats to those who wait, in order.

    All who touch the seats of an event change the event, so two of them never decide on the same numbers.
    """
    offered = await context.find(Registration, event_id=event.id, state=RegistrationState.OFFERED)
    for registration in offered:
        if registration.offer_lapsed(context.now):
            registration.cancel(event, context.now)
    found = await context.find(Registration, event_id=event.id, state=RegistrationState.WAITLISTED)
    # Of what this command has already changed, the database still has the state before.
    queue = sorted(
        (item for item in found if item.state is RegistrationState.WAITLISTED),
        key=lambda item: item.waitlist_position or 0,
    )
    while queue and event.state in COMING and event.seats_taken < event.capacity and context.now < event.ends_at:
        queue.pop(0).offer(event, context.now)
    for position, registration in enumerate(queue, start=1):
        registration.waitlist_position = position


async def _schedule(context: Context, resident_id: str) -> ResidentSchedule:
    found = await context.first(ResidentSchedule, id=resident_id)
    # Entered by the kit's unit of work: whoever may register a resident may enter it in the schedule.
    return found or context.work.add(ResidentSchedule(id=resident_id, resident_id=resident_id))
