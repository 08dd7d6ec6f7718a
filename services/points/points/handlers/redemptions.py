"""Commands on redemptions. Each is one commit over redemption, passbook, lots, hold, stock and ledger."""

from dataclasses import dataclass
from typing import Annotated

from govkit.commands import Context, command
from govkit.domain import Code, Doc, Id, Range, Role, Text
from points.domain.errors import PtsError
from points.domain.ledger import LedgerAccount, LedgerTransaction, Source, partner_account, supermarket_account
from points.domain.lots import PointsHold
from points.domain.passbook import PointsPassbook, derived_id, passbook_id_of
from points.domain.redemption import KEPT_FOR, Redemption, RedemptionLine
from points.domain.shop import PointsSupermarket, Product, ProductKind, Stock, SupermarketState, stock_id_of
from points.handlers.ledger import book_of, book_to_hold_from, ensure_account
from points.handlers.stock import stock_of
from points.pickup import pickup_codes


@dataclass(frozen=True, kw_only=True)
class RedemptionOrderLine:
    """兑换项 What to redeem"""

    product_id: Annotated[Id, Doc("商品 Product")]
    quantity: Annotated[int, Doc("数量 Quantity"), Range(1, 100)] = 1


@dataclass(frozen=True, kw_only=True)
class ReserveRedemption:
    supermarket_id: Annotated[Id | None, Doc("积分超市 Supermarket, for goods")] = None
    partner_id: Annotated[Id | None, Doc("红色合伙人 Partner, for services")] = None
    lines: Annotated[list[RedemptionOrderLine], Doc("兑换项 What to redeem")]
    expected_total: Annotated[int | None, Doc("预期积分 Points that the resident was shown"), Range(1, 1_000_000)] = (
        None
    )


@command(Role.RESIDENT, Role.SUPERVISOR, mutation_id_required=True)
async def reserve_redemption(context: Context, input: ReserveRedemption) -> Redemption:
    """预留兑换 Reserve goods or services against held points; the holder then reads the pickup code."""
    supermarket = await shop_of(context, input)
    lines = await priced_lines(context, input)
    total = sum(line.quantity * line.unit_points for line in lines)
    if input.expected_total is not None and input.expected_total != total:
        raise PtsError.PRICE_CHANGED(field="expectedTotal", expected=input.expected_total, actual=total)
    # The stock is what many reach for at once. Read and therefore written first, it lets all but one of them fail
    # before they have written anything.
    for line in lines if supermarket else ():
        await reserve_stock(context, str(input.supermarket_id), line)
    passbook = await context.work.get(PointsPassbook, passbook_id_of(context.actor.id))
    if passbook is None:
        raise PtsError.NO_PASSBOOK()
    book = await book_to_hold_from(context.work, passbook)
    id = context.new_id()
    hold = book.hold(id=derived_id("hold", id), redemption_id=id, points=total, expires_at=context.now + KEPT_FOR)
    codes = pickup_codes()
    redemption = Redemption(
        id=id,
        number=await context.number("DH"),
        passbook_id=passbook.id,
        resident_id=passbook.resident_id,
        community_id=supermarket.community_id if supermarket else passbook.community_id,
        supermarket_id=input.supermarket_id,
        partner_id=input.partner_id,
        lines=lines,
        total_points=total,
        reserved_at=context.now,
        expires_at=hold.expires_at,
        pickup_code_hash=codes.stored(id, codes.code(id)),
    )
    context.work.add(hold)
    return await context.add(redemption.reserve(), check_references=False)


async def shop_of(context: Context, input: ReserveRedemption) -> PointsSupermarket | None:
    """The supermarket, or None when a partner is named instead. Raises PTS_SHOP_REQUIRED, PTS_SUPERMARKET_CLOSED."""
    if (input.supermarket_id is None) == (input.partner_id is None):
        raise PtsError.SHOP_REQUIRED(field="supermarketId")
    if input.supermarket_id is None:
        return None
    supermarket = await context.get(PointsSupermarket, input.supermarket_id, "supermarketId")
    if supermarket.state is not SupermarketState.OPEN:
        raise PtsError.SUPERMARKET_CLOSED(field="supermarketId")
    return supermarket


