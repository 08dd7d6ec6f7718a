"""What this service keeps of others' records: enough to refuse ids that nobody ever heard of."""

from govkit.references import Keep

KEPT = (
    Keep("Community", "community.established", "community.changed"),
    Keep("Department", "department.registered", "department.changed"),
    Keep("Venue", "venue.registered", "venue.changed"),
)
