"""One function a command; plain registers have theirs derived by the kit."""

from govkit.commands import Command
from organization.handlers import party, powers, property, workforce

COMMANDS: list[Command] = [
    party.establish_party_organization,
    party.dissolve_party_organization,
    party.appoint_to_post,
    party.end_appointment,
    workforce.hire_worker,
    workforce.deploy_worker,
    workforce.end_employment,
    workforce.dispatch_secretary,
    workforce.recall_secretary,
    powers.grant_power,
    powers.revoke_power,
    property.sign_property_contract,
    property.end_property_contract,
    property.draft_list,
    property.publish_list,
    property.activate_consequence,
    property.lift_consequence,
    property.draft_handover_plan,
    property.approve_handover_plan,
    property.complete_handover_stage,
    property.complete_handover,
    property.abandon_handover_plan,
]
