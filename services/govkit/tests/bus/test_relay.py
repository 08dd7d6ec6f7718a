import random
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import IndexModel

from govkit.bus import relay as relay_module
from govkit.bus.envelope import Envelope
from govkit.bus.relay import OutboxRelay
from govkit.testing.bus import make_envelope as envelope
from govkit.testing.bus import outbox_row, read_topic, until
from govkit.testing.plugin import TopicMaker
from lanling_local.stack import Infrastructure, InfrastructurePorts
from lanling_local.stack import infrastructure as start_infrastructure

Database = AsyncIOMotorDatabase[dict[str, Any]]


@pytest.fixture
async def outbox(database: Database) -> Database:
    keys = [("subject", 1), ("sequence", 1)]
    index = IndexModel(keys, name="unpublished", partialFilterExpression={"published": False})
    await database["outbox"].create_indexes([index])
    return database


async def commit(database: Database, events: Iterable[Envelope]) -> None:
    await database["outbox"].insert_many([outbox_row(event) for event in events])


async def backlog(database: Database) -> int:
    return await database["outbox"].count_documents({"published": False})


def by_subject(records: Sequence[Any]) -> dict[str, list[int]]:
    seen: dict[str, list[int]] = defaultdict(list)
    for record in records:
        seen[record.key.decode()].append(Envelope.from_json(record.value).sequence)
    return seen


async def test_order_for_each_subject(
    outbox: Database, infrastructure: Infrastructure, make_topic: TopicMaker, topic_prefix: str
) -> None:
    topic = await make_topic(f"{topic_prefix}.order.events", 3)
    events = [envelope(f"thing-{subject}", sequence) for subject in range(100) for sequence in range(1, 6)]
    random.Random(1).shuffle(events)
    await commit(outbox, events)
    relay = OutboxRelay(outbox, infrastructure.kafka_bootstrap_servers, topic)
    assert await relay.publish_pending() == 500
    assert await relay.publish_pending() == 0
    await relay.stop()
    records = await read_topic(infrastructure.kafka_bootstrap_servers, topic, 500)
    assert len(records) == 500
    assert all(sequences == [1, 2, 3, 4, 5] for sequences in by_subject(records).values())
    headers = dict(records[0].headers)
    sent = Envelope.from_json(records[0].value)
    assert headers["content-type"].startswith(b"application/cloudevents+json")
    assert (headers["ce_id"], headers["ce_type"]) == (sent.id.encode(), sent.type.encode())
    rows = await outbox["outbox"].find({}).to_list(None)
    assert all(row["published"] and row["published_at"] for row in rows)


async def test_wake_comes_before_the_poll(
    outbox: Database,
    infrastructure: Infrastructure,
    make_topic: TopicMaker,
    topic_prefix: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    topic = await make_topic(f"{topic_prefix}.wake.events", 1)
    monkeypatch.setattr(relay_module, "POLL_SECONDS", 60.0)
    relay = OutboxRelay(outbox, infrastructure.kafka_bootstrap_servers, topic)
    await relay.start()
    await until(relay.healthy)
    await commit(outbox, [envelope("thing-1", 1)])
    started = time.monotonic()
    relay.wake()

    async def published() -> bool:
        return await backlog(outbox) == 0

    await until(published)
    assert time.monotonic() - started < 10
    await relay.stop()
    assert not await relay.healthy()


async def test_an_event_too_large_holds_back_only_its_subject(
    outbox: Database, infrastructure: Infrastructure, make_topic: TopicMaker, topic_prefix: str
) -> None:
    topic = await make_topic(f"{topic_prefix}.large.events", 1)
    large = envelope("thing-large", 2, text="x" * (2 << 20))
    await commit(outbox, [envelope("thing-large", 1), large, envelope("thing-large", 3)])
    await commit(outbox, [envelope("thing-small", 1), envelope("thing-small", 2)])
    relay = OutboxRelay(outbox, infrastructure.kafka_bootstrap_servers, topic)
    assert await relay.publish_pending() == 3
    assert await relay.publish_pending() == 0
    await commit(outbox, [envelope("thing-small", 3)])
    assert await relay.publish_pending() == 1
    await relay.stop()
    records = await read_topic(infrastructure.kafka_bootstrap_servers, topic, 4)
    assert by_subject(records) == {
        "thing-large": [1],
        "thing-small": [1, 2, 3],
    }
    assert await backlog(outbox) == 2


async def test_unmarked_rows_go_out_again_with_the_same_id(
    outbox: Database, infrastructure: Infrastructure, make_topic: TopicMaker, topic_prefix: str
) -> None:
    """A crash between acknowledgement and mark."""
    topic = await make_topic(f"{topic_prefix}.again.events", 1)
    await commit(outbox, [envelope("thing-1", 1), envelope("thing-1", 2)])
    first = OutboxRelay(outbox, infrastructure.kafka_bootstrap_servers, topic)
    await first.publish_pending()
    await first.stop()
    await outbox["outbox"].update_many({}, {"$set": {"published": False}})
    second = OutboxRelay(outbox, infrastructure.kafka_bootstrap_servers, topic)
    await second.publish_pending()
    await second.stop()
    ids = [
        Envelope.from_json(record.value).id
        for record in await read_topic(infrastructure.kafka_bootstrap_servers, topic, 4)
    ]
    assert ids[:2] == ids[2:]


async def test_broker_is_killed_and_comes_back(
    outbox: Database, infrastructure: Infrastructure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from aiokafka.admin import AIOKafkaAdminClient, NewTopic

    for name in ("SEND_SECONDS", "CLOSE_SECONDS", "BACK_OFF_SECONDS"):
        monkeypatch.setattr(relay_module, name, 0.5)
    monkeypatch.setenv("MONGODB_URI", infrastructure.mongodb_uri)
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
    ports = InfrastructurePorts.free()
    with start_infrastructure(tmp_path, ports=ports) as own:
        admin = AIOKafkaAdminClient(bootstrap_servers=own.kafka_bootstrap_servers)
        await admin.start()
        await admin.create_topics([NewTopic("killed.events", 2, 1)])
        await admin.close()
        relay = OutboxRelay(outbox, own.kafka_bootstrap_servers, "killed.events")
        await relay.start()
        await commit(outbox, [envelope(f"thing-{number}", 1) for number in range(50)])

        async def published() -> bool:
            return await backlog(outbox) == 0

        await until(published)
        own.children[0].process.kill()
        own.children[0].process.wait()
        await commit(outbox, [envelope(f"thing-{number}", 2) for number in range(50)])

        async def unhealthy() -> bool:
            return not await relay.healthy()

        await until(unhealthy)
        assert await backlog(outbox) == 50
    with start_infrastructure(tmp_path, ports=ports) as own:
        await commit(outbox, [envelope(f"thing-{number}", 3) for number in range(50)])
        await until(published, 40)
        records = await read_topic(own.kafka_bootstrap_servers, "killed.events", 150)
        await relay.stop()
        own.children[0].process.kill()
    for sequences in by_subject(records).values():
        assert list(dict.fromkeys(sequences)) == [1, 2, 3]
