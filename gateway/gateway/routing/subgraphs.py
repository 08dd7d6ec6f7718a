"""The clients of a supergraph's subgraphs: measured, with equal queries in flight shared."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

from ..execution import Client
from ..settings import Settings
from ..supergraph import Supergraph
from ..telemetry.metrics import Metrics
from ..telemetry.tracing import TRACEPARENT, fetch_span
from ..transport import Breaker, InFlight, Response, SubgraphClient

Headers = list[tuple[bytes, bytes]]


class MeasuredClient:
    """A subgraph client that counts and times its requests, and asks equal queries once at a time."""

    def __init__(self, client: SubgraphClient, metrics: Metrics, url: str, *, shares: bool):
        self.name = client.name
        self.url = url
        self._client = client
        self._in_flight: InFlight[Response] | None = InFlight() if shares else None
        self._duration = metrics.subgraph_duration.labels(client.name)
        self._answered = metrics.subgraph_requests.labels(client.name, "answered")
        self._failed = metrics.subgraph_requests.labels(client.name, "failed")
        self._shared = metrics.subgraph_requests.labels(client.name, "shared")

    async def post(self, body: bytes, headers: Headers, *, is_safe: bool) -> Response:
        if self._in_flight is None:
            return await self._ask(body, headers, is_safe=is_safe)
        if not is_safe:
            try:
                return await self._ask(body, headers, is_safe=False)
            finally:
                self._in_flight.forget()
        # All headers but that of the request that asks must be equal for an answer to be shared.
        key = (body, *[one for one in headers if one[0] != TRACEPARENT])
        response, is_shared = await self._in_flight.share(key, lambda: self._ask(body, headers, is_safe=True))
        if is_shared:
            self._shared.inc()
        return response

    async def _ask(self, body: bytes, headers: Headers, *, is_safe: bool) -> Response:
        started = time.perf_counter()
        span = fetch_span(self.name, self.url, headers)
        try:
            response = await self._client.post(body, span.headers if span else headers, is_safe=is_safe)
        except BaseException as error:
            self._failed.inc()
            if span:
                span.end(None, type(error).__name__)
            raise
        finally:
            self._duration.observe(time.perf_counter() - started)
        self._answered.inc()
        if span:
            span.end(response.status)
        return response

    def close(self) -> None:
        self._client.close()


def clients_of(
    supergraph: Supergraph,
    settings: Settings,
    urls: Mapping[str, str],
    metrics: Metrics,
    running: Mapping[str, Client],
) -> Iterator[tuple[str, Client]]:
    """By `join__Graph` value. Clients of subgraphs that are where they were are taken from those `running`."""
    key = settings.key
    for one in supergraph.subgraphs.values():
        url = urls.get(one.id, one.url)
        known = running.get(one.id)
        if isinstance(known, MeasuredClient) and (known.name, known.url) == (one.name, url):
            yield one.id, known
            continue
        circuit = metrics.subgraph_circuit.labels(one.name)
        client = SubgraphClient(
            one.name,
            url,
            timeout=settings.subgraph_timeout,
            connect_timeout=settings.subgraph_connect_timeout,
            retries=settings.subgraph_retries,
            max_connections=settings.subgraph_connections,
            max_response_size=settings.subgraph_max_response,
            breaker=Breaker(settings.subgraph_failures, settings.subgraph_pause, circuit.set),
            key=key,
        )
        yield one.id, MeasuredClient(client, metrics, url, shares=settings.share_subgraph_requests)
