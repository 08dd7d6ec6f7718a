"""Party organizations of the new sectors are registered elsewhere; here they are shown among all of the county.

No event is published for these rows: the register of record has published its own. Names do not travel in events, so
a row is named after its sector; the edge to the record itself gives the name.
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from govkit.bus.inbox import EventContext, consumes
from govkit.domain import Code, Doc, Id
from organization.domain.party import (
    PartyOrganization,
    PartyOrganizationStatus,
    PartyOrganizationType,
    RegisterSource,
)

SECTORS = {"LIVE_STREAM_ECOMMERCE": "直播电商", "EXPRESS_LOGISTICS": "快递物流", "FOOD_DELIVERY": "外卖配送"}


@dataclass(frozen=True, kw_only=True)
class CommitteeSeen:
    industry_committee_id: Annotated[Id, Doc("行业党委 Industry committee")]
    sector: Annotated[Code, Doc("行业 Sector")]
    established_on: Annotated[date, Doc("成立日期 Established on")]


@dataclass(frozen=True, kw_only=True)
class OrganizationSeen:
    new_business_party_organization_id: Annotated[Id, Doc("党组织 Party organization")]
    industry_committee_id: Annotated[Id, Doc("行业党委 Industry committee")]
    sector: Annotated[Code, Doc("行业 Sector")]
    established_on: Annotated[date, Doc("成立日期 Established on")]
    member_count: Annotated[int, Doc("党员数 Members")]


@dataclass(frozen=True, kw_only=True)
class OrganizationSnapshotSeen(OrganizationSeen):
    dissolved_on: Annotated[date | None, Doc("撤销日期 Dissolved on")] = None


@dataclass(frozen=True, kw_only=True)
class OrganizationChangeSeen:
    new_business_party_organization_id: Annotated[Id, Doc("党组织 Party organization")]
    member_count: Annotated[int, Doc("党员数 Members")]


@dataclass(frozen=True, kw_only=True)
class DissolutionSeen:
    new_business_party_organization_id: Annotated[Id, Doc("党组织 Party organization")]
    dissolved_on: Annotated[date, Doc("撤销日期 Dissolved on")]


@consumes("industry_committee.established", "industry_committee.changed", "industry_committee.snapshot")
async def show_committee(context: EventContext, event: CommitteeSeen) -> None:
    id = event.industry_committee_id
    row = await row_of(context, id, PartyOrganizationType.INDUSTRY_COMMITTEE, event.established_on)
    row.industry_committee_id = id
    row.name = f"{SECTORS.get(event.sector, event.sector)}行业党委"
    row.established_on = event.established_on


async def show(context: EventContext, event: OrganizationSeen) -> PartyOrganization:
    id = event.new_business_party_organization_id
    row = await row_of(context, id, PartyOrganizationType.NEW_BUSINESS_ORG, event.established_on)
    row.new_business_party_organization_id = id
    row.name = f"{SECTORS.get(event.sector, event.sector)}企业党组织"
    row.parent_id = event.industry_committee_id
    row.established_on = event.established_on
    row.member_count = event.member_count
    return row


async def row_of(
    context: EventContext, id: str, type: PartyOrganizationType, established_on: date
) -> PartyOrganization:
    """The row of that record, made when there is none."""
    known = await context.get(PartyOrganization, id)
    return known or context.add(
        PartyOrganization(
            id=id,
            name=id,
            type=type,
            level=None,
            parent_id=None,
            community_id=None,
            residential_area_id=None,
            micro_grid_ids=[],
            established_on=established_on,
            source=RegisterSource.NEW_EMPLOYMENT_GROUP,
        )
    )


def dissolve(row: PartyOrganization, on: date) -> None:
    row.status = PartyOrganizationStatus.DISSOLVED
    row.dissolved_on = on


@consumes("new_business_party_organization.established")
async def show_established(context: EventContext, event: OrganizationSeen) -> None:
    await show(context, event)


@consumes("new_business_party_organization.snapshot")
async def show_snapshot(context: EventContext, event: OrganizationSnapshotSeen) -> None:
    row = await show(context, event)
    if event.dissolved_on:
        dissolve(row, event.dissolved_on)


@consumes("new_business_party_organization.changed")
async def note_members(context: EventContext, event: OrganizationChangeSeen) -> None:
    if row := await context.get(PartyOrganization, event.new_business_party_organization_id):
        row.member_count = event.member_count


@consumes("new_business_party_organization.dissolved")
async def note_dissolution(context: EventContext, event: DissolutionSeen) -> None:
    if row := await context.get(PartyOrganization, event.new_business_party_organization_id):
        dissolve(row, event.dissolved_on)
