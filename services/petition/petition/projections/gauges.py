"""What of this service's work waits or is late, for whoever watches the county."""

from govkit.gauges import Gauge
from petition.domain.petitions import BEFORE_RESOLVED, Petition
from petition.domain.vocabulary import OPEN_ORDERS, PetitionLocateStatus, PetitionState
from petition.domain.work_orders import WorkOrder

TO_RESOLVE = {"state": (*BEFORE_RESOLVED, PetitionState.REOPENED, PetitionState.SUPERVISED)}
AWAITING_TRIAGE = {"state": PetitionState.SUBMITTED}
AWAITING_REPLY = {"state": PetitionState.RESOLVED}
UNLOCATED = {"locate_status": PetitionLocateStatus.PENDING}
OPEN = {"state": OPEN_ORDERS}

GAUGES = (
    Gauge("petitions_open", "Petitions that are not resolved", Petition, TO_RESOLVE),
    Gauge("petitions_overdue", "Petitions that should have been resolved", Petition, TO_RESOLVE, past="resolve_by"),
    Gauge("petitions_awaiting_triage", "Petitions that nobody has accepted or rejected", Petition, AWAITING_TRIAGE),
    Gauge("petitions_awaiting_reply", "Petitions resolved, without a reply", Petition, AWAITING_REPLY),
    Gauge("petitions_unlocated", "Petitions that wait for their grid", Petition, UNLOCATED | TO_RESOLVE),
    Gauge("work_orders_open", "Work orders that are not verified", WorkOrder, OPEN),
    Gauge("work_orders_overdue", "Open work orders past their time", WorkOrder, OPEN, past="complete_by"),
)
