"""Petitions that supervisors submitted: each becomes a report, and a solved one confirms it, once."""

from dataclasses import dataclass, replace
from typing import Annotated

from govkit.bus.inbox import EventContext, consumes
from govkit.domain import Doc
from new_employment_group.domain.reports import SupervisorReport, SupervisorReportState
from new_employment_group.domain.supervisors import GovernanceSupervisor

SUPERVISOR = "SUPERVISOR"
CLOSED = "CLOSED"
UNSOLVED = frozenset({"REJECTED", "WITHDRAWN", "MERGED", "TRANSFERRED_EMERGENCY"})
"""States in which a petition ends without being worked on to its close: whatever its outcome, it confirms nothing."""


@dataclass(frozen=True, kw_only=True)
class PetitionSeen:
    """What every event on a petition tells."""

    petition_id: Annotated[str, Doc("诉求 Petition")]
    source_type: Annotated[str | None, Doc("来源类型 Source type")] = None
    source_id: Annotated[str | None, Doc("来源 Source; the supervisor")] = None


@dataclass(frozen=True, kw_only=True)
class PetitionPlaced(PetitionSeen):
    """With what it is about, as far as known."""

    category_code: Annotated[str | None, Doc("类别 Category")] = None
    community_id: Annotated[str | None, Doc("社区 Community")] = None


@dataclass(frozen=True, kw_only=True)
class PetitionClosed(PetitionPlaced):
    """With how it ended."""

    outcome: Annotated[str | None, Doc("办理结果 Outcome")] = None


@dataclass(frozen=True, kw_only=True)
class PetitionSnapshot(PetitionClosed):
    """With where it stands."""

    state: Annotated[str | None, Doc("状态 State")] = None


@consumes("petition.submitted")
async def note_submitted(context: EventContext, petition: PetitionPlaced) -> None:
    """A report more, when its supervisor is known here."""
    await _report(context, petition)


@consumes("petition.closed")
async def note_closed(context: EventContext, petition: PetitionClosed) -> None:
    """A solved petition confirms the report; also one whose submission was never heard of."""
    await _close(context, petition, await _report(context, petition))


@consumes("petition.rejected")
async def note_rejected(context: EventContext, petition: PetitionPlaced) -> None:
    """A rejected petition leaves its report unconfirmed."""
    await _close(context, petition, await _report(context, petition))


@consumes("petition.withdrawn")
async def note_withdrawn(context: EventContext, petition: PetitionSeen) -> None:
    """So does one that was withdrawn."""
    await _close(context, petition, await _report(context, petition))


@consumes("petition.snapshot")
async def note_snapshot(context: EventContext, petition: PetitionSnapshot) -> None:
    """The state of a petition of the past: a report not known yet is noted, and nothing is published about it.

    A known one that still waits ends unconfirmed when its petition did.
    """
    known = await _known(context, petition)
    unsolved = petition.state in UNSOLVED
    if known is not None and not (unsolved and known.state is SupervisorReportState.SUBMITTED):
        return
    report = await _report(context, petition)
    if report is not None and (unsolved or petition.state == CLOSED):
        await _close(context, replace(petition, outcome=None) if unsolved else petition, report)
        report.take_events()


async def _known(context: EventContext, petition: PetitionSeen) -> SupervisorReport | None:
    return await context.get(SupervisorReport, SupervisorReport.id_for(petition.petition_id))


async def _report(context: EventContext, petition: PetitionSeen) -> SupervisorReport | None:
    """The report of this petition, new if need be. None when it was submitted by no supervisor that is known here."""
    if petition.source_type != SUPERVISOR:
        return None
    known = await _known(context, petition)
    if known is not None or petition.source_id is None:
        return known
    supervisor = await context.get(GovernanceSupervisor, petition.source_id)
    if supervisor is None:
        return None
    return context.add(
        SupervisorReport.submit(
            supervisor=supervisor,
            petition_id=petition.petition_id,
            at=context.event_time,
            **_about(petition),
        )
    )


async def _close(context: EventContext, petition: PetitionSeen, report: SupervisorReport | None) -> None:
    if report is None:
        return
    supervisor = await context.get(GovernanceSupervisor, report.supervisor_id)
    if supervisor is not None:
        report.close(
            supervisor,
            at=context.event_time,
            outcome=petition.outcome if isinstance(petition, PetitionClosed) else None,
            **_about(petition),
        )


def _about(petition: PetitionSeen) -> dict[str, str | None]:
    placed = petition if isinstance(petition, PetitionPlaced) else PetitionPlaced(petition_id=petition.petition_id)
    return {"category_code": placed.category_code, "community_id": placed.community_id}