async def priced_lines(context: Context, input: ReserveRedemption) -> list[RedemptionLine]:
    """The order at today's prices, one line a product. Raises PTS_PRODUCT_NOT_OFFERED, GEN_REFERENCE_UNKNOWN."""
    quantities: dict[str, int] = {}
    for line in input.lines:
        quantities[line.product_id] = quantities.get(line.product_id, 0) + line.quantity
    lines = []
    for product_id, quantity in sorted(quantities.items()):
        product = await context.get(Product, product_id, "lines.productId")
        offered = product.partner_id == input.partner_id if input.partner_id else product.kind is ProductKind.GOODS
        if not (product.active and offered):
            raise PtsError.PRODUCT_NOT_OFFERED(field="lines.productId", productId=product_id)
        lines.append(RedemptionLine(product_id=product_id, quantity=quantity, unit_points=product.points_price))
    if not lines:
        raise PtsError.PRODUCT_NOT_OFFERED(field="lines")
    return lines


async def reserve_stock(context: Context, supermarket_id: str, line: RedemptionLine) -> None:
    stock = await context.work.get(Stock, stock_id_of(supermarket_id, line.product_id))
    if stock is None:
        raise PtsError.OUT_OF_STOCK(field="lines.productId", productId=line.product_id, left=0)
    stock.reserve(line.quantity)


@dataclass(frozen=True, kw_only=True)
class FulfilRedemption:
    id: Annotated[Id, Doc("兑换 Redemption")]
    code: Annotated[Code, Doc("提货码 Pickup code that the holder shows")]


@command(on=Redemption)
async def fulfil_redemption(context: Context, input: FulfilRedemption) -> Redemption:
    """完成兑换 Hand over against the pickup code: the held points are posted, the goods leave the stock."""
    redemption = await context.load(Redemption, input.id)
    if not pickup_codes().fits(redemption, input.code):
        raise PtsError.CODE_INVALID(field="code")
    redemption.fulfil(at=context.now, by=context.actor.id)
    hold = await hold_of(context, redemption)
    for line in redemption.lines if redemption.supermarket_id else ():
        (await stock_of(context.work, redemption.supermarket_id or "", line.product_id)).hand_over(line.quantity)
    book = await book_of(context.work, redemption, hold.allocations)
    shop = await ensure_account(context.work, shop_account(redemption))
    context.work.add(book.redeem(hold, id=redemption.transaction_id, to=shop, source=source_of(context, redemption)))
    return redemption


@dataclass(frozen=True, kw_only=True)
class CancelRedemption:
    id: Annotated[Id, Doc("兑换 Redemption")]
    reason: Annotated[Text | None, Doc("原因 Reason")] = None


@command(on=Redemption)
async def cancel_redemption(context: Context, input: CancelRedemption) -> Redemption:
    """取消兑换 Cancel a reservation, as its holder or the shop: points return to their lots, goods to the stock."""
    redemption = await context.load(Redemption, input.id)
    redemption.cancel()
    hold = await hold_of(context, redemption)
    for line in redemption.lines if redemption.supermarket_id else ():
        (await stock_of(context.work, redemption.supermarket_id or "", line.product_id)).release(line.quantity)
    (await book_of(context.work, redemption, hold.allocations)).release(hold)
    return redemption


@dataclass(frozen=True, kw_only=True)
class ReverseRedemption:
    id: Annotated[Id, Doc("兑换 Redemption")]
    reason: Annotated[Text, Doc("原因 Reason")]
    restock: Annotated[bool, Doc("退回库存 The goods came back")] = True


@command(on=Redemption)
async def reverse_redemption(context: Context, input: ReverseRedemption) -> Redemption:
    """冲正兑换 Undo a fulfilled redemption by a further transaction: points return to their original lots."""
    redemption = await context.load(Redemption, input.id)
    redemption.reverse(by=context.actor.id, restock=input.restock)
    redeemed = await context.get(LedgerTransaction, redemption.transaction_id, "id")
    for line in redemption.lines if redemption.restocked else ():
        (await stock_of(context.work, redemption.supermarket_id or "", line.product_id)).receive(line.quantity)
    book = await book_of(context.work, redemption, redeemed.allocations)
    shop = await ensure_account(context.work, shop_account(redemption))
    context.work.add(
        book.reverse(redeemed, id=redemption.reversal_id, back_from=shop, source=source_of(context, redemption))
    )
    return redemption


async def hold_of(context: Context, redemption: Redemption) -> PointsHold:
    return await context.get(PointsHold, derived_id("hold", redemption.id), "id")


def shop_account(redemption: Redemption) -> LedgerAccount:
    if redemption.supermarket_id:
        return supermarket_account(redemption.supermarket_id)
    return partner_account(redemption.partner_id or "")


def source_of(context: Context, redemption: Redemption) -> Source:
    return Source(
        service="points",
        type="REDEMPTION",
        id=redemption.id,
        effective_on=context.today,
        posted_at=context.now,
        posted_by=context.actor.id,
    )
