"""Pass 3: the cheapest way to every field.

For one selection set at one position the question is: which subgraphs are asked, and which fields does each answer? A
field costs 1, asking one more subgraph costs 1000. For ``{ name score stock }`` of a ``Product`` that subgraph A
returned::

    name    in A (here)                            cost 1
    score   in B, by key id                        cost 1000 + 1
    stock   in B by key id, or in C by key sku     B is asked anyway: cost 1

The answer is a `Solution`: one `Assignment` a field and, under it, the solution for the field's own selections at the
position where it landed. Because what happens under a field depends on nothing but the position, solutions are
memoised by (position, selections), and the work stays proportional to the operation times the subgraphs that share
its fields.

A `Hop` enters another subgraph. Its key must be collected first, which is the same question again (`Hop.gather`), so
keys that only chain through a third subgraph, keys with nested fields and ``@requires`` need no code of their own.
What is already under way on the same path is in `avoid`: an entity move that would need itself, or a requirement on
itself, is cut. A field whose arguments come from above in the answer (`contexts`) is always entered by a key, into the
same subgraph too.

Between several owners of a field the choice is made for the whole selection set at once, in `choice`.

When no subgraph answers a composite field whole (a value type of which each subgraph has a part), the field is asked
leaf by leaf (`_pieces`), and its owners answer a part each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..errors import PlanningError
from .choice import choose
from .graph import Graph, Position
from .selection import Field, Selections
from .solution import FETCH_COST, Assignment, Hop, Opened, Option, Solution

Avoid = frozenset[tuple[str, ...]]
NOTHING: Avoid = frozenset()


class PathFinder:
    """Finds solutions over one graph. Memos live as long as the finder: use one for each operation.

    Among ways that cost the same, those through `favoured` win; where `fixed` names a field's subgraph, it is taken.
    After `find`, `decisions` tells for every field that has more than one way the subgraph taken and the others.
    """

    def __init__(
        self, graph: Graph, favoured: str | None = None, fixed: Mapping[tuple[Position, Field], str] | None = None
    ):
        self._graph = graph
        self.favoured = favoured
        self.fixed = fixed or {}
        self.decisions: dict[tuple[Position, Field], tuple[str, list[str]]] = {}
        self._solutions: dict[tuple[Position, Selections, Avoid], Solution | None] = {}
        self._hops: dict[tuple[Position, str, str, Avoid], Hop | None] = {}
        self._parts: dict[tuple[Selections, str, bool], Selections] = {}

    def find(self, root: Selections) -> Solution:
        """The solution for an operation's root. Raises `PlanningError` naming a field that cannot be reached."""
        position = Position(root.type_name, None)
        solution = self._solve(position, root, NOTHING)
        if solution is None:
            raise PlanningError(f"no subgraph resolves {self._unreachable(position, root)} from where it is asked")
        return solution

    def _unreachable(self, position: Position, root: Selections) -> str:
        for one in root:
            for piece in _pieces(one):
                if self._solve(position, Selections(root.type_name, (piece,)), NOTHING) is None:
                    return _coordinate(root.type_name, piece)
        return root.type_name

    def _solve(self, position: Position, selections: Selections, avoid: Avoid) -> Solution | None:
        memo = (position, selections, avoid)
        if memo not in self._solutions:
            if self._graph.is_interface_object(position):
                solution = self._solve_interface_object(position, selections, avoid)
            elif self._graph.is_abstract(position.type_name):
                solution = self._solve_abstract(position, selections, avoid)
            else:
                solution = self._solve_object(position, self._for_type(selections, position.type_name, True), avoid)
            self._solutions[memo] = solution
        return self._solutions[memo]

    def _for_type(self, selections: Selections, object_type: str, shared: bool) -> Selections:
        """The fields that apply to one object type; with `shared` false only those that do not apply to all of them."""
        memo = (selections, object_type, shared)
        if memo not in self._parts:
            fields = tuple(one for one in selections if (shared if one.on is None else object_type in one.on))
            whole = len(fields) == len(selections.fields)
            self._parts[memo] = selections if whole else Selections(selections.type_name, fields)
        return self._parts[memo]

    def _solve_abstract(self, position: Position, selections: Selections, avoid: Avoid) -> Solution | None:
        own = 0
        assignments = []
        for one in selections:
            if one.on is not None or one.is_meta:
                continue
            local = self._local(position, one, avoid)
            if local is None:
                return None
            assignments.append(local.assignment)
            own += local.cost
        members = {}
        for move in self._graph.abstract_moves(position):
            fields = self._for_type(selections, move.type_name, False)
            if not fields.fields:
                continue
            member = self._solve_object(move, fields, avoid)
            if member is None:
                return None
            members[move.type_name] = member
            own += member.cost
        return Solution(position, tuple(assignments), members, own=own)

    def _solve_interface_object(self, position: Position, selections: Selections, avoid: Avoid) -> Solution | None:
        """Here the subgraph has the interface as an object: it knows neither the object type nor the others' fields."""
        everything = self._graph.normaliser.possible_types(position.type_name)
        here: list[Option] = []
        elsewhere: list[Field] = []
        for one in selections:
            covers_all = one.on is None or one.on >= everything
            local = self._local(position, one, avoid) if covers_all and not one.is_meta else None
            if local is not None:
                here.append(local)
            else:
                elsewhere.append(one)
        own = sum(one.cost for one in here)
        detour = None
        if elsewhere:
            detour = self._detour(position, Selections(selections.type_name, tuple(elsewhere)), avoid)
            if detour is None:
                return None
            own += FETCH_COST + detour[1].cost
        return Solution(position, tuple(one.assignment for one in here), detour=detour, own=own)

    def _detour(self, position: Position, selections: Selections, avoid: Avoid) -> tuple[Hop, Solution] | None:
        model = self._graph.types[position.type_name]
        best: tuple[Hop, Solution] | None = None
        for subgraph in model.keys:
            if subgraph in model.interface_object_in:
                continue
            hop = self._hop(position, subgraph, position.type_name, avoid)
            there = hop and self._solve(Position(position.type_name, subgraph), selections, avoid)
            if hop and there and (best is None or there.cost < best[1].cost):
                best = (hop, there)
        return best

    def _solve_object(self, position: Position, selections: Selections, avoid: Avoid) -> Solution | None:
        fields: list[list[Option]] = []
        for one in selections:
            if one.is_meta:
                continue
            options = self._options(position, one, avoid)
            if options:
                fixed = self.fixed.get((position, one))
                fields.append([way for way in options if way.assignment.subgraph == fixed] or options)
                continue
            pieces = _pieces(one)
            if len(pieces) < 2:
                return None
            for piece in pieces:
                options = self._options(position, piece, avoid)
                if not options:
                    return None
                fields.append(options)
        chosen = choose(fields)
        for options, taken in zip(fields, chosen, strict=True):
            if len(options) > 1:
                others = [way.assignment.subgraph for way in options if way is not taken]
                self.decisions[position, taken.assignment.field] = (taken.assignment.subgraph, others)
        return Solution(
            position,
            tuple(one.assignment for one in chosen),
            own=sum(one.own for one in chosen),
            opens=frozenset().union(*(one.opens for one in chosen)),
        )

    def _options(self, position: Position, one: Field, avoid: Avoid) -> list[Option]:
        local = self._local(position, one, avoid)
        if local is not None and local.cost < FETCH_COST:
            return [local]  # nothing beats a field that is wholly at hand
        options = [local] if local else []
        for subgraph, owner in self._graph.owners(position.type_name, one.name).items():
            if subgraph == position.subgraph and not owner.requires and not owner.contexts:
                continue
            if owner.contexts and subgraph not in one.contexts:
                continue  # nothing on the way here sets them
            option = self._remote(position, one, subgraph, position.type_name, owner.requires, avoid)
            if option:
                options.append(option)
        for interface, subgraph in self._graph.interface_object_owners(position.type_name, one.name):
            requires = self._graph.owners(interface, one.name)[subgraph].requires
            option = self._remote(position, one, subgraph, interface, requires, avoid)
            if option:
                options.append(option)
        return options

    def _local(self, position: Position, one: Field, avoid: Avoid) -> Option | None:
        landing = self._graph.field_move(position, one)
        if landing is None or position.subgraph is None:
            return None
        child = self._solve(landing, one.selections, avoid) if one.selections else None
        if one.selections and child is None:
            return None
        assignment = Assignment(one, position.subgraph, None, None, None, child)
        return Option(assignment, 1 + (child.cost if child else 0), frozenset())

    def _remote(
        self, position: Position, one: Field, subgraph: str, entity: str, requires: str | None, avoid: Avoid
    ) -> Option | None:
        """The field in another subgraph, or in this one again when its requirement comes from elsewhere."""
        needed, gather = None, None
        if requires:
            itself = (position.type_name, one.name, subgraph)
            if itself in avoid:
                return None
            needed = self._graph.field_set(position.type_name, requires)
            gather = self._solve(position, needed, avoid | {itself})
            if gather is None:
                return None
        hop = self._hop(position, subgraph, entity, avoid)
        if hop is None:
            return None
        landing = self._graph.field_landing(entity, one, subgraph)
        child = self._solve(landing, one.selections, avoid) if one.selections else None
        if one.selections and child is None:
            return None
        own = 1 + (child.cost if child else 0)
        if self.favoured is not None and subgraph != self.favoured:
            own += 1
        opens: frozenset[Opened] = frozenset()
        for step in (hop.gather, gather):
            if step:
                own, opens = own + step.own, opens | step.opens
        waits = gather is not None and (gather.opens or gather.own >= FETCH_COST)
        opens |= {(subgraph, entity, requires or "" if waits else "")}
        return Option(Assignment(one, subgraph, hop, needed, gather, child), own, opens)

    def _hop(self, position: Position, subgraph: str, entity: str, avoid: Avoid) -> Hop | None:
        if self._graph.is_root(position.type_name):
            return Hop(subgraph, entity, None, None)
        itself = (entity, subgraph)
        if itself in avoid:
            return None
        memo = (position, subgraph, entity, avoid)
        if memo not in self._hops:
            best: Hop | None = None
            best_cost = 0
            for key in self._graph.keys_into(entity, subgraph):
                fields = self._graph.field_set(entity, key.fields)
                gather = self._solve(position, fields, avoid | {itself})
                if gather is not None and (best is None or gather.cost < best_cost):
                    best, best_cost = Hop(subgraph, entity, fields, gather), gather.cost
            self._hops[memo] = best
        return self._hops[memo]


def _pieces(whole: Field) -> list[Field]:
    """`whole` once for every leaf under it."""
    if not whole.selections:
        return [whole]
    return [
        replace(whole, selections=Selections(whole.selections.type_name, (piece,)))
        for child in whole.selections
        for piece in _pieces(child)
    ]


def _coordinate(type_name: str, piece: Field) -> str:
    while piece.selections and piece.selections.fields:
        type_name, piece = piece.selections.type_name, piece.selections.fields[0]
    return f"{type_name}.{piece.name}"
