"""What a deployment works with, and what it keeps of each release beside the journal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from lanling_deploy.configuration import KEY, KEY_FILE, MOUNTED_SECRETS, Configuration
from lanling_deploy.engine import Container, Engine
from lanling_deploy.errors import DeployError
from lanling_deploy.journal import Journal
from lanling_deploy.model import Release
from lanling_deploy.probe import Probe
from lanling_deploy.published import Published
from lanling_deploy.watching import Asked
from lanling_local.files import write
from lanling_local.parts import GATEWAY

SCHEMA, EVENTS, BEFORE, AFTER = "schema.graphql", "events.json", "before", "after"


class Clock(Protocol):
    def now(self) -> float:
        """Seconds, of a clock that only goes forward."""
        ...

    def pause(self, seconds: float) -> None:
        """Wait. Raises Interrupted when somebody asked the command to end."""
        ...


@dataclass
class World:
    configuration: Configuration
    engine: Engine
    probe: Probe
    clock: Clock
    journal: Journal
    say: Callable[[str], None]
    asked_before: dict[str, Asked] = field(default_factory=dict)
    """By gateway, when the new version was about to be asked."""

    def published(self, service: str) -> Published:
        name = "gateway.address" if service == GATEWAY.name else "supergraph.graphql"
        return Published(self.configuration.published / name)

    def kept(self, release: Release, name: str) -> str:
        """A text that belongs to the release; empty when there is none. Raises DeployError."""
        file = self._file(release, name)
        try:
            return file.read_text("utf-8") if file.exists() else ""
        except OSError as error:
            raise DeployError(f"cannot read {file}: {error.strerror}") from error

    def keep(self, release: Release, name: str, text: str) -> None:
        file = self._file(release, name)
        try:
            write(file, text.encode(), mode=0o644)
        except OSError as error:
            raise DeployError(f"cannot write {file}: {error.strerror}") from error

    def containers_of(self, release: Release) -> list[Container]:
        """Those that are there, in the release's order."""
        there = {one.name: one for one in self.engine.containers()}
        return [there[name] for name in release.containers if name in there]

    def addresses(self, release: Release) -> list[str]:
        return [one.address for one in self.containers_of(release) if one.address]

    def gateway_keys(self, service: str) -> list[bytes]:
        """As its settings name them, the one that a gateway signs with first. Raises DeployError."""
        settings = self.engine.settings(service)
        named = settings.get(KEY_FILE, "")
        if not named:
            return settings.get(KEY, "").encode().split()
        if not named.startswith(f"{MOUNTED_SECRETS}/"):
            raise DeployError(f"{KEY_FILE} of {service} is not in {MOUNTED_SECRETS}: {named}")
        file = self.configuration.secrets / named.removeprefix(f"{MOUNTED_SECRETS}/")
        try:
            return file.read_bytes().split()
        except OSError as error:
            raise DeployError(f"cannot read {KEY_FILE} of {service}: {file}: {error.strerror}") from error

    def gateways(self) -> list[str]:
        """Addresses of all gateways, the deployed ones and others that the configuration names."""
        live = self.journal.county.live.get(GATEWAY.name)
        own = self.addresses(live) if live else []
        return [*own, *(url.removeprefix("http://").rstrip("/") for url in self.configuration.gateways)]

    def _file(self, release: Release, name: str) -> Path:
        return self.configuration.state / "releases" / f"{release.service}-{release.number}" / name
