"""What other services told of the place and the property enterprise of a petition."""

from typing import Annotated

from govkit.domain import Ref, business_date
from govkit.graphql.edges import Reference
from govkit.graphql.functions import Computed, computed
from govkit.graphql.request import RequestContext
from petition.domain.petitions import Petition
from petition.projections.party import (
    Branch,
    PropertyConsequence,
    PropertyListing,
    branches_of,
    listings,
    standings,
)


@computed(Petition)
async def branch(petition: Petition, context: RequestContext) -> Annotated[Reference, Ref("PartyOrganization")]:
    """小区党支部 Branch of the residential area in which it lies; null when none is known"""
    found = await _branch(petition, context)
    return Reference("PartyOrganization", "id", found.organization_id) if found else None  # type: ignore[return-value]


@computed(Petition)
async def branch_secretary(petition: Petition, context: RequestContext) -> Annotated[Reference, Ref("Person")]:
    """小区党支部书记 Secretary of that branch; null when none is in office"""
    found = await _branch(petition, context)
    known = found is not None and found.secretary_id is not None
    return Reference("Person", "id", str(found.secretary_id)) if found and known else None  # type: ignore[return-value]


async def _branch(petition: Petition, context: RequestContext) -> Branch | None:
    async def load(area_ids: list[str]) -> list[Branch | None]:
        return await branches_of(context.store, area_ids)

    if petition.residential_area_id is None:
        return None
    return await context.together("area branches", load, petition.residential_area_id)


@computed(Petition)
async def property_standing(petition: Petition, context: RequestContext) -> list[PropertyConsequence]:
    """物业信用 What the red/black lists brought upon the property enterprise concerned and is in force today"""
    today = business_date(context.bus.clock.now())

    async def load(enterprise_ids: list[str]) -> list[list[PropertyConsequence]]:
        return await standings(context.store, enterprise_ids, today)

    if petition.property_enterprise_id is None:
        return []
    return await context.together("property standing", load, petition.property_enterprise_id)


@computed(Petition)
async def property_listing(petition: Petition, context: RequestContext) -> PropertyListing | None:
    """物业红黑榜 Where the newest red/black list has the property enterprise concerned; null when it has it nowhere"""

    async def load(enterprise_ids: list[str]) -> list[PropertyListing | None]:
        return await listings(context.store, enterprise_ids)

    if petition.property_enterprise_id is None:
        return None
    return await context.together("property listing", load, petition.property_enterprise_id)


COMPUTED: list[Computed] = [branch, branch_secretary, property_standing, property_listing]
