"""graphql-transport-ws, by a WebSocket client."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from .conftest import Live

CHANGED = 'subscription { orderChanged(id: "1") { state parcels } }'


@asynccontextmanager
async def connected(live: Live, **options: Any) -> AsyncIterator[ClientConnection]:
    url = live.url.replace("http", "ws")
    async with connect(url, subprotocols=["graphql-transport-ws"], **options) as one:  # type: ignore[list-item]
        yield one


@asynccontextmanager
async def initialised(live: Live) -> AsyncIterator[ClientConnection]:
    async with connected(live) as one:
        await say(one, type="connection_init")
        assert await told(one) == {"type": "connection_ack"}
        yield one


def init_with(authorization: object) -> str:
    return json.dumps({"type": "connection_init", "payload": {"Authorization": authorization}})


async def say(one: ClientConnection, **message: Any) -> None:
    await one.send(json.dumps(message))


async def subscribe(one: ClientConnection, id: str, query: str, **payload: Any) -> None:
    await say(one, type="subscribe", id=id, payload={"query": query, **payload})


async def told(one: ClientConnection) -> Any:
    return json.loads(await asyncio.wait_for(one.recv(), 10))


async def opened(live: Live, count: int) -> None:
    while len(live.application.subscriptions) != count:  # noqa: ASYNC110 - the protocol has no acknowledgement
        await asyncio.sleep(0.01)


async def closed(one: ClientConnection) -> int:
    try:
        while True:
            await asyncio.wait_for(one.recv(), 10)
    except ConnectionClosed:
        assert one.close_code is not None
        return one.close_code


async def test_several_operations_on_one_connection(live: Live) -> None:
    async with initialised(live) as one:
        await subscribe(one, "a", CHANGED)
        await opened(live, 1)
        await subscribe(one, "b", 'subscription { inbox(unit: "north") { id state } }')
        await opened(live, 2)
        await subscribe(one, "q", "{ shelves }")
        assert await told(one) == {"type": "next", "id": "q", "payload": {"data": {"shelves": 1}}}
        assert await told(one) == {"type": "complete", "id": "q"}
        await live.publish("order.sent", "1")
        message = await told(one)
        assert (message["type"], message["id"]) == ("next", "a")
        last = message["payload"]["extensions"]["lastEventId"]
        await live.publish("order.placed", "2", unit="north")
        assert (await told(one))["payload"]["data"] == {"inbox": {"id": "2", "state": "PLACED"}}
        await say(one, type="complete", id="a")
        await opened(live, 1)
        await live.publish("order.sent", "1")
        await live.publish("order.placed", "3", unit="north")
        assert (await told(one))["payload"]["data"] == {"inbox": {"id": "3", "state": "PLACED"}}
        await subscribe(one, "again", CHANGED, extensions={"lastEventId": last})
        assert (await told(one))["id"] == "again"
        await say(one, type="ping")
        assert await told(one) == {"type": "pong"}
    await opened(live, 0)


async def test_what_cannot_be_subscribed_to_is_an_error_of_its_operation(live: Live) -> None:
    async with initialised(live) as one:
        for query, code in (
            ('subscription { orderChanged(id: "none") { state } }', "SUBSCRIPTION_REFUSED"),
            ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
            ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ):
            await subscribe(one, "x", query)
            message = await told(one)
            assert (message["type"], message["id"]) == ("error", "x")
            assert message["payload"][0]["extensions"]["code"] == code
        await subscribe(one, "x", CHANGED, extensions={"lastEventId": "no"})
        assert (await told(one))["payload"][0]["extensions"]["code"] == "INVALID_LAST_EVENT_ID"


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        (["no json"], 4400),
        (["[]"], 4400),
        (['{"type": "subscribe", "id": "1", "payload": {}}'], 4401),
        (['{"type": "connection_init"}', '{"type": "connection_init"}'], 4429),
        (['{"type": "ping"}', "{}"], 4401),
        ([init_with("Bearer x\r\nx-injected: yes")], 4400),
        ([init_with("Bearer x\nx-injected: yes")], 4400),
        ([init_with("Bearer \0")], 4400),
        ([init_with("Bearer \u2028x")], 4400),
        ([init_with(1)], 4400),
        (['{"type": "connection_init"}', '{"type": "unknown"}'], 4400),
        (['{"type": "connection_init"}', '{"type": "subscribe", "id": 1}'], 4400),
        (['{"type": "connection_init", "payload": "' + "x" * 200_000 + '"}'], 1009),
    ],
)
async def test_what_is_not_the_protocol_closes(live: Live, messages: list[str], code: int) -> None:
    async with connected(live) as one:
        for message in messages:
            await one.send(message)
        assert await closed(one) == code


async def test_a_ping_may_come_before_the_beginning(live: Live) -> None:
    async with connected(live) as one:
        await say(one, type="ping")
        assert await told(one) == {"type": "pong"}
        await say(one, type="connection_init", payload=None)
        assert await told(one) == {"type": "connection_ack"}


async def test_an_id_is_used_once_at_a_time(live: Live) -> None:
    async with initialised(live) as one:
        await subscribe(one, "a", CHANGED)
        await subscribe(one, "a", CHANGED)
        assert await closed(one) == 4409


async def test_a_flood_of_operations_closes(live: Live) -> None:
    async with initialised(live) as one:
        for number in range(101):
            await subscribe(one, str(number), CHANGED)
        assert await closed(one) == 1008
    await opened(live, 0)


@pytest.mark.parametrize("live", [{"connections_per_client": 2}], indirect=True)
async def test_connections_of_one_client_are_limited(live: Live) -> None:
    async with connected(live), connected(live):
        with pytest.raises(InvalidStatus):
            async with connected(live):
                pass


async def test_another_protocol_and_another_site_are_refused(live: Live) -> None:
    async with connect(live.url.replace("http", "ws")) as one:
        assert await closed(one) == 4406
    with pytest.raises(InvalidStatus):
        async with connected(live, origin="https://elsewhere.example"):
            pass


async def test_a_silent_client_is_closed(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as hurry:
        hurry.setattr("gateway.http.websocket.INIT_SECONDS", 0.2)
        async with connected(live) as one:
            assert await closed(one) == 4408
    monkeypatch.setattr("gateway.http.websocket.ALIVE_SECONDS", 2.0)
    async with initialised(live) as one:
        await subscribe(one, "a", CHANGED)
        await opened(live, 1)
        ping = await told(one)
        assert ping["type"] == "ping"
        assert await closed(one) == 4408
