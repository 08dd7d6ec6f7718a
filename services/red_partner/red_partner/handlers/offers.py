"""Commands on what partners offer."""

from dataclasses import dataclass, field
from typing import Annotated

from govkit.commands import Context, command
from govkit.domain import Doc, Id, Name, Range, Text
from red_partner.domain.offers import OFFERING, OfferHours, SupportKind, SupportOffer
from red_partner.domain.partners import RedPartner
from red_partner.handlers.inputs import ById


@dataclass(frozen=True, kw_only=True)
class PublishOffer:
    partner_id: Annotated[Id, Doc("合伙人 Partner")]
    kind: Annotated[SupportKind, Doc("方式 Kind")]
    title: Annotated[Name, Doc("名称 Title")]
    description: Annotated[Text | None, Doc("说明 Description")] = None
    capacity: Annotated[int, Doc("容量(人次) People at a time"), Range(1, 10_000)]
    availability: Annotated[list[OfferHours], Doc("开放时段 Hours; none: by arrangement")] = field(default_factory=list)
    points_price_hint: Annotated[int | None, Doc("建议积分 Points for one service"), Range(1, 1_000)] = None


@command(*OFFERING)
async def publish_offer(context: Context, input: PublishOffer) -> SupportOffer:
    """发布支持项目 Publish an offer of an active partner."""
    partner = await context.get(RedPartner, input.partner_id, "partnerId")
    partner.require_active()
    offer = SupportOffer(
        id=context.new_id(),
        partner_id=partner.id,
        community_id=partner.community_id,
        kind=input.kind,
        title=input.title,
        description=input.description,
        capacity=input.capacity,
        availability=input.availability,
        points_price_hint=input.points_price_hint,
    )
    return await context.add(offer.publish())


@command(on=SupportOffer)
async def pause_offer(context: Context, input: ById) -> SupportOffer:
    """暂停支持项目 Pause an offer; what is booked stays booked."""
    offer = await context.load(SupportOffer, input.id)
    offer.pause()
    return offer


@command(on=SupportOffer)
async def resume_offer(context: Context, input: ById) -> SupportOffer:
    """恢复支持项目 Open a paused offer again."""
    offer = await context.load(SupportOffer, input.id)
    (await context.get(RedPartner, offer.partner_id, "partnerId")).require_active()
    offer.resume()
    return offer


@command(on=SupportOffer)
async def withdraw_offer(context: Context, input: ById) -> SupportOffer:
    """撤回支持项目 Withdraw an offer for good."""
    offer = await context.load(SupportOffer, input.id)
    offer.withdraw()
    return offer
