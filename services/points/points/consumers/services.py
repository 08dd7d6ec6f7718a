"""Services that partners list for points become drafts of products, for an administrator to name, price and offer."""

from dataclasses import dataclass
from typing import Annotated

from govkit.bus.inbox import EventContext, consumes
from govkit.domain import Doc, Id
from points.domain.shop import Product


@dataclass(frozen=True, kw_only=True)
class ServiceListed:
    support_offer_id: Annotated[Id, Doc("支持项目 Offer")]
    partner_id: Annotated[Id, Doc("合伙人 Partner")]
    points_price_hint: Annotated[int | None, Doc("建议积分 Points that the partner suggests")] = None


@dataclass(frozen=True, kw_only=True)
class OfferWithdrawn:
    support_offer_id: Annotated[Id, Doc("支持项目 Offer")]


@consumes("partner.service_listed")
async def draft_product(context: EventContext, event: ServiceListed) -> None:
    """One product an offer, whatever an administrator has made of it since."""
    if await context.get(Product, Product.id_for(event.support_offer_id)) is None:
        context.add(Product.draft(event.support_offer_id, event.partner_id, event.points_price_hint))


@consumes("offer.withdrawn")
async def take_off_sale(context: EventContext, event: OfferWithdrawn) -> None:
    product = await context.get(Product, Product.id_for(event.support_offer_id))
    if product is not None and product.active:
        product.active = False
        product.registered("changed")
