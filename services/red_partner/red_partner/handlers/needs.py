"""Commands on needs of communities."""

from dataclasses import dataclass
from typing import Annotated

from govkit.commands import Context, command
from govkit.domain import Doc, Gen, Id
from red_partner.domain.needs import PartnerNeed
from red_partner.domain.offers import SupportOffer
from red_partner.handlers.inputs import ById


@dataclass(frozen=True, kw_only=True)
class MatchNeed:
    id: Annotated[Id, Doc("需求 Need")]
    offer_ids: Annotated[list[Id], Doc("支持项目 Open offers that meet it")]


@command(on=PartnerNeed)
async def match_need(context: Context, input: MatchNeed) -> PartnerNeed:
    """对接需求 Match a need with open offers."""
    need = await context.load(PartnerNeed, input.id)
    if not input.offer_ids:
        raise Gen.VALIDATION(field="offerIds", rule="not empty")
    for offer_id in input.offer_ids:
        (await context.get(SupportOffer, offer_id, "offerIds")).require_open()
    need.match(input.offer_ids)
    return need


@command(on=PartnerNeed)
async def close_need(context: Context, input: ById) -> PartnerNeed:
    """关闭需求 Close a need."""
    need = await context.load(PartnerNeed, input.id)
    need.close()
    return need
