"""What feeds a field of `Subscription`: the composed directive `@feed` of the subgraph that owns the events.

    petitionChanged(id: ID!): Petition
      @feed(topic: "petition.events", types: ["petition.accepted"], where: ["data.petitionId = $id"],
            query: "petition(id: $id)")

* `topic`: where the CloudEvents (structured JSON) come; a prefix may stand before it.
* `types`: the event types that count.
* `where`: ``<path in the event> = $<argument>``; all must hold, compared as texts.
* `query`: the root field asked after each event, with the subscriber's token, in the place of the subscribed one. Its
  arguments are variables: the subscription's arguments, and what the event says by its path, `$_subject` or
  `$_data_orderId` for ``data.orderId``.
* `start`: what must be answered without error before the subscription starts, when `query` needs an event. Without it
  `query` itself is asked, and must not be null.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    ObjectTypeDefinitionNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    parse,
)

from ..errors import SupergraphError
from . import Supergraph
from .reader import applied

EVENT_PREFIX = "_"
_CONDITION = re.compile(r"\s*([A-Za-z]\w*(?:\.\w+)*)\s*=\s*\$(\w+)\s*")

Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Feed:
    """`where` maps arguments to paths; `query` is the root field; `variables` those of the event with their types."""

    topic: str
    types: frozenset[str]
    where: tuple[tuple[str, tuple[str, ...]], ...]
    query: FieldNode
    start: str | None
    variables: Mapping[str, str]

    def values_of(self, event: Event) -> tuple[str, ...] | None:
        """What the event says where the arguments are compared; None when it does not say it."""
        found = tuple(text_at(event, path) for _, path in self.where)
        return None if None in found else found  # type: ignore[return-value]

    def event_variables(self, event: Event) -> dict[str, str | None]:
        return {name: text_at(event, tuple(name.removeprefix(EVENT_PREFIX).split("_"))) for name in self.variables}


def text_at(event: Event, path: tuple[str, ...]) -> str | None:
    value: Any = event
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return str(value) if isinstance(value, str | int) else None


def read_feeds(supergraph: Supergraph, schema: GraphQLSchema) -> Mapping[str, Feed]:
    """By field of the subscription type. Raises `SupergraphError` for a declaration that cannot work."""
    root = supergraph.roots.get("subscription")
    feeds: dict[str, Feed] = {}
    for node in supergraph.document.definitions:
        if not isinstance(node, ObjectTypeDefinitionNode) or node.name.value != root:
            continue
        for one in node.fields or ():
            declared = next(applied(one.directives, "feed"), None)
            if declared is not None:
                try:
                    feeds[one.name.value] = _feed(one.name.value, declared, schema)
                except (GraphQLError, KeyError, ValueError) as error:
                    raise SupergraphError(f"@feed of {one.name.value}: {error}") from error
    return feeds


def _feed(name: str, declared: Mapping[str, Any], schema: GraphQLSchema) -> Feed:
    assert schema.subscription_type is not None
    assert schema.query_type is not None
    subscribed = schema.subscription_type.fields[name]
    query = _field(declared["query"])
    asked = schema.query_type.fields[query.name.value]
    if asked.type != subscribed.type:
        raise ValueError(f"{query.name.value} is of another type")
    variables = {}
    for argument in query.arguments or ():
        if not isinstance(argument.value, VariableNode):
            raise ValueError("the arguments of the query must be variables")
        variable = argument.value.name.value
        if variable.startswith(EVENT_PREFIX):
            variables[variable] = str(asked.args[argument.name.value].type)
        elif variable not in subscribed.args:
            raise ValueError(f"${variable} is no argument")
    where = tuple(_condition(one) for one in declared.get("where") or ())
    for argument_name, _ in where:
        subscribed.args[argument_name]
    start = declared.get("start")
    if variables and not start:
        raise ValueError("a query that needs an event needs a start, too")
    return Feed(declared["topic"], frozenset(declared["types"]), where, query, start, variables)


def _field(text: str) -> FieldNode:
    definition = parse("query{" + text + "}", no_location=True, allow_empty_selection_sets=False).definitions[0]
    assert isinstance(definition, OperationDefinitionNode)
    selections: SelectionSetNode = definition.selection_set
    if len(selections.selections) != 1 or not isinstance(selections.selections[0], FieldNode):
        raise ValueError("the query is one field")
    return selections.selections[0]


def _condition(text: str) -> tuple[str, tuple[str, ...]]:
    match = _CONDITION.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not <path> = $<argument>")
    return match[2], tuple(match[1].split("."))
