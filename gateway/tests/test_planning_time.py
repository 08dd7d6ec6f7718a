"""What the first plan of an operation costs, in CPU time; the bounds are several times what it takes."""

from __future__ import annotations

import time
from pathlib import Path

from graphql import OperationDefinitionNode, parse

from gateway.planner import Graph, Plan, Planner
from gateway.supergraph import read_supergraph

from .federation import FIXTURES

PLANS = Path(__file__).parent / "plans"


def planned(fixture: str, query: str) -> tuple[Plan, float]:
    graph = Graph(read_supergraph((FIXTURES / fixture / "supergraph.graphql").read_text("utf-8")))
    started = time.process_time()
    document = parse(query)
    definition = next(one for one in document.definitions if isinstance(one, OperationDefinitionNode))
    plan = Planner(graph).plan(graph.normaliser.operation(document, definition))
    return plan, time.process_time() - started


def test_the_published_benchmark_operation() -> None:
    plan, seconds = planned("benchmark", (PLANS / "benchmark.graphql").read_text("utf-8"))
    assert len(list(plan.fetches)) == 6
    assert seconds < 0.1


def test_the_search_for_fewer_requests_is_bounded() -> None:
    """Many fields of several owners each, under many aliases: the search stops after its share of work."""
    fields = "me { name profile { bio links { home } } } info { shared }"
    query = "{ " + " ".join(f"a{one}: " + fields.replace(" info", f" b{one}: info") for one in range(40)) + " }"
    _, seconds = planned("shareable", query)
    assert seconds < 3
