"""Points that residents earned: what workers gave, for the balance of service for service.

Kept by resident, who is an opaque id: a worker may be registered long after the first points. Grant and reversal are
told by different subjects, in any order: each has a field of its own.
"""

from dataclasses import dataclass
from typing import Annotated

from govkit.bus.projections import Rows, projects
from govkit.domain import Code, Doc, Id
from new_employment_group.projections.balance import EARNED

GRANT, REVERSE = "GRANT", "REVERSE"


@dataclass(frozen=True, kw_only=True)
class GrantSeen:
    ledger_transaction_id: Annotated[Id, Doc("账目 Transaction")]
    resident_id: Annotated[Id, Doc("居民 Resident")]
    points: Annotated[int, Doc("积分 Points")]


@dataclass(frozen=True, kw_only=True)
class ReversalSeen:
    resident_id: Annotated[Id, Doc("居民 Resident")]
    reverses_id: Annotated[Id, Doc("被冲正账目 Transaction that it reverses")]


@dataclass(frozen=True, kw_only=True)
class TransactionSnapshotSeen(GrantSeen):
    code: Annotated[Code, Doc("代码 What it did")]
    reverses_id: Annotated[Id | None, Doc("被冲正账目 Transaction that it reverses")] = None


def note_grant(rows: Rows, event: GrantSeen) -> None:
    rows.project(EARNED, event.resident_id, **{f"grants.{event.ledger_transaction_id}": event.points})


def note_reversal(rows: Rows, resident_id: str, reverses_id: str) -> None:
    rows.project(EARNED, resident_id, **{f"reversed.{reverses_id}": True})


@projects("points.granted", into=(EARNED,))
async def note_points_granted(rows: Rows, event: GrantSeen) -> None:
    note_grant(rows, event)


@projects("points.reversed", into=(EARNED,))
async def note_points_reversed(rows: Rows, event: ReversalSeen) -> None:
    note_reversal(rows, event.resident_id, event.reverses_id)


@projects("ledger_transaction.snapshot", into=(EARNED,))
async def note_past_transaction(rows: Rows, event: TransactionSnapshotSeen) -> None:
    if event.code == GRANT:
        note_grant(rows, event)
    elif event.code == REVERSE and event.reverses_id:
        note_reversal(rows, event.resident_id, event.reverses_id)
