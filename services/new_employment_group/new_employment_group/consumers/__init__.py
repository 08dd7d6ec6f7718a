"""What this service does when others' events arrive."""

from govkit.bus.inbox import Consumer
from new_employment_group.consumers import petitions, points

CONSUMERS: list[Consumer] = [
    petitions.note_submitted,
    petitions.note_closed,
    petitions.note_rejected,
    petitions.note_withdrawn,
    petitions.note_snapshot,
    points.note_points_granted,
    points.note_points_reversed,
    points.note_past_transaction,
]
