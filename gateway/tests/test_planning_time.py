"""What the first plan of an operation costs, in CPU time; the bounds are several times what it takes."""

from __future__ import annotations

from pathlib import Path

from .federation import FIXTURES
from .first_plan import first_plan_within

PLANS = Path(__file__).parent / "plans"


def supergraph(fixture: str) -> str:
    return (FIXTURES / fixture / "supergraph.graphql").read_text("utf-8")


def test_the_published_benchmark_operation() -> None:
    query = (PLANS / "benchmark.graphql").read_text("utf-8")
    assert len(list(first_plan_within(0.1, supergraph("benchmark"), query).fetches)) == 6


def test_the_search_for_fewer_requests_is_bounded() -> None:
    """Many fields of several owners each, under many aliases: the search stops after its share of work."""
    fields = "me { name profile { bio links { home } } } info { shared }"
    query = "{ " + " ".join(f"a{one}: " + fields.replace(" info", f" b{one}: info") for one in range(40)) + " }"
    first_plan_within(3, supergraph("shareable"), query)
