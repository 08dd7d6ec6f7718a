"""Partial answers: what a failing subgraph nulls, and what the client is told."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from .federation import Federation, federation
from .worlds import shop as shop_world


@pytest.fixture(scope="module")
async def shop() -> AsyncIterator[Federation]:
    async with federation("shop", shop_world()) as one:
        yield one


@pytest.fixture(autouse=True)
def restore(shop: Federation) -> Iterator[None]:
    yield
    for one in shop.subgraphs.values():
        one.intercept, one.delay = None, 0.0


def answer_with(shop: Federation, name: str, body: bytes | dict[str, Any], status: int = 200) -> None:
    payload = body if isinstance(body, bytes) else json.dumps(body).encode()

    async def intercept(_request: dict[str, Any]) -> tuple[int, bytes]:
        return status, payload

    shop.subgraphs[name].intercept = intercept


UNAVAILABLE = {"code": "GEN_DEPENDENCY_UNAVAILABLE", "service": "reviews", "retryable": True}


async def test_a_service_that_is_down_gives_one_error_and_partial_data(shop: Federation) -> None:
    await shop.subgraphs["reviews"].stop()
    try:
        answer = await shop.ask(
            "{ products(first: 2) { name stars inStock } me { name again: name } a: latest { id } }"
        )
    finally:
        await shop.subgraphs["reviews"].start()
    # `latest` is non-null, so its loss nulls the whole answer: the specification leaves no choice
    assert answer["data"] is None
    assert [error["extensions"] for error in answer["errors"]] == [UNAVAILABLE]


async def test_only_what_the_lost_service_owns_is_null(shop: Federation) -> None:
    await shop.subgraphs["reviews"].stop()
    try:
        answer = await shop.ask(
            "{ me { name } products(first: 2) { name stars inStock } p: product(id: 1) { reviews { id } } }"
        )
    finally:
        await shop.subgraphs["reviews"].start()
    assert answer["data"] == {
        "me": {"name": "User 1"},
        "products": [
            {"name": "商品 1", "stars": None, "inStock": 10},
            {"name": "商品 2", "stars": None, "inStock": 20},
        ],
        "p": None,  # reviews are non-null
    }
    [error] = answer["errors"]
    assert error["extensions"] == UNAVAILABLE
    assert error["path"] in (["products", 0], ["p"])


async def test_the_pool_survives_a_restart(shop: Federation) -> None:
    await shop.same("{ latest { id } }")
    await shop.subgraphs["reviews"].stop()
    await shop.subgraphs["reviews"].start()
    await shop.same("{ latest { id } }")


async def test_time_out() -> None:
    async with federation("shop", shop_world(), subgraph_timeout=2) as shop:
        shop.subgraphs["reviews"].delay = 5.0
        answer = await shop.ask("{ products(first: 1) { name stars } }")
    assert answer["data"] == {"products": [{"name": "商品 1", "stars": None}]}
    assert [error["extensions"] for error in answer["errors"]] == [UNAVAILABLE]


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_server_errors_without_an_answer_are_unavailability(shop: Federation, status: int) -> None:
    answer_with(shop, "reviews", b"<html>bad gateway</html>", status)
    answer = await shop.ask("{ product(id: 1) { name stars } }")
    assert answer["data"] == {"product": {"name": "商品 1", "stars": None}}
    assert [error["extensions"] for error in answer["errors"]] == [UNAVAILABLE]
    assert "html" not in json.dumps(answer)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html></html>",
        b'{"data": {"_entities": [',
        b"[]",
        b"null",
        b"{}",
        {"data": []},
        {"data": {"_entities": []}},
        {"data": {"_entities": {"stars": 1}}},
        {"data": {"_entities": [{"stars": 1}, {"stars": 2}]}},
    ],
)
async def test_malformed_answers(shop: Federation, body: bytes | dict[str, Any]) -> None:
    answer_with(shop, "reviews", body)
    answer = await shop.ask("{ product(id: 1) { name stars } }")
    assert answer["data"] == {"product": {"name": "商品 1", "stars": None}}
    [error] = answer["errors"]
    assert error["extensions"] == {"code": "SUBGRAPH_INVALID_RESPONSE", "service": "reviews"}
    assert error["path"] == ["product"]


@pytest.mark.parametrize(
    ("entity", "stars"),
    [("text", None), (None, None), ([], None), ({}, None), ({"stars": {"a": 1}}, None), ({"stars": [1]}, None)],
)
async def test_wrong_shapes_inside_an_answer(shop: Federation, entity: Any, stars: Any) -> None:
    answer_with(shop, "reviews", {"data": {"_entities": [entity]}})
    answer = await shop.ask("{ product(id: 1) { name stars } }")
    assert answer["data"] == {"product": {"name": "商品 1", "stars": stars}}


@pytest.mark.parametrize("products", ["text", 1, {"id": "1"}, [1], [[]], [{"id": None}]])
async def test_wrong_shapes_at_the_root(shop: Federation, products: Any) -> None:
    answer_with(shop, "catalog", {"data": {"products": products}})
    answer = await shop.ask("{ products { id stars } me { name } }")
    assert answer["data"] is None
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"INVALID_SUBGRAPH_VALUE"}


async def test_unexpected_typename_and_enum_are_null(shop: Federation) -> None:
    answer_with(shop, "catalog", {"data": {"search": [{"__typename": "User", "id": "1"}]}})
    answer = await shop.ask('{ search(text: "x") { __typename ... on Product { id } } }')
    assert answer["data"] is None
    [error] = answer["errors"]
    assert error["path"] == ["search", 0]
    assert "unexpected type 'User'" in error["message"]


async def test_errors_keep_their_extensions_and_get_real_paths(shop: Federation) -> None:
    async def intercept(request: dict[str, Any]) -> tuple[int, bytes]:
        count = len(request["variables"]["representations"])
        entities = [{"stars": 1.0} for _ in range(count)]
        entities[1] = {"stars": None}  # type: ignore[dict-item]
        errors = [
            {
                "message": "No stars today",
                "path": ["_entities", 1, "stars"],
                "locations": [{"line": 1, "column": 2}],
                "extensions": {"code": "GEN_INVALID_STATE", "service": "stars-unit", "details": {"a": 1}},
            }
        ]
        return 200, json.dumps({"data": {"_entities": entities}, "errors": errors}).encode()

    shop.subgraphs["reviews"].intercept = intercept
    query = """{ products { stars } search(text: "x") { ... on Product { stars } }
                 first: product(id: 2) { id stars } second: product(id: 2) { stars } }"""
    answer = await shop.ask(query)
    assert shop.counts == {"catalog": 1, "reviews": 1}
    extensions = {"code": "GEN_INVALID_STATE", "service": "stars-unit", "details": {"a": 1}}
    errors = sorted(answer["errors"], key=lambda error: str(error["path"]))
    assert errors == [
        {"message": "No stars today", "path": path, "extensions": extensions}
        for path in (["first", "stars"], ["products", 1, "stars"], ["second", "stars"])
    ]


async def test_errors_without_path_or_code(shop: Federation) -> None:
    answer_with(shop, "reviews", {"data": None, "errors": [{"message": "no"}, "odd", {"path": 3}]})
    answer = await shop.ask("{ product(id: 1) { name stars } }")
    assert answer["data"] == {"product": {"name": "商品 1", "stars": None}}
    extensions = {"code": "DOWNSTREAM_SERVICE_ERROR", "service": "reviews"}
    assert [error["extensions"] for error in answer["errors"]] == [extensions] * 3
    assert [error["path"] for error in answer["errors"]] == [["product"]] * 3
    assert [error["message"] for error in answer["errors"]] == ["no", *["The service reported an error."] * 2]


async def test_errors_about_fields_that_only_the_gateway_asked_for(shop: Federation) -> None:
    error = {"message": "sku is broken", "path": ["product", "sku"], "extensions": {"code": "X"}}
    answer_with(shop, "catalog", {"data": None, "errors": [error]})
    answer = await shop.ask("{ product(id: 1) { inStock } }")
    assert answer["data"] == {"product": None}
    assert [error["path"] for error in answer["errors"]] == [["product"]]


async def test_null_bubbles_to_the_nearest_nullable_parent(shop: Federation) -> None:
    answer_with(shop, "stock", {"data": {"_entities": [{"inStock": 1}, {"inStock": None}, {"inStock": 3}]}})
    answer = await shop.ask(
        "{ a: products { id } product(id: 2) { inStock } users { reviews { product { inStock } } } }"
    )
    assert answer["data"] is None or answer["data"]["product"] is None
    answer = await shop.ask("{ latest { author { reviews { product { inStock } } } } }")
    assert "errors" in answer


async def test_null_without_a_reason_is_reported(shop: Federation) -> None:
    answer_with(shop, "stock", {"data": {"_entities": [{"inStock": None}]}})
    answer = await shop.ask("{ product(id: 1) { name inStock } me { id } }")
    assert answer["data"] == {"product": None, "me": {"id": "u1"}}
    [error] = answer["errors"]
    assert error["message"] == "Cannot return null for non-nullable field Product.inStock."
    assert error["path"] == ["product", "inStock"]


async def test_a_missing_entity_is_null(shop: Federation) -> None:
    answer_with(shop, "reviews", {"data": {"_entities": [None]}})
    answer = await shop.ask("{ product(id: 1) { name stars } }")
    assert answer == {"data": {"product": {"name": "商品 1", "stars": None}}}


async def test_null_keys_are_not_sent(shop: Federation) -> None:
    answer_with(shop, "catalog", {"data": {"product": {"name": "x", "id": None}}})
    answer = await shop.ask("{ product(id: 1) { name stars } }")
    assert answer == {"data": {"product": {"name": "x", "stars": None}}}
    assert shop.counts == {"catalog": 1}


async def test_requirements_that_could_not_be_fetched_are_not_sent(shop: Federation) -> None:
    await shop.subgraphs["catalog"].stop()
    try:
        answer = await shop.ask("{ warehouses { products { sku inStock shipping } } }")
    finally:
        await shop.subgraphs["catalog"].start()
    [warehouse] = answer["data"]["warehouses"]
    assert warehouse["products"][0] == {"sku": "sku-1", "inStock": 10, "shipping": None}
    assert [error["extensions"]["service"] for error in answer["errors"]] == ["catalog"]
    assert shop.counts == {"stock": 1}


async def test_a_mutation_is_never_sent_twice(shop: Federation) -> None:
    answer_with(shop, "catalog", b"", 503)
    answer = await shop.ask('mutation { rename(id: "1", name: "x") { id } }')
    assert shop.counts == {"catalog": 1}
    assert answer["data"] == {"rename": None}
    await shop.ask("{ product(id: 1) { id } }")
    assert shop.counts == {"catalog": 2}  # a query is tried again


async def test_big_integers_pass_unchanged() -> None:
    from gateway.json_text import dumps, loads

    text = b'{"data":{"a":123456789012345678901234567890,"b":[-98765432109876543210],"c":1.5,"d":9007199254740993}}'
    assert dumps(loads(text)) == text
