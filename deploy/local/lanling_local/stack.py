"""Broker and database, started together on loopback and stopped together.

with infrastructure(directory) as infra:
    infra.kafka_bootstrap_servers, infra.mongodb_uri
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from lanling_local.jars import Report
from lanling_local.kafka import Broker
from lanling_local.mongodb import REPLICA_SET, Database
from lanling_local.ports import HOST, free_ports
from lanling_local.processes import Child, Pause, stop, wait_until

START_SECONDS = 90.0


@dataclass(frozen=True)
class InfrastructurePorts:
    kafka: int
    kafka_controller: int
    mongodb: int

    @classmethod
    def free(cls) -> InfrastructurePorts:
        return cls(*free_ports(3))


@dataclass(frozen=True)
class Infrastructure:
    kafka_bootstrap_servers: str
    mongodb_uri: str
    children: list[Child] = field(default_factory=list)
    """The processes that were started for it; none for what the environment names."""

    @classmethod
    def running(cls, ports: InfrastructurePorts) -> Infrastructure:
        """The one that another process of ours runs on `ports`, or that the environment names."""
        return cls(
            os.environ.get("KAFKA_BOOTSTRAP_SERVERS") or f"{HOST}:{ports.kafka}",
            os.environ.get("MONGODB_URI") or f"mongodb://{HOST}:{ports.mongodb}/?replicaSet={REPLICA_SET}",
        )

    @property
    def is_own(self) -> bool:
        """Whether both were started here, on the data of the directory."""
        return len(self.children) == 2

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which services, and another `infrastructure()`, find it."""
        return {"KAFKA_BOOTSTRAP_SERVERS": self.kafka_bootstrap_servers, "MONGODB_URI": self.mongodb_uri}


@contextmanager
def infrastructure(
    directory: Path,
    *,
    ports: InfrastructurePorts | None = None,
    logs: Path | None = None,
    report: Report = lambda line: None,
    pause: Pause = time.sleep,
) -> Iterator[Infrastructure]:
    """Kafka and MongoDB with their data in `directory`, on `ports` (free ones when none are given).

    What `KAFKA_BOOTSTRAP_SERVERS` or `MONGODB_URI` name is used and not started. Raises StackError when one of them
    does not start. Both are stopped at the end, and killed by the kernel when this process dies before; so the
    calling thread must live as long as the context. Data stay in `directory`.
    """
    ports = ports or InfrastructurePorts.free()
    logs = logs or directory / "logs"
    kafka_servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
    mongodb_uri = os.environ.get("MONGODB_URI")
    children: list[Child] = []
    conditions = {}
    try:
        if not mongodb_uri:
            database = Database(directory / "mongodb", logs / "mongodb.log", ports.mongodb)
            mongodb_uri = database.uri
            conditions[database.name] = database.is_ready
            children.append(database.start())
        if not kafka_servers:
            broker = Broker(directory / "kafka", logs / "kafka.log", ports.kafka, ports.kafka_controller)
            kafka_servers = broker.bootstrap_servers
            conditions[broker.name] = broker.is_ready
            children.append(broker.start(report, pause))
        wait_until(conditions, children, timeout_seconds=START_SECONDS, pause=pause, report=report)
        yield Infrastructure(kafka_servers, mongodb_uri, children)
    finally:
        stop(children)
