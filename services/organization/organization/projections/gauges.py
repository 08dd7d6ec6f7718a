"""What is late or waits for a decision, for whoever watches the county."""

from govkit.gauges import Gauge
from organization.domain.assessment import AppealState, ListAppeal
from organization.domain.resolutions import OPEN_STATES, JointResolution
from organization.domain.violations import ViolationCase, ViolationState

OPEN = {"state": ViolationState.OPEN}
WAITING = {"state": (AppealState.FILED, AppealState.ACCEPTED)}

GAUGES = (
    Gauge(
        "resolutions_overdue", "Resolutions not done in time", JointResolution, {"state": OPEN_STATES}, past="due_on"
    ),
    Gauge("violations_overdue", "Violations not put right in time", ViolationCase, OPEN, past="rectify_by"),
    Gauge("appeals_waiting", "Appeals against lists without a decision", ListAppeal, WAITING),
)
