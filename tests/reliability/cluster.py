"""Two brokers and a controller, so that a leader can die with what only it has: each partition on both brokers.

Writes with acks=all need both (min.insync.replicas=2). A follower that is behind may become leader when there is no
other (unclean.leader.election.enable), as an operator in need would have it.
"""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from lanling_local.jars import class_path
from lanling_local.java import java
from lanling_local.kafka import JVM_OPTIONS, LOGGING_PROPERTIES
from lanling_local.ports import HOST, accepts_connections, free_ports
from lanling_local.processes import Child, stop, wait_until

CONTROLLER, BROKERS = 1, (2, 3)
CLUSTER_ID = "cmVsaWFiaWxpdHktMDAwMQ"
START_SECONDS = 120.0
SESSION_SECONDS = 3.0

PROPERTIES = """\
node.id={node}
process.roles={role}
controller.quorum.voters=1@{host}:{controller_port}
controller.listener.names=CONTROLLER
listeners={listeners}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
default.replication.factor=2
min.insync.replicas=2
unclean.leader.election.enable=true
replica.lag.time.max.ms=2000
offsets.topic.replication.factor=2
offsets.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms={session_ms}
broker.heartbeat.interval.ms=500
log.cleaner.dedupe.buffer.size=16777216
num.network.threads=1
num.io.threads=2
"""


@dataclass
class Cluster:
    """`nodes` by id; `ports` of the brokers."""

    directory: Path
    controller_port: int
    ports: dict[int, int]
    nodes: dict[int, Child] = field(default_factory=dict)

    @property
    def bootstrap_servers(self) -> str:
        return ",".join(f"{HOST}:{port}" for port in self.ports.values())

    def format(self) -> None:
        (self.directory / "log4j.properties").write_text(LOGGING_PROPERTIES)
        tools = []
        for node in (CONTROLLER, *BROKERS):
            self._properties(node).write_text(self._configuration(node))
            tool = ("kafka.tools.StorageTool", "format", f"--cluster-id={CLUSTER_ID}")
            tools.append(self._child(f"format-{node}", *tool, "--config", str(self._properties(node))))
        formatted = {child.name: child.has_succeeded for child in tools}
        wait_until(formatted, [], timeout_seconds=START_SECONDS)

    def start(self, *nodes: int) -> None:
        """Returns when the brokers among them take requests."""
        for node in nodes:
            self.nodes[node] = self._child(f"node-{node}", "kafka.Kafka", str(self._properties(node)))
        brokers = {f"broker {node}": self._readiness(node) for node in nodes if node in BROKERS}
        wait_until(brokers, [self.nodes[node] for node in nodes], timeout_seconds=START_SECONDS)

    def signal(self, node: int, number: signal.Signals) -> None:
        """Returns when a killed one has ended."""
        self.nodes[node].signal_group(number)
        if number is signal.SIGKILL:
            self.nodes[node].process.wait()

    def wait_for_leader(self, node: int) -> None:
        """Returns when this broker leads every partition. Raises TimeoutError."""
        asyncio.run(self._wait_for_leader(node))

    async def _wait_for_leader(self, node: int) -> None:
        async with asyncio.timeout(START_SECONDS):
            while {node} != await leaders(f"{HOST}:{self.ports[node]}"):  # noqa: ASYNC110 — the cluster does it
                await asyncio.sleep(0.5)

    def _readiness(self, node: int) -> "_Open":
        return _Open(self.ports[node])

    def _properties(self, node: int) -> Path:
        return self.directory / f"node-{node}.properties"

    def _configuration(self, node: int) -> str:
        controller = node == CONTROLLER
        port, listener = (self.controller_port, "CONTROLLER") if controller else (self.ports[node], "PLAINTEXT")
        return PROPERTIES.format(
            node=node,
            role="controller" if controller else "broker",
            host=HOST,
            controller_port=self.controller_port,
            listeners=f"{listener}://{HOST}:{port}",
            data=self.directory / f"data-{node}",
            session_ms=int(SESSION_SECONDS * 1000),
        )

    def _child(self, name: str, *arguments: str) -> Child:
        logging = f"-Dlog4j.configuration={(self.directory / 'log4j.properties').as_uri()}"
        command = [java(), *JVM_OPTIONS, logging, "-cp", class_path(lambda line: None), *arguments]
        return Child(name, command, log=self.directory / f"{name}.log")


@dataclass(frozen=True)
class _Open:
    port: int

    def __call__(self) -> bool:
        return accepts_connections(self.port)


async def leaders(bootstrap_servers: str) -> set[int]:
    """The brokers that lead a partition of any topic, as this one knows it; none while it does not answer."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers, request_timeout_ms=2000)
    try:
        await admin.start()
        topics = await admin.describe_topics()
    except KafkaError:
        return set()
    finally:
        await admin.close()
    return {partition["leader"] for topic in topics for partition in topic["partitions"]}


@contextmanager
def cluster(directory: Path) -> Iterator[Cluster]:
    """Raises StackError when it does not start."""
    controller_port, *ports = free_ports(1 + len(BROKERS))
    made = Cluster(directory, controller_port, dict(zip(BROKERS, ports, strict=True)))
    try:
        made.format()
        made.start(CONTROLLER, *BROKERS)
        yield made
    finally:
        for child in made.nodes.values():
            child.signal_group(signal.SIGCONT)
        # The brokers of a cluster wait for each other when they are asked to stop; here nobody wants their data.
        for child in made.nodes.values():
            child.signal_group(signal.SIGKILL)
        stop(made.nodes.values())
