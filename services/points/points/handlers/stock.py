"""Commands on stock."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from govkit.commands import Context, command
from govkit.domain import Doc, Id, Range
from govkit.store.unit_of_work import UnitOfWork
from points.domain.errors import PtsError
from points.domain.shop import (
    SHOPKEEPERS,
    PointsSupermarket,
    Product,
    ProductKind,
    Stock,
    StockReceipt,
    SupplySource,
    stock_id_of,
)


async def stock_of(work: UnitOfWork, supermarket_id: str, product_id: str) -> Stock:
    """The stock record, made when the product comes to the shop for the first time."""
    found = await work.get(Stock, stock_id_of(supermarket_id, product_id))
    return found or work.add(Stock.of(supermarket_id, product_id))


@dataclass(frozen=True, kw_only=True)
class ReceiveStock:
    supermarket_id: Annotated[Id, Doc("积分超市 Supermarket")]
    product_id: Annotated[Id, Doc("商品 Product")]
    quantity: Annotated[int, Doc("数量 Quantity"), Range(1, 100_000)]
    source: Annotated[SupplySource, Doc("来源 Source")]
    donor_unit_id: Annotated[Id | None, Doc("捐赠单位 Donor; required for DUAL_CHECKIN_UNIT")] = None
    received_on: Annotated[date | None, Doc("入库日期 Received on; left out: today")] = None
    low_at: Annotated[int | None, Doc("预警数量 Warn at this many available units"), Range(0, 100_000)] = None


@command(*SHOPKEEPERS)
async def receive_stock(context: Context, input: ReceiveStock) -> StockReceipt:
    """物资入库 Receive goods: a receipt by source, and the stock goes up."""
    supermarket = await context.get(PointsSupermarket, input.supermarket_id, "supermarketId")
    await context.authorise(supermarket)
    product = await context.get(Product, input.product_id, "productId")
    if product.kind is not ProductKind.GOODS:
        raise PtsError.PRODUCT_NOT_OFFERED(field="productId", productId=product.id)
    if input.donor_unit_id:
        await context.reference("ResidentUnit", input.donor_unit_id, "donorUnitId")
    receipt = StockReceipt(
        id=context.new_id(),
        supermarket_id=supermarket.id,
        community_id=supermarket.community_id,
        product_id=product.id,
        quantity=input.quantity,
        source=input.source,
        donor_unit_id=input.donor_unit_id,
        received_on=input.received_on or context.today,
        received_by=context.actor.id,
    )
    stock = await stock_of(context.work, supermarket.id, product.id)
    if input.low_at is not None:
        stock.low_at = input.low_at
    receipt.receive(stock)
    # What it refers to was looked up above; its community is the supermarket's.
    return await context.add(receipt, check_references=False)
