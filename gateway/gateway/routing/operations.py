"""From a document's text to an operation ready to run: parse, validate, normalise, plan. Each once for each document.

What is ready is kept in a bounded cache by text and operation name. It holds nothing of a request, and nothing
outside its snapshot holds on to it.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    ExecutionResult,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    NonNullTypeNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableDefinitionNode,
    VariableNode,
    execute_sync,
    get_variable_values,
    parse,
    validate,
)

from ..errors import OperationTooLarge, PlanningError, RequestError
from ..execution import OperationCode, Shape
from ..guards.authorisation import Denied, Rule, Rules, restrict
from ..guards.cost import CostModel, OperationCost
from ..guards.limits import Limits, check_document, check_text
from ..planner import Graph, Operation, Plan, Planner
from ..planner.conditions import ALWAYS
from ..planner.normalise import INTROSPECTION
from ..supergraph.feeds import Feed
from .incremental import refuse_stream, without_defer
from .subscribed import Subscribed, as_query

# graphql-core's and GraphiQL's introspection have some 170; each costs a large schema milliseconds.
MAX_INTROSPECTION_FIELDS = 400
MAX_INTROSPECTED = 4
MAX_LABEL_SETS = 16  # of override labels, whose graphs are kept
NO_LABELS: frozenset[str] = frozenset()
MAX_RESTRICTED = 32  # kept forms of one operation, for callers who may see different parts of it


@dataclass(frozen=True, slots=True)
class ReadyOperation:
    """All that is known of an operation before its variables. `hash` is the SHA-256 of the document's text."""

    hash: str
    name: str
    kind: OperationType
    operation: Operation
    plan: Plan
    shape: Shape
    variable_definitions: tuple[VariableDefinitionNode, ...]
    introspection: DocumentNode | None
    cost: OperationCost
    rules: frozenset[Rule]
    denied: tuple[Denied, ...] = ()  # what its caller may not see
    root_rules: frozenset[Rule] = frozenset()  # of the field that is subscribed to
    never_null: frozenset[str] = frozenset()  # variables that may be null, and decide about @skip or @include
    restricted: dict[frozenset[Rule], ReadyOperation] = field(default_factory=dict)
    labels: frozenset[str] = NO_LABELS
    subscribed: Subscribed | None = None
    code: OperationCode = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "code", OperationCode(f"{self.name} {self.hash[:8]}", self.shape, self.plan))


