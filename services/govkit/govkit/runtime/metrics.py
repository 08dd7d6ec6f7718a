"""Prometheus metrics of a service process: one process is one service, so no metric has a service label."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from govkit.domain.errors import GovError

CONTENT_TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12)

GRAPHQL_SECONDS = Histogram(
    "graphql_request_seconds", "GraphQL requests by result: ok, errors", ["result"], buckets=_SECONDS
)
GRAPHQL_REFUSED = Counter("graphql_refused", "Requests refused before execution", ["code"])
GRAPHQL_ERRORS = Counter("graphql_errors", "Errors in answers by code; refusals of rules are answers, too", ["code"])

COMMANDS = Counter("commands", "Commands by result: OK, an error code, or DEFECT", ["command", "result"])
COMMAND_SECONDS = Histogram("command_seconds", "Time from call to commit", ["command"], buckets=_SECONDS)

OUTBOX_PUBLISHED = Counter("outbox_published", "Events that the broker acknowledged", ["topic"])
OUTBOX_FAILURES = Counter("outbox_failures", "Failed sends by kind of error", ["topic", "error"])
OUTBOX_BACKLOG = Gauge("outbox_backlog", "Committed events that are not yet published", ["topic"])
OUTBOX_OLDEST_SECONDS = Gauge("outbox_oldest_seconds", "Age of the oldest unpublished event", ["topic"])
OUTBOX_SECONDS = Histogram(
    "outbox_seconds",
    "Relay lag: time from a command's decision to the broker's acknowledgement",
    ["topic"],
    buckets=_SECONDS,
)
OUTBOX_HELD = Gauge("outbox_held_subjects", "Subjects held back by a gap or an event too large, see log", ["topic"])
OUTBOX_LEASE = Gauge("outbox_lease", "Fencing token while this process publishes, 0 while it stands by", ["topic"])
OUTBOX_TERMS = Counter("outbox_terms", "How often this process has taken the lease", ["topic"])

INBOX_EVENTS = Counter(
    "inbox_events",
    "Received events by result: APPLIED, DUPLICATE, SKIPPED (nothing here consumes them), PARKED, RELEASED (applied"
    " after they were parked)",
    ["group", "result"],
)
INBOX_RETRIES = Counter("inbox_retries", "Effects that failed and were tried again", ["group", "error"])
INBOX_LAG = Gauge("inbox_lag", "Events of this member's partitions whose effects are not there yet", ["group", "topic"])
INBOX_PARKED = Gauge("inbox_parked_subjects", "Subjects whose events wait for an operator or a gap", ["group"])
INBOX_PARKED_ROWS = Gauge(
    "inbox_parked", "Parked events and records by reason; GAP: subjects with a gap", ["group", "reason"]
)
INBOX_PARKINGS = Counter("inbox_parkings", "Events and records that were parked by reason", ["group", "reason"])
INBOX_RESTARTS = Counter(
    "inbox_restarts", "Consumers replaced, by kind of error; Stuck: it was silent", ["group", "error"]
)

DUE_LAG = Gauge("county_due_lag_seconds", "How long ago the oldest fell due of what has not happened yet")
DUE_WAITING = Gauge("county_due_waiting", "Records of which something is due and has not happened yet")
DUE_SET_ASIDE = Gauge("county_due_set_aside", "Rules of records that failed again and again and wait for an operator")
DUE_DONE = Counter("due_done", "What happened because it was due, by rule", ["rule"])
DUE_FAILURES = Counter("due_failures", "Failed tries, by rule", ["rule"])

BUILD = Gauge("build_info", "1, for the build that runs", ["version", "revision"])


class CountyCollector(Collector):
    """The county's gauges as `govkit.gauges` last counted them; none where another process counts."""

    def __init__(self) -> None:
        self._values: dict[str, tuple[str, float]] = {}

    def show(self, values: Mapping[str, tuple[str, float]], at: float) -> None:
        """By name: what it is, and how many; counted `at`, seconds of the Unix epoch."""
        self._values = {**values, "gauges_timestamp_seconds": ("When the county's gauges were counted", at)}

    def clear(self) -> None:
        self._values = {}

    def collect(self) -> Iterator[Metric]:
        for name, (doc, value) in self._values.items():
            yield GaugeMetricFamily(f"county_{name}", doc, value)


COUNTY = CountyCollector()
REGISTRY.register(COUNTY)


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
