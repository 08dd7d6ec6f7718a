"""Points for what other services confirm. What is paid is the business fact, not the event: a replay, or a second event
about the same fact, finds it paid."""

from dataclasses import dataclass
from typing import Annotated

from govkit.bus.inbox import EventContext, consumes
from govkit.domain import Code, Doc, Id, business_date
from points.handlers.ledger import Fact, reward

SUPERVISOR_REPORT = "SUPERVISOR_REPORT"
EVENT_ATTENDANCE = "EVENT_ATTENDANCE"


@dataclass(frozen=True, kw_only=True)
class ReportConfirmed:
    resident_id: Annotated[Id, Doc("监督员 The supervisor as a resident")]
    petition_id: Annotated[Id, Doc("诉求 The report")]
    community_id: Annotated[Id | None, Doc("社区 Community")] = None


@consumes("supervisor.report_confirmed")
async def reward_report(context: EventContext, event: ReportConfirmed) -> None:
    """A supervisor's report was solved. This event alone pays it; petition.closed does not."""
    await reward(
        context.work,
        Fact(
            rule_code=SUPERVISOR_REPORT,
            resident_id=event.resident_id,
            community_id=event.community_id,
            on=business_date(context.event_time),
            source_service="new-employment-group",
            source_type=SUPERVISOR_REPORT,
            source_id=event.petition_id,
        ),
        now=context.now,
    )


@dataclass(frozen=True, kw_only=True)
class AttendanceConfirmed:
    event_id: Annotated[Id, Doc("活动 Event")]
    resident_id: Annotated[Id, Doc("居民 Resident")]
    minutes: Annotated[int | None, Doc("分钟 Minutes of attendance")] = None
    rule_code: Annotated[Code | None, Doc("规则 Rule that pays; none: the event earns no points")] = None
    community_id: Annotated[Id | None, Doc("社区 Community")] = None


@consumes("event_attendance.confirmed")
async def reward_attendance(context: EventContext, event: AttendanceConfirmed) -> None:
    """A resident took part in a community event."""
    if event.rule_code is None:
        return
    await reward(
        context.work,
        Fact(
            rule_code=event.rule_code,
            resident_id=event.resident_id,
            community_id=event.community_id,
            on=business_date(context.event_time),
            source_service="red-partner",
            source_type=EVENT_ATTENDANCE,
            source_id=attendance_id(event.event_id, event.resident_id),
            minutes=event.minutes,
        ),
        now=context.now,
    )


def attendance_id(event_id: str, resident_id: str) -> str:
    """The fact that a resident attended an event, however often it is registered or confirmed."""
    return f"{event_id}:{resident_id}"
