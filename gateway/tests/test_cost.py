"""What operations are estimated to cost, by a schema with `@cost` and `@listSize`; and what is too much."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from graphql import OperationDefinitionNode, parse

from gateway.guards.cost import CostModel, OperationCost
from gateway.planner import Graph
from gateway.serving import Application
from gateway.settings import Settings
from gateway.supergraph import read_supergraph

from .federation import FIXTURES
from .serving import serving

FILE = FIXTURES / "cost" / "supergraph.graphql"
SUPERGRAPH = read_supergraph(FILE.read_text("utf-8"))
GRAPH = Graph(SUPERGRAPH)
COSTS = CostModel(SUPERGRAPH, default_size=10)


def operation_cost(query: str) -> OperationCost:
    document = parse(query)
    definition = document.definitions[0]
    assert isinstance(definition, OperationDefinitionNode)
    return COSTS.cost(GRAPH.normaliser.operation(document, definition))


@pytest.mark.parametrize(
    ("query", "variables", "cost"),
    [
        ("{ __typename }", {}, 0),
        ("{ user(id: 1) { id } }", {}, 3 + 2),
        ("{ user(id: 1) { name } }", {}, 3 + 5 + 2),
        ("{ user(id: 1) { name a: name b: name } }", {}, 3 + 15 + 2),
        ("{ user(id: 1) { name name ... on User { name } } }", {}, 3 + 5 + 2),
        ("{ user(id: 1) { score } }", {}, 3 + 50 + 2),
        ("{ user(id: 1) { friends { id } } }", {}, 3 + 7 * 3 + 2),
        ("{ user(id: 1) { friends { friends { id } } } }", {}, 3 + 7 * (3 + 7 * 3) + 2),
        ("{ user(id: 1) { groups { id } } }", {}, 3 + 10 * 1 + 2),
        ("{ users(first: 5) { total edges { node { id } } } }", {}, 1 + 5 * (1 + 3)),
        ("{ users(first: 0) { edges { node { id } } } }", {}, 1),
        ("{ users { edges { node { id } } } }", {}, 1 + 20 * (1 + 3)),
        ("query($n: Int) { users(first: $n) { edges { node { id } } } }", {"n": 100}, 1 + 100 * (1 + 3)),
        ("query($n: Int) { users(first: $n) { edges { node { id } } } }", {}, 1 + 20 * (1 + 3)),
        ('{ users(search: {text: "a", any: [{text: "b"}, {text: "c"}]}) { total } }', {}, 1 + 3 * 4),
        ("query($s: Search) { users(search: $s) { total } }", {"s": {"any": [{"text": "b"}]}}, 1 + 4),
        ("{ named { name } }", {}, 10 * 3),
        ("{ named { ... on User { score } ... on Group { id } } }", {}, 10 * (3 + 50)),
        ("query($x: Boolean!) { user(id: 1) @include(if: $x) { name } }", {"x": False}, 0),
        ('mutation { rename(id: 1, name: "x") { id } }', {}, 10 + 3),
    ],
)
def test_cost(query: str, variables: dict[str, Any], cost: int) -> None:
    assert operation_cost(query).of(variables) == cost


def test_the_cost_follows_the_variables_of_each_request() -> None:
    cost = operation_cost("query($n: Int!) { users(first: $n) { edges { node { id } } } }")
    assert [cost.of({"n": n}) for n in (1, 2, 1, 3)] == [5, 9, 5, 13]


async def test_what_is_too_costly_is_refused_before_anything_is_asked() -> None:
    nobody = {"PEOPLE": "http://127.0.0.1:1", "SCORES": "http://127.0.0.1:1"}
    application = Application(Settings(supergraph=FILE, max_cost=100), nobody)
    query = "query($n: Int!) { users(first: $n) { edges { node { id } } } }"
    async with serving(application) as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:

        async def ask(n: int) -> Any:
            body = {"query": query, "variables": {"n": n}}
            return (await client.post("/graphql", json=body, headers={"x-report-cost": "1"})).json()

        refused = (await ask(25))["errors"][0]["extensions"]
        assert refused == {"code": "OPERATION_TOO_COSTLY", "cost": 101, "limit": 100}
        assert (await ask(2**31 - 1))["errors"][0]["extensions"]["code"] == "OPERATION_TOO_COSTLY"
        answer = await ask(24)
        assert answer["extensions"] == {"cost": {"estimated": 97, "limit": 100}}
        assert answer["errors"][0]["extensions"]["code"] == "GEN_DEPENDENCY_UNAVAILABLE"
