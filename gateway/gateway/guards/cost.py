"""What an operation may cost at most, before anything is asked: Federation's `@cost` and `@listSize`.

    query { users(first: 5) { edges { node { name friends { id } } } } }

With `users` sized by `first` for its `edges`, `friends` assumed to be 7, and everything else by default:

    users 1 + 5 × (edges 1 + (node 1 + name 0 + 7 × (friends 1)))  =  46

A composite value costs 1, a leaf 0, a mutation 10 more; `@cost` on a field, or else on its type, says otherwise, and
on arguments and input fields adds to it. A list costs its elements: as many as a slicing argument says (the largest,
when several are given), or the assumed size, or the default. Fragments on different object types count as the
dearest of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from graphql import (
    ArgumentNode,
    ConstDirectiveNode,
    DocumentNode,
    FieldDefinitionNode,
    FieldNode,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    ListTypeNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    OperationDefinitionNode,
    OperationType,
    TypeNode,
    VariableNode,
    parse,
    value_from_ast_untyped,
)

from ..json_text import dumps
from ..planner import Operation
from ..planner.conditions import ALWAYS, Condition, holds, variables_of
from ..planner.selection import Field, Selections
from ..supergraph import Supergraph
from ..supergraph.nodes import named_type
from ..supergraph.reader import applied

MUTATION = 10
MAX_KNOWN = 64


@dataclass(frozen=True, slots=True)
class ListSize:
    """`@listSize`; `sized` are the fields of the value whose lists it is about, when the field itself is no list."""

    assumed: int | None
    slicing: tuple[str, ...]
    sized: frozenset[str]


@dataclass(frozen=True, slots=True)
class Size:
    """How many elements a list is taken to have."""

    list_size: ListSize | None
    arguments: tuple[ArgumentNode, ...]
    default: int

    def value(self, variables: Mapping[str, Any]) -> int:
        if self.list_size is None:
            return self.default
        given = _values(self.arguments, variables)
        asked: list[int] = [given[name] for name in self.list_size.slicing if isinstance(given.get(name), int)]
        if asked:
            return max(0, *asked)
        return self.default if self.list_size.assumed is None else self.list_size.assumed


@dataclass(frozen=True, slots=True)
class CostNode:
    """One field: what it costs itself, how often, and what is below it."""

    weight: int
    condition: Condition
    size: Size | None
    input: tuple[str, str, tuple[ArgumentNode, ...]] | None  # type, field and arguments, when arguments cost something
    children: CostTree


@dataclass(frozen=True, slots=True)
class CostTree:
    """`common` fields, and those of one object type only."""

    model: CostModel
    common: tuple[CostNode, ...] = ()
    by_type: Mapping[str, tuple[CostNode, ...]] | None = None

    def value(self, variables: Mapping[str, Any]) -> int:
        """The cost with these (coerced) variables."""
        total = sum(self._of(node, variables) for node in self.common)
        if self.by_type:
            total += max(sum(self._of(node, variables) for node in nodes) for nodes in self.by_type.values())
        return total

    def nodes(self) -> Iterator[CostNode]:
        """All, at every depth."""
        for node in chain(self.common, *(self.by_type or {}).values()):
            yield node
            yield from node.children.nodes()

    def _of(self, node: CostNode, variables: Mapping[str, Any]) -> int:
        if not holds(node.condition, variables):
            return 0
        cost = node.weight + node.children.value(variables)
        if node.size is not None:
            cost *= node.size.value(variables)
        if node.input is not None:
            cost += self.model.input_cost(*node.input, variables)
        return cost


class OperationCost:
    """The cost of one operation, worked out once for each combination of the variables that it depends on."""

    def __init__(self, tree: CostTree):
        self._tree = tree
        self._depends_on_input = any(node.input is not None for node in tree.nodes())
        self._names = tuple(sorted(frozenset().union(*(_variables(node) for node in tree.nodes()))))
        self._known: dict[bytes, int] = {}

    def of(self, variables: Mapping[str, Any]) -> int:
        """With coerced variables."""
        if self._depends_on_input:
            return self._tree.value(variables)
        key = dumps([variables.get(name) for name in self._names])
        cost = self._known.get(key)
        if cost is None:
            cost = self._tree.value(variables)
            if len(self._known) < MAX_KNOWN:
                self._known[key] = cost
        return cost


def _variables(node: CostNode) -> frozenset[str]:
    """The (scalar) variables that decide how often a field counts."""
    found = variables_of(node.condition)
    if node.size is None or node.size.list_size is None:
        return found
    slicing = node.size.list_size.slicing
    nodes = (one.value for one in node.size.arguments if one.name.value in slicing)
    return found | {one.name.value for one in nodes if isinstance(one, VariableNode)}


class CostModel:
    """The weights of one supergraph. `default_size` is that of a list of which the schema says nothing."""

    def __init__(self, supergraph: Supergraph, default_size: int):
        self._default_size = default_size
        self._types = supergraph.types
        self._weights: dict[tuple[str, str], int] = {}
        self._type_weights: dict[str, int] = {}
        self._list_sizes: dict[tuple[str, str], ListSize] = {}
        self._arguments: dict[tuple[str, str], Mapping[str, InputValueDefinitionNode]] = {}
        self._inputs = {
            node.name.value: {one.name.value: one for one in node.fields or ()}
            for node in supergraph.document.definitions
            if isinstance(node, InputObjectTypeDefinitionNode)
        }
        self._read(supergraph.document)

    def _read(self, document: DocumentNode) -> None:
        for node in document.definitions:
            name = getattr(getattr(node, "name", None), "value", "")
            if (weight := _weight(getattr(node, "directives", ()))) is not None:
                self._type_weights[name] = weight
            if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
                for field in node.fields or ():
                    self._read_field((name, field.name.value), field)

    def _read_field(self, key: tuple[str, str], field: FieldDefinitionNode) -> None:
        if (weight := _weight(field.directives)) is not None:
            self._weights[key] = weight
        for values in applied(field.directives, "listSize"):
            slicing, sized = values.get("slicingArguments") or (), values.get("sizedFields") or ()
            self._list_sizes[key] = ListSize(values.get("assumedSize"), tuple(slicing), frozenset(sized))
        if any(_weight(one.directives) is not None or named_type(one.type) in self._inputs for one in _of(field)):
            self._arguments[key] = {one.name.value: one for one in _of(field)}

    def cost(self, operation: Operation) -> OperationCost:
        return OperationCost(self._operation(operation))

    def _operation(self, operation: Operation) -> CostTree:
        tree = self._tree(operation.selections, None)
        if operation.kind is OperationType.MUTATION:
            base = CostNode(MUTATION, ALWAYS, None, None, CostTree(self))
            return CostTree(self, (base, *tree.common), tree.by_type)
        return tree

    def _tree(self, selections: Selections, above: Size | None) -> CostTree:
        common: list[CostNode] = []
        by_type: dict[str, list[CostNode]] = {}
        for field in selections:
            if field.is_meta:
                continue
            if field.on is None:
                common.append(self._node(selections.type_name, field, above))
            for name in field.on or ():
                by_type.setdefault(name, []).append(self._node(name, field, above))
        return CostTree(self, tuple(common), {name: tuple(nodes) for name, nodes in by_type.items()})

    def _node(self, parent: str, field: Field, above: Size | None) -> CostNode:
        """`above` is the size that the parent's `@listSize` gives to its `sizedFields`."""
        key = (parent, field.name)
        nodes = _argument_nodes(field.arguments)
        list_size = self._list_sizes.get(key)
        own = Size(list_size, nodes, self._default_size)
        size = None
        if _is_list(field.type):
            is_sized = above is not None and above.list_size is not None and field.name in above.list_size.sized
            size = above if is_sized else own
        below = own if list_size is not None and list_size.sized else None
        return CostNode(
            weight=self._weights[key] if key in self._weights else self._type_weight(field),
            condition=field.condition,
            size=size,
            input=(*key, nodes) if key in self._arguments and nodes else None,
            children=self._tree(field.selections, below) if field.selections else CostTree(self),
        )

    def _type_weight(self, field: Field) -> int:
        default = 1 if field.selections else 0
        model = self._types.get(field.type_name)
        names = {field.type_name}.union(*model.possible.values()) if model and model.is_abstract else {field.type_name}
        return max(self._type_weights.get(name, default) for name in names)

    def input_cost(self, parent: str, field: str, nodes: tuple[ArgumentNode, ...], variables: Mapping[str, Any]) -> int:
        definitions = self._arguments[parent, field]
        return sum(self._value_cost(definitions[name], value) for name, value in _values(nodes, variables).items())

    def _value_cost(self, definition: InputValueDefinitionNode, value: Any) -> int:
        if isinstance(value, list):
            return sum(self._value_cost(definition, one) for one in value)
        cost = _weight(definition.directives) or 0
        fields = self._inputs.get(named_type(definition.type))
        if fields and isinstance(value, dict):
            cost += sum(self._value_cost(fields[name], one) for name, one in value.items() if name in fields)
        return cost


def _of(field: FieldDefinitionNode) -> Iterator[InputValueDefinitionNode]:
    return iter(field.arguments or ())


def _weight(directives: tuple[ConstDirectiveNode, ...] | None) -> int | None:
    return next((int(one["weight"]) for one in applied(directives, "cost")), None)


def _is_list(node: TypeNode) -> bool:
    return isinstance(node.type if isinstance(node, NonNullTypeNode) else node, ListTypeNode)


def _argument_nodes(arguments: str) -> tuple[ArgumentNode, ...]:
    if not arguments:
        return ()
    definition = parse("{f" + arguments + "}", no_location=True).definitions[0]
    assert isinstance(definition, OperationDefinitionNode)
    (field,) = definition.selection_set.selections
    assert isinstance(field, FieldNode)
    return tuple(field.arguments or ())


def _values(nodes: tuple[ArgumentNode, ...], variables: Mapping[str, Any]) -> dict[str, Any]:
    return {one.name.value: value_from_ast_untyped(one.value, dict(variables)) for one in nodes}
