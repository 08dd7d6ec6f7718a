"""How subscriptions end that nobody wanted to end: what subscribers are told, and that those after them are served."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from lanling_local.ports import HOST, free_ports

from .conftest import LIVE, Live
from .test_live import CHANGED, Events, subscribed
from .test_websocket import closed, connected, initialised, opened, say, subscribe, told

UNAVAILABLE = b'{"errors":[{"message":"no","extensions":{"code":"GEN_DEPENDENCY_UNAVAILABLE","retryable":true}}]}'


def end_of(answer: Any) -> tuple[str, str]:
    """Code and last event id of the message that ends a subscription."""
    [error] = answer["errors"]
    return error["extensions"]["code"], error["extensions"]["lastEventId"]


@pytest.mark.parametrize("live", [{"subscriptions": 2}], indirect=True)
async def test_too_many_subscriptions_are_refused_until_one_ends(live: Live) -> None:
    async with subscribed(live, CHANGED), initialised(live) as one:
        await subscribe(one, "a", CHANGED)
        await opened(live, 2)
        await subscribe(one, "b", CHANGED)
        [error] = (await told(one))["payload"]
        assert (error["extensions"]["code"], error["extensions"]["retryable"]) == ("TOO_MANY_SUBSCRIPTIONS", True)
        async with live.client() as client:
            refused = await client.post("/graphql", json={"query": CHANGED}, headers={"accept": "text/event-stream"})
        assert refused.status_code == 503
        assert refused.json()["errors"][0]["extensions"]["code"] == "TOO_MANY_SUBSCRIPTIONS"
        await say(one, type="complete", id="a")
        await opened(live, 1)
        await subscribe(one, "c", CHANGED)
        await opened(live, 2)


async def test_who_floods_and_takes_nothing_is_closed_and_holds_up_nobody(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.http.websocket.SEND_SECONDS", 0.5)
    monkeypatch.setattr("gateway.serving.one_write.LINGER_SECONDS", 0.5)
    body = b'{"type":"ping"}'
    ping = bytes((0x81, 0x80 | len(body), 0, 0, 0, 0)) + body  # a masked frame; the mask is nought
    live.orders["1"]["state"] = "x" * 500_000
    parcels = 'subscription { orderChanged(id: "1") { parcels } }'
    async with subscribed(live, parcels) as other, initialised(live) as one:
        one.transport.pause_reading()  # what is answered stays where it is
        for number in range(20):  # more than all buffers on the way hold
            await subscribe(one, str(number), '{ order(id: "1") { state } }')

        async def flood() -> None:
            while not one.transport.is_closing():
                one.transport.write(ping * 1000)
                await asyncio.sleep(0.005)

        flooding = asyncio.create_task(flood())
        for _ in range(5):
            await live.publish("order.sent", "1")
            assert (await asyncio.wait_for(other.next(), 10))["data"]["orderChanged"]["parcels"] == 1
        await asyncio.wait_for(flooding, 60)
        one.transport.abort()
    await opened(live, 0)


async def test_events_that_were_deleted_unread_are_told_as_lost(live: Live, broker: str) -> None:
    async with subscribed(live, CHANGED) as events, initialised(live) as one:
        await subscribe(one, "a", CHANGED)
        await opened(live, 2)
        [topic] = live.application.subscriptions._topics.values()
        consumer = topic._consumer
        assert consumer is not None
        partitions = sorted(consumer.assignment())
        consumer.pause(*partitions)
        while consumer._fetcher._in_flight:  # noqa: ASYNC110 - what is under way comes back empty
            await asyncio.sleep(0.01)
        for _ in range(5):
            await live.publish("order.sent", "1")
        await delete_all(broker, partitions)
        consumer.resume(*partitions)
        code, last = end_of(await asyncio.wait_for(events.next(), 10))
        assert (code, bool(last)) == ("EVENTS_LOST", True)
        assert await events.next() is None
        message = await told(one)
        assert (message["type"], message["payload"][0]["extensions"]["code"]) == ("error", "EVENTS_LOST")
    async with subscribed(live, CHANGED) as events:
        await live.publish("order.sent", "1")
        assert (await asyncio.wait_for(events.next(), 10))["data"]["orderChanged"]["parcels"] == 1


async def delete_all(broker: str, partitions: list[TopicPartition]) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=broker)
    await admin.start()
    try:
        await admin.delete_records({one: RecordsToDelete(-1) for one in partitions})  # -1: all there are
    finally:
        await admin.close()


async def test_an_event_that_cannot_be_answered_is_tried_again_and_then_interrupts(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.subscriptions.hub.RETRY_DELAYS", (0.02, 0.02))
    asked = 0
    failures = 2

    async def fails(_request: object) -> tuple[int, bytes] | None:
        nonlocal asked
        asked += 1
        return (200, UNAVAILABLE) if asked <= failures else None

    async with subscribed(live, CHANGED) as events:
        for one in live.subgraphs:
            one.intercept = fails
        await live.publish("order.sent", "1")
        assert (await asyncio.wait_for(events.next(), 10))["data"]["orderChanged"]["state"] == "PLACED"
        before = events.last
        failures = 1_000
        await live.publish("order.sent", "1")
        assert end_of(await asyncio.wait_for(events.next(), 10)) == ("SUBSCRIPTION_INTERRUPTED", before)
        assert await events.next() is None
    failures = 0
    async with subscribed(live, CHANGED, before) as events:  # from where it ended: nothing is missed
        assert (await asyncio.wait_for(events.next(), 10))["data"]["orderChanged"]["state"] == "PLACED"


@asynccontextmanager
async def process(live: Live, broker: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """A gateway of its own over the same subgraphs and topics, and its address."""
    (port,) = free_ports(1)
    prefix = live.topic.removesuffix(".orders")
    urls = {f"GATEWAY_SUBGRAPH_URL_{name}": url for name, url in live.urls.items()}
    environment = {**os.environ, **urls, "KAFKA_BOOTSTRAP_SERVERS": broker, "TOPIC_PREFIX": prefix}
    command = [sys.executable, "-m", "gateway", "serve", "--supergraph", str(LIVE / "supergraph.graphql")]
    started = await asyncio.create_subprocess_exec(
        *command, "--port", str(port), env={**environment, "GATEWAY_LOG_LEVEL": "ERROR"}
    )
    try:
        async with asyncio.timeout(60), httpx.AsyncClient(base_url=f"http://{HOST}:{port}") as client:
            while not await _is_ready(client):  # noqa: ASYNC110 - another process sets no event
                await asyncio.sleep(0.05)
        yield started, f"http://{HOST}:{port}/graphql"
    finally:
        if started.returncode is None:
            started.kill()
            await started.wait()


async def _is_ready(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/readyz")).status_code == 200
    except httpx.TransportError:
        return False


async def test_subscribers_are_told_when_the_gateway_stops(live: Live, broker: str) -> None:
    async with process(live, broker) as (gateway, url), httpx.AsyncClient(timeout=60) as client:
        live.url = url
        headers = {"accept": "text/event-stream"}
        async with (
            connected(live) as one,
            client.stream("POST", url, json={"query": CHANGED}, headers=headers) as response,
        ):
            events = Events(response)
            await events.begin()
            await say(one, type="connection_init")
            assert (await told(one))["type"] == "connection_ack"
            await subscribe(one, "a", CHANGED)
            await live.publish("order.sent", "1")
            assert (await told(one))["type"] == "next"
            assert (await asyncio.wait_for(events.next(), 10))["data"]
            gateway.send_signal(signal.SIGTERM)
            assert end_of(await asyncio.wait_for(events.next(), 10)) == ("SERVER_STOPPING", events.last)
            assert await events.next() is None
            assert await closed(one) == 1012
        assert await asyncio.wait_for(gateway.wait(), 60) == 0
