"""Pass 2: where a query can move in the supergraph.

A `Position` is a node of the graph: a type as one subgraph has it, with the extra fields that a ``@provides`` on the
way offers there. Before any subgraph is entered (on ``Query`` and ``Mutation``) the subgraph is None. Moves between
nodes are

* a **field move**, to the field's type in the same subgraph: `field_move`;
* an **abstract move**, from an interface or union to an object type in the same subgraph: `abstract_moves`;
* an **entity move**, to the same object in another subgraph by one of its keys there: `keys_into`;
* an **interface-object move**, to a subgraph that knows the object only by its interface: `interface_object_owners`.

For ::

    type User @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") { id: ID! name: String
    @join__field(graph: A) }

`inspect graph` prints ``User/A .name → String``, ``User/A =id=> User/B`` and ``User/B =id=> User/A``.

Nodes are made when asked for and never stored as a whole: an operation touches a small part of the graph.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from graphql import print_ast

from ..supergraph import FieldOwner, Key, Kind, Supergraph, TypeModel, with_labels
from ..supergraph.nodes import named_type
from .normalise import Normaliser
from .selection import Field, Selections


@dataclass(frozen=True, slots=True)
class Position:
    """A type in a subgraph.

    ``provided`` are fields that ``@provides`` offers here though the subgraph holds them external.
    """

    type_name: str
    subgraph: str | None
    provided: Selections | None = None

    def __str__(self) -> str:
        return f"{self.type_name}/{self.subgraph or '*'}" + ("+" if self.provided else "")


class Graph:
    """The moves of one supergraph for requests with the same override labels on. Immutable apart from its memos."""

    def __init__(self, supergraph: Supergraph, labels: frozenset[str] = frozenset()):
        self._composed = supergraph
        self.supergraph = supergraph = with_labels(supergraph, labels)
        self.types = supergraph.types
        self.normaliser = Normaliser(supergraph, self.is_uniform)
        self._root_types = frozenset(supergraph.roots.values())
        self._field_sets: dict[tuple[str, str], Selections] = {}
        self._views: dict[tuple[Selections, str], Selections | None] = {}
        self._uniform: dict[tuple[str, str], bool] = {}
        self.has_contexts = any(model.contexts for model in supergraph.types.values())

    def under(self, labels: frozenset[str]) -> Graph:
        """The graph of the same supergraph for requests with these labels on."""
        return Graph(self._composed, labels)

    def is_root(self, type_name: str) -> bool:
        return type_name in self._root_types

    def is_abstract(self, type_name: str) -> bool:
        model = self.types.get(type_name)  # built-in scalars have none
        return model is not None and model.is_abstract

    def is_interface_object(self, position: Position) -> bool:
        model = self.types.get(position.type_name)
        return model is not None and position.subgraph in model.interface_object_in

    def field_set(self, type_name: str, fields: str) -> Selections:
        key = (type_name, fields)
        if key not in self._field_sets:
            self._field_sets[key] = self.normaliser.field_set(type_name, fields)
        return self._field_sets[key]

    def owners(self, type_name: str, field: str) -> dict[str, FieldOwner]:
        """The subgraphs that resolve the field by themselves, perhaps with a requirement."""
        model = self.types[type_name].fields.get(field)
        return {name: one for name, one in model.owners.items() if not one.external} if model else {}

    def field_move(self, position: Position, field: Field) -> Position | None:
        """Where the field leads without leaving the subgraph or needing anything; None when it does not."""
        model = self.types[position.type_name].fields.get(field.name)
        if model is None or position.subgraph is None:
            return None
        owner = model.owners.get(position.subgraph)
        provided = _find(position.provided, field.name)
        if provided is None and not _is_plain(owner):
            return None
        return self._landing(position.subgraph, named_type(model.type), owner, provided)

    def field_landing(self, type_name: str, field: Field, subgraph: str) -> Position:
        """Where the field leads in a subgraph that resolves it (requirements being met)."""
        model = self.types[type_name].fields[field.name]
        return self._landing(subgraph, named_type(model.type), model.owners[subgraph], None)

    def _landing(self, subgraph: str, type_name: str, owner: FieldOwner | None, provided: Field | None) -> Position:
        if owner and owner.type:
            type_name = named_type(owner.type)
        view = provided.selections if provided else None
        if view is None and owner and owner.provides:
            view = self.field_set(type_name, owner.provides)
        return Position(type_name, subgraph, view)

    def shape_in(self, subgraph: str, type_name: str, field: str) -> str:
        """The field's type in a subgraph's own schema; of a composite type only its wrappers (``[_!]``)."""
        model = self.types[type_name].fields.get(field)
        if model is None or (subgraph not in model.owners and self.types[type_name].kind is Kind.OBJECT):
            model = next(
                (self.types[one].fields[field] for one, _ in self.interface_object_owners(type_name, field)), model
            )
        if model is None:
            return ""
        owner = model.owners.get(subgraph)
        own = owner.type if owner and owner.type else model.type
        named = self.types.get(named_type(own))
        is_leaf = named is None or named.kind is Kind.OTHER
        text = print_ast(own)
        return text if is_leaf else text.replace(named_type(own), "_")

    def abstract_moves(self, position: Position) -> Iterator[Position]:
        """The object types that the subgraph may return here."""
        assert position.subgraph is not None
        for member in sorted(self.types[position.type_name].possible.get(position.subgraph, ())):
            yield Position(member, position.subgraph, self._view_of(position.provided, member))

    def keys_into(self, type_name: str, subgraph: str) -> tuple[Key, ...]:
        """The keys by which `subgraph` resolves a reference to the entity."""
        return tuple(key for key in self.types[type_name].keys.get(subgraph, ()) if key.resolvable)

    def interface_object_owners(self, type_name: str, field: str) -> Iterator[tuple[str, str]]:
        """(interface, subgraph) pairs whose ``@interfaceObject`` adds the field to the object type."""
        for interface in sorted(self.types[type_name].interfaces):
            for subgraph in self.owners(interface, field):
                if subgraph in self.types[interface].interface_object_in:
                    yield interface, subgraph

    def is_uniform(self, interface: str, field: str) -> bool:
        """Whether every subgraph that knows the interface resolves the field on it, for every implementer.

        Of implementers that set a context it matters which one it is.
        """
        key = (interface, field)
        if key not in self._uniform:
            model = self.types[interface]
            members = self.normaliser.possible_types(interface) if self.has_contexts else frozenset[str]()
            self._uniform[key] = not any(self.types[one].contexts for one in members) and all(
                self._is_uniform_in(model, field, subgraph) for subgraph in model.keys
            )
        return self._uniform[key]

    def _is_uniform_in(self, interface: TypeModel, field: str, subgraph: str) -> bool:
        if not _is_plain(interface.fields[field].owners.get(subgraph)):
            return False
        members = (self.types[name].fields.get(field) for name in interface.possible.get(subgraph, ()))
        return all(member is not None and _is_plain(member.owners.get(subgraph)) for member in members)

    def _view_of(self, provided: Selections | None, member: str) -> Selections | None:
        if provided is None:
            return None
        key = (provided, member)
        if key not in self._views:
            fields = tuple(one for one in provided if one.applies_to(member))
            self._views[key] = Selections(member, fields) if fields else None
        return self._views[key]

    def edges(self) -> Iterator[str]:
        """Every move, one readable line each."""
        for model in self.types.values():
            if model.kind is Kind.OTHER or model.name.startswith(("join__", "link__")):
                continue
            for subgraph in sorted(model.keys):
                yield from self._edges_from(model, subgraph)

    def _edges_from(self, model: TypeModel, subgraph: str) -> Iterator[str]:
        here = Position(model.name, subgraph)
        for field in model.fields.values():
            owner = field.owners.get(subgraph)
            if owner and not owner.external:
                landing = self._landing(subgraph, named_type(field.type), owner, None)
                needs = f"  requires {{ {owner.requires} }}" if owner.requires else ""
                offers = f"  provides {{ {owner.provides} }}" if owner.provides else ""
                takes = "".join(f"  takes ${one.context} {one.selection.strip()}" for one in owner.contexts)
                yield f"{here} .{field.name} → {landing}{needs}{takes}{offers}"
        for member in sorted(model.possible.get(subgraph, ())):
            yield f"{here} … on {member}/{subgraph}"
        for other in sorted(model.keys):
            for key in self.keys_into(model.name, other) if other != subgraph else ():
                yield f"{here} ={key.fields}=> {model.name}/{other}"


def _is_plain(owner: FieldOwner | None) -> bool:
    return owner is not None and not owner.external and not owner.requires and not owner.contexts


def _find(provided: Selections | None, name: str) -> Field | None:
    return next((one for one in provided if one.name == name), None) if provided else None


__all__ = ["Graph", "Position"]
