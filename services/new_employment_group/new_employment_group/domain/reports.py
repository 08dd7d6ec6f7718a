"""What became of the petitions that supervisors submitted: one report a petition, confirmed at most once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import NAMESPACE_URL, uuid5

from govkit.domain import (
    EVERYTHING,
    Actor,
    Aggregate,
    Code,
    Doc,
    Event,
    Hidden,
    Id,
    LabelEnum,
    Privacy,
    Ref,
    Role,
    Visibility,
    event,
)
from new_employment_group.domain.supervisors import GovernanceSupervisor
from new_employment_group.domain.workers import READERS

SOLVED_OUTCOMES = frozenset({"SOLVED"})
"""Outcomes of a closed petition that confirm the report; the others (EXPLAINED, PLANNED, …) do not."""


class SupervisorReportState(LabelEnum):
    """监督上报状态 State of a supervisor's report"""

    SUBMITTED = "已上报 Submitted"
    CONFIRMED = "已核实 Confirmed"
    NOT_CONFIRMED = "未核实 Not confirmed"


@event("supervisor.report_confirmed")
class SupervisorReportConfirmed(Event):
    """监督上报已核实 What a supervisor reported was solved; at most once for a petition"""

    supervisor_report_id: Annotated[Id, Doc("上报 Report")]
    supervisor_id: Annotated[Id, Doc("监督员 Supervisor")]
    resident_id: Annotated[Id, Doc("居民标识 Resident")]
    petition_id: Annotated[Id, Doc("诉求 Petition")]
    outcome: Annotated[Code | None, Doc("办理结果 Outcome of the petition", example="SOLVED")]
    community_id: Annotated[Id | None, Doc("社区 Community")]


@dataclass(kw_only=True)
class SupervisorReport(Aggregate):
    """监督上报 Supervisor's report: a petition that a governance supervisor submitted, and whether it was confirmed"""

    supervisor_id: Annotated[Id, Doc("监督员 Supervisor"), Ref("GovernanceSupervisor", inverse="reports")]
    resident_id: Annotated[Id, Doc("居民标识 Resident"), Ref("Resident"), Privacy.P1, Hidden]
    petition_id: Annotated[Id, Doc("诉求 Petition"), Ref("Petition", inverse="supervisor_report", single=True)]
    category_code: Annotated[Code | None, Doc("诉求类别 Category", example="040103")] = None
    community_id: Annotated[Id | None, Doc("社区 Community"), Ref("Community")] = None
    submitted_at: Annotated[datetime, Doc("上报时间 Submitted at")]
    decided_at: Annotated[datetime | None, Doc("核实时间 Confirmed, or found unconfirmed, at")] = None
    outcome: Annotated[Code | None, Doc("办理结果 Outcome of the petition", example="SOLVED")] = None
    state: Annotated[SupervisorReportState, Doc("状态 State")] = SupervisorReportState.SUBMITTED

    @classmethod
    def visible_to(cls, actor: Actor) -> Visibility:
        """Officers and auditors; supervisors see their own."""
        readers = READERS | {Role.ORG_ADMIN, Role.COUNTY_DISPATCHER}
        return EVERYTHING if actor.roles & readers else ({"resident_id": actor.id},)

    @staticmethod
    def id_for(petition_id: str) -> str:
        """The report of a petition has always the same id, so that it can be found before it is stored."""
        return str(uuid5(NAMESPACE_URL, f"supervisor-report/{petition_id}"))

    @classmethod
    def submit(
        cls,
        *,
        supervisor: GovernanceSupervisor,
        petition_id: str,
        at: datetime,
        category_code: str | None,
        community_id: str | None,
    ) -> "SupervisorReport":
        """A report more for the supervisor."""
        supervisor.reports_submitted += 1
        return cls(
            id=cls.id_for(petition_id),
            supervisor_id=supervisor.id,
            resident_id=supervisor.resident_id,
            petition_id=petition_id,
            category_code=category_code,
            community_id=community_id,
            submitted_at=at,
        )

    def close(
        self,
        supervisor: GovernanceSupervisor,
        *,
        at: datetime,
        outcome: str | None,
        category_code: str | None = None,
        community_id: str | None = None,
    ) -> None:
        """The petition came to an end. A solved one confirms the report; once confirmed, a report stays so.

        A petition that was closed unsolved, reopened and then solved confirms it at last.
        """
        if self.state is SupervisorReportState.CONFIRMED:
            return
        self.decided_at, self.outcome = at, outcome
        self.category_code = category_code or self.category_code
        self.community_id = community_id or self.community_id
        if outcome not in SOLVED_OUTCOMES:
            self.state = SupervisorReportState.NOT_CONFIRMED
            return
        self.state = SupervisorReportState.CONFIRMED
        supervisor.reports_confirmed += 1
        self.record(SupervisorReportConfirmed)
