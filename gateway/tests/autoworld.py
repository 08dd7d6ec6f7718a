"""A world made up for any supergraph: deterministic data for every type, so that a fixture is nothing but its SDL.

Types with a key get a pool of objects that others refer to; types without one are made in place. A field with
``@requires`` is a function of just what it requires: it is right only when the gateway delivers all of it, unchanged.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable
from typing import Any

from graphql import (
    EnumTypeDefinitionNode,
    ListTypeNode,
    NamedTypeNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    TypeNode,
    parse_value,
    value_from_ast_untyped,
)

from gateway.planner import Graph
from gateway.planner.selection import Selections
from gateway.supergraph import FieldModel, Kind, Supergraph, TypeModel
from gateway.supergraph.model import ContextArgument
from gateway.supergraph.nodes import named_type
from gateway.supergraph.reader import applied

from .world import Ref, Seen, World

POOL = 3
MAX_DEPTH = 4
MAX_ITEMS = 3


class NoSuchMember(Exception):
    """No object type suits all subgraphs that resolve a field of an abstract type."""


class AutoWorld:
    """Makes a `World` for one supergraph; `seed` changes every value.

    With failures some fields raise, in the monolith as in every subgraph. Fields that others are told by or computed
    from never do, nor do those that would take such a field with them, because they are never null and may be asked of
    the same object: what a gateway cannot fetch it cannot send on, which no monolith can imitate.
    """

    def __init__(self, supergraph: Supergraph, seed: int = 0, *, with_failures: bool = False):
        self._types = supergraph.types
        self._graph = Graph(supergraph)
        self._seed = seed
        self._safe = _names_in_field_sets(supergraph) if with_failures else None
        self._kept = self._required_types()
        self._arguments = {
            (node.name.value, one.name.value): {
                argument.name.value: value_from_ast_untyped(argument.default_value)
                for argument in one.arguments
                if argument.default_value
            }
            for node in supergraph.document.definitions
            if isinstance(node, ObjectTypeDefinitionNode)
            for one in node.fields or ()
            if one.arguments
        }
        self._hidden = {
            node.name.value
            for node in supergraph.document.definitions
            if isinstance(node, ObjectTypeDefinitionNode) and _is_inaccessible(node)
        }
        self._enums = {
            node.name.value: {
                value.name.value: {str(one["graph"]) for one in applied(value.directives, "join__enumValue")}
                for value in node.values or ()
                if not _is_inaccessible(value)
            }
            for node in supergraph.document.definitions
            if isinstance(node, EnumTypeDefinitionNode)
        }
        self.world = World({})
        for model in self._types.values():
            if self._is_entity(model):
                self.world.objects[model.name] = {str(index): {} for index in range(POOL)}
        for name, pool in self.world.objects.items():
            for index, one in pool.items():
                one |= self._fields(self._types[name], f"{name}.{index}", 0)
        for root in ("Query", "Mutation"):
            if root in self._types:
                self.world.roots[root] = self._fields(self._types[root], root, 0)

    def _is_entity(self, model: TypeModel) -> bool:
        return model.kind is Kind.OBJECT and any(model.keys.values())

    def _fields(self, model: TypeModel, at: str, depth: int) -> dict[str, Any]:
        return {field.name: self._value(model, field, f"{at}.{field.name}", depth) for field in model.fields.values()}

    def _value(self, model: TypeModel, field: FieldModel, at: str, depth: int) -> Any:
        needed = self._requirement(model, field)
        if needed is not None:
            return self._computed(field, needed)
        in_key = field.name in self._key_names(model)
        strictest = field.type
        for owner in field.owners.values():
            strictest = _stricter(strictest, owner.type or field.type)
        if self._fails(model, field, at):
            return _failing(at)
        made = self._of_type(strictest, at, depth, not in_key, owners=field)
        if contexts := next((owner.contexts for owner in field.owners.values() if owner.contexts), ()):
            defaults = self._arguments.get((model.name, field.name), {})
            return self._contextual(made, contexts, defaults)
        if (model.name, field.name) in self._arguments and not in_key:
            is_enum = named_type(field.type) in self._enums
            return lambda _source, arguments: made if is_enum else _varied(made, arguments)
        return made

    def _contextual(
        self, made: Any, contexts: tuple[ContextArgument, ...], defaults: dict[str, Any]
    ) -> Callable[[Any, dict[str, Any]], Any]:
        """A value that varies with what is above in the answer: the whole finds it there, a subgraph is told."""

        def compute(source: Any, arguments: dict[str, Any]) -> Any:
            known = defaults | arguments
            for one in contexts:
                if isinstance(source, Seen) and source.above is not None:
                    known[one.name] = self._above(source.above, one)
                elif one.name not in known:
                    raise AssertionError(f"nobody said what {one.name} is")
            return _varied(made, known)

        return compute

    def _above(self, nearest: Seen, argument: ContextArgument) -> Any:
        above: Seen | None = nearest
        while above is not None:
            name = above["__typename"]
            if argument.context in self._types[name].contexts:
                needed = self._graph.field_set(name, argument.selection)
                if needed.fields:
                    value: Any = self._required(above, needed)
                    while isinstance(value, dict):
                        [value] = value.values()
                    return value
            above = above.above
        raise AssertionError(f"nothing above sets {argument.context}")

    def _required_types(self) -> frozenset[str]:
        """Types of objects below others that some field requires, and of objects that these cannot be without."""
        found: set[str] = set()
        todo = [
            one
            for model in self._types.values()
            for field in model.fields.values()
            for owner in field.owners.values()
            if owner.requires
            for one in self._graph.field_set(model.name, owner.requires)
        ]
        while todo:
            one = todo.pop()
            if one.selections:
                found |= {one.type_name, *self._graph.normaliser.possible_types(one.type_name)}
                todo.extend(one.selections)
        before = 0
        while before < len(found):
            before = len(found)
            for name in list(found):
                for field in self._types[name].fields.values():
                    inner = named_type(field.type)
                    if isinstance(field.type, NonNullTypeNode) and inner in self._types:
                        found |= {inner, *self._graph.normaliser.possible_types(inner)}
        return frozenset(found)

    def _fails(self, model: TypeModel, field: FieldModel, at: str) -> bool:
        if self._safe is None or field.name in self._safe or any(one.type for one in field.owners.values()):
            return False
        if model.name in self._kept and isinstance(field.type, NonNullTypeNode):
            return False
        return self._hash(at + "!") % 17 == 0

    def _requirement(self, model: TypeModel, field: FieldModel) -> Selections | None:
        owners = [owner for owner in field.owners.values() if owner.requires]
        for interface in model.interfaces:
            added = self._types[interface].fields.get(field.name)
            owners += [owner for owner in added.owners.values() if owner.requires] if added else []
        requires = owners[0].requires if owners else None
        return self._graph.field_set(model.name, requires) if requires else None

    def _computed(self, field: FieldModel, needed: Selections) -> Callable[[Any, dict[str, Any]], Any]:
        def compute(source: dict[str, Any], arguments: dict[str, Any]) -> Any:
            seen = self._required(source, needed)
            digest = zlib.crc32(json.dumps([seen, arguments], sort_keys=True).encode()) % 1000
            return digest if named_type(field.type) in ("Int", "Float") else f"{field.name}-{digest}"

        return compute

    def _required(self, source: Any, needed: Selections) -> Any:
        """What `needed` selects of `source`, in one form for the monolith's objects and for representations."""
        if isinstance(source, Ref):
            source = {"__typename": source.type_name, **self.world.objects[source.type_name][source.id]}
        if isinstance(source, list):
            return [self._required(item, needed) for item in source]
        if not isinstance(source, dict):
            return source
        found = {}
        for one in needed:
            if "__typename" in source and one.on is not None and source["__typename"] not in one.on:
                continue
            value = source[one.name]
            if callable(value):
                defaults = self._arguments.get((source["__typename"], one.name), {})
                value = value(source, defaults | _literal("{" + one.arguments.strip("()") + "}"))
            found[one.name] = self._required(value, one.selections) if one.selections else value
        return found

    def _key_names(self, model: TypeModel) -> str:
        return " ".join(key.fields for keys in model.keys.values() for key in keys)

    def _of_type(self, node: TypeNode, at: str, depth: int, may_be_null: bool, owners: FieldModel) -> Any:
        if isinstance(node, NonNullTypeNode):
            return self._of_type(node.type, at, depth, False, owners)
        if may_be_null and self._hash(at + "?") % 9 == 0:
            return None
        if isinstance(node, ListTypeNode):
            is_empty = depth > MAX_DEPTH or self._hash(at + "#") % 7 == 0
            count = 0 if is_empty else self._hash(at + "##") % MAX_ITEMS + 1
            return [self._of_type(node.type, f"{at}.{index}", depth, True, owners) for index in range(count)]
        return self._named(named_type(node), at, depth, owners)

    def _named(self, name: str, at: str, depth: int, owners: FieldModel) -> Any:
        number = self._hash(at)
        model = self._types.get(name)
        if model is not None and model.is_abstract:
            name = self._member(model, owners, number)
            model = self._types[name]
        if model is not None and self._is_entity(model):
            return Ref(name, str(number % POOL))
        if model is not None and model.kind is Kind.OBJECT:
            return {"__typename": name, **self._fields(model, at, depth + 1)}
        if name in self._enums:
            known = [value for value, graphs in self._enums[name].items() if not graphs or graphs >= set(owners.owners)]
            return known[number % len(known)]
        scalars: dict[str, Any] = {
            "Int": number % 1000,
            "Float": number % 1000 / 4,
            "Boolean": number % 2 == 0,
            "ID": at,
            "String": f"{at} 值",
            "Long": 2**70 + number,
        }
        return scalars.get(name, {"at": at, "list": [number, None, {"deep": True}]})

    def _member(self, model: TypeModel, owners: FieldModel, number: int) -> str:
        """An object type that every subgraph that resolves the field may return."""
        graphs = [graph for graph in owners.owners if not owners.owners[graph].external] or list(model.possible)
        sets = [model.possible.get(graph, frozenset()) for graph in graphs]
        if any(graph in model.interface_object_in for graph in graphs):
            sets = [frozenset().union(*model.possible.values())]
        shared = sorted(frozenset.intersection(*sets) - self._hidden)
        if not shared:
            raise NoSuchMember
        return shared[number % len(shared)]

    def _hash(self, at: str) -> int:
        return zlib.crc32(f"{self._seed}:{at}".encode())


