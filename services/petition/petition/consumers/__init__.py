"""What this service does when others' events arrive."""

from govkit.bus.inbox import Consumer
from govkit.references import Keep
from petition.consumers import (
    communities,
    consequences,
    duties,
    grid_events,
    grids,
    party,
    property_lists,
    retired_grids,
    supervisors,
)

CONSUMERS: list[Consumer] = [
    communities.name_street,
    communities.name_street_again,
    grids.note_base_grid_created,
    grids.locate_waiting,
    retired_grids.name_successor,
    grids.note_base_grid_updated,
    grids.note_base_grid_retired,
    retired_grids.reroute,
    grids.note_micro_grid_created,
    grids.note_micro_grid_updated,
    grids.note_micro_grid_retired,
    grid_events.open_petition,
    duties.note_duty_started,
    duties.note_duty_ended,
    supervisors.note_supervisor_appointed,
    supervisors.note_supervisor_suspended,
    supervisors.note_supervisor_ended,
    party.note_branch,
    party.note_branch_dissolved,
    party.note_appointment_started,
    party.note_appointment_ended,
    consequences.note_consequence,
    consequences.note_consequence_snapshot,
    consequences.note_consequence_lifted,
    property_lists.note_list,
    property_lists.note_list_snapshot,
]

KEPT = (
    Keep("Street", "street.registered", "street.changed"),
    Keep("Community", "community.established", "community.changed"),
    Keep("ResidentialArea", "residential_area.registered", "residential_area.changed"),
    Keep("Department", "department.registered", "department.changed"),
    Keep("Venue", "venue.registered", "venue.changed"),
    Keep("CommunityWorker", "worker.hired", "worker.deployed", "worker.left"),
    Keep("PropertyEnterprise", "property_enterprise.registered", "property_enterprise.changed"),
)
