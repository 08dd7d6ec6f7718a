"""Apache Kafka as one node, broker and controller in one process, on loopback."""

from __future__ import annotations

import base64
import time
import uuid
from pathlib import Path

from lanling_local.jars import Report, class_path
from lanling_local.java import java
from lanling_local.ports import HOST, accepts_connections
from lanling_local.processes import Child, Pause, stop, wait_until

JVM_OPTIONS = ("-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true")

# One node: internal topics cannot have more replicas, and their usual 50 partitions only cost files and start time.
# Session: a broker that was killed is let in again only when its last session has run out, by default after 9 s.
# Retention: the events are the history of the county, and consumers may come back after any time.
SERVER_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller_port}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=PLAINTEXT://{host}:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=4
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
log.retention.ms=-1
offsets.retention.minutes=5256000
log.cleaner.dedupe.buffer.size=16777216
num.network.threads=2
num.io.threads=4
"""

LOGGING_PROPERTIES = """\
log4j.rootLogger=INFO, stdout
log4j.appender.stdout=org.apache.log4j.ConsoleAppender
log4j.appender.stdout.layout=org.apache.log4j.PatternLayout
log4j.appender.stdout.layout.ConversionPattern=%d{ISO8601} %p %m (%c)%n
"""


class Broker:
    """Its data are in `directory`/data and survive it; ports may change from one start to the next."""

    name = "kafka"

    def __init__(self, directory: Path, log: Path, port: int, controller_port: int) -> None:
        self.port = port
        self._directory = directory
        self._data = directory / "data"
        self._log = log
        self._properties = directory / "server.properties"
        self._logging = directory / "log4j.properties"
        self._controller_port = controller_port

    @property
    def bootstrap_servers(self) -> str:
        return f"{HOST}:{self.port}"

    def start(self, report: Report, pause: Pause = time.sleep) -> Child:
        """Start it, after fetching its jars and formatting its data directory where that was not done before."""
        jars = class_path(report, pause)
        self._write_configuration()
        if not (self._data / "meta.properties").exists():
            self._format(jars, pause)
        return Child(self.name, self._java(jars, "kafka.Kafka", str(self._properties)), log=self._log)

    def is_ready(self) -> bool:
        """The broker opens its port when it is registered and its logs are loaded."""
        return accepts_connections(self.port)

    def _write_configuration(self) -> None:
        self._directory.mkdir(parents=True, exist_ok=True)
        self._logging.write_text(LOGGING_PROPERTIES)
        self._properties.write_text(
            SERVER_PROPERTIES.format(
                host=HOST, port=self.port, controller_port=self._controller_port, data=self._data.absolute()
            )
        )

    def _format(self, jars: str, pause: Pause) -> None:
        cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
        # An id that begins with a dash would be read as an option.
        arguments = ("format", f"--cluster-id={cluster_id}", "--config", str(self._properties))
        command = self._java(jars, "kafka.tools.StorageTool", *arguments)
        child = Child(f"{self.name} format", command, log=self._log.with_name("kafka-format.log"))
        try:
            wait_until({child.name: child.has_succeeded}, [], timeout_seconds=60, pause=pause)
        finally:
            stop([child])

    def _java(self, jars: str, main_class: str, *arguments: str) -> list[str]:
        logging = f"-Dlog4j.configuration={self._logging.absolute().as_uri()}"
        return [java(), *JVM_OPTIONS, logging, "-cp", jars, main_class, *arguments]
