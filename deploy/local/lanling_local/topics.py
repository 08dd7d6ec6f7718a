"""Creates the topics of `schemas/topics.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

from lanling_local.errors import StackError
from lanling_local.paths import REPOSITORY

TOPICS_FILE = REPOSITORY / "schemas" / "topics.toml"
PREFIX = "lanling"
TOPIC_ALREADY_EXISTS = 36  # error code of the broker


@dataclass(frozen=True)
class Topic:
    name: str
    partitions: int
    config: dict[str, str]

    @property
    def service(self) -> str:
        """Whose it is: `lanling.<service>.events`."""
        return self.name.split(".")[-2]


def read_topics(file: Path = TOPICS_FILE, *, prefix: str = PREFIX) -> list[Topic]:
    """The topics of the file, with `prefix` in the place of `lanling`; a topic's own settings win over the defaults."""
    content = tomllib.loads(file.read_text())
    defaults = content["defaults"]
    return [
        Topic(
            name=prefix + name.removeprefix(PREFIX),
            partitions=own.get("partitions", defaults["partitions"]),
            config={**defaults["config"], **own.get("config", {})},
        )
        for name, own in content["topics"].items()
    ]


async def create_topics(bootstrap_servers: str, *, prefix: str = PREFIX, replication: int = -1) -> list[str]:
    """Create the topics that are missing; returns their names. Raises StackError when the broker refuses one.

    `replication` -1 leaves the number of replicas to the broker.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    try:
        await admin.start()
        present = set(await admin.list_topics())
        missing = [topic for topic in read_topics(prefix=prefix) if topic.name not in present]
        if not missing:
            return []
        answer = await admin.create_topics([_new_topic(topic, replication) for topic in missing])
    except KafkaError as error:
        raise StackError(f"cannot create the topics at {bootstrap_servers}: {error}") from error
    finally:
        await admin.close()
    for name, code, message in answer.topic_errors:
        if code not in (0, TOPIC_ALREADY_EXISTS):
            raise StackError(f"the broker refuses topic {name}: {message or f'error {code}'}")
    return [topic.name for topic in missing]


def _new_topic(topic: Topic, replication: int) -> NewTopic:
    # The client allows -1 only together with an assignment of replicas, be it empty.
    return NewTopic(topic.name, topic.partitions, replication, replica_assignments={}, topic_configs=topic.config)
