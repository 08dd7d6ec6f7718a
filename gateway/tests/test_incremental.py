"""``@defer`` answered whole, ``@stream`` refused, and what subgraphs and introspection see of both, over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from gateway.serving import Application
from gateway.settings import Settings

from .federation import FIXTURES, Federation
from .serving import serving


@pytest.fixture(scope="module")
async def client(shop: Federation) -> AsyncIterator[httpx.AsyncClient]:
    application = Application(Settings(supergraph=FIXTURES / "shop" / "supergraph.graphql"), shop.urls)
    async with serving(application) as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as made:
        yield made


async def ask(client: httpx.AsyncClient, query: str, accept: str = "application/json", **variables: Any) -> Any:
    response = await client.post("/graphql", json={"query": query, "variables": variables}, headers={"accept": accept})
    assert response.headers["content-type"].startswith("application/json")
    return response.json()


PLAIN = "{ products { name inStock } }"


@pytest.mark.parametrize(
    "query",
    [
        '{ products { name ... @defer(label: "late") { inStock } } }',
        "{ products { name ...Late @defer } } fragment Late on Product { inStock }",
        "{ ... @defer { products { name ... @defer { inStock } } } }",
        "{ products { name ... @defer { name inStock } } }",
        "{ products { name ... @defer(if: false) { inStock } } }",
        "{ products { name ... @include(if: true) @defer { inStock } ... @skip(if: true) @defer { id } } }",
        "query ($on: Boolean!) { products { name ... @defer(if: $on) { inStock } } }",
    ],
)
@pytest.mark.parametrize(
    "accept", ["application/json", "multipart/mixed;deferSpec=20220824, application/json", "*/*"], ids=str
)
async def test_deferred_is_answered_whole(client: httpx.AsyncClient, query: str, accept: str) -> None:
    variables = {"on": True} if "$on" in query else {}
    assert await ask(client, query, accept, **variables) == await ask(client, PLAIN)


async def test_introspection_may_be_deferred_too(client: httpx.AsyncClient) -> None:
    deferred = await ask(client, "{ __schema { queryType { ... @defer { name } } } ... @defer { __typename } }")
    assert deferred == {"data": {"__schema": {"queryType": {"name": "Query"}}, "__typename": "Query"}}


@pytest.mark.parametrize("arguments", ["", "(if: false)", "(initialCount: 1)"])
async def test_stream_is_refused_with_its_own_code(client: httpx.AsyncClient, arguments: str) -> None:
    answer = await ask(client, f"{{ products @stream{arguments} {{ name }} }}")
    assert [one["extensions"]["code"] for one in answer["errors"]] == ["STREAM_NOT_SUPPORTED"]


async def test_clients_can_see_the_directives(client: httpx.AsyncClient) -> None:
    answer = await ask(client, "{ __schema { directives { name } } }")
    names = [one["name"] for one in answer["data"]["__schema"]["directives"]]
    assert {"defer", "stream"} <= set(names)
    assert len(set(names)) == len(names)


async def test_two_defers_of_one_label_are_refused(client: httpx.AsyncClient) -> None:
    answer = await ask(client, '{ products { ... @defer(label: "a") { name } ... @defer(label: "a") { id } } }')
    assert answer["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
