"""What a deployment needs of the engine that runs containers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from lanling_deploy.model import Release


@dataclass(frozen=True)
class Container:
    """As the engine has it. `address` is where this machine reaches it, empty while it does not run."""

    name: str
    service: str
    is_running: bool
    exit_code: int = 0
    restarts: int = 0
    address: str = ""
    has_gateway_key: bool = False
    """Whether it was started with one: a service answers signed calls only, a gateway signs."""


@dataclass(frozen=True)
class Finished:
    exit_code: int
    output: str
    errors: str

    @property
    def last_line(self) -> str:
        lines = [line for line in (self.errors or self.output).splitlines() if line.strip()]
        return lines[-1] if lines else f"exit code {self.exit_code}, without a word"


class Engine(Protocol):
    """Each method raises DeployError when the engine cannot do it, and may be called again after that."""

    def settings(self, service: str) -> Mapping[str, str]:
        """What its containers are told by the configuration directory."""
        ...

    def image_id(self, service: str, version: str) -> str:
        """Raises DeployError also when there is no such version."""
        ...

    def run_once(self, service: str, image: str, command: Sequence[str]) -> Finished:
        """Run a command of the image with the configuration of the service, and nothing left of it afterwards."""
        ...

    def free_port(self, taken: Sequence[int]) -> int:
        """For one more container; on a network of its own, all containers have the same."""
        ...

    def host_of(self, service: str, number: int) -> str:
        """What the gateway calls the containers of a release."""
        ...

    def run(self, release: Release) -> None:
        """All containers of the release run, be they new, stopped or running already."""
        ...

    def containers(self) -> Sequence[Container]:
        """All that deployments have made."""
        ...

    def stop(self, name: str) -> None:
        """SIGTERM, and wait: a service drains. One that does not run, or is not there, is left so."""
        ...

    def remove(self, name: str) -> None:
        """Whether it runs, is stopped or is not there."""
        ...

    def logs(self, name: str, lines: int) -> Sequence[str]: ...

    def follow(self, name: str, lines: int) -> Iterator[str]: ...
