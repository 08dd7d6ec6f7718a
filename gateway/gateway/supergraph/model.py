"""What a composed supergraph says, as immutable data.

The SDL that composition writes (join spec v0.1 to v0.5) says for every type which subgraphs know it and by which keys
they resolve it, and for every field which subgraphs own it and on what terms::

    type User @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") {
      id: ID!
      name: String @join__field(graph: A)
      score: Int   @join__field(graph: B, requires: "name")
      …

becomes ``types["User"].keys == {"A": (Key("id"),), "B": (Key("id"),)}`` and
``types["User"].fields["score"].owners["B"].requires == "name"``. A subgraph is named by its ``join__Graph`` value
everywhere in the planner; `Subgraph.name` is the name that people know.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from graphql import DocumentNode, TypeNode


@dataclass(frozen=True, slots=True)
class Subgraph:
    """One ``join__Graph`` value: its enum name, the service's own name and the URL it answers at."""

    id: str
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Key:
    """A ``@key``: the field set that identifies an entity, and whether the subgraph resolves references by it."""

    fields: str
    resolvable: bool = True


@dataclass(frozen=True, slots=True)
class ContextArgument:
    """An argument that no client gives (``@fromContext``): its value is what ``selection`` selects of the nearest
    object further up in the answer whose type sets ``context``. ``type`` is the argument's type in the subgraph.
    """

    name: str
    type: str
    context: str
    selection: str


@dataclass(frozen=True, slots=True)
class FieldOwner:
    """How one subgraph has a field. ``external`` fields are named there but resolved elsewhere.

    With a ``label`` it has the field only while that label of a progressive override is on (when it ``overrides``) or
    off (when it is overridden).
    """

    external: bool = False
    requires: str | None = None
    provides: str | None = None
    type: TypeNode | None = None  # the subgraph's own type, when it differs from the supergraph's
    label: str | None = None
    overrides: bool = False
    contexts: tuple[ContextArgument, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldModel:
    name: str
    type: TypeNode
    owners: Mapping[str, FieldOwner]


class Kind(StrEnum):
    OBJECT = "object"
    INTERFACE = "interface"
    UNION = "union"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class TypeModel:
    """One named type. ``possible`` lists, for an abstract type, the object types it may be, in each subgraph.

    ``contexts`` are the names of those that an object type sets, also by an interface or union that it belongs to.
    """

    name: str
    kind: Kind
    keys: Mapping[str, tuple[Key, ...]]  # every subgraph that knows the type, also with no key
    fields: Mapping[str, FieldModel] = field(default_factory=dict)
    possible: Mapping[str, frozenset[str]] = field(default_factory=dict)
    interfaces: frozenset[str] = frozenset()
    interface_object_in: frozenset[str] = frozenset()
    contexts: frozenset[str] = frozenset()

    @property
    def is_abstract(self) -> bool:
        return self.kind in (Kind.INTERFACE, Kind.UNION)


@dataclass(frozen=True, slots=True)
class Supergraph:
    """The whole model. ``roots`` maps ``query``/``mutation``/``subscription`` to the type's name.

    ``labels`` are those of progressive overrides that are still open: `with_labels` decides them.
    """

    subgraphs: Mapping[str, Subgraph]
    types: Mapping[str, TypeModel]
    roots: Mapping[str, str]
    document: DocumentNode
    labels: frozenset[str] = frozenset()
