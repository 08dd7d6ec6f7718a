"""What one run of the stack consists of, and the environment that its processes get."""

from __future__ import annotations

import base64
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

from lanling_local import issuer
from lanling_local.files import write
from lanling_local.parts import GATEWAY, Part, port_of, services
from lanling_local.paths import REPOSITORY, run_directory
from lanling_local.ports import HOST
from lanling_local.stack import Infrastructure, InfrastructurePorts
from lanling_local.topics import PREFIX


@dataclass(frozen=True)
class Configuration:
    services: tuple[Part, ...] = field(default_factory=services)
    gateway: Part = GATEWAY
    directory: Path = field(default_factory=run_directory)
    sources: Path = REPOSITORY / "services"
    """What the demonstration data come from: when it changes, they are loaded again."""
    supergraph: Path = REPOSITORY / "schemas" / "supergraph.graphql"
    infrastructure_ports: InfrastructurePorts = field(default_factory=lambda: ports_of_environment())

    @property
    def logs(self) -> Path:
        return self.directory / "logs"

    def ports(self) -> dict[str, tuple[str, int]]:
        """Every port that the run will listen on: its variable → (who listens, port)."""
        wanted = {part.port_variable: (part.name, part.port) for part in (self.gateway, *self.services)}
        if not os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
            wanted["KAFKA_PORT"] = ("Kafka", self.infrastructure_ports.kafka)
            wanted["KAFKA_CONTROLLER_PORT"] = ("Kafka's controller", self.infrastructure_ports.kafka_controller)
        if not os.environ.get("MONGODB_URI"):
            wanted["MONGODB_PORT"] = ("MongoDB", self.infrastructure_ports.mongodb)
        return wanted

    def service_environment(self, part: Part, infra: Infrastructure) -> dict[str, str]:
        return {
            "SERVICE_HOST": HOST,
            "SERVICE_PORT": str(part.port),
            "MONGODB_DATABASE": f"lanling_{part.package}",
            "PERSONAL_DATA_KEY": os.environ.get("PERSONAL_DATA_KEY") or self._personal_data_key(part),
            "DEMO_DATA": os.environ.get("DEMO_DATA") or "1",
            **self._shared_environment(infra),
        }

    def gateway_environment(self, infra: Infrastructure, graphiql: Path | None = None) -> dict[str, str]:
        urls = {f"GATEWAY_SUBGRAPH_URL_{part.package.upper()}": part.url for part in self.services}
        return {
            "GATEWAY_HOST": HOST,
            "GATEWAY_PORT": str(self.gateway.port),
            "GATEWAY_SUPERGRAPH": str(self.supergraph),
            "GATEWAY_EXAMPLES": os.environ.get("GATEWAY_EXAMPLES") or str(REPOSITORY / "schemas" / "examples"),
            **({"GATEWAY_GRAPHIQL": str(graphiql)} if graphiql else {}),
            **urls,
            **self._shared_environment(infra),
        }

    def _shared_environment(self, infra: Infrastructure) -> dict[str, str]:
        return {
            **infra.environment,
            "TOPIC_PREFIX": topic_prefix(),
            **issuer.environment(self.directory / "issuer"),
            "PYTHONUNBUFFERED": "1",  # a log must have the last words of a process that is killed
            "PYTHONDONTWRITEBYTECODE": "",  # compiled once, not at every start: half of the start's time
        }

    def _personal_data_key(self, part: Part) -> str:
        """A key of 32 bytes in base64, made on first use and kept: it opens what was sealed in earlier runs."""
        file = self.directory / "keys" / f"{part.package}.key"
        if not file.exists():
            write(file, base64.b64encode(os.urandom(32)), only_if_missing=True)
        return file.read_text()

    def service_command(self, part: Part, command: str = "serve") -> list[str]:
        # Nobody else brings this machine's databases to the version that starts.
        return [sys.executable, "-m", part.package, command, *(["--migrate"] if command == "serve" else [])]

    def gateway_command(self) -> list[str]:
        return [sys.executable, "-m", self.gateway.package, "serve", "--supergraph", str(self.supergraph)]


def ports_of_environment() -> InfrastructurePorts:
    return InfrastructurePorts(
        kafka=port_of("KAFKA_PORT", 19092),
        kafka_controller=port_of("KAFKA_CONTROLLER_PORT", 19093),
        mongodb=port_of("MONGODB_PORT", 27117),
    )


def topic_prefix() -> str:
    return os.environ.get("TOPIC_PREFIX") or PREFIX
