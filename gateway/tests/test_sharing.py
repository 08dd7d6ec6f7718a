"""Equal queries in flight share one request, and the breaker leaves alone what does not answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from gateway.errors import SubgraphError
from gateway.routing.request import GraphQLRequest
from gateway.routing.router import Router
from gateway.telemetry.trace import trace_from
from gateway.transport import Breaker, CircuitOpen, InFlight, SubgraphClient
from gateway.transport.breaker import State

from .federation import EVERYBODY, Federation, federation
from .test_transport import answering
from .test_transport import serving as serving_bytes
from .worlds import shop as shop_world

QUERY = "{ products { name } }"


@pytest.fixture
async def slow() -> AsyncIterator[Federation]:
    async with federation("shop", shop_world()) as one:
        for subgraph in one.subgraphs.values():
            subgraph.delay = 0.05
        yield one


async def test_equal_queries_share_one_request(slow: Federation) -> None:
    answers = await asyncio.gather(*(slow.ask(QUERY) for _ in range(5)))
    assert slow.counts == {"catalog": 1}
    assert all(one == answers[0] and "errors" not in one for one in answers)
    await slow.ask(QUERY)  # nothing is kept
    assert slow.counts == {"catalog": 1}


async def test_answers_are_shared_as_bytes(slow: Federation) -> None:
    """Two operations that ask the same first and then add different things to it."""
    queries = ["{ latest { product { inStock } } }", "{ latest { product { shelf { number } } } }"]
    first, second = await asyncio.gather(*(slow.ask(one) for one in queries))
    assert (first, second) == (await slow.ask(queries[0]), await slow.ask(queries[1]))


async def test_headers_that_are_sent_on_keep_callers_apart(slow: Federation) -> None:
    await asyncio.gather(
        *(slow.outcome(QUERY, headers=((b"authorization", one),)) for one in (b"Bearer a", b"Bearer b", b"Bearer a"))
    )
    assert sorted(one[b"authorization"] for one in slow.subgraphs["catalog"].headers) == [b"Bearer a", b"Bearer b"]


async def test_mutations_are_never_shared(slow: Federation) -> None:
    mutation = 'mutation { restock(sku: "sku-1", amount: 1) { sku } }'
    await asyncio.gather(*(slow.ask(mutation) for _ in range(3)))
    assert slow.counts == {"stock": 3}


async def test_a_query_after_a_mutation_is_not_answered_from_before_it(slow: Federation) -> None:
    product = '{ product(id: "1") { name } }'
    arrived, released = asyncio.Event(), asyncio.Event()

    async def hold_the_first(_request: dict[str, Any]) -> None:
        if not arrived.is_set():
            arrived.set()
            await released.wait()

    slow.subgraphs["catalog"].intercept = hold_the_first
    before = asyncio.create_task(slow.ask(product))
    await arrived.wait()
    await slow.ask('mutation { rename(id: "1", name: "renamed") { id } }')
    answer = await slow.ask(product)  # would wait for the first one, did it share its answer
    assert slow.counts == {"catalog": 1}
    assert answer == {"data": {"product": {"name": "renamed"}}}
    released.set()
    await before


async def test_sharing_can_be_off() -> None:
    async with federation("shop", shop_world(), share_subgraph_requests=False) as apart:
        apart.subgraphs["catalog"].delay = 0.05
        await asyncio.gather(*(apart.ask(QUERY) for _ in range(3)))
        assert apart.counts == {"catalog": 3}


async def test_who_waits_asks_again_when_the_first_asker_is_cancelled() -> None:
    in_flight = InFlight[str]()
    asked = 0
    released = asyncio.Event()

    async def ask() -> str:
        nonlocal asked
        asked += 1
        await released.wait()
        return f"answer {asked}"

    first, second, third = (asyncio.create_task(in_flight.share("key", ask)) for _ in range(3))
    while not asked:  # noqa: ASYNC110 - the next turn of the loop
        await asyncio.sleep(0)
    first.cancel()
    third.cancel()
    while asked < 2:  # noqa: ASYNC110
        await asyncio.sleep(0)
    released.set()
    assert await second == ("answer 2", False)
    for one in (first, third):
        with pytest.raises(asyncio.CancelledError):
            await one


async def test_failures_are_shared_too() -> None:
    in_flight = InFlight[str]()

    async def fail() -> str:
        await asyncio.sleep(0.005)
        raise SubgraphError("no")

    results = await asyncio.gather(*(in_flight.share("key", fail) for _ in range(3)), return_exceptions=True)
    assert [str(one) for one in results] == ["no"] * 3


async def test_the_circuit_opens_tries_and_closes() -> None:
    states: list[State] = []
    clock = [100.0]
    breaker = Breaker(3, 0.1, states.append, now=lambda: clock[0])
    client = SubgraphClient("gone", "http://127.0.0.1:9/graphql", retries=0, breaker=breaker)
    for _ in range(3):
        with pytest.raises(SubgraphError, match="cannot connect"):
            await client.post(b"{}", [], is_safe=True)
    with pytest.raises(CircuitOpen) as refused:
        await client.post(b"{}", [], is_safe=True)
    assert 0 < refused.value.retry_after <= 0.1
    clock[0] += 0.12
    with pytest.raises(SubgraphError, match="cannot connect"):  # one may try, and opens it again
        await client.post(b"{}", [], is_safe=True)
    assert states == [State.OPEN, State.HALF_OPEN, State.OPEN]
    clock[0] += 0.12
    ok = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
    async with serving_bytes(answering(ok, ok), breaker=breaker) as alive:  # type: ignore[arg-type]
        await alive.post(b"{}", [], is_safe=True)
        await alive.post(b"{}", [], is_safe=True)
    assert states[3:] == [State.HALF_OPEN, State.CLOSED]


async def test_only_one_request_tries_a_half_open_circuit() -> None:
    clock = [100.0]
    breaker = Breaker(1, 0.01, now=lambda: clock[0])
    breaker.failed()
    clock[0] += 0.02
    breaker.admit()
    with pytest.raises(CircuitOpen):
        breaker.admit()
    breaker.abandoned()
    breaker.admit()
    breaker.succeeded()
    breaker.admit()


async def test_an_open_circuit_is_told_to_clients_and_metrics() -> None:
    async with federation("shop", shop_world(), subgraph_retries=0, subgraph_failures=2, subgraph_pause=60) as shop:
        await shop.subgraphs["catalog"].stop()
        answers = [await shop.ask("{ products { name } me { id } }") for _ in range(3)]
        extensions = [one["errors"][0]["extensions"] for one in answers]
        assert [one["code"] for one in extensions] == ["GEN_DEPENDENCY_UNAVAILABLE"] * 3
        assert [one.get("circuit") for one in extensions] == [None, None, "open"]
        assert b'gateway_subgraph_circuit{subgraph="catalog"} 2.0' in shop.router.metrics.text()


@pytest.mark.parametrize("is_on", [True, False])
async def test_whole_operations_share_by_setting(slow: Federation, is_on: bool) -> None:
    router = Router(slow.router.snapshot, slow.router.metrics, slow.router.limits, 10, shares=is_on)
    both = [GraphQLRequest(QUERY, {}, None, (), trace_from(None), caller=EVERYBODY) for _ in range(2)]
    (first, text), (second, same) = await asyncio.gather(*map(router.answer_text, both))
    assert (first is second) is is_on
    assert text == same
    other = replace(both[0], variables={"other": 1})
    (first, _), (second, _) = await asyncio.gather(*map(router.answer_text, [both[0], other]))
    assert first is not second


async def test_whole_mutations_are_never_shared(slow: Federation) -> None:
    router = Router(slow.router.snapshot, slow.router.metrics, slow.router.limits, 10, shares=True)
    mutation = GraphQLRequest('mutation { restock(sku: "sku-1", amount: 1) { sku } }', {}, None, (), trace_from(None))
    slow.forget()
    await asyncio.gather(*(router.answer_text(mutation) for _ in range(3)))
    assert slow.counts == {"stock": 3}
