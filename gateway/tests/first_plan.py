"""The first plan of an operation, and what it may cost."""

from __future__ import annotations

import time

from graphql import OperationDefinitionNode, parse

from gateway.planner import Graph, Plan, Planner
from gateway.supergraph import read_supergraph

TRIES = 3


def first_plan(graph: Graph, query: str) -> Plan:
    document = parse(query)
    definition = next(one for one in document.definitions if isinstance(one, OperationDefinitionNode))
    return Planner(graph).plan(graph.normaliser.operation(document, definition))


def first_plan_within(seconds: float, sdl: str, query: str) -> Plan:
    """The plan, whose best of some tries took less CPU time: one of them may collect the garbage of other tests."""
    took = []
    for _ in range(TRIES):
        graph = Graph(read_supergraph(sdl))
        started = time.thread_time()
        made = first_plan(graph, query)
        took.append(time.thread_time() - started)
    assert min(took) < seconds, took
    return made
