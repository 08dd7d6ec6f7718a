"""Spans: which there are, whose children, what they tell and what they never tell."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from prometheus_client import CollectorRegistry

from gateway.serving import Application
from gateway.settings import Settings
from gateway.telemetry import tracing
from gateway.telemetry.log import JsonFormatter
from gateway.telemetry.span import Kind, Span
from gateway.telemetry.trace import parse, trace_from
from gateway.telemetry.tracing import TelemetryError

from .federation import FIXTURES, Federation
from .serving import serving

CALLER = "00f067aa0ba902b7"


@pytest.fixture(scope="module")
async def client(shop: Federation) -> AsyncIterator[httpx.AsyncClient]:
    application = Application(Settings(supergraph=FIXTURES / "shop" / "supergraph.graphql"), shop.urls)
    async with serving(application) as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        yield client


@pytest.fixture
def exported(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> list[Span]:
    spans: list[Span] = []
    monkeypatch.setattr(tracing, "_export", spans.append)
    return spans


async def ask(client: httpx.AsyncClient, query: str, flags: str = "01") -> str:
    """The trace's id."""
    trace_id = uuid4().hex
    headers = {"traceparent": f"00-{trace_id}-{CALLER}-{flags}"}
    await client.post("/graphql", json={"query": query}, headers=headers)
    return trace_id


async def test_a_request_its_plan_and_its_fetches(
    client: httpx.AsyncClient, exported: list[Span], shop: Federation
) -> None:
    shop.forget()
    trace_id = await ask(client, "query Shelves { products { id inStock } }")
    assert {span.trace.trace_id for span in exported} == {trace_id}
    request = exported[-1]
    assert (request.name, request.kind, request.trace.parent) == ("query Shelves", Kind.SERVER, CALLER)
    assert request.attributes == {
        "http.route": "/graphql",
        "http.response.status_code": 200,
        "graphql.operation.type": "query",
        "graphql.operation.name": "Shelves",
    }
    below = {span.name: span for span in exported[:-1]}
    assert set(below) == {"plan", "fetch catalog", "fetch stock"}
    for span in below.values():
        assert span.trace.parent == request.trace.span_id
        assert span.error is None
        assert request.started <= span.started <= span.ended <= request.ended
    for name in ("catalog", "stock"):
        [headers] = shop.subgraphs[name].headers
        seen = parse(headers[b"traceparent"])
        assert seen is not None
        assert seen.span_id == below[f"fetch {name}"].trace.span_id


async def test_a_known_operation_has_no_plan(client: httpx.AsyncClient, exported: list[Span]) -> None:
    await ask(client, "query Again { products { name } }")
    await ask(client, "query Again { products { name } }")
    assert [span.name for span in exported].count("plan") == 1


async def test_a_fetch_that_failed_says_how_and_not_why(
    client: httpx.AsyncClient, exported: list[Span], shop: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_body: dict[str, Any]) -> tuple[int, bytes]:
        return 500, b"secret reason"

    monkeypatch.setattr(shop.subgraphs["stock"], "intercept", fail)
    await ask(client, "query Broken { products { id inStock } }")
    fetch = next(span for span in exported if span.name == "fetch stock")
    assert fetch.error == "500"
    assert "secret" not in str(exported)


async def test_the_log_tells_of_a_failed_fetch_by_trace_id_and_not_what_was_answered(
    client: httpx.AsyncClient,
    shop: Federation,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def truncated(_body: dict[str, Any]) -> tuple[int, bytes]:
        return 200, b'{"data": {"phone": "13800138000"'

    monkeypatch.setattr(shop.subgraphs["stock"], "intercept", truncated)
    trace_id = await ask(client, "query Truncated { products { id inStock } }")
    [record] = [one for one in caplog.records if one.getMessage() == "subgraph request failed"]
    entry = json.loads(JsonFormatter().format(record))
    assert (entry["service"], entry["subgraph"], entry["trace_id"]) == ("gateway", "stock", trace_id)
    assert entry["reason"] == "HTTP 200 without a GraphQL answer, 32 bytes"


async def test_a_refused_document_tells_its_code(client: httpx.AsyncClient, exported: list[Span]) -> None:
    await ask(client, "{ nothing }")
    [request] = exported
    assert request.name == "/graphql"
    assert request.attributes["error.type"] == "GRAPHQL_VALIDATION_FAILED"
    assert request.error is None


async def test_what_the_caller_does_not_sample_is_carried_on_and_not_exported(
    client: httpx.AsyncClient, exported: list[Span], shop: Federation
) -> None:
    shop.forget()
    await ask(client, "query Unsampled { products { name } }", flags="00")
    assert exported == []
    [headers] = shop.subgraphs["catalog"].headers
    assert headers[b"traceparent"].endswith(b"-00")


def test_the_ratio_decides_for_new_traces_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.telemetry.trace.new_sampled", 0.0)
    assert not trace_from(None).sampled
    assert trace_from(f"00-{'a' * 32}-{CALLER}-01".encode()).sampled


@pytest.mark.parametrize("ratio", ["much", "-0.1", "1.5", "nan"])
def test_a_wrong_ratio_is_refused(ratio: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(tracing.ENDPOINT, "http://127.0.0.1:9")
    monkeypatch.setenv(tracing.RATIO, ratio)
    with pytest.raises(TelemetryError, match=tracing.RATIO):
        tracing.start(CollectorRegistry())


def test_the_process_and_its_build_are_among_the_metrics(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(tracing.ENDPOINT, raising=False)
    monkeypatch.setenv("BUILD_VERSION", "1.4.0")
    monkeypatch.setenv("BUILD_REVISION", "abc")
    registry = CollectorRegistry()
    tracing.start(registry)
    assert registry.get_sample_value("gateway_build_info", {"version": "1.4.0", "revision": "abc"}) == 1
    assert (registry.get_sample_value("process_cpu_seconds_total") or 0) > 0
