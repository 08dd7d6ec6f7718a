"""Whether every event has arrived: nothing waits in an outbox, and no consumer group is behind its topics."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError
from motor.motor_asyncio import AsyncIOMotorClient

from lanling_local.configuration import Configuration, topic_prefix
from lanling_local.jars import Report
from lanling_local.processes import Child, Pause
from lanling_local.stack import Infrastructure

LONGEST_SECONDS = 120.0
LOOK_SECONDS = 0.5
REPORT_SECONDS = 3.0


def wait_until_caught_up(
    configuration: Configuration, infra: Infrastructure, children: Sequence[Child], report: Report, pause: Pause
) -> None:
    """Wait until the services know what they have told each other: twice in a row nothing is on its way.

    After `LONGEST_SECONDS` the county goes on; the rest arrives later. Raises StackError when a process dies meanwhile.
    """
    deadline = time.monotonic() + LONGEST_SECONDS
    next_report = time.monotonic() + REPORT_SECONDS
    quiet = 0
    while quiet < 2 and time.monotonic() < deadline:
        waiting = asyncio.run(events_on_their_way(configuration, infra))
        quiet = quiet + 1 if waiting == 0 else 0
        for child in children:
            child.raise_if_dead()
        if waiting and time.monotonic() > next_report:
            next_report += REPORT_SECONDS
            report(f"{waiting} events are on their way")
        pause(LOOK_SECONDS)


async def events_on_their_way(configuration: Configuration, infra: Infrastructure) -> int:
    """Unpublished rows of all outboxes and unread events of all consumer groups."""
    return await _unpublished(configuration, infra) + await _unread(configuration, infra)


async def _unpublished(configuration: Configuration, infra: Infrastructure) -> int:
    client: AsyncIOMotorClient[dict[str, object]] = AsyncIOMotorClient(infra.mongodb_uri)
    try:
        names = [configuration.service_environment(part, infra)["MONGODB_DATABASE"] for part in configuration.services]
        counts = [await client[name]["outbox"].count_documents({"published": False}) for name in names]
        return sum(counts)
    finally:
        client.close()


async def _unread(configuration: Configuration, infra: Infrastructure) -> int:
    admin = AIOKafkaAdminClient(bootstrap_servers=infra.kafka_bootstrap_servers)
    consumer = AIOKafkaConsumer(bootstrap_servers=infra.kafka_bootstrap_servers)
    await admin.start()
    await consumer.start()
    try:
        behind = 0
        for part in configuration.services:
            try:
                committed = await admin.list_consumer_group_offsets(f"{topic_prefix()}.{part.name}")
            except GroupCoordinatorNotAvailableError:
                behind += 1  # the broker has just begun to keep offsets: look again
                continue
            ends = await consumer.end_offsets(list(committed)) if committed else {}
            behind += sum(max(0, end - committed[partition].offset) for partition, end in ends.items())
        return behind
    finally:
        await consumer.stop()
        await admin.close()
