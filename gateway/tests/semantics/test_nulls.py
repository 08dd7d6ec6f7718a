"""What cannot be asked is not asked: null entities, null keys, requirements that could not be fetched; and objects of a
type that they cannot have."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ..federation import Federation, federation
from ..oracle.local import fixture
from ..subgraph import Subgraph
from ..worlds import shop


def changed(subgraph: Subgraph, change: Callable[[dict[str, Any]], None]) -> None:
    """Lets the subgraph answer something else than it has."""
    execute = subgraph.execute

    def wrong(request: dict[str, Any]) -> dict[str, Any]:
        answer = execute(request)
        change(answer["data"])
        return answer

    subgraph.execute = wrong  # type: ignore[method-assign]


def representations(federation: Federation, service: str) -> list[dict[str, Any]]:
    return [
        one
        for request in federation.subgraphs[service].requests
        for name, value in request["variables"].items()
        if name.startswith("r")
        for one in value
    ]


async def test_a_null_entity_is_not_asked_about() -> None:
    federation = fixture("siblings", seed=1)
    changed(federation.subgraphs["a"], lambda data: data.update(user=None))
    assert await federation.ask("{ user { nick age } }") == {"data": {"user": None}}
    assert federation.counts == {"a": 1}


async def test_null_entities_in_a_list_leave_the_others() -> None:
    federation = fixture("key_chain", seed=1)

    def lose_one(data: dict[str, Any]) -> None:
        if "_entities" in data:
            data["_entities"][0] = None

    changed(federation.subgraphs["b"], lose_one)
    answer = await federation.ask("{ things { id d } }")
    count = len({one["id"] for one in answer["data"]["things"]})
    assert count > 1
    assert answer["data"]["things"][0]["d"] is None
    assert len(representations(federation, "c")) == count - 1
    assert "errors" not in answer


async def test_a_null_key_is_not_sent() -> None:
    federation = fixture("key_chain", seed=1)

    def lose_keys(data: dict[str, Any]) -> None:
        for one in data["_entities"]:
            one["sku"] = None

    changed(federation.subgraphs["b"], lose_keys)
    answer = await federation.ask("{ things { id d } }")
    assert {one["d"] for one in answer["data"]["things"]} == {None}
    assert federation.counts == {"a": 1, "b": 1}


async def test_a_null_inside_a_nested_key_is_not_sent() -> None:
    federation = fixture("key_chain", seed=1)

    def lose_part(data: dict[str, Any]) -> None:
        for one in data["_entities"]:
            one["code"] = {"serial": None}

    changed(federation.subgraphs["c"], lose_part)
    answer = await federation.ask("{ things { d c } }")
    assert {one["d"] for one in answer["data"]["things"]} == {None}
    assert "d" not in federation.counts


async def test_a_required_field_that_is_null_is_sent_as_null() -> None:
    federation = fixture("requires_abstract", seed=1)

    def forget(data: dict[str, Any]) -> None:
        for one in data["parcels"]:
            one["first"] = None

    changed(federation.subgraphs["a"], lambda data: forget(data) if "parcels" in data else None)
    await federation.ask("{ parcels { second } }")
    sent = representations(federation, "b")
    assert sent
    assert all(one["first"] is None for one in sent)


async def test_a_requirement_that_was_not_fetched_is_not_sent() -> None:
    federation = fixture("requires_abstract", seed=1)

    def lose(data: dict[str, Any]) -> None:
        if "_entities" in data:
            data["_entities"][:] = [None for _ in data["_entities"]]

    changed(federation.subgraphs["b"], lose)
    answer = await federation.ask("{ parcels { id third } }")
    assert {one["third"] for one in answer["data"]["parcels"]} == {None}
    assert federation.counts == {"a": 1, "b": 1}


def answer_entities(federation: Federation, service: str, field: str, lost: set[str]) -> None:
    """The subgraph says null, with an error, for the field of the entities with these keys."""
    subgraph = federation.subgraphs[service]
    execute = subgraph.execute

    def wrong(request: dict[str, Any]) -> dict[str, Any]:
        answer = execute(request)
        asked = request["variables"].get("representations", [])
        gone = [index for index, one in enumerate(asked) if lost.intersection(map(str, one.values()))]
        for index in gone:
            answer["data"]["_entities"][index] = None
        errors = [{"message": "lost", "path": ["_entities", index, field]} for index in gone]
        return answer | ({"errors": errors} if errors else {})

    subgraph.execute = wrong  # type: ignore[method-assign]


async def test_null_in_a_required_place_nulls_the_nearest_that_may_be() -> None:
    """`inStock` is of another subgraph and never null: its loss takes the object, the list, or all the data."""
    async with federation("shop", shop(), subgraph_retries=0) as one:
        answer_entities(one, "stock", "inStock", {"sku-2"})
        answer = await one.ask(
            '{ me { id } product(id: "2") { name inStock } users { reviews { product { inStock } } } }'
        )
        assert answer["data"]["product"] is None
        assert answer["data"]["users"][0] == {"reviews": [{"product": {"inStock": 10}}, {"product": {"inStock": 30}}]}
        assert answer["data"]["me"] == {"id": "u1"}
        assert [error["path"] for error in answer["errors"]] == [["product", "inStock"]]
        assert one.counts == {"users": 1, "catalog": 2, "reviews": 1, "stock": 1}
        answer = await one.ask('{ me { id } products { inStock } product(id: "1") { inStock } }')
        assert answer["data"] is None  # `products` and what it is a list of are never null
        assert [error["path"] for error in answer["errors"]] == [["products", 1, "inStock"]]


@pytest.mark.parametrize("name", ["Human", "", None, 7, {"a": 1}, ["Cat"]])
async def test_an_object_of_an_impossible_type_is_null_and_told(name: Any) -> None:
    federation = fixture("unions", seed=1)

    changed(federation.subgraphs["b"], lambda data: data.update(visitors=[{"__typename": name, "id": "1"}] * 2))
    answer = await federation.ask("{ visitors { __typename ... on Cat { lives } ... on Bird { weight } } }")
    assert answer["data"]["visitors"] == [None, None]
    assert federation.counts == {"b": 1}
    codes = {error["extensions"]["code"] for error in answer["errors"]}
    assert codes == {"INVALID_SUBGRAPH_VALUE"}
    json.dumps(answer)


async def test_an_entity_of_an_unexpected_type_is_not_followed() -> None:
    federation = fixture("interface_object_more", seed=1)

    def corrupt(data: dict[str, Any]) -> None:
        for one in data.get("_entities") or ():
            one["__typename"] = "Place"

    changed(federation.subgraphs["a"], corrupt)
    answer = await federation.ask("{ parked { id ... on Car { doors } sticker } }")
    assert federation.counts == {"a": 1, "b": 1}
    assert "errors" in answer
