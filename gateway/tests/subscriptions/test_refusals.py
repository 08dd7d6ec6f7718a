"""Subscriptions that do not begin: what their clients are told, each with a code that says what to do."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from gateway.serving import Application
from gateway.settings import Settings

from ..serving import serving
from .conftest import LIVE, Live
from .test_ends import delete_all
from .test_live import CHANGED, subscribed


async def refusal(url: str) -> tuple[int, str]:
    """Status and code."""
    async with httpx.AsyncClient(timeout=30) as client:
        answer = await client.post(url, json={"query": CHANGED}, headers={"accept": "text/event-stream"})
    [error] = answer.json()["errors"]
    return answer.status_code, error["extensions"]["code"]


async def test_a_gateway_without_a_broker(live: Live) -> None:
    async with serving(Application(Settings(supergraph=LIVE / "supergraph.graphql"), live.urls)) as port:
        assert await refusal(f"http://127.0.0.1:{port}/graphql") == (400, "SUBSCRIPTIONS_DISABLED")


@pytest.mark.parametrize("live", [{"connections_per_client": 1}], indirect=True)
async def test_a_client_with_too_many_streams(live: Live) -> None:
    async with subscribed(live, CHANGED):
        assert await refusal(live.url) == (429, "TOO_MANY_CONNECTIONS")


async def test_a_return_after_what_was_missed_is_gone(live: Live, broker: str) -> None:
    async with subscribed(live, CHANGED) as events:
        await live.publish("order.sent", "1")
        await asyncio.wait_for(events.next(), 10)
        [topic] = live.application.subscriptions._topics.values()
        last = events.last
        await live.publish("order.sent", "1")
        await asyncio.wait_for(events.next(), 10)
        assert topic._consumer is not None
        await delete_all(broker, sorted(topic._consumer.assignment()))
    async with subscribed(live, CHANGED, last) as again:
        [error] = (await again.next())["errors"]
        assert error["extensions"]["code"] == "RESUMPTION_NOT_POSSIBLE"
        assert await again.next() is None
