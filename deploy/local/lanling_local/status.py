"""One table of the running county: who runs in which version, is it well, what waits, how much is asked.

It reads `/readyz` and `/metrics`, twice, some seconds apart, and nothing else, so it works for any county that it
reaches: `STATUS_URLS="points=http://10.0.0.4:8000 gateway=http://10.0.0.9:4000"`; several processes of one service are
several entries of its name. Without it: the county of this machine.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

from lanling_local.errors import StackError
from lanling_local.parts import GATEWAY, services
from lanling_local.ports import HOST
from lanling_local.scrape import Labels, Scrape, increase, quantile, scrape

SECONDS = 2.0
# From here on somebody should look.
OLDEST_SECONDS = 30.0
LAG_EVENTS = 1_000
DUE_SECONDS = 60.0
FAULTS = ("GEN_INTERNAL", "GEN_DEPENDENCY_UNAVAILABLE")
# As what events of an aggregate are parked; records that are no events have other reasons.
EVENTS_PARKED = ("EFFECT_FAILED", "CONTENDED", "DATA_UNFIT", "GAP", "BEHIND")
HEADINGS = ("", "version", "health", "outbox", "oldest", "lag", "parked", "req/s", "faults/s", "p95", "cpu", "rss")


@dataclass(frozen=True)
class Process:
    """One process at two moments."""

    name: str
    before: Scrape
    after: Scrape

    @property
    def is_gateway(self) -> bool:
        return bool(self.after.samples.get("gateway_build_info"))

    @property
    def health(self) -> str:
        if self.after.down:
            return "down"
        return "not ready" if self.after.missing else "ready"

    @property
    def version(self) -> str:
        return self.after.label("gateway_build_info" if self.is_gateway else "build_info", "version")

    @property
    def requests(self) -> str:
        return "gateway_request_duration_seconds" if self.is_gateway else "graphql_request_seconds"

    @property
    def faults(self) -> float:
        """A second: answers that failed for no fault of who asked; of the gateway, requests to services that failed."""
        if self.is_gateway:
            return self.rate("gateway_subgraph_requests_total", outcome=("failed",))
        return self.rate("graphql_errors_total", code=FAULTS)

    def rate(self, name: str, **labels: Sequence[str]) -> float:
        def wanted(found: Labels) -> bool:
            return all(found.get(label) in values for label, values in labels.items())

        return increase(self.before, self.after, name, wanted) / max(self.after.at - self.before.at, 1e-3)

    def row(self) -> tuple[str, ...]:
        if self.after.down:
            return (self.name, "", "down", *[""] * (len(HEADINGS) - 3))
        after = self.after
        events = ("", "", "", "") if self.is_gateway else self._events()
        p95 = quantile(self.before, after, self.requests, 0.95)
        return (
            self.name,
            self.version,
            self.health,
            *events,
            f"{self.rate(f'{self.requests}_count'):.1f}",
            f"{self.faults:.1f}",
            "–" if p95 is None else f"{p95 * 1000:.0f} ms",
            f"{self.rate('process_cpu_seconds_total'):.0%}",
            f"{(after.total('process_resident_memory_bytes') or 0) / 2**20:.0f} MB",
        )

    def _events(self) -> tuple[str, ...]:
        after = self.after
        return (
            f"{after.total('outbox_backlog') or 0:.0f}",
            f"{after.largest('outbox_oldest_seconds'):.0f} s",
            f"{after.total('inbox_lag') or 0:.0f}",
            f"{after.largest('inbox_parked_subjects'):.0f}",
        )

    def problems(self) -> Iterator[str]:
        """What is not well, and where to look; one line each."""
        after = self.after
        if after.down:
            yield f"down: {after.down}"
            return
        if after.missing:
            yield f"not ready: {', '.join(after.missing)}"
        if (oldest := after.largest("outbox_oldest_seconds")) > OLDEST_SECONDS:
            yield f"an event has waited {oldest:.0f} s for the broker (outbox_failures_total, outbox_lease)"
        if held := after.largest("outbox_held_subjects"):
            yield f"events of {held:.0f} aggregates are held back: its log names them"
        if (lag := after.total("inbox_lag") or 0) > LAG_EVENTS:
            yield f"{lag:.0f} events of others wait for their effects"
        if parked := after.largest("inbox_parked_subjects"):
            yield f"events of {parked:.0f} aggregates are parked: `events list` tells why"
        if records := after.total("inbox_parked", lambda labels: labels["reason"] not in EVENTS_PARKED):
            yield f"{records:.0f} records that are no events are parked: `events list` tells what they are"
        if (lag := after.largest("county_due_lag_seconds")) > DUE_SECONDS:
            yield f"what fell due {lag:.0f} s ago has not happened yet"
        if aside := after.largest("county_due_set_aside"):
            yield f"{aside:.0f} rules of records failed when they fell due: `due list` tells which"
        if self.faults:
            yield f"{self.faults:.1f} faults a second: its log tells them by trace id"
        for labels, value in after.samples.get("gateway_subgraph_circuit", ()):
            if value:
                yield f"it does not ask {labels['subgraph']} any more for a while: the circuit is open"


def status(seconds: float = SECONDS) -> int:
    """Print the table. Exit code 0: all is well; 1: something is not, as the lines below the table say.

    Raises StackError for addresses that are none.
    """
    processes = look(addresses(), seconds)
    print("\n".join([*table([HEADINGS, *(one.row() for one in processes)]), "", *county(processes)]))
    problems = [f"{one.name}: {line}" for one in processes for line in one.problems()] + unpublished(processes)
    print("\n".join(["", *problems] if problems else ["all is well"]))
    return 1 if problems else 0


def addresses() -> list[tuple[str, str]]:
    """Name and address of each process. Raises StackError."""
    given = os.environ.get("STATUS_URLS", "").replace(",", " ").split()
    if not given:
        return [(part.name, f"http://{HOST}:{part.port}") for part in (*services(), GATEWAY)]
    pairs = [entry.partition("=")[::2] for entry in given]
    for name, url in pairs:
        if not name or urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            raise StackError(f"STATUS_URLS has {name}={url}: give NAME=http://HOST:PORT, separated by spaces")
    return [(name, url.rstrip("/")) for name, url in pairs]


def look(asked: Sequence[tuple[str, str]], seconds: float) -> list[Process]:
    urls = [url for _, url in asked]
    with ThreadPoolExecutor(len(asked)) as pool:
        before = list(pool.map(scrape, urls))
        time.sleep(seconds)
        after = list(pool.map(scrape, urls))
    names = [name for name, _ in asked]
    return [Process(*one) for one in zip(names, before, after, strict=True)]


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Texts to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            text.ljust(width) if place < 3 else text.rjust(width)
            for place, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def county(processes: Sequence[Process]) -> list[str]:
    """What services tell of the county itself, a line for each that does."""
    lines = []
    for one in processes:
        told = [
            f"{name.removeprefix('county_').replace('_', ' ')} {series[0][1]:.0f}"
            for name, series in one.after.samples.items()
            if name.startswith("county_") and not name.startswith(("county_due_", "county_gauges_"))
        ]
        if told:
            lines.append(f"{one.name}: {', '.join(told)}")
    return lines


def unpublished(processes: Sequence[Process]) -> list[str]:
    """Services none of whose processes publishes events."""
    running = {one.name for one in processes if not one.after.down and not one.is_gateway}
    publishing = {one.name for one in processes if one.after.largest("outbox_lease")}
    return [f"{name}: none of its processes publishes events" for name in sorted(running - publishing)]
