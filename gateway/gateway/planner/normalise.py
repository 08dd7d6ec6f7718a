"""Pass 1: from the validated document to selections without fragments.

Before::

    query Shop($more: Boolean!) {
      search { ...Named  ... on Product @include(if: $more) { price } }
    }
    fragment Named on Named { name }         # Product and Shop implement Named, User does not

After (`search` returns Product | Shop | User)::

    search
      [Product|Shop] name
      [Product] price  if $more

What it does, all in one walk: picks the operation, inlines fragments, intersects type conditions with the possible
types (dropping impossible ones), evaluates ``@skip/@include`` literals, turns variable ones into conditions on the
fields themselves, and merges fields of equal response key. A field of an interface stays on the interface when every
subgraph resolves it there for every implementer (`Graph.is_uniform`); otherwise it is expanded to the object types,
so that each can be planned on its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    NamedTypeNode,
    NameNode,
    NonNullTypeNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    TypeNode,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    parse,
    print_ast,
)

from ..errors import OperationTooLarge
from ..supergraph import Supergraph
from ..supergraph.nodes import field_set_text, named_type
from .conditions import ALWAYS, NEVER, Condition, both, either, variable_is
from .selection import TYPENAME, Field, Selections, Written

_TYPENAME_TYPE = NonNullTypeNode(type=NamedTypeNode(name=NameNode(value="String")))
_META_FIELDS: Mapping[str, TypeNode] = {
    TYPENAME: _TYPENAME_TYPE,
    "__schema": NonNullTypeNode(type=NamedTypeNode(name=NameNode(value="__Schema"))),
    "__type": NamedTypeNode(name=NameNode(value="__Type")),
}
INTROSPECTION = ("__schema", "__type")

# Fragments under ever other conditions multiply; a bound keeps what one document may cost in proportion.
MAX_FIELDS = 10_000
MAX_ALTERNATIVES = 64

IsUniform = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Operation:
    """A normalised operation. ``variables`` are the printed definitions by name (``$n: Int! = 3``)."""

    kind: OperationType
    name: str
    variables: Mapping[str, str]
    selections: Selections


@dataclass(slots=True)
class _Part:
    """A field node on its way into a merged field."""

    node: FieldNode
    condition: Condition
    place: Written


@dataclass(slots=True)
class _Collected:
    """The fields of one merged selection set, by response key and the object types they apply to."""

    parts: dict[tuple[str, frozenset[str] | None], list[_Part]] = field(default_factory=dict)
    visited: set[tuple[str, Condition, frozenset[str] | None]] = field(default_factory=set)
    places: int = 0
    within: Written = ()  # where the selection set that is collected stands


@dataclass(slots=True)
class _Context:
    """What one call needs: the document's fragments, and how many fields it has yielded so far."""

    fragments: Mapping[str, FragmentDefinitionNode]
    fields: int = 0

    def count(self) -> None:
        self.fields += 1
        if self.fields > MAX_FIELDS:
            raise OperationTooLarge(f"The operation has more than {MAX_FIELDS} fields, fragments expanded.")