def _names_in_field_sets(supergraph: Supergraph) -> frozenset[str]:
    texts = [key.fields for model in supergraph.types.values() for keys in model.keys.values() for key in keys]
    for model in supergraph.types.values():
        for field in model.fields.values():
            texts += [text for one in field.owners.values() for text in (one.requires, one.provides) if text]
    return frozenset(re.findall(r"\w+", " ".join(texts)))


def _failing(at: str) -> Callable[[Any, dict[str, Any]], Any]:
    def fail(_source: Any, _arguments: dict[str, Any]) -> Any:
        raise ValueError(f"{at} fails")

    return fail


def _stricter(one: TypeNode, other: TypeNode) -> TypeNode:
    """The type that is non-null wherever either is: values of it suit every subgraph."""
    if isinstance(one, NonNullTypeNode) or isinstance(other, NonNullTypeNode):
        inner = [node.type if isinstance(node, NonNullTypeNode) else node for node in (one, other)]
        stricter = _stricter(*inner)
        assert isinstance(stricter, NamedTypeNode | ListTypeNode)
        return NonNullTypeNode(type=stricter)
    if isinstance(one, ListTypeNode) and isinstance(other, ListTypeNode):
        return ListTypeNode(type=_stricter(one.type, other.type))
    return one


def _varied(value: Any, arguments: dict[str, Any]) -> Any:
    """The value of a field with arguments: another one for other arguments, of the same type."""
    if not arguments:
        return value
    digest = zlib.crc32(json.dumps(arguments, sort_keys=True, default=str).encode()) % 100
    if isinstance(value, list):
        return [_varied(item, arguments) for item in value]
    if isinstance(value, str):
        return f"{value} {digest}"
    return value + digest if isinstance(value, int | float) and not isinstance(value, bool) else value


def _is_inaccessible(node: Any) -> bool:
    return any(one.name.value == "inaccessible" for one in node.directives or ())


def _literal(text: str) -> Any:
    return value_from_ast_untyped(parse_value(text))
