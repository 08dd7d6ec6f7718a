"""Whether a version is well, by what it and the gateway count. Pure: samples in, a reason to go back out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, Field


class Limits(BaseModel):
    """When a new version is not well. Shares are of 1, times seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seconds: float = Field(default=60.0, ge=0)
    requests: int = Field(default=20, ge=1)
    """Fewer than so many answers say nothing about a share or a time."""
    error_share: float = Field(default=0.05, ge=0, le=1)
    """So much more than of the version before."""
    unanswered_share: float = Field(default=0.005, ge=0, le=1)
    """Of the gateway's requests to the service, those without an answer."""
    slower: float = Field(default=3.0, ge=1)
    """So many times the 95th percentile of the version before …"""
    slow_seconds: float = Field(default=0.3, ge=0)
    """… when it is also longer than this."""


@dataclass(frozen=True)
class Counts:
    """What a process has counted since its start, or between two looks. `buckets`: answers up to so many seconds."""

    answers: float = 0.0
    errors: float = 0.0
    defects: float = 0.0
    buckets: Mapping[float, float] = field(default_factory=dict)

    def since(self, earlier: Counts) -> Counts:
        return Counts(
            self.answers - earlier.answers,
            self.errors - earlier.errors,
            self.defects - earlier.defects,
            {bound: count - earlier.buckets.get(bound, 0.0) for bound, count in self.buckets.items()},
        )

    @property
    def error_share(self) -> float:
        return self.errors / self.answers if self.answers else 0.0

    @property
    def p95(self) -> float:
        """Seconds: the bound of the bucket in which the 95th of 100 answers lies; 0 without answers."""
        if not self.answers:
            return 0.0
        return next((bound for bound in sorted(self.buckets) if self.buckets[bound] >= 0.95 * self.answers), 0.0)


@dataclass(frozen=True)
class Asked:
    """The gateways' requests to the service: answered, and failed without an answer."""

    answered: float = 0.0
    failed: float = 0.0

    def since(self, earlier: Asked) -> Asked:
        return Asked(self.answered - earlier.answered, self.failed - earlier.failed)


def total(counts: Iterable[Counts]) -> Counts:
    """Of several processes of one release."""
    found = Counts()
    for one in counts:
        bounds = {*found.buckets, *one.buckets}
        found = Counts(
            found.answers + one.answers,
            found.errors + one.errors,
            found.defects + one.defects,
            {bound: found.buckets.get(bound, 0.0) + one.buckets.get(bound, 0.0) for bound in bounds},
        )
    return found


def reason_to_go_back(before: Counts, now: Counts, late: Counts, asked: Asked, limits: Limits) -> str:
    """Empty while the version is well. `before` is of the version before, `now` and `asked` since the switch.

    `late` is of the second half of the watch, and alone says something about times: a new process
    plans, compiles and connects with its first requests.
    """
    requests = asked.answered + asked.failed
    if requests >= limits.requests and asked.failed > limits.unanswered_share * requests:
        return f"{asked.failed:.0f} of the gateway's {requests:.0f} requests had no answer"
    if now.answers < limits.requests:
        return ""
    if now.error_share > before.error_share + limits.error_share:
        was = f"before {before.error_share:.1%}" if before.answers else "there was no version before"
        return f"{now.errors:.0f} of {now.answers:.0f} answers were errors, {now.error_share:.1%} ({was})"
    if now.defects > limits.error_share * now.answers:
        return f"{now.defects:.0f} commands ended in a defect, of {now.answers:.0f} answers"
    if min(before.answers, late.answers) < limits.requests:
        return ""
    if late.p95 > limits.slow_seconds and late.p95 > limits.slower * before.p95:
        return f"95 of 100 answers took up to {late.p95:g} s, before {before.p95:g} s"
    return ""
