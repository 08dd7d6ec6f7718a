import asyncio
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from govkit.bus import publisher as publisher_module
from govkit.bus import relay as relay_module
from govkit.bus.envelope import Envelope
from govkit.bus.outbox import Outbox
from govkit.bus.publisher import partition_of
from govkit.bus.relay import OutboxRelay
from govkit.runtime.metrics import OUTBOX_HELD
from govkit.testing.bus import make_envelope as envelope
from govkit.testing.bus import outbox_row, read_topic, until
from govkit.testing.plugin import TopicMaker
from lanling_local.stack import Infrastructure, InfrastructurePorts
from lanling_local.stack import infrastructure as start_infrastructure

from .things import Database, drained


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


async def test_a_gap_holds_its_subject_until_it_is_filled(
    outbox: Database,
    infrastructure: Infrastructure,
    make_topic: TopicMaker,
    topic_prefix: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    topic = await make_topic(f"{topic_prefix}.gap.events", 1)
    relay = OutboxRelay(outbox, infrastructure.kafka_bootstrap_servers, topic)
    await commit(outbox, [envelope("thing-1", 1), envelope("thing-1", 3), envelope("thing-2", 2)])
    await commit(outbox, [envelope("thing-3", 1)])
    assert await relay.publish_pending() == 2
    assert await relay.publish_pending() == 0
    assert OUTBOX_HELD.labels(topic)._value.get() == 2
    await commit(outbox, [envelope("thing-1", 2), envelope("thing-3", 2)])
    assert await relay.publish_pending() == 1
    relay._held.clear()
    assert await relay.publish_pending() == 2
    await relay.stop()
    records = await read_topic(infrastructure.kafka_bootstrap_servers, topic, 5)
    assert by_subject(records) == {"thing-1": [1, 2, 3], "thing-3": [1, 2]}


async def test_the_position_of_a_subject_outlives_the_process_and_the_sweep(
    outbox: Database, infrastructure: Infrastructure, make_topic: TopicMaker, topic_prefix: str
) -> None:
    topic = await make_topic(f"{topic_prefix}.position.events", 1)
    await commit(outbox, [envelope("thing-1", sequence) for sequence in (1, 2, 3)])
    for expected in (3, 1):
        relay = OutboxRelay(outbox, infrastructure.kafka_bootstrap_servers, topic)
        assert await relay.publish_pending() == expected
        await relay.stop()
        await Outbox(outbox).sweep(datetime.now(UTC) + timedelta(days=365))
        await commit(outbox, [envelope("thing-1", 4)] if expected == 3 else [envelope("thing-1", 6)])
    relay = OutboxRelay(outbox, infrastructure.kafka_bootstrap_servers, topic)
    assert await relay.publish_pending() == 0
    await relay.stop()
    assert [row["sequence"] async for row in outbox["outbox"].find({}, sort=[("sequence", 1)])] == [4, 6]


async def test_a_long_backlog_goes_out_in_laps(
    outbox: Database,
    infrastructure: Infrastructure,
    make_topic: TopicMaker,
    topic_prefix: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """More rows than a pass holds, most of one subject, and a batch boundary in each subject."""
    monkeypatch.setattr(relay_module, "BATCH_ROWS", 7)
    topic = await make_topic(f"{topic_prefix}.laps.events", 2)
    await commit(outbox, [envelope("thing-long", sequence) for sequence in range(1, 101)])
    await commit(outbox, [envelope(f"thing-{number}", sequence) for number in range(5) for sequence in (1, 2, 3)])
    relay = OutboxRelay(outbox, infrastructure.kafka_bootstrap_servers, topic)
    await relay.start()
    await until(drained(outbox))
    await relay.stop()
    records = await read_topic(infrastructure.kafka_bootstrap_servers, topic, 115)
    expected = {f"thing-{number}": [1, 2, 3] for number in range(5)}
    assert by_subject(records) == expected | {"thing-long": list(range(1, 101))}


async def test_large_events_fill_batches_of_their_own(
    outbox: Database, infrastructure: Infrastructure, make_topic: TopicMaker, topic_prefix: str
) -> None:
    topic = await make_topic(f"{topic_prefix}.batches.events", 1)
    sizes = (10, 200_000, 900_000, 10, 50_000, 50_000, 50_000)
    await commit(outbox, [envelope("thing-1", number + 1, text="x" * size) for number, size in enumerate(sizes)])
    relay = OutboxRelay(outbox, infrastructure.kafka_bootstrap_servers, topic)
    assert await relay.publish_pending() == len(sizes)
    await relay.stop()
    records = await read_topic(infrastructure.kafka_bootstrap_servers, topic, len(sizes))
    assert by_subject(records) == {"thing-1": [1, 2, 3, 4, 5, 6, 7]}


def test_partitions_as_other_clients_choose_them() -> None:
    """The values of Kafka's own tests of murmur2."""
    keys = ("21", "foobar", "a-little-bit-long-string", "abc")
    hashes = (-973932308, -790332482, -985981536, 479470107)
    assert [partition_of(key, 1 << 31) for key in keys] == [value & 0x7FFFFFFF for value in hashes]


async def test_a_producer_whose_sends_never_end_leaves_nothing_running(
    outbox: Database,
    infrastructure: Infrastructure,
    make_topic: TopicMaker,
    topic_prefix: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(publisher_module, "SEND_SECONDS", 0.5)
    monkeypatch.setattr(publisher_module, "CLOSE_SECONDS", 0.2)

    def clients() -> int:
        names = [getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks()]
        return names.count("AIOKafkaClient._md_synchronizer")

    async def silence(*_arguments: Any, **_options: Any) -> None:
        await asyncio.sleep(3600)

    topic = await make_topic(f"{topic_prefix}.silent.events", 1)
    before = clients()
    relay = OutboxRelay(outbox, infrastructure.kafka_bootstrap_servers, topic)
    await commit(outbox, [envelope("thing-1", 1)])
    assert await relay.publish_pending() == 1
    relay._publisher._producer.client.send = silence
    await commit(outbox, [envelope("thing-1", 2)])
    assert await relay.publish_pending() == 0
    assert await relay.publish_pending() == 1
    await relay.stop()
    assert clients() == before


async def test_an_error_that_nobody_thought_of_does_not_end_the_relay(
    outbox: Database,
    infrastructure: Infrastructure,
    make_topic: TopicMaker,
    topic_prefix: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(relay_module, "BACK_OFF_SECONDS", 0.05)
    topic = await make_topic(f"{topic_prefix}.unexpected.events", 1)
    relay = OutboxRelay(outbox, infrastructure.kafka_bootstrap_servers, topic)
    connect = relay._publisher.connect

    async def fail() -> None:
        relay._publisher.connect = connect  # type: ignore[method-assign]
        raise UnicodeError("label empty or too long")

    relay._publisher.connect = fail  # type: ignore[method-assign]
    await commit(outbox, [envelope("thing-1", 1)])
    await relay.start()
    await until(drained(outbox))
    await relay.stop()


async def test_broker_is_killed_and_comes_back(
    outbox: Database, infrastructure: Infrastructure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from aiokafka.admin import AIOKafkaAdminClient, NewTopic

    monkeypatch.setattr(publisher_module, "SEND_SECONDS", 0.5)
    monkeypatch.setattr(publisher_module, "CLOSE_SECONDS", 0.5)
    monkeypatch.setattr(relay_module, "BACK_OFF_SECONDS", 0.5)
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
        await until(drained(outbox))
        own.children[0].process.kill()
        own.children[0].process.wait()
        await commit(outbox, [envelope(f"thing-{number}", 2) for number in range(50)])

        async def unhealthy() -> bool:
            return not await relay.healthy()

        await until(unhealthy)
        assert await backlog(outbox) == 50
    with start_infrastructure(tmp_path, ports=ports) as own:
        await commit(outbox, [envelope(f"thing-{number}", 3) for number in range(50)])
        await until(drained(outbox))
        records = await read_topic(own.kafka_bootstrap_servers, "killed.events", 150)
        await relay.stop()
        own.children[0].process.kill()
    for sequences in by_subject(records).values():
        assert list(dict.fromkeys(sequences)) == [1, 2, 3]
