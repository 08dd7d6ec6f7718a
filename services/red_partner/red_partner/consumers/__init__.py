"""What this service keeps of organization's records: enough to know communities, venues and Party organizations."""

from govkit.references import Keep

KEPT = (
    Keep("Community", "community.established", "community.changed"),
    Keep("Venue", "venue.registered", "venue.changed"),
    Keep("PartyOrganization", "party_organization.established", "party_organization.dissolved"),
)
