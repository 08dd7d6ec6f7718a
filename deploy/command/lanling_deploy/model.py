"""What is deployed: releases of services, and one deployment, which puts a release in the place of another."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

CONTAINER_PORT = 8000


class Step(StrEnum):
    """Of a deployment, in this order. Up to WATCH the release before runs on, so that all is undone by one rename."""

    MIGRATE = "migrate"
    START = "start"
    READY = "ready"
    SMOKE = "smoke"
    SWITCH = "switch"
    SERVED = "served"
    WATCH = "watch"
    DRAIN = "drain"


STEPS = tuple(Step)


@dataclass(frozen=True)
class Release:
    """A version of a service as it runs, in one container a port. `number` is never used twice for one service.

    `image` is the engine's id of the image, so that a name that moves later changes nothing. `host` is what the gateway
    asks: the name that all containers of the release share in their network, or an address of this machine.
    """

    service: str
    number: int
    version: str
    image: str
    host: str
    ports: tuple[int, ...]

    @property
    def name(self) -> str:
        return f"lanling-{self.service}-{self.number}"

    @property
    def containers(self) -> tuple[str, ...]:
        return tuple(self.name if index == 1 else f"{self.name}-{index}" for index in range(1, len(self.ports) + 1))

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.ports[0]}/graphql"

    def __str__(self) -> str:
        return f"{self.service} {self.version}"


@dataclass(frozen=True)
class Deployment:
    """`before` and `after` are digests of what is published: the supergraph, or the address of the gateway."""

    id: str
    new: Release
    old: Release | None
    before: str
    after: str


@dataclass(frozen=True)
class Open:
    """A deployment that has not ended. `failing` is why it is being undone, else empty."""

    deployment: Deployment
    done: frozenset[Step] = frozenset()
    failing: str = ""


@dataclass(frozen=True)
class County:
    """What the journal says. `kept` is the release before the live one: stopped, to go back to."""

    live: Mapping[str, Release] = field(default_factory=dict)
    kept: Mapping[str, Release] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)
    open: Open | None = None

    def next_number(self, service: str) -> int:
        return self.numbers.get(service, 0) + 1

    def known_containers(self) -> frozenset[str]:
        """All that may be there."""
        releases = [*self.live.values(), *self.kept.values()]
        if self.open:
            releases += [one for one in (self.open.deployment.new, self.open.deployment.old) if one]
        return frozenset(name for release in releases for name in release.containers)

    def begun(self, deployment: Deployment) -> County:
        assert self.open is None, "one deployment at a time"
        numbers = {**self.numbers, deployment.new.service: deployment.new.number}
        return replace(self, numbers=numbers, open=Open(deployment))

    def stepped(self, step: Step) -> County:
        assert self.open is not None
        return replace(self, open=replace(self.open, done=self.open.done | {step}))

    def failed(self, reason: str) -> County:
        assert self.open is not None
        return replace(self, open=replace(self.open, failing=reason))

    def ended(self, is_done: bool) -> County:
        assert self.open is not None
        if not is_done:
            return replace(self, open=None)
        deployment = self.open.deployment
        service, old = deployment.new.service, deployment.old
        kept = {**self.kept, service: old} if old else self.kept
        return replace(self, live={**self.live, service: deployment.new}, kept=kept, open=None)

    def scaled(self, release: Release) -> County:
        return replace(self, live={**self.live, release.service: release})


def digest(text: str) -> str:
    """As the gateway's metric tells it. Of nothing: empty."""
    return hashlib.sha256(text.encode()).hexdigest()[:16] if text else ""
