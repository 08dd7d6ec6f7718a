"""The broker with the security profile of `deploy/kafka`, on loopback: what is tried here is what production uses."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lanling_local.jars import class_path
from lanling_local.java import java
from lanling_local.kafka import JVM_OPTIONS, LOGGING_PROPERTIES
from lanling_local.paths import REPOSITORY
from lanling_local.ports import HOST, accepts_connections, free_ports
from lanling_local.processes import Child, stop, wait_until

PROFILE = REPOSITORY / "deploy" / "kafka"
START_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class SecuredKafka:
    """`servers` is for systems, `internal_servers` for operators. `certificates` and `passwords` are directories."""

    servers: str
    internal_servers: str
    certificates: Path
    passwords: Path

    @property
    def ca(self) -> Path:
        return self.certificates / "ca.pem"

    def prepare(self, *options: str) -> str:
        """Run `deploy/kafka/prepare.py` as operator; returns what it printed. Raises CalledProcessError."""
        return _run_tool(
            "prepare.py",
            f"--bootstrap-servers={self.internal_servers}",
            f"--ca={self.ca}",
            f"--certificate={self.certificates / 'operator.pem'}",
            f"--passwords={self.passwords}",
            *options,
        )

    def renew_certificates(self) -> None:
        """New certificates by the same authority, and the brokers told of them."""
        _run_tool("certificates.py", str(self.certificates), f"--host={HOST}", "--renew")
        _run_tool(
            "reload_certificates.py",
            f"--bootstrap-servers={self.internal_servers}",
            f"--ca={self.ca}",
            f"--certificate={self.certificates / 'operator.pem'}",
        )

    def environment(self, principal: str) -> dict[str, str]:
        """The variables by which a service connects as `principal`."""
        return {
            "KAFKA_BOOTSTRAP_SERVERS": self.servers,
            "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
            "KAFKA_SASL_USERNAME": principal,
            "KAFKA_SASL_PASSWORD_FILE": str(self.passwords / f"{principal}.password"),
            "KAFKA_CA_FILE": str(self.ca),
        }


@contextmanager
def secured_kafka(directory: Path) -> Iterator[SecuredKafka]:
    """A broker without users or topics, its files in `directory`. Raises StackError when it does not start."""
    systems, internal, controller = free_ports(3)
    certificates = directory / "certificates"
    _run_tool("certificates.py", str(certificates), f"--host={HOST}")
    environment = {
        "KAFKA_HOST": HOST,
        "KAFKA_LISTEN_ADDRESS": HOST,
        "KAFKA_SYSTEMS_PORT": str(systems),
        "KAFKA_INTERNAL_PORT": str(internal),
        "KAFKA_CONTROLLER_PORT": str(controller),
        "KAFKA_DATA": str(directory / "data"),
        "KAFKA_CERTIFICATES": str(certificates),
    }
    logging = directory / "log4j.properties"
    logging.write_text(LOGGING_PROPERTIES)
    command = [java(), *JVM_OPTIONS, f"-Dlog4j.configuration={logging.as_uri()}", "-cp", class_path(lambda line: None)]
    properties = str(PROFILE / "server.properties")
    children: list[Child] = []

    def start(name: str, *arguments: str) -> Child:
        child = Child(name, [*command, *arguments], log=directory / f"{name}.log", environment=environment)
        children.append(child)
        return child

    try:
        tool = ("kafka.tools.StorageTool", "format", "--cluster-id=c2VjdXJlZC1sYW5saW5nMQ", "--config", properties)
        formatted = start("format", *tool)
        wait_until({"format": formatted.has_succeeded}, [], timeout_seconds=START_SECONDS, pause=time.sleep)
        broker = start("secured-kafka", "kafka.Kafka", properties)
        # The broker opens its ports when it is registered and its logs are loaded.
        ready = {"secured kafka": lambda: accepts_connections(systems) and accepts_connections(internal)}
        wait_until(ready, [broker], timeout_seconds=START_SECONDS)
        yield SecuredKafka(
            servers=f"{HOST}:{systems}",
            internal_servers=f"{HOST}:{internal}",
            certificates=certificates,
            passwords=directory / "passwords",
        )
    finally:
        stop(children)


def _run_tool(name: str, *arguments: str) -> str:
    return subprocess.run(
        [sys.executable, str(PROFILE / name), *arguments], capture_output=True, text=True, check=True
    ).stdout
