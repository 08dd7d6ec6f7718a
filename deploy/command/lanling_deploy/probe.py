"""Looks at services and gateways over HTTP, past the gateway where a service is meant."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from gateway.transport.signature import Signer
from lanling_deploy.watching import Asked, Counts

SECONDS = 5.0


class Probe(Protocol):
    """`address` is `host:port`. No method raises: what cannot be had is empty."""

    def readiness(self, address: str) -> str:
        """Empty when it is ready, else what it says is missing."""
        ...

    def schema(self, address: str, key: bytes) -> str:
        """The subgraph's schema, as the running service answers it to a gateway with this key, if any."""
        ...

    def counts(self, address: str) -> Counts | None: ...

    def asked(self, gateway: str, service: str) -> Asked | None:
        """What the gateway has asked of the service."""
        ...

    def served(self, gateway: str) -> str:
        """The digest of the supergraph that serves."""
        ...


class HttpProbe:
    def readiness(self, address: str) -> str:
        status, body = _ask(address, "GET", "/readyz")
        if status == 200:
            return ""
        try:
            missing = json.loads(body).get("notReady", [])
        except (ValueError, AttributeError):
            missing = []
        return f"not ready: {', '.join(missing) or f'status {status}'}" if status else "it does not answer"

    def schema(self, address: str, key: bytes) -> str:
        try:
            answer: Any = json.loads(_ask(address, "POST", "/graphql", b'{"query": "{ _service { sdl } }"}', key)[1])
            return str(answer["data"]["_service"]["sdl"])
        except (ValueError, KeyError, TypeError):
            return ""

    def counts(self, address: str) -> Counts | None:
        samples = _metrics(address)
        return counts_in(samples) if samples is not None else None

    def asked(self, gateway: str, service: str) -> Asked | None:
        samples = _metrics(gateway)
        if samples is None:
            return None
        own = [one for one in samples if one.labels.get("subgraph") == service]
        by_outcome = {
            outcome: _sum(own, "gateway_subgraph_requests_total", outcome=outcome) for outcome in ("answered", "failed")
        }
        return Asked(by_outcome["answered"], by_outcome["failed"])

    def served(self, gateway: str) -> str:
        found = [one.labels["sha256"] for one in _metrics(gateway) or () if one.name == "gateway_supergraph"]
        return found[0] if len(set(found)) == 1 else ""


def counts_in(samples: Sequence[Sample]) -> Counts:
    """Of a service or of a gateway: their metrics have other names, and a process has one of both."""
    service, gateway = "graphql_request_seconds", "gateway_request_duration_seconds"
    buckets: dict[float, float] = {}
    for one in samples:
        if one.name in (f"{service}_bucket", f"{gateway}_bucket"):
            bound = float(one.labels["le"])
            buckets[bound] = buckets.get(bound, 0.0) + one.value
    asked, well = _sum(samples, "gateway_requests_total"), _sum(samples, "gateway_requests_total", outcome="ok")
    return Counts(
        answers=_sum(samples, f"{service}_count") + asked,
        errors=_sum(samples, f"{service}_count", result="errors") + asked - well,
        defects=_sum(samples, "commands_total", result="DEFECT"),
        buckets=buckets,
    )


def samples_in(text: str) -> list[Sample]:
    return [sample for family in text_string_to_metric_families(text) for sample in family.samples]


def _metrics(address: str) -> list[Sample] | None:
    status, body = _ask(address, "GET", "/metrics")
    try:
        return samples_in(body.decode()) if status == 200 else None
    except ValueError:
        return None


def _sum(samples: Iterable[Sample], name: str, **labels: str) -> float:
    return sum(one.value for one in samples if one.name == name and labels.items() <= one.labels.items())


def _ask(address: str, method: str, path: str, body: bytes = b"", key: bytes = b"") -> tuple[int, bytes]:
    """Status 0 without an answer."""
    host, _, port = address.rpartition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=SECONDS)
    try:
        headers = {"content-type": "application/json"}
        if key:
            signed = Signer(key, path.encode()).lines(body, []).decode().splitlines()
            headers |= dict(line.split(": ", 1) for line in signed)
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, response.read()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()
