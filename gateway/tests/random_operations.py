"""Random valid operations over a schema: aliases, arguments, variables, fragments on every kind of type, @skip and
@include.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
)


@dataclass
class OperationMaker:
    """Makes one operation from `choices`; `text()` and `variables` are what a client sends."""

    schema: GraphQLSchema
    choices: random.Random
    max_depth: int = 5
    max_width: int = 4
    variables: dict[str, Any] = field(default_factory=dict)
    _definitions: list[str] = field(default_factory=list)
    _fragments: list[str] = field(default_factory=list)
    _budget: int = 60

    def text(self) -> str:
        root = self.schema.query_type
        assert root is not None
        body = self._selection(root, 0)
        definitions = f"({', '.join(self._definitions)})" if self._definitions else ""
        return "\n".join([f"query Random{definitions} {body}", *self._fragments])

    def _selection(self, parent: Any, depth: int) -> str:
        parts: list[str] = []
        for _ in range(self.choices.randint(1, self.max_width)):
            parts.append(self._part(parent, depth))
        return (
            "{ " + " ".join(part for part in parts if part) + " __typename }"
            if not any(parts)
            else ("{ " + " ".join(part for part in parts if part) + " }")
        )

    def _part(self, parent: Any, depth: int) -> str:
        kind = self.choices.random()
        if kind < 0.08:
            return "__typename"
        if isinstance(parent, GraphQLUnionType) or (is_abstract_type(parent) and kind < 0.5):
            return self._fragment(self._target(parent), depth)
        if kind < 0.2:
            return self._fragment(self._target(parent), depth)
        return self._field(parent, depth)

    def _target(self, parent: Any) -> Any:
        """A type that a fragment inside `parent` may name."""
        possible = self.schema.get_possible_types(parent) if is_abstract_type(parent) else [parent]
        fitting = [parent, *possible]
        for one in possible:
            fitting.extend(one.interfaces)
        return self.choices.choice(fitting)

    def _fragment(self, target: Any, depth: int) -> str:
        self._budget -= 1
        if depth > self.max_depth + 2 or self._budget < 0:
            return "__typename"
        body = self._selection(target, depth + 1)
        if self.choices.random() < 0.3:
            name = f"F{len(self._fragments)}"
            self._fragments.append("")
            self._fragments[int(name[1:])] = f"fragment {name} on {target.name} {body}"
            return f"...{name}{self._directive()}"
        return f"... on {target.name}{self._directive()} {body}"

    def _field(self, parent: GraphQLObjectType | GraphQLInterfaceType, depth: int) -> str:
        self._budget -= 1
        fields: list[tuple[str, GraphQLField]] = list(parent.fields.items())
        if depth >= self.max_depth or self._budget < 0:
            fields = [one for one in fields if is_leaf_type(get_named_type(one[1].type))]
            if not fields:
                return ""
        elif self.choices.random() < 0.4:
            fields = [one for one in fields if not is_leaf_type(get_named_type(one[1].type))] or fields
        name, definition = self.choices.choice(fields)
        arguments = self._arguments(definition)
        named = get_named_type(definition.type)
        body = "" if is_leaf_type(named) else " " + self._selection(named, depth + 1)
        alias = ""
        if arguments or self.choices.random() < 0.2:
            # an alias made of the name and the number of arguments rarely clashes; other fields' names are tempting
            # ones
            other = self.choices.choice(list(parent.fields))
            rare = [f"{name}_{self.choices.randint(0, 999)}"] * 6
            alias = f"{self.choices.choice([*rare, other, f'_{name}'])}: "
        return f"{alias}{name}{arguments}{self._directive()}{body}"

    def _directive(self) -> str:
        if self.choices.random() > 0.12:
            return ""
        name = self.choices.choice(["skip", "include"])
        if self.choices.random() < 0.3:
            return f" @{name}(if: {self.choices.choice(['true', 'false'])})"
        return f" @{name}(if: ${self._variable('Boolean!', self.choices.random() < 0.6)})"

    def _variable(self, type_text: str, value: Any) -> str:
        name = f"v{len(self._definitions)}"
        self._definitions.append(f"${name}: {type_text}")
        self.variables[name] = value
        return name

    def _arguments(self, definition: GraphQLField) -> str:
        given = []
        for name, argument in definition.args.items():
            if isinstance(argument.type, GraphQLNonNull) or self.choices.random() < 0.6:
                given.append(f"{name}: {self._argument(argument)}")
        return f"({', '.join(given)})" if given else ""

    def _argument(self, argument: GraphQLArgument) -> str:
        value = self._input(argument.type)
        if self.choices.random() < 0.5:
            return f"${self._variable(str(argument.type), value)}"
        return _printed(value, argument.type)

    def _is_given(self, type_: Any) -> bool:
        """Nested input objects less often, so that they end."""
        share = 0.3 if isinstance(get_named_type(type_), GraphQLInputObjectType) else 0.8
        return isinstance(type_, GraphQLNonNull) or self.choices.random() < share

    def _input(self, type_: Any) -> Any:
        if isinstance(type_, GraphQLNonNull):
            return self._input(type_.of_type)
        if isinstance(type_, GraphQLList):
            return [self._input(type_.of_type) for _ in range(self.choices.randint(0, 2))]
        if isinstance(type_, GraphQLEnumType):
            return self.choices.choice(list(type_.values))
        if isinstance(type_, GraphQLInputObjectType):
            return {name: self._input(one.type) for name, one in type_.fields.items() if self._is_given(one.type)}
        samples: dict[str, list[Any]] = {
            "Int": [0, 7],
            "Float": [0.5],
            "Boolean": [True, False],
            "String": ["x", '"quoted" 引'],
            "ID": ["1"],
        }
        return self.choices.choice(samples.get(type_.name, [{"a": [1, None]}, 3]))


def _printed(value: Any, type_: Any) -> str:
    import json

    named = get_named_type(type_)
    if isinstance(value, list):
        return "[" + ", ".join(_printed(item, type_) for item in value) + "]"
    if isinstance(value, dict):
        inner = named.fields if isinstance(named, GraphQLInputObjectType) else {}
        parts = (f"{key}: {_printed(one, inner[key].type if key in inner else type_)}" for key, one in value.items())
        return "{" + ", ".join(parts) + "}"
    if isinstance(named, GraphQLEnumType):
        return str(value)
    return json.dumps(value, ensure_ascii=False)
