"""Progressive ``@override``: each request sees the owner that its labels choose."""

from __future__ import annotations

from collections import Counter

import pytest

from gateway.routing.override_labels import LabelsBySetting, percent
from gateway.routing.request import GraphQLRequest
from gateway.telemetry.trace import Trace, trace_from

from ..federation import Federation
from ..oracle.local import fixture

QUERY = "{ posts { title likes author { id name } } entries { title } }"


def trace(place: int) -> Trace:
    """A trace in that percent of all."""
    return trace_from(f"00-{'1' * 24}{-(-place * 2**32 // 100):08x}-{'2' * 16}-01".encode())


def labelled(*enabled: str) -> Federation:
    federation = fixture("override_label", seed=2)
    federation.router.label_rule = LabelsBySetting(enabled)
    return federation


async def asked(federation: Federation, place: int) -> dict[str, int]:
    expected = federation.expect(QUERY)
    federation.forget()
    outcome = await federation.router.answer(GraphQLRequest(QUERY, {}, None, (), trace(place)))
    assert outcome.answer == expected
    return federation.counts


async def test_the_share_of_traces_moves() -> None:
    federation = labelled()
    assert await asked(federation, 60) == {"a": 1}
    assert await asked(federation, 10) == {"a": 1, "b": 1}
    assert "title" not in str(federation.subgraphs["a"].requests).replace("... on Photo { title }", "")
    assert "title" in str(federation.subgraphs["b"].requests)


async def test_a_named_label_moves_all() -> None:
    federation = labelled("beta")
    assert await asked(federation, 60) == {"a": 2, "b": 1}  # b owns author, a has its name
    assert "likes" in str(federation.subgraphs["b"].requests)
    assert "title" not in str(federation.subgraphs["b"].requests)


async def test_a_rule_of_ones_own() -> None:
    federation = fixture("override_label", seed=2)
    federation.router.label_rule = lambda request, labels: labels if request.headers else frozenset()
    answers = []
    for headers in ((), ((b"x-tenant", b"new"),)):
        federation.forget()
        outcome = await federation.router.answer(GraphQLRequest("{ posts { likes } }", {}, None, headers, trace(0)))
        answers.append((outcome.answer, federation.counts))
    assert answers[0][0] == answers[1][0]
    assert [counts for _, counts in answers] == [{"a": 1}, {"a": 1, "b": 1}]


async def test_plans_are_kept_for_each_set_of_labels() -> None:
    federation = labelled()
    for place in (10, 11, 60, 61, 99):
        await asked(federation, place)
    assert len(federation.router.snapshot.operations) == 2


def test_shares() -> None:
    rule = LabelsBySetting()
    labels = frozenset({"percent(5)", "percent(50)", "percent(0)", "percent(100)", "percent(x)", "other"})
    count = Counter[str]()
    for place in range(100):
        on = rule(GraphQLRequest("", {}, None, (), trace(place)), labels)
        assert "percent(5)" not in on or "percent(50)" in on
        count.update(on)
    assert count == {"percent(5)": 5, "percent(50)": 50, "percent(100)": 100}


@pytest.mark.parametrize(("label", "share"), [("percent(2.5)", 2.5), ("percent()", 0), ("50", 0), ("percent(1)x", 0)])
def test_labels_that_are_no_share(label: str, share: float) -> None:
    assert percent(label) == share