class OperationCache:
    """Prepares operations of one schema and keeps the `size` used last."""

    def __init__(
        self,
        schema: GraphQLSchema,
        graph: Graph,
        costs: CostModel,
        rules: Rules,
        limits: Limits,
        size: int,
        introspection: bool = True,
        feeds: Mapping[str, Feed] | None = None,
    ):
        self._schema = schema
        self._graph = graph
        self._graphs: OrderedDict[frozenset[str], Graph] = OrderedDict()
        self._costs = costs
        self._rules = rules
        self._limits = limits
        self._size = size
        self._introspection = introspection
        self._feeds = feeds or {}
        self._introspected: dict[tuple[str, str], dict[str, Any]] = {}
        self._ready: OrderedDict[tuple[str, str | None, frozenset[str]], ReadyOperation] = OrderedDict()

    def __len__(self) -> int:
        return len(self._ready)

    def get(
        self, text: str, operation_name: str | None, labels: frozenset[str] = NO_LABELS
    ) -> tuple[ReadyOperation, bool]:
        """The operation as planned for these override labels, and whether it was known. Raises `RequestError`."""
        key = (text, operation_name, labels)
        known = self._ready.get(key)
        if known is not None:
            self._ready.move_to_end(key)
            return known, True
        ready = self._prepare(text, operation_name, labels)
        self._ready[key] = ready
        if len(self._ready) > self._size:
            self._ready.popitem(last=False)
        return ready, False

    def used_last(self, count: int) -> list[tuple[str, str | None]]:
        """Text and operation name of up to `count` operations, the one used last first."""
        used = dict.fromkeys((text, name) for text, name, _ in reversed(self._ready))
        return list(islice(used, count))

    def warm(self, operations: Sequence[tuple[str, str | None]], seconds: float) -> None:
        """Prepare these, as many as `seconds` allow; those that this schema refuses are left out."""
        end = time.monotonic() + seconds
        for text, name in operations:
            if time.monotonic() > end:
                return
            with suppress(RequestError):
                self.get(text, name)

    def _graph_under(self, labels: frozenset[str]) -> Graph:
        if not labels:
            return self._graph
        if labels not in self._graphs:
            self._graphs[labels] = self._graph.under(labels)
            if len(self._graphs) > MAX_LABEL_SETS:
                self._graphs.popitem(last=False)
        return self._graphs[labels]

    def _prepare(self, text: str, operation_name: str | None, labels: frozenset[str]) -> ReadyOperation:
        document = self._parse(text)
        check_document(document, self._limits)
        refuse_stream(document)
        self._validate(document)
        definition = _pick(document, operation_name)
        variables = tuple(definition.variable_definitions or ())
        subscribed = None
        if definition.operation is OperationType.SUBSCRIPTION:
            document, definition, subscribed = as_query(document, definition, self._feeds)
        try:
            graph = self._graph_under(labels)
            operation = graph.normaliser.operation(document, definition)
            plan = Planner(graph).plan(operation)
        except OperationTooLarge as error:
            raise RequestError.of("TOO_MANY_FIELDS", str(error)) from error
        except PlanningError as error:
            raise RequestError.of("QUERY_PLANNING_FAILED", str(error), status=500) from error
        root_rules: frozenset[Rule] = frozenset()
        if subscribed is not None and self._schema.subscription_type is not None:
            root_rules = self._rules.on_field(self._schema.subscription_type.name, subscribed.name)
        introspection = _introspection_part(document, definition) if plan.introspection else None
        if introspection is not None:
            self._check_introspection(introspection)
        return ReadyOperation(
            hash=hashlib.sha256(text.encode()).hexdigest(),
            name=operation.name,
            kind=OperationType.SUBSCRIPTION if subscribed else operation.kind,
            operation=operation,
            plan=plan,
            shape=Shape(self._schema, [(operation.selections, ALWAYS)]),
            variable_definitions=variables,
            introspection=introspection,
            cost=self._costs.cost(operation),
            rules=self._rules.of(operation.selections) | root_rules,
            root_rules=root_rules,
            never_null=_deciding(document, definition),
            labels=labels,
            subscribed=subscribed,
        )

    def restricted(self, ready: ReadyOperation, unmet: frozenset[Rule]) -> ReadyOperation:
        """The operation without what is under rules that its caller does not meet."""
        known = ready.restricted.get(unmet)
        if known is not None:
            return known
        restriction = restrict(self._rules, unmet, ready.operation.selections)
        operation = replace(ready.operation, selections=restriction.planned)
        made = replace(
            ready,
            operation=operation,
            plan=Planner(self._graph_under(ready.labels)).plan(operation),
            shape=Shape(self._schema, [(restriction.shaped, ALWAYS)]),
            denied=tuple(restriction.denied),
        )
        if len(ready.restricted) < MAX_RESTRICTED:
            ready.restricted[unmet] = made
        return made

    def _check_introspection(self, document: DocumentNode) -> None:
        if not self._introspection:
            raise RequestError.of("INTROSPECTION_DISABLED", "Introspection is not allowed.")
        fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
        definition = document.definitions[0]
        assert isinstance(definition, OperationDefinitionNode)
        fields = sum(1 for _ in islice(_fields_in(definition.selection_set, fragments), MAX_INTROSPECTION_FIELDS + 1))
        if fields > MAX_INTROSPECTION_FIELDS:
            message = f"Introspection of more than {MAX_INTROSPECTION_FIELDS} fields is not allowed."
            raise RequestError.of("TOO_MANY_FIELDS", message, limit=MAX_INTROSPECTION_FIELDS)

    def _parse(self, text: str) -> DocumentNode:
        check_text(text, self._limits)
        try:
            return parse(text, allow_empty_selection_sets=False)
        except GraphQLError as error:
            raise _refused("GRAPHQL_PARSE_FAILED", [error]) from error
        except RecursionError:
            raise RequestError.of("DOCUMENT_TOO_DEEP", "The document is nested too deeply.") from None

    def _validate(self, document: DocumentNode) -> None:
        try:
            errors = validate(
                self._schema,
                document,
                max_errors=20,
                hide_suggestions=not self._introspection,
                allow_empty_selection_sets=False,
            )
        except RecursionError:
            raise RequestError.of("DOCUMENT_TOO_DEEP", "The document is nested too deeply.") from None
        if errors:
            raise _refused("GRAPHQL_VALIDATION_FAILED", errors)

    def coerce(self, ready: ReadyOperation, variables: dict[str, Any]) -> Mapping[str, Any]:
        """The variables with defaults, as the specification coerces them. Raises `RequestError` (BAD_USER_INPUT)."""
        if not ready.variable_definitions:
            return {}
        values = get_variable_values(self._schema, ready.variable_definitions, variables, max_errors=20)
        if isinstance(values, list):
            raise _refused("BAD_USER_INPUT", values)
        for name in ready.never_null:
            if values.coerced.get(name) is None:
                raise RequestError.of(
                    "BAD_USER_INPUT", f"Variable '${name}' decides about @skip or @include: not null."
                )
        return values.coerced

    async def introspect(self, ready: ReadyOperation, variables: dict[str, Any]) -> dict[str, Any]:
        """The answers to ``__schema`` and ``__type``, by response key.

        A large schema takes half a second, so this runs beside the event loop, and answers that depend on no variable
        are kept for the few documents that tools send.
        """
        assert ready.introspection is not None
        key = (ready.hash, ready.name)
        if key in self._introspected:
            return self._introspected[key]
        result = await asyncio.to_thread(execute_sync, self._schema, ready.introspection, variable_values=variables)
        assert isinstance(result, ExecutionResult)
        if result.errors:
            raise _refused("GRAPHQL_VALIDATION_FAILED", result.errors)
        if not ready.variable_definitions and len(self._introspected) < MAX_INTROSPECTED:
            self._introspected[key] = result.data or {}
        return result.data or {}


