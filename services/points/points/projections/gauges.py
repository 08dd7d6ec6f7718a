"""What residents hold and what waits for a person, for whoever watches the county."""

from govkit.gauges import Gauge
from points.domain.grants import GrantRequest, GrantRequestState
from points.domain.passbook import PointsPassbook
from points.domain.redemption import Redemption, RedemptionState

WAITING = {"state": GrantRequestState.SUBMITTED}
RESERVED = {"state": RedemptionState.RESERVED}

GAUGES = (
    Gauge("points_outstanding", "Points on all passbooks", PointsPassbook, total="posted"),
    Gauge("points_held", "Points held for reserved redemptions", PointsPassbook, total="held"),
    Gauge("grant_requests_waiting", "Grants that wait for a reviewer", GrantRequest, WAITING),
    Gauge("redemptions_reserved", "Redemptions reserved, not handed over", Redemption, RESERVED),
)
