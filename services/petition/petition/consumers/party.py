"""Who answers beside the grid: the branch of a residential area and its secretary, told of separately in any order."""

from dataclasses import dataclass
from typing import Annotated

from govkit.bus.projections import Rows, projects
from govkit.domain import Code, Doc, Id
from petition.projections.party import BRANCHES

BRANCH, SECRETARY = "AREA_BRANCH", "SECRETARY"


@dataclass(frozen=True, kw_only=True)
class OrganizationSeen:
    party_organization_id: Annotated[Id, Doc("党组织 Party organization")]
    type: Annotated[Code, Doc("类型 Type")]
    residential_area_id: Annotated[Id | None, Doc("小区 Residential area")] = None


@dataclass(frozen=True, kw_only=True)
class OrganizationGone:
    party_organization_id: Annotated[Id, Doc("党组织 Party organization")]
    type: Annotated[Code, Doc("类型 Type")]


@dataclass(frozen=True, kw_only=True)
class AppointmentSeen:
    appointment_id: Annotated[Id, Doc("任职 Appointment")]
    party_organization_id: Annotated[Id, Doc("党组织 Party organization")]
    person_id: Annotated[Id, Doc("任职人员 Office holder")]
    role: Annotated[Code, Doc("职务 Role")]


@projects("party_organization.established", into=(BRANCHES,))
async def note_branch(rows: Rows, event: OrganizationSeen) -> None:
    if event.type == BRANCH and event.residential_area_id:
        rows.project(BRANCHES, event.party_organization_id, residential_area_id=event.residential_area_id, active=True)


@projects("party_organization.dissolved", into=(BRANCHES,))
async def note_branch_dissolved(rows: Rows, event: OrganizationGone) -> None:
    if event.type == BRANCH:
        rows.project(BRANCHES, event.party_organization_id, active=False)


def note_secretary(rows: Rows, event: AppointmentSeen, active: bool) -> None:
    if event.role == SECRETARY:
        term = {"person_id": event.person_id, "active": active}
        rows.project(BRANCHES, event.party_organization_id, **{f"secretaries.{event.appointment_id}": term})


@projects("appointment.started", into=(BRANCHES,))
async def note_appointment_started(rows: Rows, event: AppointmentSeen) -> None:
    note_secretary(rows, event, True)


@projects("appointment.ended", into=(BRANCHES,))
async def note_appointment_ended(rows: Rows, event: AppointmentSeen) -> None:
    note_secretary(rows, event, False)
