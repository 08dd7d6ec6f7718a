"""What this service does when others' events arrive."""

from govkit.bus.inbox import Consumer
from govkit.references import Keep
from grid.consumers import load
from grid.consumers.organization import note_venue, release_worker
from grid.consumers.petition import note_petition

KEPT = (
    Keep("Street", "street.registered", "street.changed"),
    Keep("Community", "community.established", "community.changed"),
    Keep("ResidentialArea", "residential_area.registered", "residential_area.changed"),
    Keep("CommunityWorker", "worker.hired", "worker.deployed", "worker.left"),
)

CONSUMERS: list[Consumer] = [
    release_worker,
    note_venue,
    note_petition,
    load.count_petition,
    load.move_petition,
    load.discount_petition,
    load.note_past_petition,
]
