"""Commands on Party organizations and posts."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from govkit.commands import Context, command
from govkit.domain import Doc, Id, Name, Range, Role, Text
from organization.domain.party import (
    Appointment,
    PartyOrganization,
    PartyOrganizationStatus,
    PartyOrganizationType,
    Person,
    PostRole,
)


@dataclass(frozen=True, kw_only=True)
class EstablishPartyOrganization:
    name: Annotated[Name, Doc("名称 Name")]
    type: Annotated[PartyOrganizationType, Doc("类型 Type")]
    parent_id: Annotated[Id | None, Doc("上级党组织 Parent; required but for the county committee")] = None
    community_id: Annotated[Id | None, Doc("社区 Community; else that of the parent")] = None
    residential_area_id: Annotated[Id | None, Doc("小区 Residential area; else that of the parent")] = None
    micro_grid_ids: Annotated[list[Id] | None, Doc("联系的微网格 Micro-grids")] = None
    established_on: Annotated[date, Doc("成立日期 Established on")]
    member_count: Annotated[int, Doc("党员数 Members"), Range(0, 100_000)] = 0


@command(Role.ORG_ADMIN)
async def establish_party_organization(context: Context, input: EstablishPartyOrganization) -> PartyOrganization:
    """成立党组织 Establish a Party organization under a parent of the level above."""
    parent = await context.get(PartyOrganization, input.parent_id, "parentId") if input.parent_id else None
    organization = PartyOrganization.establish(
        id=context.new_id(),
        name=input.name,
        type=input.type,
        parent=parent,
        established_on=input.established_on,
        community_id=input.community_id,
        residential_area_id=input.residential_area_id,
        micro_grid_ids=input.micro_grid_ids,
        member_count=input.member_count,
    )
    return await context.add(organization)


@dataclass(frozen=True, kw_only=True)
class DissolvePartyOrganization:
    id: Annotated[Id, Doc("党组织 Party organization")]
    on: Annotated[date, Doc("撤销日期 Dissolved on")]
    reason: Annotated[Text, Doc("原因 Reason")]


@command(on=PartyOrganization)
async def dissolve_party_organization(context: Context, input: DissolvePartyOrganization) -> PartyOrganization:
    """撤销党组织 Dissolve a Party organization that has no active ones below."""
    organization = await context.load(PartyOrganization, input.id)
    children = await context.count(PartyOrganization, parent_id=input.id, status=PartyOrganizationStatus.ACTIVE)
    organization.dissolve(input.on, children)
    return organization


@dataclass(frozen=True, kw_only=True)
class AppointToPost:
    party_organization_id: Annotated[Id, Doc("党组织 Party organization")]
    role: Annotated[PostRole, Doc("职务 Role")]
    person_id: Annotated[Id, Doc("任职人员 Office holder")]
    start_on: Annotated[date, Doc("开始日期 From")]
    on_behalf_of_id: Annotated[Id | None, Doc("代表的单位 Organization that a part-time member acts for")] = None


@command(Role.ORG_ADMIN, Role.COMMUNITY_SECRETARY)
async def appoint_to_post(context: Context, input: AppointToPost) -> Appointment:
    """任命 Appoint a person to a post; an organization has at most one secretary."""
    organization = await context.get(PartyOrganization, input.party_organization_id, "partyOrganizationId")
    await context.get(Person, input.person_id, "personId")
    appointment = Appointment.start(
        id=context.new_id(),
        organization=organization,
        role=input.role,
        person_id=input.person_id,
        start_on=input.start_on,
        on_behalf_of_id=input.on_behalf_of_id,
    )
    return await context.add(appointment)


@dataclass(frozen=True, kw_only=True)
class EndAppointment:
    id: Annotated[Id, Doc("任职 Appointment")]
    on: Annotated[date, Doc("结束日期 To")]


@command(on=Appointment)
async def end_appointment(context: Context, input: EndAppointment) -> Appointment:
    """卸任 End an appointment."""
    appointment = await context.load(Appointment, input.id)
    appointment.end(input.on)
    return appointment
