"""What `@feed` says, and what becomes of a subscription's document."""

from __future__ import annotations

import pytest
from graphql import OperationDefinitionNode, build_schema, parse, print_ast, validate

from gateway.errors import RequestError, SupergraphError
from gateway.routing.subscribed import as_query
from gateway.subscriptions.positions import position_text, read_position
from gateway.supergraph import build_public_schema, read_supergraph
from gateway.supergraph.feeds import Feed, read_feeds

SDL = """
directive @feed(topic: String!, types: [String!]!, where: [String!]!, query: String!, start: String) on FIELD_DEFINITION
enum join__Graph {{ A @join__graph(name: "a", url: "http://127.0.0.1:1") }}
schema {{ query: Query subscription: Subscription }}
type Query @join__type(graph: A) {{ order(id: ID!): Order orders: [Order] }}
type Order @join__type(graph: A, key: "id") {{ id: ID! number: String rows: [Order] }}
type Subscription @join__type(graph: A) {{
  orderChanged(id: ID!): Order
    @feed(topic: "orders", types: ["placed", "sent"], where: ["data.order.id = $id"], query: "order(id: $id)")
  inbox(unit: ID!, kind: String): Order {inbox}
  loose: Order
}}
"""
INBOX = (
    '@feed(topic: "orders", types: ["placed"], where: ["data.unit = $unit", "subject = $kind"],'
    ' query: "order(id: $_data_orderId)", start: "orders { id }")'
)


def feeds(inbox: str = INBOX) -> dict[str, Feed]:
    supergraph = read_supergraph(SDL.format(inbox=inbox))
    return dict(read_feeds(supergraph, build_public_schema(supergraph)))


def rewritten(text: str) -> str:
    schema = build_schema(SDL.format(inbox=INBOX), assume_valid_sdl=True)
    document = parse(text)
    assert validate(schema, document) == []
    definition = document.definitions[0]
    assert isinstance(definition, OperationDefinitionNode)
    made, _, _ = as_query(document, definition, feeds())
    assert validate(schema, made) == []
    return " ".join(print_ast(made).split())


def test_an_event_is_compared_with_arguments_by_paths() -> None:
    inbox = feeds()["inbox"]
    assert inbox.values_of({"subject": "s", "data": {"unit": 7}}) == ("7", "s")
    assert inbox.values_of({"subject": "s", "data": {"unit": None}}) is None
    assert inbox.values_of({"subject": "s", "data": ["unit"]}) is None
    assert inbox.event_variables({"data": {"orderId": "o"}}) == {"_data_orderId": "o"}
    assert feeds()["orderChanged"].values_of({"data": {"order": {"id": "x"}}}) == ("x",)
    assert "loose" not in feeds()


@pytest.mark.parametrize(
    ("inbox", "reason"),
    [
        ('@feed(topic: "t", types: [], where: [], query: "orders")', "of another type"),
        ('@feed(topic: "t", types: [], where: [], query: "order(id: 3)")', "must be variables"),
        ('@feed(topic: "t", types: [], where: [], query: "order(id: $no)")', "no argument"),
        ('@feed(topic: "t", types: [], where: [], query: "order(id: $_subject)")', "needs a start"),
        ('@feed(topic: "t", types: [], where: ["subject ~ $unit"], query: "order(id: $unit)")', "is not <path>"),
        ('@feed(topic: "t", types: [], where: ["subject = $who"], query: "order(id: $unit)")', "who"),
        ('@feed(topic: "t", types: [], where: [], query: "nothing(id: $unit)")', "nothing"),
    ],
)
def test_a_declaration_that_cannot_work_is_refused_at_the_start(inbox: str, reason: str) -> None:
    with pytest.raises(SupergraphError, match=reason):
        feeds(inbox)


def test_a_subscription_becomes_the_query_of_its_events() -> None:
    assert rewritten("subscription S($x: ID!) { o: orderChanged(id: $x) { number } }") == (
        "query S($x: ID!) { o: order(id: $x) { number } }"
    )
    text = 'subscription { ...F } fragment F on Subscription { inbox(unit: "u") { ...G } } fragment G on Order { id }'
    assert rewritten(text) == (
        "query ($_data_orderId: ID!) { inbox: order(id: $_data_orderId) { ...G } } fragment G on Order { id }"
    )


@pytest.mark.parametrize(
    "text", ["subscription { loose { id } }", "subscription($_subject: ID!) { orderChanged(id: $_subject) { id } }"]
)
def test_what_no_events_feed_is_refused(text: str) -> None:
    with pytest.raises(RequestError) as refused:
        rewritten(text)
    assert refused.value.errors[0]["extensions"]["code"] == "SUBSCRIPTION_NOT_SUPPORTED"


def test_positions_are_texts_of_one_topic() -> None:
    text = position_text("orders", {1: 7, 0: 300})
    assert read_position("orders", text, 2) == {0: 300, 1: 7}
    for topic, other, partitions in (("others", text, 2), ("orders", text, 3), ("orders", "§", 2), ("orders", "", 2)):
        with pytest.raises(RequestError, match="no event id"):
            read_position(topic, other, partitions)
