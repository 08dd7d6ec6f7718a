"""The grid service, put together."""

from govkit.demonstration import demonstration
from govkit.service import Service
from grid.consumers import CONSUMERS, KEPT
from grid.domain.duties import GridDuty
from grid.domain.errors import GridError
from grid.domain.grids import BaseGrid
from grid.domain.links import ExternalGridMapping, PointOfInterest
from grid.domain.micro_grids import MicroGrid
from grid.domain.net import AreaBoundary, Generation
from grid.domain.patrols import GridEvent, Patrol
from grid.graphql import COMPUTED, QUERIES
from grid.handlers import COMMANDS
from grid.projections.figures import FIGURES
from grid.projections.gauges import GAUGES

SERVICE = Service(
    name="grid",
    aggregates=[
        Generation,
        AreaBoundary,
        BaseGrid,
        MicroGrid,
        GridDuty,
        Patrol,
        GridEvent,
        ExternalGridMapping,
        PointOfInterest,
    ],
    commands=COMMANDS,
    queries=QUERIES,
    computed=COMPUTED,
    consumers=CONSUMERS,
    kept=KEPT,
    listens_to=["organization", "petition"],
    statistics=("gridStatistics", FIGURES),
    gauges=GAUGES,
    errors=GridError,
    seed_data=demonstration("grid.seed"),
)
