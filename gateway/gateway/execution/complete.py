"""From gathered data to the answer: the fields that the client asked for, in its order, with nulls where the types
demand.

This is the specification's *value completion* (section 6.4.3) over data that is already there. A null in a non-null
position nulls the nearest nullable parent; it adds an error unless a fetch has already reported why the value is
missing.

`Shape` is a selection set made ready for that: for each object type, the fields that apply to it, merged. Shapes are
made on first use and belong to the cached operation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLSchema,
    ListTypeNode,
    NonNullTypeNode,
    TypeNode,
    is_abstract_type,
    is_specified_scalar_type,
)

from ..planner.conditions import ALWAYS, NEVER, Condition, both, either, holds
from ..planner.selection import TYPENAME, Field, Selections, Written
from .data import Path

MAX_ERRORS = 100
NOTHING = ""  # a slot that no data have

_CONTAINERS = (dict, list)
_BUBBLE: Any = object()  # a null that its own position must not have


class FieldShape:
    """A response key of one object type: how to complete its value, which is in the data's `slot`.

    ``is_leaf`` says that any value but a container is fine as it is, and null as well when ``is_nullable``.
    """

    __slots__ = (
        "allowed", "is_builtin", "is_leaf", "is_nullable",
        "key", "name", "parent", "shape", "slot", "type", "type_name",
    )  # fmt: skip

    def __init__(self, schema: GraphQLSchema, parent: str, fields: list[tuple[Field, Condition]]):
        first = fields[0][0]
        self.key = first.key
        self.slot = NOTHING if first.is_denied else first.slot
        self.name = first.name
        self.parent = parent
        self.type: TypeNode = first.type
        self.type_name = first.type_name
        is_uniform = len({condition for _, condition in fields}) == 1
        children = [
            (one.selections, ALWAYS if is_uniform else condition) for one, condition in fields if one.selections
        ]
        self.shape = Shape(schema, children) if children else None
        named = schema.get_type(first.type_name)
        self.allowed = frozenset(named.values) if isinstance(named, GraphQLEnumType) else None
        self.is_builtin = named is not None and is_specified_scalar_type(named)
        self.is_nullable = not isinstance(self.type, NonNullTypeNode)
        inner = self.type.type if isinstance(self.type, NonNullTypeNode) else self.type
        is_list = isinstance(inner, ListTypeNode)
        self.is_leaf = not is_list and self.shape is None and self.allowed is None and not self.name.startswith("__")


class Shape:
    """What to answer for one or more merged selection sets on the same field, each under its own condition."""

    def __init__(self, schema: GraphQLSchema, selections: list[tuple[Selections, Condition]]):
        self._schema = schema
        self._selections = selections
        self._entries: dict[str, tuple[tuple[FieldShape, Condition | None], ...]] = {}
        self.type_name = selections[0][0].type_name
        named = schema.get_type(self.type_name)
        self.is_abstract = named is None or is_abstract_type(named)
        self._possible = (
            frozenset(one.name for one in schema.get_possible_types(named))
            if named is not None and is_abstract_type(named)
            else frozenset({self.type_name})
        )

    def object_type(self, value: dict[str, Any]) -> str | None:
        """The object type of a value; "" when it need not be known; None when it is not a type of this shape."""
        if not self.is_abstract:
            return self.type_name
        name = value.get(TYPENAME)
        if isinstance(name, str) and name in self._possible:
            return name
        return "" if name is None and self._applies_to_all() else None

    def _applies_to_all(self) -> bool:
        fields = (one for selections, _ in self._selections for one in selections)
        return all(one.name != TYPENAME and (one.on is None or one.on >= self._possible) for one in fields)

    def entries(self, object_type: str) -> tuple[tuple[FieldShape, Condition | None], ...]:
        """The fields in the order of the answer. One with a condition may be listed again where it is written again."""
        found = self._entries.get(object_type)
        if found is None:
            found = self._entries[object_type] = tuple(self._make_entries(object_type))
        return found

    def _make_entries(self, object_type: str) -> Iterator[tuple[FieldShape, Condition | None]]:
        fields: dict[str, list[tuple[Field, Condition]]] = {}
        places: list[tuple[Written, str, Condition]] = []
        for selections, outer in self._selections:
            applying = [one for one in selections if not object_type or one.applies_to(object_type)]
            for one in applying:
                fields.setdefault(one.key, []).append((one, both(outer, one.condition)))
            for index, condition, place in selections.order:
                if selections.fields[index] in applying:
                    places.append((place, selections.fields[index].key, both(outer, condition)))
        shapes = {key: FieldShape(self._schema, object_type, parts) for key, parts in fields.items()}
        covered: dict[str, Condition] = {}
        for _, key, condition in sorted(places, key=lambda one: one[0]):
            known = covered.get(key, NEVER)
            covered[key] = either(known, condition)
            if covered[key] != known:
                yield shapes[key], None if condition == ALWAYS else condition


class Completion:
    """Completes one request's data. `is_explained` says that a failed fetch already accounts for missing values."""

    def __init__(self, variables: Mapping[str, Any], errors: list[dict[str, Any]], is_explained: bool):
        self._variables = variables
        self._errors = errors
        self._is_explained = is_explained
        self._path: list[str | int] = []

    def root(self, shape: Shape, data: dict[str, Any]) -> dict[str, Any] | None:
        answer = self._object(shape, data)
        return None if answer is _BUBBLE else answer

    def _object(self, shape: Shape, value: dict[str, Any]) -> Any:
        object_type = shape.object_type(value)
        if object_type is None:
            return self._invalid(f"is of the unexpected type {value.get(TYPENAME)!r}")
        answer: dict[str, Any] = {}
        path = self._path
        for field, condition in shape.entries(object_type):
            key = field.key
            if condition is not None and (key in answer or not holds(condition, self._variables)):
                continue
            found = value.get(field.slot)
            if field.is_leaf and (field.is_nullable if found is None else found.__class__ not in _CONTAINERS):
                answer[key] = found
                continue
            if field.name == TYPENAME:
                answer[key] = object_type
                continue
            path.append(key)
            completed = self._complete(field, field.type, found)
            path.pop()
            if completed is _BUBBLE:
                return _BUBBLE
            answer[key] = completed
        return answer

    def _complete(self, field: FieldShape, type_node: TypeNode, value: Any) -> Any:
        if isinstance(type_node, NonNullTypeNode):
            completed = self._nullable(field, type_node.type, value)
            if completed is None:
                self._report(f"Cannot return null for non-nullable field {field.parent}.{field.name}.")
                return _BUBBLE
            return completed
        completed = self._nullable(field, type_node, value)
        return None if completed is _BUBBLE else completed

    def _nullable(self, field: FieldShape, type_node: TypeNode, value: Any) -> Any:
        """The completed value, None, or _BUBBLE when a null was reported further down. `type_node` is no non-null."""
        if value is None:
            return None
        if isinstance(type_node, ListTypeNode):
            return self._list(field, type_node.type, value)
        if field.shape is not None:
            if value.__class__ is not dict:
                return self._invalid("is not an object")
            return self._object(field.shape, value)
        if field.allowed is not None and (value.__class__ is not str or value not in field.allowed):
            return self._invalid("is not a value of its enum")
        if field.is_builtin and value.__class__ in (dict, list):
            return self._invalid("is not a scalar")
        return value

    def _list(self, field: FieldShape, item_type: TypeNode, value: Any) -> Any:
        if value.__class__ is not list:
            return self._invalid("is not a list")
        answer = []
        path = self._path
        path.append(0)
        for index, item in enumerate(value):
            path[-1] = index
            completed = self._complete(field, item_type, item)
            if completed is _BUBBLE:
                path.pop()
                return _BUBBLE
            answer.append(completed)
        path.pop()
        return answer

    def _invalid(self, what: str) -> Any:
        self._report(f"A subgraph's value {what}.", force=True)
        return _BUBBLE

    def _report(self, message: str, *, force: bool = False) -> None:
        path = tuple(self._path)
        if len(self._errors) < MAX_ERRORS and (force or not (self._is_explained or self._has_error_at(path))):
            extensions = {"code": "INVALID_SUBGRAPH_VALUE"}
            self._errors.append({"message": message, "path": list(path), "extensions": extensions})

    def _has_error_at(self, path: Path) -> bool:
        for error in self._errors:
            known = tuple(error.get("path") or ())
            shared = min(len(known), len(path))
            if known[:shared] == path[:shared]:
                return True
        return False
