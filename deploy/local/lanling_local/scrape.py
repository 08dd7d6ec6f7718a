"""What one process tells of itself over HTTP: whether it lives, whether it is ready, its metrics at one moment."""

from __future__ import annotations

import json
import math
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from prometheus_client.parser import text_string_to_metric_families

ASK_SECONDS = 3.0

Labels = Mapping[str, str]
Wanted = Callable[[Labels], bool]


def every(_labels: Labels) -> bool:
    return True


@dataclass(frozen=True)
class Scrape:
    """`down` tells why nothing answered; `missing` what the process itself says that it waits for."""

    at: float
    down: str | None = None
    missing: tuple[str, ...] = ()
    samples: Mapping[str, list[tuple[Labels, float]]] = field(default_factory=dict)

    def total(self, name: str, wanted: Wanted = every) -> float | None:
        """The sum over series; None when there is none at all."""
        values = [value for labels, value in self.samples.get(name, ()) if wanted(labels)]
        return sum(values) if values else None

    def largest(self, name: str) -> float:
        return max((value for _, value in self.samples.get(name, ())), default=0.0)

    def label(self, name: str, label: str) -> str:
        """Of the first series; empty when there is none."""
        return next((labels.get(label, "") for labels, _ in self.samples.get(name, ())), "")


def scrape(url: str) -> Scrape:
    """`url` is the process's address without a path. Never raises."""
    try:
        _, ready = _get(f"{url}/readyz")
        status, text = _get(f"{url}/metrics")
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        return Scrape(time.monotonic(), down=getattr(reason, "strerror", None) or str(reason) or type(error).__name__)
    if status != 200:
        return Scrape(time.monotonic(), down=f"/metrics answers {status}")
    return Scrape(time.monotonic(), None, _missing(ready), _samples(text.decode()))


def increase(before: Scrape, after: Scrape, name: str, wanted: Wanted = every) -> float:
    """How much a counter grew; a process that began anew between the two counts from 0."""
    new, old = after.total(name, wanted) or 0.0, before.total(name, wanted) or 0.0
    return new - old if new >= old else new


def quantile(before: Scrape, after: Scrape, histogram: str, part: float) -> float | None:
    """Of what a histogram saw between the two, as Prometheus estimates it; None when it saw nothing."""
    name = f"{histogram}_bucket"
    bounds = sorted({float(labels["le"]) for labels, _ in after.samples.get(name, ())})
    counts = [increase(before, after, name, _under(bound)) for bound in bounds]
    if not counts or counts[-1] <= 0:
        return None
    rank, lower, below = part * counts[-1], 0.0, 0.0
    for bound, count in zip(bounds, counts, strict=True):
        if count >= rank:
            return lower if math.isinf(bound) else lower + (bound - lower) * (rank - below) / max(count - below, 1e-9)
        lower, below = bound, count
    return lower


def _under(bound: float) -> Wanted:
    return lambda labels: float(labels["le"]) == bound


def _get(url: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(url, timeout=ASK_SECONDS) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def _missing(body: bytes) -> tuple[str, ...]:
    try:
        answer = json.loads(body)
    except ValueError:
        return ("an answer",)
    if answer.get("status") == "ready":
        return ()
    return tuple(answer.get("notReady") or (str(answer.get("status", "not ready")),))


def _samples(text: str) -> dict[str, list[tuple[Labels, float]]]:
    found: dict[str, list[tuple[Labels, float]]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, []).append((sample.labels, sample.value))
    return found
