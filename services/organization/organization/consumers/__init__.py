"""What this service does when others' events arrive."""

from govkit.bus.inbox import Consumer
from organization.consumers import evaluations, new_business

CONSUMERS: list[Consumer] = [
    new_business.show_committee,
    new_business.show_established,
    new_business.show_snapshot,
    new_business.note_members,
    new_business.note_dissolution,
    evaluations.note_evaluation,
]
