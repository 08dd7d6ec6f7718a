"""Whether the county is quiet: nothing waits in an outbox, and no consumer is behind its topics."""

import asyncio
import time
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from lanling_local.processes import Pause
from reliability.place import Place

LOOKS = 3
LOOK_SECONDS = 0.5


def wait_until_quiet(place: Place, seconds: float, pause: Pause) -> int:
    """Wait until several looks in a row found nothing on its way, for at most `seconds`; returns what is still."""
    deadline = time.monotonic() + seconds
    quiet, waiting = 0, -1
    while quiet < LOOKS and time.monotonic() < deadline:
        try:
            waiting = _unpublished(place) + asyncio.run(_unread(place))
        except (KafkaError, PyMongoError, OSError):
            waiting = -1  # broker or database are not back yet
        quiet = quiet + 1 if waiting == 0 else 0
        pause(LOOK_SECONDS)
    return waiting


def _unpublished(place: Place) -> int:
    client: MongoClient[dict[str, Any]] = MongoClient(place.mongodb, serverSelectionTimeoutMS=5_000)
    try:
        return sum(
            client[service.database]["outbox"].count_documents({"published": False}) for service in place.services
        )
    finally:
        client.close()


async def _unread(place: Place) -> int:
    admin = AIOKafkaAdminClient(bootstrap_servers=place.kafka)
    consumer = AIOKafkaConsumer(bootstrap_servers=place.kafka)
    await admin.start()
    await consumer.start()
    try:
        ends = await _ends(place, consumer)
        behind = 0
        for service in place.services:
            committed = await admin.list_consumer_group_offsets(f"{place.prefix}.{service.name}")
            topics = {place.topic(name) for name in service.listens_to}
            for partition, end in ends.items():
                if partition.topic in topics:
                    offset = committed[partition].offset if partition in committed else 0
                    behind += max(0, end - max(0, offset))
        return behind
    finally:
        await consumer.stop()
        await admin.close()


async def _ends(place: Place, consumer: Any) -> dict[TopicPartition, int]:
    topics = [place.topic(service.name) for service in place.services]
    known = await consumer._client.fetch_all_metadata()
    partitions = [
        TopicPartition(topic, number) for topic in topics for number in known.partitions_for_topic(topic) or ()
    ]
    return dict(await consumer.end_offsets(partitions))
