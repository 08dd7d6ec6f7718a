"""Mutations run one after the other over all subgraphs, each with the reads below it, before the next begins."""

from __future__ import annotations

from typing import Any

from ..federation import Federation
from ..oracle.local import fixture
from ..world import Ref, World


def counters() -> Federation:
    """One counter that three subgraphs count parts of; every change is also told to the others' parts."""
    one: dict[str, Any] = {"id": "1", "a": 0, "b": 0, "c": 0}
    world = World({"Counter": {"1": one}})

    def add(name: str) -> Any:
        def change(_source: Any, arguments: dict[str, Any]) -> Ref | None:
            if arguments["by"] < 0:
                raise ValueError("less than nothing")
            one[name] += arguments["by"]
            return Ref("Counter", "1")

        return change

    counter = Ref("Counter", "1")
    world.roots = {
        "Query": {f"{name}Counter": counter for name in "abc"},
        "Mutation": {f"{name}Add": add(name) for name in "abc"},
    }
    return fixture("mutations", world)


async def test_each_reads_what_those_before_it_did() -> None:
    federation = counters()
    answer = await federation.ask(
        "mutation { x: aAdd { a b c } y: bAdd(by: 2) { a b c } z: aAdd(by: 3) { a b c } w: cAdd { a b c } }"
    )
    assert answer == {
        "data": {
            "x": {"a": 1, "b": 0, "c": 0},
            "y": {"a": 1, "b": 2, "c": 0},
            "z": {"a": 4, "b": 2, "c": 0},
            "w": {"a": 4, "b": 2, "c": 1},
        }
    }
    assert federation.counts == {"a": 4, "b": 4, "c": 4}  # each time one mutation and two reads


async def test_neighbours_that_one_subgraph_answers_alone_share_a_request() -> None:
    federation = counters()
    answer = await federation.ask("mutation { x: aAdd { a } y: aAdd { a } z: bAdd { b } w: aAdd { a id } }")
    assert answer["data"] == {"x": {"a": 1}, "y": {"a": 2}, "z": {"b": 1}, "w": {"a": 3, "id": "1"}}
    assert federation.counts == {"a": 2, "b": 1}


async def test_a_failed_one_does_not_stop_those_after_it() -> None:
    federation = counters()
    answer = await federation.ask("mutation { x: aAdd { b } y: bAdd(by: -1) { a } z: cAdd { c b } __typename }")
    assert answer["data"] == {"x": {"b": 0}, "y": None, "z": {"c": 1, "b": 0}, "__typename": "Mutation"}
    assert [error["path"] for error in answer["errors"]] == [["y"]]
    assert federation.counts == {"a": 1, "b": 3, "c": 1}


async def test_skipped_ones_are_not_sent() -> None:
    federation = counters()
    query = """mutation ($no: Boolean!) {
      x: aAdd @include(if: $no) { b }  y: bAdd { a }  ... @skip(if: $no) { z: cAdd { c } }
    }"""
    assert (await federation.ask(query, {"no": False}))["data"] == {"y": {"a": 0}, "z": {"c": 1}}
    assert federation.counts == {"a": 1, "b": 1, "c": 1}
