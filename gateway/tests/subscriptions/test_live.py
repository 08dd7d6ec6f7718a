"""Subscriptions through the real server, a real broker and two subgraphs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from gateway.telemetry import tracing
from gateway.telemetry.span import Span

from .conftest import Live

CHANGED = 'subscription { orderChanged(id: "1") { state parcels } }'


class Events:
    def __init__(self, response: httpx.Response):
        self._lines = response.aiter_lines()
        self.last = ""

    async def next(self) -> Any:
        """The next answer; None when the stream completes."""
        name, data = "", "null"
        async for line in self._lines:
            field, _, value = line.partition(":")
            if field == "id":
                self.last = value.strip()
            elif field == "event":
                name = value.strip()
            elif field == "data":
                data = value.strip()
            elif not line and name == "next":
                return json.loads(data)
            elif not line and name == "complete":
                return None
        raise AssertionError("the stream ended without completing")

    async def begin(self) -> None:
        while not self.last:
            line = await anext(self._lines)
            if line.startswith("id:"):
                self.last = line[3:].strip()


@asynccontextmanager
async def subscribed(live: Live, document: str, last: str | None = None, **headers: str) -> AsyncIterator[Events]:
    headers = {"accept": "text/event-stream", **headers, **({"last-event-id": last} if last else {})}
    async with (
        live.client() as client,
        client.stream("POST", "/graphql", json={"query": document}, headers=headers) as r,
    ):
        assert r.status_code == 200, await r.aread()
        events = Events(r)
        if last is None:
            await events.begin()
        yield events


async def test_events_are_told_in_their_order_with_fields_of_two_subgraphs(live: Live) -> None:
    async with subscribed(live, CHANGED) as events:
        for state in ("SENT", "PAID", "LOST"):
            live.orders["1"]["state"] = state
            await live.publish("order.sent", "1")
            await live.publish("order.sent", "2")  # of another
            await live.publish("order.seen", "1")  # of no interest
            answer = await asyncio.wait_for(events.next(), 10)
            assert answer["data"] == {"orderChanged": {"state": state, "parcels": 1}}
            assert answer["extensions"]["lastEventId"] == events.last


NO_EVENTS = [None, b"", b"\xff", b"[]", b"{}", b'{"type": []}', b'{"type": {"a": 1}}', b'{"type": 1}', b"[" * 300]


async def test_what_is_no_event_is_passed_over(live: Live) -> None:
    async with subscribed(live, CHANGED) as events:
        for value in NO_EVENTS:
            await live.send(value, "1")
        await live.send(b'{"type": "order.sent", "subject": ["1"], "data": 3}', "1")
        await live.publish("order.sent", "1")
        assert (await asyncio.wait_for(events.next(), 10))["data"]


async def test_what_follows_an_event_is_below_the_subscription_in_its_trace(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    spans: list[Span] = []
    monkeypatch.setattr(tracing, "_export", spans.append)
    async with subscribed(live, f"subscription Watch {CHANGED.removeprefix('subscription')}") as events:
        await live.publish("order.sent", "1")
        assert (await asyncio.wait_for(events.next(), 10))["data"]
    begun = next(span for span in spans if span.name == "subscription Watch")
    fetches = [span for span in spans if span.name.startswith("fetch ")]
    assert {span.trace.parent for span in fetches} == {begun.trace.span_id}


async def test_nothing_is_missed_or_told_twice_after_coming_back(live: Live) -> None:
    async with subscribed(live, CHANGED) as events:
        await live.publish("order.sent", "1")
        assert await asyncio.wait_for(events.next(), 10)
        last = events.last
    for _ in range(5):
        await live.publish("order.paid", "1")
        await live.publish("order.paid", "2")
    async with subscribed(live, CHANGED, last) as events:
        for _ in range(5):
            assert (await asyncio.wait_for(events.next(), 10))["data"]["orderChanged"]["parcels"] == 1
        await live.publish("order.paid", "1")
        assert await asyncio.wait_for(events.next(), 10)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(events.next(), 0.5)


async def test_what_may_not_be_subscribed_to_is_refused_with_a_status(live: Live) -> None:
    for query, status, code in (
        ('subscription { orderChanged(id: "none") { state } }', 403, "SUBSCRIPTION_REFUSED"),
        ('subscription { orderKept(id: "1") { state } }', 401, "UNAUTHORIZED_FIELD_OR_TYPE"),
        ("subscription { nothing }", 400, "GRAPHQL_VALIDATION_FAILED"),
    ):
        async with live.client() as client:
            response = await client.post("/graphql", json={"query": query}, headers={"accept": "text/event-stream"})
        assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (status, code)
    async with live.client() as client:
        response = await client.post("/graphql", json={"query": CHANGED}, headers={"accept": "application/json"})
    assert response.json()["errors"][0]["extensions"]["code"] == "SUBSCRIPTION_NOT_SUPPORTED"


async def test_a_query_is_one_event(live: Live) -> None:
    async with live.client() as client:
        response = await client.post("/graphql", json={"query": "{ shelves }"}, headers={"accept": "text/event-stream"})
    assert response.text == 'event: next\ndata: {"data":{"shelves":1}}\n\nevent: complete\ndata: \n\n'
