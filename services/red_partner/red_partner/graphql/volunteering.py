"""Partners' credit and volunteering in numbers."""

from typing import Annotated

from govkit.domain import Doc, Id
from govkit.graphql.functions import Computed, Query, computed, query
from govkit.graphql.request import RequestContext
from red_partner.domain.partners import RedPartner
from red_partner.projections import volunteering
from red_partner.projections.volunteering import PartnerCredit, VolunteerTotals


@computed(RedPartner)
async def credit(partner: RedPartner, context: RequestContext) -> PartnerCredit:
    """服务积分 Services given to residents against their points"""

    async def load(partner_ids: list[str]) -> list[PartnerCredit]:
        return await volunteering.credits(context.store, partner_ids)

    return await context.together("partner credits", load, partner.id)


@query
async def volunteer_totals(
    context: RequestContext,
    community_id: Annotated[Id | None, Doc("社区 Of one community; else of the county")] = None,
) -> VolunteerTotals:
    """志愿服务合计 Volunteering at community events and on recruitment calls."""
    return await volunteering.volunteer_totals(context.store, community_id)


QUERIES: list[Query] = [volunteer_totals]
COMPUTED: list[Computed] = [credit]
