"""Whatever JSON subgraphs answer, the client gets an answer: odd JSON in the place of every part of real ones."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest

from .federation import Federation, federation
from .subgraph import Subgraph
from .worlds import shop as shop_world

QUERIES = [
    "{ products { id name size { width } maker { name } inStock stars shelf { number keeper { email } } } }",
    '{ search(text: "x") { __typename ... on Product { price inStock } ... on Maker { name } } named { id } }',
    "{ named { __typename id ... on Product { stars shipping } } }",
    "{ users { address { lines } friends { reviews { product { shipping } } } } warehouses { products { shipping } } }",
    'mutation { a: rename(id: "1", name: "x") { inStock } b: restock(sku: "sku-1", amount: 0) { name } }',
]
ODD: list[Any] = [
    None, True, 0, -1.5, 2**70, "", "text", [], {}, [None], [[]], [{}], {"__typename": []}, {"__typename": {}},
    {"__typename": "Product"}, {"id": {"a": [1]}}, {"id": []}, [{"__typename": 1}, 2, "x"],
]  # fmt: skip


def spoiled(value: Any, choices: random.Random, rate: float) -> Any:
    """`value` with some of its parts replaced, dropped or repeated."""
    if choices.random() < rate:
        return choices.choice(ODD)
    if isinstance(value, dict):
        return {key: spoiled(one, choices, rate) for key, one in value.items() if choices.random() > rate / 2}
    if isinstance(value, list):
        items = [spoiled(one, choices, rate) for one in value]
        return items * 2 if choices.random() < rate else items
    return value


@pytest.fixture(scope="module")
async def shop() -> AsyncIterator[Federation]:
    async with federation("shop", shop_world(), subgraph_retries=0) as one:
        yield one


@pytest.mark.parametrize("seed", range(60))
async def test_spoiled_answers(shop: Federation, seed: int) -> None:
    choices = random.Random(seed)
    rate = choices.choice([0.02, 0.1, 0.3])

    def spoil(subgraph: Subgraph) -> None:
        async def intercept(request: dict[str, Any]) -> tuple[int, bytes]:
            answer = spoiled(subgraph.execute(request), choices, rate)
            if choices.random() < 0.1:
                errors: list[Any] = [
                    {"message": "m", "path": choices.choice([None, ["_entities", 0, "x"], [1, 2], [[]], {}])}
                ]
                answer = {"errors": spoiled(errors, choices, rate), "data": answer}
            return choices.choice([200, 200, 200, 400, 500]), json.dumps(answer).encode()

        subgraph.intercept = intercept

    for one in shop.subgraphs.values():
        spoil(one)
    for query in QUERIES:
        outcome = await shop.outcome(query)
        assert outcome.status == 200
        assert "data" in outcome.answer
        for error in outcome.answer.get("errors", ()):
            assert isinstance(error["message"], str)
            assert isinstance(error["extensions"]["code"], str)
            assert all(isinstance(part, str | int) for part in error.get("path", ()))
