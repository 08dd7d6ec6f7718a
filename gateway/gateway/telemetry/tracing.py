"""Spans for OpenTelemetry: a request, the planning of its operation, its fetches.

    query PetitionBoard              server, a child of the caller's span if it sent one
    ├── plan                         when the operation was not in the cache
    ├── fetch petition               client; its id goes to the subgraph as `traceparent`
    └── fetch points

A query that shared another's fetch has no span of it. Spans hold no variables, no documents and no texts of errors.
Until `start` finds a collector configured nothing is recorded, and the SDK, 0.25 s of CPU, is not imported.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Protocol
from urllib.parse import urlsplit

from graphql import OperationType
from prometheus_client import CollectorRegistry, Gauge, ProcessCollector

from ..errors import GatewayError
from . import trace as traces
from .span import Attributes, Kind, Span
from .trace import Trace

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
RATIO = "OTEL_TRACES_SAMPLER_ARG"
TRACEPARENT = b"traceparent"

Headers = list[tuple[bytes, bytes]]


class TelemetryError(GatewayError):
    """What the environment says of telemetry cannot be."""


class Operation(Protocol):
    """What is told of an operation. `hash` is the SHA-256 of the document's text; `name` may be empty."""

    @property
    def hash(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def kind(self) -> OperationType: ...


_export: Callable[[Span], None] | None = None
_close: Callable[[], None] | None = None


def start(registry: CollectorRegistry) -> None:
    """From now on spans go to the collector that the environment names, if it does; `registry` tells of the process.

    Raises `TelemetryError`.
    """
    global _export, _close
    build, revision = os.environ.get("BUILD_VERSION") or version("gateway"), os.environ.get("BUILD_REVISION")
    information = Gauge("gateway_build_info", "1, for the build that runs", ["version", "revision"], registry=registry)
    information.labels(build, revision or "unknown").set(1)
    ProcessCollector(registry=registry)
    if os.environ.get(ENDPOINT):
        traces.new_sampled = _ratio()
        from .export import Exporter

        exporter = Exporter(build)
        _export, _close = exporter.take, exporter.close


def stop() -> None:
    """Send what waits, for some seconds at most."""
    global _export, _close
    close, _export, _close = _close, None, None
    if close is not None:
        close()


def is_exporting() -> bool:
    return _export is not None


def _ratio() -> float:
    text = os.environ.get(RATIO) or "1"
    try:
        ratio = float(text)
    except ValueError:
        ratio = -1.0
    if not 0 <= ratio <= 1:
        raise TelemetryError(f"{RATIO}: a number from 0 to 1, not {text!r}")
    return ratio


def record_request(trace: Trace, ready: Operation | None, status: int, codes: list[str], started: int) -> None:
    """A request that came at `started` was answered just now. `codes` are those of its errors."""
    if _export is None or not trace.sampled:
        return
    attributes: Attributes = {"http.route": "/graphql", "http.response.status_code": status}
    name = "/graphql"
    if ready is not None:
        name = f"{ready.kind.value} {ready.name}".rstrip()
        attributes["graphql.operation.type"] = ready.kind.value
        if ready.name:
            attributes["graphql.operation.name"] = ready.name
    if codes:
        attributes["error.type"] = codes[0]
    _export(Span(name, Kind.SERVER, trace, started, attributes, str(status) if status >= 500 else None))


def record_plan(trace: Trace, ready: Operation, started: int) -> None:
    """The operation was parsed, validated and planned for this request, since `started`."""
    if _export is not None and trace.sampled:
        attributes: Attributes = {"graphql.operation.type": ready.kind.value, "graphql.document.hash": ready.hash[:16]}
        _export(Span("plan", Kind.INTERNAL, trace.child(), started, attributes))


class FetchSpan:
    """One request to a subgraph. `headers` are those to send, with the fetch's own id."""

    def __init__(self, subgraph: str, url: str, trace: Trace, headers: Headers):
        self._subgraph = subgraph
        self._url = urlsplit(url)
        self._trace = trace.child()
        self._started = time.time_ns()
        self.headers = [(TRACEPARENT, self._trace.traceparent) if one[0] == TRACEPARENT else one for one in headers]

    def end(self, status: int | None, error: str | None = None) -> None:
        """`status` of the answer; without one, `error` names what became of it."""
        if _export is None:
            return
        attributes: Attributes = {
            "http.request.method": "POST",
            "server.address": self._url.hostname or "",
            "server.port": self._url.port or (443 if self._url.scheme == "https" else 80),
            "service.peer.name": self._subgraph,
        }
        if status is not None:
            attributes["http.response.status_code"] = status
            error = str(status) if status >= 400 else None
        name = f"fetch {self._subgraph}"
        _export(Span(name, Kind.CLIENT, self._trace, self._started, attributes, error))


def fetch_span(subgraph: str, url: str, headers: Headers) -> FetchSpan | None:
    """None where it would not be recorded."""
    if _export is None:
        return None
    trace = next((traces.parse(value) for name, value in headers if name == TRACEPARENT), None)
    return FetchSpan(subgraph, url, trace, headers) if trace and trace.sampled else None
