"""How far the net of grids is staffed, and what was found and not settled, for whoever watches the county."""

from govkit.gauges import Gauge
from grid.domain.duties import GridDuty, GridDutyState
from grid.domain.grids import BaseGrid, GridStatus
from grid.domain.patrols import GridEvent, GridEventState

RECORDED = {"state": GridEventState.RECORDED}

GAUGES = (
    Gauge("grids_active", "Base grids in use", BaseGrid, {"status": GridStatus.ACTIVE}),
    Gauge("grid_duties_active", "People on duty in grids", GridDuty, {"state": GridDutyState.ACTIVE}),
    Gauge("grid_events_unsettled", "Grid events neither solved nor reported", GridEvent, RECORDED),
)
