"""Points supermarkets, what they offer for which price in points, and what they have in stock."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from govkit.domain import (
    Added,
    Aggregate,
    Code,
    Doc,
    Event,
    Id,
    LabelEnum,
    Managed,
    Name,
    Pattern,
    Place,
    Privacy,
    Range,
    Ref,
    Register,
    Role,
    Unique,
    event,
)
from points.domain.errors import PtsError
from points.domain.passbook import derived_id

OpeningTime = Annotated[Code, Pattern(r"([01]\d|2[0-4]):[0-5]\d", "08:30")]
DRAFT_NAME = "合伙人服务(待命名)"
SHOPKEEPERS = (Role.SUPERMARKET_MANAGER, Role.ADMIN)


class SupermarketState(LabelEnum):
    """超市状态 State of a supermarket"""

    OPEN = "营业 Open"
    CLOSED = "停业 Closed"


class ProductKind(LabelEnum):
    """商品类型 Kind of product"""

    GOODS = "实物 Goods"
    SERVICE = "服务 Service given by a partner"


class SupplySource(LabelEnum):
    """物资来源 Where goods come from"""

    STREET_COMMUNITY = "街道社区统筹 Street and communities"
    DUAL_CHECKIN_UNIT = "双报到单位支持 Unit that checks in at its community"
    PARTNER = "红色合伙人 Red partner"
    OTHER = "其他 Other"


@dataclass(kw_only=True)
class PointsSupermarket(Aggregate):
    """积分超市 Points supermarket: goods at a marked price in points"""

    PLURAL = "supermarkets"
    REGISTER = Register(
        Role.ADMIN, Role.STREET_OFFICER, noun="supermarket", create="openSupermarket", update="updateSupermarket"
    )

    name: Annotated[Name, Doc("名称 Name")]
    venue_id: Annotated[Id | None, Doc("阵地 Venue that hosts it"), Ref("Venue", inverse="supermarkets")] = None
    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community", inverse="supermarkets")]
    manager_id: Annotated[Id | None, Doc("管理员 Manager (subject)")] = None
    manager_name: Annotated[Name | None, Doc("管理员姓名 Name of the manager"), Privacy.P1] = None
    opens_at: Annotated[OpeningTime | None, Doc("开门时间 Opens at")] = None
    closes_at: Annotated[OpeningTime | None, Doc("关门时间 Closes at")] = None
    opened_on: Annotated[date | None, Doc("开业日期 Opened on")] = None
    state: Annotated[SupermarketState, Doc("状态 State")] = SupermarketState.OPEN

    def place(self) -> Place:
        return Place(supermarket_id=self.id, community_id=self.community_id)


@dataclass(kw_only=True)
class Product(Aggregate):
    """商品 Product with its price in points, the same in every supermarket; the audit trail keeps all its prices"""

    KEYS = ("code",)
    UNIQUE = (Unique(("code",), PtsError.CODE_EXISTS),)
    REGISTER = Register(Role.ADMIN, Role.ORG_ADMIN, created="listed")

    code: Annotated[Code, Doc("代码 Code", example="RICE-5KG")]
    kind: Annotated[ProductKind, Doc("类型 Kind")]
    name: Annotated[Name, Doc("名称 Name")]
    unit: Annotated[Name, Doc("单位 Unit")]
    category: Annotated[Name | None, Doc("分类 Category")] = None
    points_price: Annotated[int, Doc("标分 Price in points"), Range(1, 100_000)]
    partner_id: Annotated[
        Id | None, Doc("提供服务的合伙人 Partner who gives the service"), Ref("RedPartner", inverse="points_products")
    ] = None
    active: Annotated[bool, Doc("在售 Offered")] = True
    support_offer_id: Annotated[
        Id | None,
        Doc("支持项目 Offer of the partner that it goes back to"),
        Ref("SupportOffer", inverse="points_product", single=True),
        Managed,
        Added,
    ] = None

    @staticmethod
    def id_for(support_offer_id: str) -> str:
        """The product of an offer has always the same id, so that there is one."""
        return derived_id("service", support_offer_id)

    @classmethod
    def draft(cls, support_offer_id: str, partner_id: str, points_price_hint: int | None) -> "Product":
        """A service that is not offered yet. Titles do not travel in events: an administrator names it."""
        product = cls(
            id=cls.id_for(support_offer_id),
            code=f"SERVICE-{support_offer_id}",
            kind=ProductKind.SERVICE,
            name=DRAFT_NAME,
            unit="次",
            points_price=points_price_hint or 1,
            partner_id=partner_id,
            active=False,
            support_offer_id=support_offer_id,
        )
        product.registered()
        return product

    def check(self) -> None:
        """Raises PTS_PARTNER_REQUIRED."""
        if (self.kind is ProductKind.SERVICE) != (self.partner_id is not None):
            raise PtsError.PARTNER_REQUIRED(field="partnerId")


def stock_id_of(supermarket_id: str, product_id: str) -> str:
    return derived_id("stock", supermarket_id, product_id)


@event("stock.low")
class StockLow(Event):
    """库存偏低 What can still be reserved has come down to the warning level"""

    stock_id: Annotated[Id, Doc("库存 Stock")]
    supermarket_id: Annotated[Id, Doc("积分超市 Supermarket")]
    product_id: Annotated[Id, Doc("商品 Product")]
    available: Annotated[int, Doc("可兑换 Units that can be reserved")]


@dataclass(kw_only=True)
class Stock(Aggregate):
    """库存 Stock of one product in one supermarket; onHand ≥ reserved ≥ 0"""

    UNIQUE = (Unique(("supermarket_id", "product_id"), PtsError.STOCK_EXISTS),)

    supermarket_id: Annotated[Id, Doc("积分超市 Supermarket"), Ref("PointsSupermarket", inverse="stock")]
    product_id: Annotated[Id, Doc("商品 Product"), Ref("Product", inverse="stock")]
    on_hand: Annotated[int, Doc("现存 Units in the shop, reserved ones included")] = 0
    reserved: Annotated[int, Doc("预留 Units promised to redemptions")] = 0
    available: Annotated[int, Doc("可兑换 Units that can be reserved")] = 0
    low_at: Annotated[int, Doc("预警数量 Warn at this many available units")] = 0

    @classmethod
    def of(cls, supermarket_id: str, product_id: str) -> "Stock":
        return cls(id=stock_id_of(supermarket_id, product_id), supermarket_id=supermarket_id, product_id=product_id)

    def receive(self, quantity: int) -> None:
        self._change(on_hand=quantity)

    def reserve(self, quantity: int) -> None:
        """Raises PTS_OUT_OF_STOCK."""
        if quantity > self.available:
            raise PtsError.OUT_OF_STOCK(productId=self.product_id, left=self.available)
        above = self.available > self.low_at
        self._change(reserved=quantity)
        if above and self.available <= self.low_at:
            self.record(StockLow)

    def release(self, quantity: int) -> None:
        self._change(reserved=-quantity)

    def hand_over(self, quantity: int) -> None:
        """Reserved units leave the shop."""
        self._change(on_hand=-quantity, reserved=-quantity)

    def _change(self, *, on_hand: int = 0, reserved: int = 0) -> None:
        self.on_hand += on_hand
        self.reserved += reserved
        self.available = self.on_hand - self.reserved
        assert self.on_hand >= self.reserved >= 0


@event("stock.received")
class StockReceived(Event):
    """物资入库 Goods were received"""

    stock_receipt_id: Annotated[Id, Doc("入库单 Receipt")]
    supermarket_id: Annotated[Id, Doc("积分超市 Supermarket")]
    product_id: Annotated[Id, Doc("商品 Product")]
    quantity: Annotated[int, Doc("数量 Quantity")]
    source: Annotated[SupplySource, Doc("来源 Source")]
    donor_unit_id: Annotated[Id | None, Doc("捐赠单位 Donor")]


@dataclass(kw_only=True)
class StockReceipt(Aggregate):
    """入库单 Receipt of goods by source"""

    supermarket_id: Annotated[Id, Doc("积分超市 Supermarket"), Ref("PointsSupermarket", inverse="receipts")]
    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community")]
    product_id: Annotated[Id, Doc("商品 Product"), Ref("Product")]
    quantity: Annotated[int, Doc("数量 Quantity"), Range(1, 100_000)]
    source: Annotated[SupplySource, Doc("来源 Source")]
    donor_unit_id: Annotated[
        Id | None, Doc("捐赠单位 Donor, a unit that checks in"), Ref("ResidentUnit", inverse="stock_receipts")
    ] = None
    received_on: Annotated[date, Doc("入库日期 Received on")]
    received_by: Annotated[Id, Doc("经手人 Received by (subject)"), Managed]

    def receive(self, stock: Stock) -> "StockReceipt":
        """Raise the stock. Raises PTS_DONOR_REQUIRED."""
        if self.source is SupplySource.DUAL_CHECKIN_UNIT and self.donor_unit_id is None:
            raise PtsError.DONOR_REQUIRED(field="donorUnitId")
        stock.receive(self.quantity)
        self.record(StockReceived)
        return self
