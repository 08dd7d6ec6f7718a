"""Prometheus metrics of a service process: one process is one service, so no metric has a service label."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, Counter, Gauge, Histogram, generate_latest

from govkit.domain.errors import GovError

CONTENT_TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12)

GRAPHQL_SECONDS = Histogram(
    "graphql_request_seconds", "GraphQL requests by result: ok, errors", ["result"], buckets=_SECONDS
)
GRAPHQL_REFUSED = Counter("graphql_refused", "Requests refused before execution", ["code"])

COMMANDS = Counter("commands", "Commands by result: OK, an error code, or DEFECT", ["command", "result"])
COMMAND_SECONDS = Histogram("command_seconds", "Time from call to commit", ["command"], buckets=_SECONDS)

OUTBOX_PUBLISHED = Counter("outbox_published", "Events that the broker acknowledged", ["topic"])
OUTBOX_FAILURES = Counter("outbox_failures", "Failed sends by kind of error", ["topic", "error"])
OUTBOX_BACKLOG = Gauge("outbox_backlog", "Committed events that are not yet published", ["topic"])
OUTBOX_OLDEST_SECONDS = Gauge("outbox_oldest_seconds", "Age of the oldest unpublished event", ["topic"])

INBOX_EVENTS = Counter(
    "inbox_events", "Received events by result: APPLIED, DUPLICATE, SKIPPED, PARKED", ["group", "result"]
)
INBOX_RETRIES = Counter("inbox_retries", "Effects that failed and were tried again", ["group", "error"])
INBOX_LAG = Gauge("inbox_lag", "Events in the topic that this group has not finished", ["group", "topic"])
INBOX_PARKED = Gauge("inbox_parked_subjects", "Subjects whose events wait for an operator", ["group"])


@contextmanager
def observe_command(command: str) -> Iterator[None]:
    """Count and time a command; a business error counts under its code."""
    started = time.perf_counter()
    result = "DEFECT"
    try:
        yield
        result = "OK"
    except GovError as error:
        result = error.code
        raise
    finally:
        COMMANDS.labels(command, result).inc()
        COMMAND_SECONDS.labels(command).observe(time.perf_counter() - started)


def exposition() -> bytes:
    """Every metric of the process in the Prometheus text format."""
    return generate_latest(REGISTRY)
