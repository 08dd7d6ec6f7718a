"""Pass 4: from solutions to steps, each one request part, with what must come before it.

For ``{ products { name stock } }`` where ``name`` is in A and ``stock`` in B::

    step 0   A   { products { name id } }
    step 1   B   entities Product at products, from { id }, after step 0   { stock }

A `Place` is a point of the answer; all steps that work on the same object meet there, which is how a key or required
field that the client selected anyway is not fetched twice. Fields that only the gateway needs get a slot that
collides with no response key (``id`` is fetched as ``_id`` when the client wrote ``id: name``).

The passes that make the graph small are in `schedule`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .conditions import ALWAYS, NEVER, Condition, both, either
from .graph import Graph
from .inputs import Context, Input, PathElement
from .normalise import MAX_ALTERNATIVES
from .selection import ContextValue, Field, Selections
from .solution import FETCH_COST, Assignment, Hop, Solution
from .tree import Tree

CONTEXTUAL = "contextual"  # marks steps that read from above, which others for the same object need not wait for


@dataclass(eq=False, slots=True)
class Step:
    """What one subgraph is asked about one place. ``entity`` is None for a step on a root type."""

    id: int
    subgraph: str
    path: tuple[PathElement, ...]
    entity: str | None
    tree: Tree = field(default_factory=Tree)
    inputs: dict[Input, None] = field(default_factory=dict)
    after: set[Step] = field(default_factory=set)
    level: int = 0
    condition: Condition = ALWAYS  # of its place while the graph is built; `schedule` makes it the step's own

    @property
    def contexts(self) -> tuple[Context, ...]:
        """Those of its fields' arguments, each once. Such a field is always entered, so none lies deeper."""
        return tuple(dict.fromkeys(one for node in self.tree.nodes.values() for _, one in node.contexts))


@dataclass(slots=True, eq=False)
class Place:
    """A point of the answer. ``clients`` are the client's selections that meet here; their keys are taken slots.
    ``condition`` is that of all fields on the way: while it does not hold the client wants nothing here.

    Object types of an abstract place may use one response key for different fields, so each has child places of its
    own; these share what slots are taken, because a field of the abstract type may lie there too.
    """

    path: tuple[PathElement, ...]
    type_name: str
    clients: tuple[Selections, ...]
    condition: Condition = ALWAYS
    above: Place | None = None
    internal: dict[tuple[str, str], str] = field(default_factory=dict)
    bringing: dict[str, set[Step]] = field(default_factory=dict)  # by slot, for what only the gateway needs
    children: dict[tuple[str, str | None], Place] = field(default_factory=dict)
    steps: dict[tuple[str, str, str, str], Step] = field(default_factory=dict)

    def child(self, slot: str, on: str | None, type_name: str) -> Place:
        """The place of the field in `slot`; `on` names the object type when this place is abstract."""
        place = self.children.get((slot, on))
        if place is None:
            fields = [one for one in self._asked() if one.slot == slot]
            siblings = (one for (name, _), one in self.children.items() if name == slot)
            internal = next((one.internal for one in siblings), {})
            path = (*self.path, slot) if on is None else (*self.path, frozenset({on}), slot)
            clients = tuple(one.selections for one in fields if one.selections)
            place = Place(path, type_name, clients, self._condition_below(fields), self, internal)
            self.children[slot, on] = place
        return place

    def _condition_below(self, fields: list[Field]) -> Condition:
        condition = NEVER if fields else ALWAYS
        for one in fields:
            condition = either(condition, one.condition)
        if len(condition) * len(self.condition) > MAX_ALTERNATIVES:
            return condition  # weaker, and as right: it only spares requests
        return both(self.condition, condition)

    def internal_slot(self, wanted: Field, object_type: str) -> str:
        """The slot for a field that the gateway needs: the client's own when it selects the same field."""
        itself = (wanted.name, wanted.arguments)
        taken: dict[str, set[tuple[str, str]]] = {}
        for one in self._asked():
            taken.setdefault(one.slot, set()).add((one.name, one.arguments))
        for one in self._asked():
            if taken[one.slot] == {itself} and one.applies_to(object_type):
                return one.slot
        known = self.internal.get(itself)
        if known is None:
            known = wanted.name
            while known in taken or known in self.internal.values():
                known = f"_{known}"
            self.internal[itself] = known
        return known

    def _asked(self) -> Iterator[Field]:
        """What the client asks for here."""
        return (one for client in self.clients for one in client if not one.is_internal)


