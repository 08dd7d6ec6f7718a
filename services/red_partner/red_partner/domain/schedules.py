"""What a resident has promised to attend, so that no two of it overlap."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from govkit.domain import EVERYTHING, Actor, Aggregate, Doc, Id, Place, Ref, Visibility
from red_partner.domain.errors import RpaError
from red_partner.domain.events import CommunityEvent
from red_partner.domain.roles import OVERSEERS


@dataclass(frozen=True, kw_only=True)
class ScheduledEvent:
    """日程 Event in a resident's schedule"""

    event_id: Annotated[Id, Doc("活动 Event")]
    starts_at: Annotated[datetime, Doc("开始 From")]
    ends_at: Annotated[datetime, Doc("结束 To")]


@dataclass(kw_only=True)
class ResidentSchedule(Aggregate):
    """居民活动日程 Coming events in which a resident has a seat

    Its id is the resident's. Every confirmed registration is entered here in the same commit, so that two
    registrations of one resident, however parallel, compete for one version.
    """

    resident_id: Annotated[Id, Doc("居民 Resident"), Ref("Resident")]
    entries: Annotated[list[ScheduledEvent], Doc("日程 Entries")] = field(default_factory=list)

    def place(self) -> Place:
        return Place(owner_id=self.resident_id)

    @classmethod
    def visible_to(cls, actor: Actor) -> Visibility:
        return EVERYTHING if actor.has(OVERSEERS) else ({"resident_id": actor.id},)

    def enter(self, event: CommunityEvent, now: datetime) -> None:
        """Raises RPA_ALREADY_REGISTERED, RPA_TIME_CONFLICT with the event that overlaps. What is over is forgotten."""
        for entry in self.entries:
            if entry.event_id == event.id:
                raise RpaError.ALREADY_REGISTERED(field="eventId")
            if entry.starts_at < event.ends_at and event.starts_at < entry.ends_at:
                raise RpaError.TIME_CONFLICT(field="eventId", eventId=entry.event_id)
        entry = ScheduledEvent(event_id=event.id, starts_at=event.starts_at, ends_at=event.ends_at)
        self.entries = [*(kept for kept in self.entries if kept.ends_at > now), entry]

    def leave(self, event_id: str) -> None:
        self.entries = [entry for entry in self.entries if entry.event_id != event_id]
