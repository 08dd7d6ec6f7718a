"""The points service, put together."""

from fastapi import FastAPI

from govkit.demonstration import demonstration
from govkit.domain import Clock
from govkit.runtime.settings import ServiceSettings
from govkit.service import Service
from points import pickup
from points.consumers import CONSUMERS, KEPT
from points.domain.calls import RecruitmentCall
from points.domain.errors import PtsError
from points.domain.grants import GrantRequest
from points.domain.ledger import LedgerAccount, LedgerTransaction
from points.domain.lots import PointsHold, PointsLot
from points.domain.passbook import PointsPassbook
from points.domain.redemption import Redemption
from points.domain.rules import EarningRule
from points.domain.shop import PointsSupermarket, Product, Stock, StockReceipt
from points.graphql.fields import COMPUTED
from points.graphql.queries import QUERIES
from points.handlers import COMMANDS
from points.projections.figures import FIGURES
from points.projections.gauges import GAUGES
from points.settings import PointsSettings


class PointsService(Service):
    """Gives the pickup codes their secret when the application is made."""

    def application(self, settings: ServiceSettings, clock: Clock | None = None) -> FastAPI:
        assert isinstance(settings, PointsSettings)
        pickup.configure(settings.secret)
        return super().application(settings, clock)


SERVICE = PointsService(
    name="points",
    aggregates=[
        PointsPassbook,
        LedgerAccount,
        LedgerTransaction,
        PointsLot,
        PointsHold,
        EarningRule,
        GrantRequest,
        RecruitmentCall,
        PointsSupermarket,
        Product,
        Stock,
        StockReceipt,
        Redemption,
    ],
    commands=COMMANDS,
    queries=QUERIES,
    computed=COMPUTED,
    consumers=CONSUMERS,
    kept=KEPT,
    listens_to=["organization", "petition", "red-partner", "new-employment-group"],
    statistics=("pointsStatistics", FIGURES),
    gauges=GAUGES,
    errors=PtsError,
    seed_data=demonstration("points.seed"),
    settings_class=PointsSettings,
)
