"""The article's figures of this service (domain reference 5.5), and more of the same kind."""

from govkit.graphql.statistics import Figure
from points.domain.calls import RecruitmentCall
from points.domain.ledger import LedgerCode, LedgerTransaction
from points.domain.passbook import PointsPassbook
from points.domain.redemption import Redemption, RedemptionState
from points.domain.rules import PointsPath
from points.domain.shop import PointsSupermarket, Product, StockReceipt, SupermarketState, SupplySource

GRANTED = {"code": LedgerCode.GRANT}


def issued(name: str, doc: str, path: PointsPath) -> Figure:
    return Figure(name, doc, LedgerTransaction, {**GRANTED, "path": path}, total="points")


def supplied(name: str, doc: str, source: SupplySource) -> Figure:
    return Figure(name, doc, StockReceipt, {"source": source}, total="quantity")


FIGURES = (
    Figure("supermarkets", "积分超市 Points supermarkets", PointsSupermarket, {"state": SupermarketState.OPEN}),
    Figure(
        "pointsParticipants", "参与积分人数 Residents who ever earned points", PointsPassbook, {"participant": True}
    ),
    Figure("pointsIssued", "发放积分 Points issued", LedgerTransaction, GRANTED, total="points"),
    issued("pointsIssuedTimelyHelp", "雪中送炭积分 Points issued for timely help", PointsPath.TIMELY_HELP),
    issued(
        "pointsIssuedVolunteerActivity",
        "锦上添花积分 Points issued for volunteer activity",
        PointsPath.VOLUNTEER_ACTIVITY,
    ),
    issued("pointsIssuedPeacemaking", "息事宁人积分 Points issued for peacemaking", PointsPath.PEACEMAKING),
    Figure("redemptions", "兑换次数 Redemptions handed over", Redemption, {"state": RedemptionState.FULFILLED}),
    Figure(
        "pointsRedeemed",
        "兑换积分 Points of redemptions handed over",
        Redemption,
        {"state": RedemptionState.FULFILLED},
        total="total_points",
    ),
    Figure("pointsOutstanding", "未兑换积分 Points on all passbooks", PointsPassbook, total="posted"),
    Figure("products", "商品 Products offered", Product, {"active": True}),
    supplied(
        "unitsFromStreetCommunity", "街道社区统筹物资 Units from street and communities", SupplySource.STREET_COMMUNITY
    ),
    supplied(
        "unitsFromDualCheckinUnits",
        "双报到单位支持物资 Units from double check-in units",
        SupplySource.DUAL_CHECKIN_UNIT,
    ),
    Figure("recruitmentCalls", "招募令 Recruitment calls", RecruitmentCall),
)
