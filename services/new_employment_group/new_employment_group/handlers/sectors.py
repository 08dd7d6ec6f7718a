"""Commands on Party organizations in enterprises, and on who organises an enterprise."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from govkit.commands import Context, command
from govkit.domain import Doc, Id, Name, Range, Role, Text
from new_employment_group.domain.sectors import (
    OFFICERS,
    Enterprise,
    IndustryCommittee,
    NewBusinessOrganizationType,
    NewBusinessPartyOrganization,
    NewBusinessPartyOrganizationChanged,
)
from new_employment_group.domain.unions import IndustryUnion
from new_employment_group.handlers.days import day_of


@dataclass(frozen=True, kw_only=True)
class EstablishNewBusinessPartyOrganization:
    name: Annotated[Name, Doc("名称 Name")]
    type: Annotated[NewBusinessOrganizationType, Doc("类型 Type")]
    industry_committee_id: Annotated[Id, Doc("行业党委 Industry committee")]
    enterprise_ids: Annotated[list[Id], Doc("覆盖的企业 Enterprises of the sector that it covers")]
    established_on: Annotated[date, Doc("成立日期 Established on")]
    member_count: Annotated[int, Doc("党员数 Members"), Range(0, 100_000)] = 0


@command(*OFFICERS)
async def establish_new_business_party_organization(
    context: Context, input: EstablishNewBusinessPartyOrganization
) -> NewBusinessPartyOrganization:
    """成立新业态企业党组织 Establish a Party organization in enterprises of a sector, under its committee."""
    committee = await context.get(IndustryCommittee, input.industry_committee_id, "industryCommitteeId")
    organization = NewBusinessPartyOrganization.establish(
        id=context.new_id(),
        name=input.name,
        type=input.type,
        committee=committee,
        established_on=input.established_on,
        member_count=input.member_count,
    )
    for enterprise_id in input.enterprise_ids:
        enterprise = await context.get(Enterprise, enterprise_id, "enterpriseIds")
        enterprise.join_party_organization(organization)
    return await context.add(organization)


@dataclass(frozen=True, kw_only=True)
class UpdateNewBusinessPartyOrganization:
    id: Annotated[Id, Doc("党组织 Party organization")]
    name: Annotated[Name | None, Doc("名称 Name")] = None
    type: Annotated[NewBusinessOrganizationType | None, Doc("类型 Type")] = None
    member_count: Annotated[int | None, Doc("党员数 Members"), Range(0, 100_000)] = None


@command(on=NewBusinessPartyOrganization)
async def update_new_business_party_organization(
    context: Context, input: UpdateNewBusinessPartyOrganization
) -> NewBusinessPartyOrganization:
    """变更新业态企业党组织 Change its name, type or number of members; fields left out stay as they are."""
    organization = await context.load(NewBusinessPartyOrganization, input.id)
    organization.name = input.name or organization.name
    organization.type = input.type or organization.type
    if input.member_count is not None:
        organization.member_count = input.member_count
    organization.record(NewBusinessPartyOrganizationChanged)
    return organization


@dataclass(frozen=True, kw_only=True)
class DissolveNewBusinessPartyOrganization:
    id: Annotated[Id, Doc("党组织 Party organization")]
    on: Annotated[date, Doc("撤销日期 Dissolved on")]
    reason: Annotated[Text, Doc("原因 Reason")]


@command(on=NewBusinessPartyOrganization)
async def dissolve_new_business_party_organization(
    context: Context, input: DissolveNewBusinessPartyOrganization
) -> NewBusinessPartyOrganization:
    """撤销新业态企业党组织 Dissolve it; its enterprises are then without a Party organization."""
    organization = await context.load(NewBusinessPartyOrganization, input.id)
    organization.dissolve(day_of(context, input.on, "on"))
    for enterprise in await context.find(Enterprise, party_organization_id=input.id):
        enterprise.leave_party_organization()
    return organization


@dataclass(frozen=True, kw_only=True)
class OrganizeEnterprise:
    id: Annotated[Id, Doc("企业 Enterprise")]
    party_organization_id: Annotated[Id | None, Doc("党组织 Party organization that covers it")] = None
    union_id: Annotated[Id | None, Doc("行业工会 Union that organises it")] = None


@command(Role.INDUSTRY_COMMITTEE_OFFICER, Role.UNION_OFFICER)
async def organize_enterprise(context: Context, input: OrganizeEnterprise) -> Enterprise:
    """企业纳入组织 Put an enterprise under a Party organization or union of its sector."""
    enterprise = await context.load(Enterprise, input.id)
    if input.party_organization_id:
        organization = await context.get(
            NewBusinessPartyOrganization, input.party_organization_id, "partyOrganizationId"
        )
        enterprise.join_party_organization(organization)
    if input.union_id:
        union = await context.get(IndustryUnion, input.union_id, "unionId")
        enterprise.join_union(union.id, union.sector)
    return enterprise
