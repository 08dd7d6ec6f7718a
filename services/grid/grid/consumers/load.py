"""Petitions of a grid: a row each, by where it lies and whether it is under way, so that moves need no former grid."""

from dataclasses import dataclass
from typing import Annotated

from govkit.bus.projections import Rows, projects
from govkit.domain import Code, Doc, Id
from grid.projections.load import PETITIONS

OVER = frozenset({"REJECTED", "MERGED", "WITHDRAWN", "CLOSED"})


@dataclass(frozen=True, kw_only=True)
class PetitionPlaced:
    petition_id: Annotated[Id, Doc("诉求 Petition")]
    grid_code: Annotated[Code | None, Doc("网格 Base grid, when known")] = None


@dataclass(frozen=True, kw_only=True)
class PetitionOver:
    petition_id: Annotated[Id, Doc("诉求 Petition")]


@dataclass(frozen=True, kw_only=True)
class PetitionStanding(PetitionPlaced):
    state: Annotated[Code, Doc("状态 State")]


@projects("petition.submitted", into=(PETITIONS,))
async def count_petition(rows: Rows, event: PetitionPlaced) -> None:
    rows.project(PETITIONS, event.petition_id, grid_code=event.grid_code, open=True)


@projects("petition.located", "petition.rerouted", into=(PETITIONS,))
async def move_petition(rows: Rows, event: PetitionPlaced) -> None:
    rows.project(PETITIONS, event.petition_id, grid_code=event.grid_code)


@projects("petition.closed", "petition.rejected", "petition.withdrawn", into=(PETITIONS,))
async def discount_petition(rows: Rows, event: PetitionOver) -> None:
    rows.project(PETITIONS, event.petition_id, open=False)


@projects("petition.snapshot", into=(PETITIONS,))
async def note_past_petition(rows: Rows, event: PetitionStanding) -> None:
    rows.project(PETITIONS, event.petition_id, grid_code=event.grid_code, open=event.state not in OVER)
