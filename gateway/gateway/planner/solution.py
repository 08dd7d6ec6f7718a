"""What `paths` finds: which subgraph resolves each field, reached how."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from .graph import Position
from .selection import Field, Selections

FETCH_COST = 1000

Opened = tuple[str, str, str]  # subgraph, entity type, requirement: what makes a request of its own


@dataclass(frozen=True, slots=True, eq=False)
class Hop:
    """A move into `subgraph` for the same object. `key` is None on the root types, which need none."""

    subgraph: str
    type_name: str
    key: Selections | None
    gather: Solution | None


@dataclass(frozen=True, slots=True, eq=False)
class Assignment:
    """Where one field is resolved: here (no hop) or after a hop, once `requires` is gathered."""

    field: Field
    subgraph: str
    hop: Hop | None
    requires: Selections | None
    gather: Solution | None
    child: Solution | None


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """How the fields at one position are resolved. ``members`` are solutions for object types of an abstract position.

    ``own`` is the cost without the requests in ``opens``, which are the ones made at this very place.
    """

    position: Position
    assignments: tuple[Assignment, ...]
    members: dict[str, Solution] = field(default_factory=dict)
    detour: tuple[Hop, Solution] | None = None
    own: int = 0
    opens: frozenset[Opened] = frozenset()

    @property
    def cost(self) -> int:
        return self.own + FETCH_COST * len(self.opens)


@dataclass(frozen=True, slots=True, eq=False)
class Option:
    assignment: Assignment
    own: int
    opens: frozenset[Opened]

    @property
    def cost(self) -> int:
        return self.own + FETCH_COST * len(self.opens)


def path_lines(solution: Solution, trail: str = "") -> Iterator[str]:
    """Each leaf with the way to it, for `inspect paths`."""
    for one in solution.assignments:
        step = trail or str(solution.position)
        if one.hop:
            by = _names(one.hop.key)
            needs = f" requires {{{_names(one.requires)}}}" if one.requires else ""
            step += f" ={by}{needs}=> {one.hop.type_name}/{one.hop.subgraph}"
        step += f" .{one.field.name}"
        if one.child and (one.child.assignments or one.child.members or one.child.detour):
            yield from path_lines(one.child, f"{step} → {one.child.position}")
        else:
            yield step
    for name, member in solution.members.items():
        yield from path_lines(member, f"{trail or solution.position} … on {name}")
    if solution.detour:
        hop, there = solution.detour
        yield from path_lines(there, f"{trail or solution.position} ={_names(hop.key)}=> {there.position}")


def _names(selections: Selections | None) -> str:
    if selections is None:
        return ""
    return " ".join(f"{one.name} {{{_names(one.selections)}}}" if one.selections else one.name for one in selections)
