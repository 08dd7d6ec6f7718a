"""Stations, and what waits for a person, for whoever watches the county."""

from govkit.gauges import Gauge
from new_employment_group.domain.insurance import InsuranceEnrollment, InsuranceState
from new_employment_group.domain.reports import SupervisorReport, SupervisorReportState
from new_employment_group.domain.stations import BeeStation, StationStatus
from new_employment_group.domain.unions import MembershipState, UnionMembership

OPEN = {"status": StationStatus.OPEN}
APPLIED = {"state": (MembershipState.APPLIED, MembershipState.UNDER_REVIEW)}
UNCONFIRMED = {"state": SupervisorReportState.SUBMITTED}
LAPSED = {"state": InsuranceState.LAPSED}

GAUGES = (
    Gauge("stations_open", "Bee stations that are open", BeeStation, OPEN),
    Gauge("stations_not_compliant", "Open stations below the standard", BeeStation, {**OPEN, "compliant": False}),
    Gauge("union_applications_waiting", "Union applications that are not decided", UnionMembership, APPLIED),
    Gauge("supervisor_reports_waiting", "Supervisors' reports without a result", SupervisorReport, UNCONFIRMED),
    Gauge("insurance_lapsed", "Enrolments whose payments have lapsed", InsuranceEnrollment, LAPSED),
)
