"""Which residents are governance supervisors, and what their posts let them report."""

from dataclasses import dataclass
from typing import Annotated

from govkit.bus.projections import Rows, projects
from govkit.domain import Code, Doc, Id
from petition.projections.supervisors import SUPERVISORS


@dataclass(frozen=True, kw_only=True)
class SupervisorInOffice:
    supervisor_id: Annotated[Id, Doc("监督员 Supervisor")]
    resident_id: Annotated[Id, Doc("居民 Resident")]
    allowed_categories: Annotated[list[Code], Doc("可反映类别 Categories, with all below them")]


@dataclass(frozen=True, kw_only=True)
class SupervisorOut:
    supervisor_id: Annotated[Id, Doc("监督员 Supervisor")]
    resident_id: Annotated[Id, Doc("居民 Resident")]


@projects("supervisor.appointed", into=(SUPERVISORS,))
async def note_supervisor_appointed(rows: Rows, event: SupervisorInOffice) -> None:
    term = {"allowed_categories": event.allowed_categories, "active": True}
    rows.project(SUPERVISORS, event.resident_id, **{f"terms.{event.supervisor_id}": term})


@projects("supervisor.suspended", "supervisor.ended", into=(SUPERVISORS,))
async def note_supervisor_out(rows: Rows, event: SupervisorOut) -> None:
    rows.project(SUPERVISORS, event.resident_id, **{f"terms.{event.supervisor_id}.active": False})
