"""One function a command; plain registers have theirs derived by the kit."""

from govkit.commands import Command
from new_employment_group.handlers import insurance, sectors, stations, supervisors, unions, workers

COMMANDS: list[Command] = [
    sectors.establish_new_business_party_organization,
    sectors.update_new_business_party_organization,
    sectors.dissolve_new_business_party_organization,
    sectors.organize_enterprise,
    workers.register_worker,
    workers.update_worker,
    workers.record_worker_left,
    workers.give_consent,
    workers.withdraw_consent,
    unions.apply_membership,
    unions.approve_membership,
    unions.reject_membership,
    unions.end_membership,
    unions.transfer_membership,
    insurance.enroll_insurance,
    insurance.end_insurance,
    stations.plan_station,
    stations.inspect_station,
    stations.open_station,
    stations.update_station,
    stations.record_station_visits,
    stations.suspend_station,
    stations.close_station,
    supervisors.nominate_supervisor,
    supervisors.appoint_supervisor,
    supervisors.suspend_supervisor,
    supervisors.resume_supervisor,
    supervisors.end_supervisor,
]
