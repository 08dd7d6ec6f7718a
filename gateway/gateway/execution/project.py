"""Completion as generated code: one function for each selection set, for data as they should be.

    def Review_2(o, variables):
        a0 = o.get('id')
        if a0.__class__ is not str and (a0 is None or a0.__class__ in containers): raise Unusual
        a1 = o.get('author')
        if a1 is not None:
            a1 = User_3(a1, variables)
        return {'id': a0, 'author': a1}

Such code neither keeps a path nor reports an error: where a value is not what the schema promises it raises
`Unusual`, and `complete.Completion`, the reference that these functions are tested against, does the work again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from graphql import ListTypeNode, NonNullTypeNode, TypeNode

from ..planner.selection import TYPENAME
from .complete import FieldShape, Shape
from .generated import Source, Unusual, condition_text

Projection = Callable[[dict[str, Any], Mapping[str, Any]], dict[str, Any]]

_CONTAINERS = frozenset({dict, list})
_EXPECTED = {"String": "str", "ID": "str", "Int": "int", "Float": "float", "Boolean": "bool"}


def projection(title: str, shape: Shape, object_type: str) -> Projection:
    """The function that completes objects of one type. Below an abstract type, functions are made when first met."""
    return _Writer(title).make(shape, object_type)


class _ByType(dict[Any, Projection]):
    """The functions of an abstract type's selection set, by ``__typename``."""

    def __init__(self, title: str, shape: Shape):
        super().__init__()
        self._title = title
        self._shape = shape

    def __missing__(self, name: Any) -> Projection:
        object_type = self._shape.object_type({TYPENAME: name})
        if object_type is None:
            raise Unusual
        made = self[name] = projection(f"{self._title} {object_type}", self._shape, object_type)
        return made


class _Writer:
    def __init__(self, title: str):
        self._title = title
        self._source = Source(title)
        self._source.give("containers", _CONTAINERS)

    def make(self, shape: Shape, object_type: str) -> Projection:
        name = self._object(shape, object_type)
        made: Projection = self._source.functions()[name]
        return made

    def _object(self, shape: Shape, object_type: str) -> str:
        """Writes the functions of everything below first, then its own; the name of that."""
        entries = shape.entries(object_type)
        is_plain = all(condition is None for _, condition in entries)
        body: list[str] = []
        items: dict[str, str] = {}
        for index, (field, condition) in enumerate(entries):
            lines, value = self._field(field, f"a{index}", object_type)
            if is_plain:
                body += lines
                items[field.key] = value
                continue
            lines.append(f"answer[{field.key!r}] = {value}")
            if condition is not None:
                body.append(f"if {field.key!r} not in answer and ({condition_text(condition, 'variables')}):")
                lines = _indented(lines)
            body += lines
        if not any(line.startswith("a") for line in body):  # nothing fails by itself for want of an object
            body.insert(0, "if o.__class__ is not dict: raise Unusual")
        name = self._source.name(object_type or shape.type_name)
        self._source.add(0, "", "", f"def {name}(o, variables):")
        if is_plain:
            result = ", ".join(f"{key!r}: {value}" for key, value in items.items())
            self._source.add(1, *body, f"return {{{result}}}")
        else:
            self._source.add(1, "answer = {}", *body, "return answer")
        return name

    def _field(self, field: FieldShape, variable: str, object_type: str) -> tuple[list[str], str]:
        if field.name == TYPENAME:
            return [], repr(object_type)
        lines = [f"{variable} = o.get({field.slot!r})", *self._value(field, field.type, variable)]
        return lines, variable

    def _value(self, field: FieldShape, node: TypeNode, variable: str) -> list[str]:
        """Statements that complete what is in `variable`."""
        is_nullable = not isinstance(node, NonNullTypeNode)
        inner = node.type if isinstance(node, NonNullTypeNode) else node
        if isinstance(inner, ListTypeNode):
            checked = [
                f"if {variable}.__class__ is not list: raise Unusual",
                f"{variable} = [{self._item(field, inner.type)} for i in {variable}]",
            ]
        elif field.shape is not None:
            checked = [f"{variable} = {self._call(field.shape)(variable)}"]
        else:
            return self._leaf(field, is_nullable, variable)
        return [f"if {variable} is not None:", *_indented(checked)] if is_nullable else checked

    def _item(self, field: FieldShape, node: TypeNode) -> str:
        """An expression that completes the item `i` of a list."""
        inner = node.type if isinstance(node, NonNullTypeNode) else node
        if field.shape is not None and not isinstance(inner, ListTypeNode):
            call = self._call(field.shape)("i")
            return call if inner is not node else f"None if i is None else {call}"
        lines = self._value(field, node, "i")
        if not lines:
            return "i"
        name = self._source.name(f"item of {field.name}")
        self._source.add(0, "", "", f"def {name}(i, variables):")
        self._source.add(1, *lines, "return i")
        return f"{name}(i, variables)"

    def _call(self, shape: Shape) -> Callable[[str], str]:
        """How to complete the object in a variable. One that is no dict has no `get`, which is unusual as well."""
        if not shape.is_abstract:
            name = self._object(shape, shape.type_name)
            return lambda variable: f"{name}({variable}, variables)"
        by_type = self._source.name(f"{shape.type_name} by type", _ByType(f"{self._title} {shape.type_name}", shape))
        return lambda variable: f"{by_type}[{variable}.get({TYPENAME!r})]({variable}, variables)"

    def _leaf(self, field: FieldShape, is_nullable: bool, variable: str) -> list[str]:
        if field.allowed is not None:
            allowed = self._source.name(f"values of {field.name}", field.allowed | ({None} if is_nullable else set()))
            return [f"if {variable} not in {allowed}: raise Unusual"]
        if not field.is_builtin:
            return [] if is_nullable else [f"if {variable} is None: raise Unusual"]
        wrong = f"{variable}.__class__ in containers"
        if not is_nullable:
            wrong = f"({variable} is None or {wrong})"
        expected = _EXPECTED[field.type_name]
        return [f"if {variable}.__class__ is not {expected} and {wrong}: raise Unusual"]


def _indented(lines: list[str]) -> list[str]:
    return ["    " + line for line in lines]
