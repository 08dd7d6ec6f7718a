"""What the red/black lists bring upon property enterprises, to be shown on the cases that concern them."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from govkit.bus.projections import Rows, projects
from govkit.domain import Code, Doc, Id
from petition.projections.party import STANDING

ENTERPRISE, LIFTED = "PROPERTY_ENTERPRISE", "LIFTED"


@dataclass(frozen=True, kw_only=True)
class ConsequenceSeen:
    linked_consequence_id: Annotated[Id, Doc("措施 Consequence")]
    subject_type: Annotated[Code, Doc("对象类型 Subject type")]
    subject_id: Annotated[Id, Doc("对象 Subject")]
    kind: Annotated[Code, Doc("措施 Kind")]
    start_on: Annotated[date, Doc("开始日期 From")]
    end_on: Annotated[date, Doc("结束日期 To")]


@dataclass(frozen=True, kw_only=True)
class ConsequenceSnapshotSeen(ConsequenceSeen):
    state: Annotated[Code, Doc("状态 State")] = "ACTIVE"


@dataclass(frozen=True, kw_only=True)
class ConsequenceGone:
    linked_consequence_id: Annotated[Id, Doc("措施 Consequence")]
    subject_type: Annotated[Code, Doc("对象类型 Subject type")]
    subject_id: Annotated[Id, Doc("对象 Subject")]


def keep(rows: Rows, event: ConsequenceSeen, lifted: bool) -> None:
    if event.subject_type == ENTERPRISE:
        told = {"kind": event.kind, "start_on": event.start_on.isoformat(), "end_on": event.end_on.isoformat()}
        rows.project(
            STANDING, event.subject_id, **{f"consequences.{event.linked_consequence_id}": {**told, "lifted": lifted}}
        )


@projects("consequence.activated", into=(STANDING,))
async def note_consequence(rows: Rows, event: ConsequenceSeen) -> None:
    keep(rows, event, False)


@projects("linked_consequence.snapshot", into=(STANDING,))
async def note_consequence_snapshot(rows: Rows, event: ConsequenceSnapshotSeen) -> None:
    keep(rows, event, event.state == LIFTED)


@projects("consequence.lifted", into=(STANDING,))
async def note_consequence_lifted(rows: Rows, event: ConsequenceGone) -> None:
    if event.subject_type == ENTERPRISE:
        rows.project(STANDING, event.subject_id, **{f"consequences.{event.linked_consequence_id}.lifted": True})
