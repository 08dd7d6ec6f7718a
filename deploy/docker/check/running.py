"""Containers as an operator runs them: read-only, without privileges, with nothing writable but /tmp."""

from __future__ import annotations

import base64
import http.client
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docker

from lanling_images.names import Recipe
from lanling_local import issuer
from lanling_local.ports import HOST, free_ports

FILES = "/etc/lanling"


@dataclass(frozen=True)
class County:
    directory: Path
    kafka: str
    mongodb: str
    migrated: set[str] = field(default_factory=set)

    def environment(self, recipe: Recipe, port: int) -> dict[str, str]:
        """The complete configuration of one part."""
        own = {
            "gateway": {"GATEWAY_SUPERGRAPH": f"{FILES}/supergraph.graphql", "GATEWAY_HOST": HOST},
            "points": {"PICKUP_CODE_SECRET": "only for the checks of images"},
            "new-employment-group": {"PERSONAL_DATA_KEY": base64.b64encode(bytes(32)).decode()},
        }
        return {
            recipe.port_variable: str(port),
            "SERVICE_HOST": HOST,
            "MONGODB_URI": self.mongodb,
            "MONGODB_DATABASE": f"check_{recipe.package}",
            "KAFKA_BOOTSTRAP_SERVERS": self.kafka,
            "JWKS_URL": f"file://{FILES}/jwks.json",
            "JWT_ISSUER": issuer.ISSUER,
            "JWT_AUDIENCE": issuer.AUDIENCE,
            **own.get(recipe.name, {}),
        }


@dataclass(frozen=True)
class Running:
    container: Any
    port: int
    started: float
    """By the monotonic clock, when the engine had started the process."""

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(HOST, self.port, timeout=15)

    def status(self, path: str) -> int | None:
        """The HTTP status of a GET; None while nobody listens."""
        connection = self.connect()
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except OSError:
            return None
        finally:
            connection.close()

    def wait_ready(self, seconds: float = 30) -> float:
        """Seconds from the start until /readyz says yes. Raises AssertionError with the log when it never does."""
        while time.monotonic() < self.started + seconds:
            if self.status("/readyz") == 200:
                return time.monotonic() - self.started
            time.sleep(0.02)
        raise AssertionError(f"not ready after {seconds} s:\n{self.log()}")

    def waited_for_processor(self) -> float:
        """Seconds that the main thread could have run and other processes did, as the kernel of this machine counts."""
        self.container.reload()
        _running, waiting, _slices = Path(f"/proc/{self.container.attrs['State']['Pid']}/schedstat").read_text().split()
        return int(waiting) / 1e9

    def log(self) -> str:
        return str(self.container.logs(tail=30).decode())

    def wait_exit(self, seconds: float) -> int:
        return int(self.container.wait(timeout=seconds)["StatusCode"])


class Runner:
    def __init__(self, engine: docker.DockerClient, version: str, county: County):
        self._engine = engine
        self._version = version
        self._county = county
        self._containers: list[Any] = []

    def run(self, recipe: Recipe, *command: str, environment: dict[str, str] | None = None, **more: str) -> Running:
        """Start the image with `command` (none: `serve`), with the county's configuration and `more` if no other is
        given.
        """
        port = free_ports(1)[0]
        if environment is None:
            environment = {**self._county.environment(recipe, port), **more}
        files = {str(file): {"bind": f"{FILES}/{file.name}", "mode": "ro"} for file in self._files()}
        container = self._engine.containers.create(
            recipe.tag(self._version),
            list(command) or None,
            network_mode="host",
            read_only=True,
            tmpfs={"/tmp": ""},
            cap_drop=["ALL"],
            security_opt=["no-new-privileges"],
            environment=environment,
            volumes=files,
        )
        self._containers.append(container)
        container.start()
        return Running(container, port, time.monotonic())

    def output(self, recipe: Recipe, *command: str, environment: dict[str, str] | None = None) -> tuple[int, str]:
        """Exit code and all that was printed."""
        running = self.run(recipe, *command, environment=environment)
        code = running.wait_exit(60)
        return code, str(running.container.logs().decode())

    def migrate(self, recipe: Recipe) -> None:
        """Once for each database. Raises AssertionError with what was printed when it fails."""
        if recipe.name not in self._county.migrated:
            code, output = self.output(recipe, "migrate", "--apply")
            assert code == 0, output
            self._county.migrated.add(recipe.name)

    def remove_all(self) -> None:
        for container in self._containers:
            container.remove(force=True)

    def _files(self) -> list[Path]:
        return [file for file in self._county.directory.iterdir() if file.is_file()]
