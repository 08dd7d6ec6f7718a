"""The county as processes that may die: broker, database, services as test builds, gateway."""

import asyncio
import http.client
import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from lanling_local.configuration import Configuration
from lanling_local.kafka import Broker
from lanling_local.mongodb import Database
from lanling_local.parts import GATEWAY, Part, services
from lanling_local.ports import HOST, accepts_connections, free_ports
from lanling_local.processes import Child, Pause, stop, wait_until
from lanling_local.stack import Infrastructure, InfrastructurePorts
from lanling_local.topics import create_topics
from reliability.orders import VARIABLE, Order
from reliability.place import Place, ServicePlace
from reliability.process import BUG_VARIABLE
from reliability.services import listens_to

START_SECONDS = 120.0
TESTS = Path(__file__).parents[1]


def configuration_on_free_ports(directory: Path, names: tuple[str, ...] = ()) -> Configuration:
    """The services of these names (all when none are given) and a gateway, on ports that are free now."""
    chosen = [part for part in services() if not names or part.name in names]
    *ports, gateway_port = free_ports(len(chosen) + 1)
    return Configuration(
        services=tuple(replace(part, default_port=port) for part, port in zip(chosen, ports, strict=True)),
        gateway=replace(GATEWAY, default_port=gateway_port),
        directory=directory,
        infrastructure_ports=InfrastructurePorts.free(),
    )


class Servers:
    """Broker and database of a run, which can be killed and started again on their data."""

    def __init__(self, configuration: Configuration) -> None:
        ports, directory, logs = configuration.infrastructure_ports, configuration.directory, configuration.logs
        self._broker = Broker(directory / "kafka", logs / "kafka.log", ports.kafka, ports.kafka_controller)
        self._database = Database(directory / "mongodb", logs / "mongodb.log", ports.mongodb)
        self.infrastructure = Infrastructure(self._broker.bootstrap_servers, self._database.uri)
        self.running: dict[str, Child] = {}

    def start(self, pause: Pause) -> None:
        for name in ("mongodb", "kafka"):
            self.start_again(name)
        conditions = {"mongodb": self._database.is_ready, "kafka": self._broker.is_ready}
        wait_until(conditions, list(self.running.values()), timeout_seconds=START_SECONDS, pause=pause)

    def start_again(self, name: str) -> None:
        started = self._broker.start(lambda line: None) if name == "kafka" else self._database.start()
        self.running[name] = started

    def is_ready(self, name: str) -> bool:
        return self._broker.is_ready() if name == "kafka" else self._database.is_ready()

    def end(self, name: str, how: signal.Signals) -> None:
        """Returns when it has ended."""
        self.running[name].signal_group(how)
        self.running[name].process.wait(60)


@dataclass
class Processes:
    """Services and gateway. A second instance of a service is a part with a port of its own."""

    configuration: Configuration
    infrastructure: Infrastructure
    prefix: str
    bug: str = ""
    running: dict[Part, Child] = field(default_factory=dict)

    def start(self, part: Part, **variables: str) -> Child:
        if part.package == GATEWAY.package:
            command = self.configuration.gateway_command()
            environment = self.configuration.gateway_environment(self.infrastructure)
        else:
            command = [sys.executable, "-m", "reliability.process", part.package, "serve", "--migrate"]
            environment = self.environment(part) | {VARIABLE: str(self.orders(part)), BUG_VARIABLE: self.bug}
        environment |= {"PYTHONPATH": str(TESTS)} | variables
        log = self.configuration.logs / f"{part.name}-{part.port}.log"
        self.running[part] = Child(f"{part.name}-{part.port}", command, log=log, environment=environment)
        return self.running[part]

    def start_all(self, *, gateway: bool = True, pause: Pause = time.sleep) -> None:
        parts = [*self.configuration.services, *([self.configuration.gateway] if gateway else [])]
        for part in parts:
            self.start(part)
        conditions = {child.name: _Readiness(part) for part, child in self.running.items()}
        wait_until(conditions, list(self.running.values()), timeout_seconds=START_SECONDS, pause=pause)

    def is_ready(self, part: Part) -> bool:
        return _Readiness(part)()

    def environment(self, part: Part) -> dict[str, str]:
        return self.configuration.service_environment(part, self.infrastructure) | {
            "MONGODB_DATABASE": self.database(part),
            "TOPIC_PREFIX": self.prefix,
            "LOG_LEVEL": "WARNING",
        }

    def database(self, part: Part) -> str:
        return f"{self.prefix.replace('.', '_')}_{part.package}"

    def orders(self, part: Part) -> Path:
        return self.configuration.directory / f"orders-{part.name}-{part.port}"

    def order(self, part: Part, order: Order | None) -> None:
        """Give the part an order, or take it back. A part that runs hears of it at once."""
        self.orders(part).write_text(str(order) if order else "")
        child = self.running.get(part)
        if child and child.process.poll() is None:
            os.kill(child.pid, signal.SIGUSR1)

    def second_instance(self, part: Part) -> Part:
        """On a port of its own; that of a part which is dead at this moment is free, and not to be had."""
        configured, servers = self.configuration, self.configuration.infrastructure_ports
        kept = {servers.kafka, servers.kafka_controller, servers.mongodb}
        kept |= {one.port for one in (*configured.services, configured.gateway)}
        return replace(part, default_port=next(port for port in iter(_free_port, None) if port not in kept))

    def wait_until_alive(self, part: Part) -> None:
        """Until it answers requests, whether its relay reaches the broker or not."""
        wait_until({part.name: lambda: accepts_connections(part.port)}, [], timeout_seconds=START_SECONDS)

    def place(self, *, gateway: bool = True, parts: Sequence[Part] = ()) -> Place:
        parts = parts or self.configuration.services
        return Place(
            directory=self.configuration.directory,
            kafka=self.infrastructure.kafka_bootstrap_servers,
            mongodb=self.infrastructure.mongodb_uri,
            prefix=self.prefix,
            gateway=self.configuration.gateway.url if gateway else "",
            services=tuple(
                ServicePlace(
                    name=part.name,
                    package=part.package,
                    url=part.url,
                    database=self.database(part),
                    listens_to=listens_to(part.package),
                    environment=self.environment(part),
                )
                for part in parts
            ),
            stories=tuple(part.name for part in parts),
        )

    def create_topics(self) -> None:
        asyncio.run(create_topics(self.infrastructure.kafka_bootstrap_servers, prefix=self.prefix))

    def stop(self) -> None:
        for child in self.running.values():
            child.signal_group(signal.SIGCONT)
        stop(self.running.values())


def _free_port() -> int:
    return free_ports(1)[0]


@dataclass(frozen=True)
class _Readiness:
    part: Part

    def __call__(self) -> bool:
        connection = http.client.HTTPConnection(HOST, self.part.port, timeout=2)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
