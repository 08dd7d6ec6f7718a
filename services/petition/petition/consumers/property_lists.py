"""The red/black lists of property service, to be shown on the cases that concern an enterprise."""

from dataclasses import dataclass
from typing import Annotated

from govkit.bus.projections import Rows, projects
from govkit.domain import Code, Doc, Id
from petition.projections.party import LISTS

DRAFT = "DRAFT"


@dataclass(frozen=True, kw_only=True)
class EntrySeen:
    subject_id: Annotated[Id, Doc("对象 Subject")]
    colour: Annotated[Code, Doc("红黑 Colour")]
    rank: Annotated[int, Doc("名次 Rank")]


@dataclass(frozen=True, kw_only=True)
class ListSeen:
    red_black_list_id: Annotated[Id, Doc("榜单 List")]
    period: Annotated[Code, Doc("月份 Month")]
    edition: Annotated[int, Doc("版次 Edition")]
    entries: Annotated[list[EntrySeen], Doc("条目 Entries")]


@dataclass(frozen=True, kw_only=True)
class ListSnapshotSeen(ListSeen):
    state: Annotated[Code, Doc("状态 State")]


def keep(rows: Rows, event: ListSeen) -> None:
    entries = {entry.subject_id: {"colour": entry.colour, "rank": entry.rank} for entry in event.entries}
    rows.project(LISTS, event.red_black_list_id, period=event.period, edition=event.edition, entries=entries)


@projects("red_black_list.published", into=(LISTS,))
async def note_list(rows: Rows, event: ListSeen) -> None:
    keep(rows, event)


@projects("red_black_list.snapshot", into=(LISTS,))
async def note_list_snapshot(rows: Rows, event: ListSnapshotSeen) -> None:
    if event.state != DRAFT:
        keep(rows, event)
