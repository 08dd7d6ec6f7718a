"""From a subscription to the query that is asked after each event, so that planning and limits know only queries.

Before, with `query: "order(id: $_data_orderId)"`::

    subscription Inbox($unit: ID!) { new: orderInbox(unitId: $unit) { number ...More } }

After::

    query Inbox($unit: ID!, $_data_orderId: ID) { new: order(id: $_data_orderId) { number ...More } }
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    NameNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableDefinitionNode,
    VariableNode,
    parse_type,
)

from ..errors import RequestError
from ..supergraph.feeds import EVENT_PREFIX, Feed


@dataclass(frozen=True, slots=True)
class Subscribed:
    """The field that a document subscribes to, as it stands there."""

    feed: Feed
    field: FieldNode

    @property
    def name(self) -> str:
        return self.field.name.value

    @property
    def key(self) -> str:
        """The response key."""
        return self.field.alias.value if self.field.alias else self.name


def as_query(
    document: DocumentNode, definition: OperationDefinitionNode, feeds: Mapping[str, Feed]
) -> tuple[DocumentNode, OperationDefinitionNode, Subscribed]:
    """`definition` must be a valid subscription, which has one root field. Raises `RequestError`."""
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    spread: set[str] = set()
    fields = list(_root_fields(definition.selection_set, fragments, spread))
    first = fields[0]
    feed = feeds.get(first.name.value)
    if feed is None:
        raise RequestError.of("SUBSCRIPTION_NOT_SUPPORTED", f"No events feed {first.name.value}.")
    if any(one.variable.name.value.startswith(EVENT_PREFIX) for one in definition.variable_definitions or ()):
        raise RequestError.of("SUBSCRIPTION_NOT_SUPPORTED", f"Variables must not begin with {EVENT_PREFIX!r}.")
    subscribed = Subscribed(feed, first)
    given = {one.name.value: one.value for one in first.arguments or ()}
    arguments = []
    for argument in feed.query.arguments or ():
        assert isinstance(argument.value, VariableNode)
        variable = argument.value.name.value
        value = argument.value if variable in feed.variables else given.get(variable)
        if value is not None:
            arguments.append(ArgumentNode(name=argument.name, value=value))
    sets = [one.selection_set for one in fields if one.selection_set]
    asked = FieldNode(
        alias=NameNode(value=subscribed.key),
        name=feed.query.name,
        arguments=tuple(arguments),
        selection_set=SelectionSetNode(selections=tuple(one for each in sets for one in each.selections))
        if sets
        else None,
    )
    query = OperationDefinitionNode(
        operation=OperationType.QUERY,
        name=definition.name,
        variable_definitions=(*(definition.variable_definitions or ()), *_event_variables(feed)),
        selection_set=SelectionSetNode(selections=(asked,)),
    )
    of_records = [one for one in fragments.values() if one.name.value not in spread]
    return DocumentNode(definitions=(query, *of_records)), query, subscribed


def _event_variables(feed: Feed) -> Iterator[VariableDefinitionNode]:
    for name, type_name in feed.variables.items():
        yield VariableDefinitionNode(variable=VariableNode(name=NameNode(value=name)), type=parse_type(type_name))


def _root_fields(
    selection_set: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode], spread: set[str]
) -> Iterator[FieldNode]:
    """The root's fields; the names of fragments that were needed for it go into `spread`."""
    for node in selection_set.selections:
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, InlineFragmentNode):
            yield from _root_fields(node.selection_set, fragments, spread)
        elif isinstance(node, FragmentSpreadNode):
            spread.add(node.name.value)
            yield from _root_fields(fragments[node.name.value].selection_set, fragments, spread)
