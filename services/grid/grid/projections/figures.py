"""The article's figures that this service answers for, each a count over its own records (domain reference 5.2)."""

from govkit.graphql.statistics import Figure
from grid.domain.duties import GridDuty, GridDutyRole, GridDutyState
from grid.domain.grids import BaseGrid, GridStatus
from grid.domain.micro_grids import MicroGrid

ON_DUTY = {"state": GridDutyState.ACTIVE}

FIGURES = (
    Figure("baseGrids", "基础网格 Base grids", BaseGrid, {"status": GridStatus.ACTIVE}),
    Figure("microGrids", "微网格 Micro-grids", MicroGrid, {"status": GridStatus.ACTIVE}),
    Figure("gridHouseholds", "网格户数 Households", BaseGrid, {"status": GridStatus.ACTIVE}, total="households"),
    Figure("gridLeaders", "在岗网格长 Leaders on duty", GridDuty, {"role": GridDutyRole.GRID_LEADER, **ON_DUTY}),
    Figure("gridWorkers", "在岗网格员 Grid workers on duty", GridDuty, {"role": GridDutyRole.GRID_WORKER, **ON_DUTY}),
)
