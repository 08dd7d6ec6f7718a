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
    grids.keep_base_grid,
    grids.locate_waiting,
    retired_grids.name_successor,
    grids.retire_base_grid,
    retired_grids.reroute,
    grids.keep_micro_grid,
    grids.retire_micro_grid,
    grid_events.open_petition,
    duties.note_duty_started,
    duties.note_duty_ended,
    supervisors.note_supervisor_appointed,
    supervisors.note_supervisor_out,
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
