"""What this service does when others' events arrive."""

from govkit.bus.inbox import Consumer
from govkit.references import Keep
from points.consumers.rewards import reward_attendance, reward_report

CONSUMERS: list[Consumer] = [reward_report, reward_attendance]

KEPT = (
    Keep("Community", "community.established", "community.changed"),
    Keep("Venue", "venue.registered", "venue.changed"),
    Keep("ResidentUnit", "resident_unit.registered", "resident_unit.changed"),
)