@dataclass(frozen=True, slots=True)
class _Cursor:
    """Where in a step's tree fields are added; `on` restricts them to an object type."""

    step: Step | None
    tree: Tree
    on: str | None = None


class FetchGraphBuilder:
    """Builds the steps of one operation (or of one group of mutation fields)."""

    def __init__(self, graph: Graph):
        self._graph = graph
        self._steps: list[Step] = []
        self._reading: list[tuple[Step, Place, ContextValue]] = []

    def build(self, root: Selections, solution: Solution) -> list[Step]:
        """The steps, in the order in which they were found to be needed."""
        place = Place((), root.type_name, (root,))
        self._put(place, solution, _Cursor(None, Tree()), internal=False)
        for step, source, value in self._reading:
            self._read_after(step, source, value.selections)
        return self._steps

    def _read_after(self, step: Step, source: Place, selections: Selections) -> None:
        """Lets the step wait for whatever brings the value of a context."""
        for one in selections:
            for name in sorted(one.on or {selections.type_name}):
                slot = source.internal_slot(one, name)
                step.after |= source.bringing.get(slot, set()) - {step}
                if one.selections:
                    child = source.child(slot, self._member_of(source, name), one.type_name)
                    self._read_after(step, child, one.selections)

    def _put(self, place: Place, solution: Solution, here: _Cursor, internal: bool) -> set[Step]:
        """Adds a solution's fields; returns the steps that together bring all of them."""
        providers: set[Step] = set()
        for one in solution.assignments:
            cursor = self._enter(place, solution.position.type_name, one, here) if one.hop else here
            assert cursor.step is not None
            providers.add(cursor.step)
            providers |= self._put_field(place, solution.position.type_name, one, cursor, internal)
        for name, member in solution.members.items():
            providers |= self._put(place, member, _Cursor(here.step, here.tree, name), internal)
        if solution.detour:
            hop, there = solution.detour
            step = self._open(place, solution.position.type_name, hop, "", here)
            step.tree.needs_typename = True
            providers.add(step)
            providers |= self._put(place, there, _Cursor(step, step.tree), internal)
        return providers

    def _put_field(self, place: Place, type_name: str, one: Assignment, cursor: _Cursor, internal: bool) -> set[Step]:
        internal = internal or one.field.is_internal
        slot = place.internal_slot(one.field, type_name) if internal else one.field.slot
        assert cursor.step is not None
        if internal:
            place.bringing.setdefault(slot, set()).add(cursor.step)
        shape = self._graph.shape_in(cursor.step.subgraph, type_name, one.field.name)
        node = cursor.tree.add(cursor.on, slot, one.field, shape, internal)
        node.contexts = self._contexts(place, one, cursor.step)
        if one.child is None or node.tree is None:
            return set()
        if self._answers_with_object_type(one):
            node.tree.needs_typename = True
        child = place.child(slot, self._member_of(place, type_name), one.field.type_name)
        return self._put(child, one.child, _Cursor(cursor.step, node.tree), internal)

    def _contexts(self, place: Place, one: Assignment, step: Step) -> tuple[tuple[str, Context], ...]:
        """The field's arguments that come from objects above `place`, with where to read them."""
        found = []
        for value in one.field.contexts.get(one.subgraph, ()):
            source = place
            for _ in range(value.up):
                assert source.above is not None
                source = source.above
            inputs = tuple(self._inputs(source, value.selections.type_name, value.selections, None, is_key=False))
            found.append((value.argument, Context(len(source.path), inputs, value.type)))
            self._reading.append((step, source, value))
        return tuple(found)

    def _member_of(self, place: Place, object_type: str) -> str | None:
        """The object type, when it is but one of those that a value at `place` may have."""
        is_member = self._graph.is_abstract(place.type_name) and object_type != place.type_name
        return object_type if is_member else None

    def _answers_with_object_type(self, one: Assignment) -> bool:
        """Whether the subgraph's ``__typename`` is to be asked: only where it is not known beforehand."""
        assert one.child is not None
        model = self._graph.types[one.field.type_name]
        return model.is_abstract and one.child.position.subgraph not in model.interface_object_in

    def _enter(self, place: Place, object_type: str, one: Assignment, here: _Cursor) -> _Cursor:
        """The step for a field that is resolved after a hop; one of its own when its requirement asks for that."""
        assert one.hop is not None
        contextual = CONTEXTUAL if one.field.contexts.get(one.subgraph) else ""
        if one.requires is None or one.gather is None:
            step = self._open(place, object_type, one.hop, contextual, here)
            return _Cursor(step, step.tree)
        providers = self._put(place, one.gather, here, internal=True)
        inputs = dict.fromkeys(self._inputs(place, object_type, one.requires, one.gather, is_key=False))
        apart = contextual + str(id(one.requires))
        step = self._open(place, object_type, one.hop, contextual if self._is_at_hand(one.gather) else apart, here)
        if clash(step.inputs, inputs):
            step = self._open(place, object_type, one.hop, apart, here)
        step.after |= providers - {step}
        step.inputs |= inputs
        return _Cursor(step, step.tree)

    def _is_at_hand(self, gather: Solution) -> bool:
        return not gather.opens and gather.own < FETCH_COST

    def _open(self, place: Place, object_type: str, hop: Hop, marker: str, here: _Cursor) -> Step:
        key = (object_type, hop.subgraph, hop.type_name, marker)
        step = place.steps.get(key)
        if step is None:
            providers = self._put(place, hop.gather, here, internal=True) if hop.gather else set()
            if not providers and here.step:
                providers = {here.step}
            member = self._member_of(place, object_type)
            path = (*place.path, frozenset({member})) if member else place.path
            entity = hop.type_name if hop.key else None
            step = Step(len(self._steps), hop.subgraph, path, entity, after=providers, condition=place.condition)
            if hop.key:
                step.inputs = dict.fromkeys(self._inputs(place, object_type, hop.key, hop.gather, is_key=True))
            place.steps[key] = step
            self._steps.append(step)
        return step

    def _inputs(
        self, place: Place, object_type: str, fields: Selections, gather: Solution | None, is_key: bool
    ) -> Iterable[Input]:
        is_abstract = self._graph.is_abstract(object_type)
        for one in fields:
            if one.is_meta or (not is_abstract and not one.applies_to(object_type)):
                continue
            by_type = is_abstract and one.on and not self._is_of_interface_object(one, gather)
            for on in sorted(one.on) if by_type and one.on else (None,):
                slot = place.internal_slot(one, on or object_type)
                nested = None
                if one.selections is not None:
                    child = place.child(slot, on or self._member_of(place, object_type), one.type_name)
                    nested = tuple(self._inputs(child, one.type_name, one.selections, None, is_key))
                yield Input(one.name, slot, on, nested, self._graph.is_abstract(one.type_name), is_key)

    def _is_of_interface_object(self, one: Field, gather: Solution | None) -> bool:
        """Whether the field is read where a subgraph has its interface as an object, and so tells no object type."""
        if gather is None or not self._graph.is_interface_object(gather.position):
            return False
        return any(assignment.field is one for assignment in gather.assignments)


def clash(some: Iterable[Input], others: Iterable[Input]) -> bool:
    """Whether one representation cannot hold both: the same field with other arguments has another slot."""
    return any(
        one.slot != other.slot or clash(one.inputs or (), other.inputs or ())
        for one in some
        for other in others
        if one.name == other.name and (one.on is None or other.on is None or one.on == other.on)
    )