def _deciding(document: DocumentNode, definition: OperationDefinitionNode) -> frozenset[str]:
    """Variables that may be null by their type and stand for a Boolean! in a directive, where a default allows that
    (GraphQL, 5.8.5); given as null they are an error (6.4.1)."""
    variables = definition.variable_definitions or ()
    nullable = {one.variable.name.value for one in variables if not isinstance(one.type, NonNullTypeNode)}
    fragments = [one for one in document.definitions if isinstance(one, FragmentDefinitionNode)]
    directives = _directives([definition, *fragments]) if nullable else ()
    values = [each.value for one in directives if one.name.value in ("skip", "include") for each in one.arguments or ()]
    return frozenset(one.name.value for one in values if isinstance(one, VariableNode)) & nullable


def _directives(nodes: list[Any]) -> Iterator[DirectiveNode]:
    """All that are written on these and below; by a list of what is left, as documents may be deep."""
    while nodes:
        node = nodes.pop()
        yield from node.directives or ()
        selections = getattr(node, "selection_set", None)
        nodes += selections.selections if selections else ()


def _pick(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    if name:
        for one in operations:
            if one.name and one.name.value == name:
                return one
        raise RequestError.of("OPERATION_RESOLUTION_FAILURE", f"Unknown operation named {name!r}.")
    if len(operations) == 1:
        return operations[0]
    what = "must be named: the document has several" if operations else "is missing"
    raise RequestError.of("OPERATION_RESOLUTION_FAILURE", f"The operation {what}.")


def _introspection_part(document: DocumentNode, definition: OperationDefinitionNode) -> DocumentNode:
    """The document with only the root's introspection fields, and the fragments, which these may use."""
    fragments = [one for one in document.definitions if isinstance(one, FragmentDefinitionNode)]
    by_name = {one.name.value: one for one in fragments}
    only = OperationDefinitionNode(
        operation=definition.operation,
        name=definition.name,
        variable_definitions=definition.variable_definitions,
        directives=definition.directives,
        selection_set=_only_introspection(definition.selection_set, by_name),
    )
    return without_defer(DocumentNode(definitions=(only, *fragments)))


def _only_introspection(
    selection_set: SelectionSetNode, fragments: dict[str, FragmentDefinitionNode]
) -> SelectionSetNode:
    kept: list[Any] = []
    for node in selection_set.selections:
        if isinstance(node, FieldNode):
            if node.name.value in INTROSPECTION:
                kept.append(node)
        elif isinstance(node, InlineFragmentNode | FragmentSpreadNode):
            inner = fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
            part = _only_introspection(inner.selection_set, fragments)
            if part.selections:
                kept.append(InlineFragmentNode(directives=node.directives or (), selection_set=part))
    return SelectionSetNode(selections=tuple(kept))


def _fields_in(selection_set: SelectionSetNode, fragments: dict[str, FragmentDefinitionNode]) -> Iterator[FieldNode]:
    """Every field, fragments expanded (validation has seen to it that they end)."""
    for node in selection_set.selections:
        if isinstance(node, FieldNode):
            yield node
        inner = fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
        nested: SelectionSetNode | None = getattr(inner, "selection_set", None)
        if nested is not None:
            yield from _fields_in(nested, fragments)


def _refused(code: str, errors: list[GraphQLError]) -> RequestError:
    formatted = []
    for error in errors:
        entry: dict[str, Any] = {"message": error.message}
        if error.locations:
            entry["locations"] = [{"line": one.line, "column": one.column} for one in error.locations]
        formatted.append({**entry, "extensions": {"code": code}})
    return RequestError(400, formatted)
