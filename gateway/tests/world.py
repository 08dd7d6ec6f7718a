"""Data for test subgraphs and the monolith that is their oracle.

A `World` holds every object with all its fields. A subgraph sees of an object only the fields that it owns, plus what a
representation brings; the monolith sees all. Values may be `Ref`s to other objects, lists, plain values, or functions
of (the object as seen, arguments), so that a field with ``@requires`` is right only when the gateway delivers what it
requires.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLResolveInfo, GraphQLSchema, is_abstract_type


@dataclass(frozen=True)
class Ref:
    """Points at the object of a type whose ``id`` (or first key field) is `id`."""

    type_name: str
    id: str


@dataclass
class World:
    """`objects` by type and id; `roots` by root type and field. Functions take (source, arguments)."""

    objects: dict[str, dict[str, dict[str, Any]]]
    roots: dict[str, dict[str, Any]] = field(default_factory=dict)

    def find(self, type_name: str, known: Mapping[str, Any]) -> dict[str, Any] | None:
        """The object of that type (or, for an interface's name, of any type) whose fields match what is known."""
        candidates = self.objects.get(type_name)
        pools = [(type_name, candidates)] if candidates is not None else list(self.objects.items())
        for name, pool in pools:
            for one in pool.values():
                if all(key in one and self._matches(one[key], value) for key, value in known.items()):
                    return {"__typename": name, **one}
        return None

    def _matches(self, own: Any, given: Any) -> bool:
        if callable(own):
            return True
        if isinstance(own, Ref):
            own = self.objects[own.type_name][own.id]
        if isinstance(own, dict) and isinstance(given, dict):
            return all(self._matches(own[key], value) for key, value in given.items() if key in own)
        if isinstance(own, list) and isinstance(given, list):
            return len(own) == len(given) and all(map(self._matches, own, given))
        return bool(own == given)


class Seen(dict[str, Any]):
    """An object that holds just what a schema sees of it. ``above`` is the object that it was reached from."""

    above: Seen | None = None


class View:
    """How one schema sees the world. `sees` tells whether a field of a type is the schema's own.

    Only the view of the whole tells objects what is above them: a subgraph must be told by the gateway.
    """

    def __init__(self, world: World, sees: Callable[[str, str], bool], *, is_whole: bool = False):
        self.world = world
        self._sees = sees
        self._is_whole = is_whole

    def see(self, value: Any) -> Any:
        if isinstance(value, Ref):
            return self.see({"__typename": value.type_name, **self.world.objects[value.type_name][value.id]})
        if isinstance(value, list):
            return [self.see(item) for item in value]
        if isinstance(value, dict) and "__typename" in value and not isinstance(value, Seen):
            name = value["__typename"]
            return Seen((key, one) for key, one in value.items() if key == "__typename" or self._sees(name, key))
        return value

    def resolve(self, source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        """The field resolver of every field."""
        parent, name = info.parent_type.name, info.field_name
        if parent in ("Query", "Mutation") and parent in self.world.roots and name in self.world.roots[parent]:
            value = self.world.roots[parent][name]
        elif isinstance(source, dict) and name in source:
            value = source[name]
        elif isinstance(source, dict):
            return None
        else:
            value = getattr(source, name)
        if callable(value):
            value = value(source or {}, arguments)
        seen = self.see(value)
        if self._is_whole and isinstance(source, Seen):
            _tell(seen, source)
        return seen


def _tell(seen: Any, above: Seen) -> None:
    if isinstance(seen, Seen):
        seen.above = above
    elif isinstance(seen, list):
        for one in seen:
            _tell(one, above)


def resolve_type(value: Any, _info: GraphQLResolveInfo[Any], _abstract: Any) -> str:
    return str(value["__typename"])


def make_resolvable(schema: GraphQLSchema) -> GraphQLSchema:
    for one in schema.type_map.values():
        if is_abstract_type(one):
            one.resolve_type = resolve_type
    return schema
