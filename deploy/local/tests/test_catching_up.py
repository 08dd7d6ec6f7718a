"""What counts as an event on its way."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.structs import TopicPartition
from motor.motor_asyncio import AsyncIOMotorClient

from lanling_local.catching_up import events_on_their_way
from lanling_local.configuration import Configuration
from lanling_local.parts import GATEWAY, Part
from lanling_local.stack import Infrastructure, infrastructure


@pytest.fixture
def infra(tmp_path: Path) -> Iterator[Infrastructure]:
    with infrastructure(tmp_path) as started:
        yield started


async def test_unpublished_rows_and_unread_events(
    infra: Infrastructure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOPIC_PREFIX", "catching")
    toy = Part("toy", "toy", 1)
    configuration = Configuration(services=(toy,), gateway=GATEWAY, directory=tmp_path)
    await nothing_on_its_way(configuration, infra)

    client: AsyncIOMotorClient[dict[str, object]] = AsyncIOMotorClient(infra.mongodb_uri)
    outbox = client["lanling_toy"]["outbox"]
    await outbox.insert_many([{"published": False}, {"published": True}])
    assert await events_on_their_way(configuration, infra) == 1
    await outbox.update_many({}, {"$set": {"published": True}})
    client.close()

    async with AIOKafkaProducer(bootstrap_servers=infra.kafka_bootstrap_servers) as producer:
        await _make_topic(infra)
        for _ in range(3):
            await producer.send_and_wait("catching.toy.events", b"event", partition=0)
    group = AIOKafkaConsumer(
        bootstrap_servers=infra.kafka_bootstrap_servers, group_id="catching.toy", enable_auto_commit=False
    )
    async with group:
        group.assign([TopicPartition("catching.toy.events", 0)])
        await group.commit({TopicPartition("catching.toy.events", 0): 1})
    assert await events_on_their_way(configuration, infra) == 2


async def nothing_on_its_way(configuration: Configuration, infra: Infrastructure) -> None:
    """The broker needs a moment before it keeps offsets."""
    for _ in range(100):
        if await events_on_their_way(configuration, infra) == 0:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("the broker keeps no offsets")


async def _make_topic(infra: Infrastructure) -> None:
    from aiokafka.admin import AIOKafkaAdminClient, NewTopic

    admin = AIOKafkaAdminClient(bootstrap_servers=infra.kafka_bootstrap_servers)
    await admin.start()
    await admin.create_topics([NewTopic("catching.toy.events", 1, 1)])
    await admin.close()
