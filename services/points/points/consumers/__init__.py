"""What this service does when others' events arrive."""

from govkit.bus.inbox import Consumer
from govkit.references import Keep
from points.consumers import neighbours, services
from points.consumers.rewards import reward_attendance, reward_report

CONSUMERS: list[Consumer] = [
    reward_report,
    reward_attendance,
    neighbours.reward_deliberation,
    neighbours.reward_suggestion,
    neighbours.reward_report_of_dispute,
    neighbours.reward_mediators,
    neighbours.reward_claim,
    services.draft_product,
    services.take_off_sale,
]

KEPT = (
    Keep("Community", "community.established", "community.changed"),
    Keep("Venue", "venue.registered", "venue.changed"),
    Keep("ResidentUnit", "resident_unit.registered", "resident_unit.changed"),
)
