"""What the gateway counts, for Prometheus. Labels have few values: subgraph names, operation kinds, outcomes."""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """One registry for each application, so that several may live in one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "gateway_requests", "GraphQL requests answered", ["kind", "outcome"], registry=self.registry
        )
        self.duration = Histogram(
            "gateway_request_duration_seconds", "Time to answer", ["kind"], buckets=_BUCKETS, registry=self.registry
        )
        self.subgraph_requests = Counter(
            "gateway_subgraph_requests",
            "What subgraphs were asked: answered, failed, or shared with an equal query in flight",
            ["subgraph", "outcome"],
            registry=self.registry,
        )
        self.subgraph_circuit = Gauge(
            "gateway_subgraph_circuit", "0 closed, 1 half open, 2 open", ["subgraph"], registry=self.registry
        )
        self.subgraph_duration = Histogram(
            "gateway_subgraph_duration_seconds",
            "Time a subgraph took",
            ["subgraph"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.plans = Counter(
            "gateway_operations_prepared",
            "Operations parsed, validated and planned",
            ["result"],
            registry=self.registry,
        )
        self.reloads = Counter(
            "gateway_supergraph_reloads", "Changed supergraphs, taken or refused", ["outcome"], registry=self.registry
        )
        self.supergraph_loaded = Gauge(
            "gateway_supergraph_loaded_timestamp_seconds", "When the supergraph was taken", registry=self.registry
        )
        self.supergraph = Gauge(
            "gateway_supergraph", "The supergraph that serves: always 1", ["sha256"], registry=self.registry
        )
        self.cost = Histogram(
            "gateway_operation_cost",
            "Estimated cost of operations",
            buckets=(1, 10, 100, 1_000, 10_000, 100_000, 1_000_000),
            registry=self.registry,
        )
        self.subscriptions = Gauge("gateway_subscriptions_open", "Open subscriptions", registry=self.registry)
        self.cached = Gauge("gateway_operations_cached", "Operations in the cache", registry=self.registry)

    def serves(self, sha256: str) -> None:
        """Tell which supergraph serves; whoever publishes one waits for it here."""
        self.supergraph_loaded.set(time.time())
        self.supergraph.clear()
        self.supergraph.labels(sha256[:16]).set(1)

    def text(self) -> bytes:
        return generate_latest(self.registry)
