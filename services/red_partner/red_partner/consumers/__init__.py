"""What this service does when others' events arrive, and what it keeps of organization's records."""

from govkit.bus.inbox import Consumer
from govkit.references import Keep
from red_partner.consumers import points

CONSUMERS: list[Consumer] = [
    points.credit_service,
    points.take_service_back,
    points.note_past_service,
    points.note_help,
]

KEPT = (
    Keep("Community", "community.established", "community.changed"),
    Keep("Venue", "venue.registered", "venue.changed"),
    Keep("PartyOrganization", "party_organization.established", "party_organization.dissolved"),
)
