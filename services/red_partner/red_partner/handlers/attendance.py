"""Commands of the organizers on who came."""

from dataclasses import dataclass
from typing import Annotated

from govkit.commands import Context, command
from govkit.domain import Doc, Gen, Id
from red_partner.domain.errors import RpaError
from red_partner.domain.events import CommunityEvent
from red_partner.domain.registrations import CheckInMethod, Registration, RegistrationState
from red_partner.handlers.inputs import ById, ByIdWithReason


@dataclass(frozen=True, kw_only=True)
class CheckIn:
    id: Annotated[Id, Doc("报名 Registration")]
    method: Annotated[CheckInMethod, Doc("签到方式 How")] = CheckInMethod.STAFF


@command(on=Registration)
async def check_in(context: Context, input: CheckIn) -> Registration:
    """签到 Check in a registered resident, from the start of the event on."""
    registration = await context.load(Registration, input.id)
    event = await context.get(CommunityEvent, registration.event_id, "eventId")
    registration.check_in(event, context.now, context.actor.id, input.method)
    return registration


@command(on=Registration)
async def check_out(context: Context, input: ById) -> Registration:
    """签退 Check out; without it the planned length of the event counts."""
    registration = await context.load(Registration, input.id)
    registration.check_out(context.now)
    return registration


@command(on=Registration)
async def mark_no_show(context: Context, input: ByIdWithReason) -> Registration:
    """标记缺席 Mark that a registered resident did not come."""
    registration = await context.load(Registration, input.id)
    registration.miss(await context.get(CommunityEvent, registration.event_id, "eventId"))
    return registration


@dataclass(frozen=True, kw_only=True)
class ConfirmAttendance:
    event_id: Annotated[Id | None, Doc("活动 Event: all who checked in and are not confirmed yet")] = None
    registration_id: Annotated[Id | None, Doc("报名 Registration: only this one")] = None


@command(on=CommunityEvent)
async def confirm_attendance(context: Context, input: ConfirmAttendance) -> CommunityEvent:
    """确认出席 Confirm who attended, by event or by registration; each is confirmed once, and earns points by the rule.

    Nobody confirms themselves: of a whole event, the caller's own attendance is left to a colleague.
    """
    if (input.event_id is None) == (input.registration_id is None):
        raise Gen.VALIDATION(field="eventId", rule="exactly one of eventId, registrationId")
    if input.registration_id:
        registration = await context.get(Registration, input.registration_id, "registrationId")
        event = await context.load(CommunityEvent, registration.event_id)
        registration.confirm(event, context.now, context.actor.id)
        return event
    event = await context.load(CommunityEvent, str(input.event_id))
    attended = await context.find(Registration, event_id=event.id, state=RegistrationState.ATTENDED)
    for registration in _to_confirm(attended, context.actor.id):
        registration.confirm(event, context.now, context.actor.id)
    return event


def _to_confirm(attended: list[Registration], by: str) -> list[Registration]:
    """Raises RPA_NOT_CHECKED_IN, RPA_ALREADY_CONFIRMED, RPA_SELF_CONFIRMATION when there is nobody."""
    if not attended:
        raise RpaError.NOT_CHECKED_IN(field="eventId")
    waiting = [registration for registration in attended if registration.confirmed_at is None]
    if not waiting:
        raise RpaError.ALREADY_CONFIRMED(field="eventId")
    others = [registration for registration in waiting if registration.resident_id != by]
    if not others:
        raise RpaError.SELF_CONFIRMATION(field="eventId")
    return others