class Normaliser:
    """Normalises operations and field sets over one supergraph."""

    def __init__(self, supergraph: Supergraph, is_uniform: IsUniform):
        self._types = supergraph.types
        self._roots = supergraph.roots
        self._is_uniform = is_uniform
        self._possible: dict[str, frozenset[str]] = {}

    def operation(self, document: DocumentNode, operation: OperationDefinitionNode) -> Operation:
        """`document` must be valid against the public schema."""
        fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
        root = self._roots[operation.operation.value]
        return Operation(
            kind=operation.operation,
            name=operation.name.value if operation.name else "",
            variables={one.variable.name.value: print_variable(one) for one in operation.variable_definitions or ()},
            selections=self._selections(root, [(operation.selection_set, ALWAYS, ())], _Context(fragments)),
        )

    def field_set(self, type_name: str, fields: str) -> Selections:
        """The selections of a ``@key``, ``@requires`` or ``@provides`` field set, or of a context, on `type_name`."""
        document = parse(field_set_text(fields), no_location=True)
        operation = document.definitions[0]
        assert isinstance(operation, OperationDefinitionNode)
        return self._selections(type_name, [(operation.selection_set, ALWAYS, ())], _Context({}))

    def possible_types(self, type_name: str) -> frozenset[str]:
        """The object types that a value of `type_name` may have, in any subgraph."""
        found = self._possible.get(type_name)
        if found is None:
            model = self._types[type_name]
            members = frozenset().union(*model.possible.values()) if model.is_abstract else frozenset({type_name})
            found = self._possible[type_name] = members
        return found

    def _selections(
        self,
        type_name: str,
        sources: Iterable[tuple[SelectionSetNode, Condition, Written]],
        context: _Context,
    ) -> Selections:
        collected = _Collected()
        for node, condition, within in sources:
            collected.within = within
            self._collect(type_name, node, condition, None, context, collected)
        fields: list[Field] = []
        places: list[tuple[Written, int, Condition]] = []
        for (key, on), parts in collected.parts.items():
            made = list(self._fields(type_name, key, on, parts, context))
            indexes = range(len(fields), len(fields) + len(made))
            places.extend((part.place, index, part.condition) for part in parts for index in indexes)
            fields.extend(made)
        places.sort(key=lambda one: one[:2])
        order = tuple((index, condition, place) for place, index, condition in places)
        return Selections(type_name, tuple(fields), order)

    def _collect(
        self,
        type_name: str,
        selection_set: SelectionSetNode,
        condition: Condition,
        on: frozenset[str] | None,
        context: _Context,
        into: _Collected,
    ) -> None:
        for node in selection_set.selections:
            wanted = both(condition, _condition(node.directives))
            if not wanted:
                continue
            if isinstance(node, FieldNode):
                key = node.alias.value if node.alias else node.name.value
                context.count()
                into.places += 1
                into.parts.setdefault((key, on), []).append(_Part(node, wanted, (*into.within, into.places)))
                continue
            fragment: FragmentDefinitionNode | InlineFragmentNode
            if isinstance(node, FragmentSpreadNode):
                visit = (node.name.value, wanted, on)
                if visit in into.visited:
                    continue
                into.visited.add(visit)
                context.count()
                fragment = context.fragments[node.name.value]
            else:
                assert isinstance(node, InlineFragmentNode)
                fragment = node
            narrowed = on
            if fragment.type_condition:
                narrowed = self._narrow(type_name, on, fragment.type_condition.name.value)
            if narrowed is None or narrowed:
                self._collect(type_name, fragment.selection_set, wanted, narrowed, context, into)

    def _narrow(self, type_name: str, on: frozenset[str] | None, condition: str) -> frozenset[str] | None:
        """The object types left under a type condition; None when it excludes none."""
        everything = self.possible_types(type_name)
        left = (everything if on is None else on) & self.possible_types(condition)
        return None if left == everything else left

    def _fields(
        self,
        type_name: str,
        key: str,
        on: frozenset[str] | None,
        parts: list[_Part],
        context: _Context,
    ) -> Iterable[Field]:
        """One field, or one for each return type when the object types in `on` answer with different ones."""
        name = parts[0].node.name.value
        condition = NEVER
        for part in parts:
            condition = either(condition, part.condition)
            if len(condition) > MAX_ALTERNATIVES:
                raise OperationTooLarge(f"The field {key} has more than {MAX_ALTERNATIVES} conditions.")
        for applies_to, type_node in self._return_types(type_name, name, on):
            return_type = named_type(type_node)
            yield Field(
                key=key,
                name=name,
                type=type_node,
                type_name=return_type,
                arguments=print_arguments(parts[0].node),
                variables=frozenset(_variables(parts[0].node)),
                condition=condition,
                on=applies_to,
                selections=self._children(return_type, name, condition, parts, context),
            )

    def _children(
        self,
        return_type: str,
        name: str,
        condition: Condition,
        parts: list[_Part],
        context: _Context,
    ) -> Selections | None:
        if parts[0].node.selection_set is None or name in INTROSPECTION:
            return None
        # A child of one part is asked under that part's own condition, unless the merged field has just that condition.
        sources = [
            (part.node.selection_set, ALWAYS if part.condition == condition else part.condition, part.place)
            for part in parts
            if part.node.selection_set
        ]
        return self._selections(return_type, sources, context)

    def _return_types(
        self, type_name: str, name: str, on: frozenset[str] | None
    ) -> Iterable[tuple[frozenset[str] | None, TypeNode]]:
        if name in _META_FIELDS:
            yield on, _META_FIELDS[name]
            return
        model = self._types[type_name]
        if not model.is_abstract or (on is None and name in model.fields and self._is_uniform(type_name, name)):
            yield None, model.fields[name].type
            return
        groups: dict[str, tuple[set[str], TypeNode]] = {}
        for object_type in sorted(self.possible_types(type_name) if on is None else on):
            found = self._types[object_type].fields.get(name)
            if found is not None:
                groups.setdefault(print_ast(found.type), (set(), found.type))[0].add(object_type)
        for members, type_node in groups.values():
            yield frozenset(members), type_node


def print_variable(node: VariableDefinitionNode) -> str:
    """``$n: Int! = 3``, without directives: a subgraph need not know those that clients put on variables."""
    default = f" = {print_ast(node.default_value)}" if node.default_value else ""
    return f"${node.variable.name.value}: {print_ast(node.type)}{default}"


def print_arguments(node: FieldNode) -> str:
    if not node.arguments:
        return ""
    return "(" + ", ".join(print_ast(one) for one in node.arguments) + ")"


def _variables(node: FieldNode) -> Iterable[str]:
    for argument in node.arguments or ():
        yield from _variables_in(argument.value)


def _variables_in(value: ValueNode) -> Iterable[str]:
    if isinstance(value, VariableNode):
        yield value.name.value
    for item in getattr(value, "values", None) or ():
        yield from _variables_in(item)
    for item in getattr(value, "fields", None) or ():
        yield from _variables_in(item.value)


def _condition(directives: Iterable[DirectiveNode] | None) -> Condition:
    condition = ALWAYS
    for directive in directives or ():
        name = directive.name.value
        if name in ("skip", "include") and directive.arguments:
            condition = both(condition, _literal_or_variable(directive.arguments[0].value, name == "include"))
    return condition


def _literal_or_variable(value: ValueNode, wanted: bool) -> Condition:
    if isinstance(value, VariableNode):
        return variable_is(value.name.value, wanted)
    assert isinstance(value, BooleanValueNode)
    return ALWAYS if value.value is wanted else NEVER
