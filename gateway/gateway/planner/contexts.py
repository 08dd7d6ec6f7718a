"""Between passes 2 and 3: arguments that come from further up in the answer (``@fromContext``).

`Account.balance(in:)` of subgraph A wants the currency of whose account it is. Before::

    users
      accounts
        balance

After, where `currency` is a field that only the gateway asks for::

    users
      currency  (internal)
      accounts
        balance   in A with in: ← currency, 1 above

The value is that of the nearest object on the way down whose type sets the context; the field's own object is not on
the way to itself. Which object type an object has matters then, so a field below an interface or union is split by
those of its object types that set contexts.

For the later passes the field is like one with a requirement: it is entered by a key, after what it needs; only that
this is read elsewhere (`fetch_graph`), and is sent as a variable instead of in the representation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ..errors import OperationTooLarge
from ..supergraph.model import ContextArgument
from .graph import Graph
from .normalise import MAX_FIELDS
from .selection import ContextValue, Field, Selections


def with_contexts(graph: Graph, root: Selections) -> Selections:
    """`root` with what its contextual fields need; itself when it has none."""
    return _Pass(graph).selections(root, ()) if graph.has_contexts else root


@dataclass(frozen=True, slots=True)
class _Level:
    """Objects of one selection set: the set's own type, their type where it matters, and what else the set is asked."""

    of: str
    type_name: str
    needed: dict[tuple[str, Field], Field] = field(default_factory=dict)


class _Pass:
    def __init__(self, graph: Graph):
        self._graph = graph
        self._types = graph.types
        self._concerned: dict[Selections, bool] = {}
        self._fields = 0

    def selections(self, selections: Selections, above: tuple[_Level, ...]) -> Selections:
        if not self._is_concerned(selections):
            return selections
        here = _Level(selections.type_name, selections.type_name)
        fields: list[Field] = []
        for one in selections:
            for object_type, part in self._by_object_type(selections.type_name, one):
                fields.append(self._field(part, (*above, replace(here, type_name=object_type))))
                self._fields += 1
                if self._fields > MAX_FIELDS:
                    raise OperationTooLarge(f"The operation has more than {MAX_FIELDS} fields, object types apart.")
        return Selections(selections.type_name, (*here.needed.values(), *fields))

    def _field(self, one: Field, levels: tuple[_Level, ...]) -> Field:
        contexts = {}
        for graph, owner in self._graph.owners(levels[-1].type_name, one.name).items() if not one.is_meta else ():
            if owner.contexts:
                found = [self._value(argument, levels[:-1]) for argument in owner.contexts]
                values = tuple(value for value in found if value is not None)
                if len(values) == len(found):
                    contexts[graph] = values
        for values in contexts.values():
            for value in values:
                self._need(value, levels[-1 - value.up])
        return replace(
            one, contexts=contexts, selections=self.selections(one.selections, levels) if one.selections else None
        )

    def _value(self, argument: ContextArgument, above: tuple[_Level, ...]) -> ContextValue | None:
        for up, level in enumerate(reversed(above), 1):
            if argument.context in self._types[level.type_name].contexts:
                selections = self._graph.field_set(level.type_name, argument.selection)
                if selections.fields:
                    return ContextValue(argument.name, argument.type, up, selections)
        return None

    def _need(self, value: ContextValue, level: _Level) -> None:
        on = None if level.type_name == level.of else frozenset({level.type_name})
        for one in value.selections:
            level.needed[level.type_name, one] = replace(one, is_internal=True, on=on)

    def _by_object_type(self, type_name: str, one: Field) -> Iterator[tuple[str, Field]]:
        """The field once for each object type that sets a context or has it with contexts, and once for the others."""
        if one.on is None or not self._graph.is_abstract(type_name):
            yield type_name, one
            return
        apart = {name for name in one.on if self._types[name].contexts or self._is_contextual(name, one)}
        for name in sorted(apart):
            yield name, replace(one, on=frozenset({name}))
        if rest := one.on - apart:
            yield type_name, replace(one, on=rest)

    def _is_contextual(self, object_type: str, one: Field) -> bool:
        return not one.is_meta and any(owner.contexts for owner in self._graph.owners(object_type, one.name).values())

    def _is_concerned(self, selections: Selections) -> bool:
        """Whether anything in it takes an argument from a context."""
        if selections not in self._concerned:
            self._concerned[selections] = any(
                any(self._is_contextual(name, one) for name in one.on or {selections.type_name})
                or (one.selections is not None and self._is_concerned(one.selections))
                for one in selections
            )
        return self._concerned[selections]
