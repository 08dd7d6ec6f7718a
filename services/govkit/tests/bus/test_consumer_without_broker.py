"""What becomes of a member whose broker is away for longer than the watchdog waits, or does not answer."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from prometheus_client import REGISTRY

from govkit.bus import consumer as consumer_module
from govkit.bus import watchdog
from govkit.bus.consumer import InboxConsumer
from govkit.bus.inbox import Inbox
from govkit.bus.kafka import new_consumer, new_producer
from govkit.runtime import metrics
from govkit.testing.bus import SOURCE, until
from govkit.testing.bus import make_envelope as envelope
from lanling_local.stack import Infrastructure, InfrastructurePorts
from lanling_local.stack import infrastructure as start_infrastructure

from .conftest import Publish, Start
from .things import Database, until_seen


async def publish_all(broker: str, sequence: int) -> None:
    producer = new_producer(broker)
    await producer.start()
    for number in range(12):
        event = envelope(f"thing-{number}", sequence)
        await producer.send_and_wait("away.events", event.to_json(), key=event.subject.encode())
    await producer.stop()


def names() -> Counter[str]:
    """What runs, by the names of the coroutines."""
    return Counter(getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks())


async def until_only(before: Counter[str]) -> None:
    """Until nothing runs that did not run before."""

    async def nothing_new() -> bool:
        return names() - before == Counter()

    await until(nothing_new)


async def test_a_broker_that_was_away_for_long_is_found_again(
    database: Database, inbox: Inbox, infrastructure: Infrastructure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer_module, "WATCH_SECONDS", 0.1)
    monkeypatch.setenv("MONGODB_URI", infrastructure.mongodb_uri)
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
    ports = InfrastructurePorts.free()
    refused = (
        f"{metrics.INBOX_RESTARTS._name}_total",
        {"group": "away", "error": "KafkaConnectionError"},
    )
    async with AsyncExitStack() as ending:
        with start_infrastructure(tmp_path, ports=ports) as own:
            broker = own.kafka_bootstrap_servers
            admin = AIOKafkaAdminClient(bootstrap_servers=broker)
            await admin.start()
            await admin.create_topics([NewTopic("away.events", 3, 1)])
            await admin.close()
            before = names()
            member = InboxConsumer(broker, "away", {"away.events": SOURCE}, inbox, database, give_up=lambda: None)
            await member.start()
            ending.push_async_callback(member.stop)
            await publish_all(broker, 1)
            await until_seen(database, {f"thing-{number}": [1] for number in range(12)})
            own.children[0].process.kill()
            own.children[0].process.wait()
            patience = watchdog.STUCK_SECONDS
            monkeypatch.setattr(watchdog, "STUCK_SECONDS", 1.0)

            async def replaced() -> bool:
                """The consumer that had been at work was closed, and one after it found no broker."""
                return REGISTRY.get_sample_value(*refused) is not None

            # The client may ask the dead broker for 40 s; then its parts are closed, one after the other.
            await until(replaced, 180)
            monkeypatch.setattr(watchdog, "STUCK_SECONDS", patience)
        with start_infrastructure(tmp_path, ports=ports) as own:
            await publish_all(broker, 2)
            await until_seen(database, {f"thing-{number}": [1, 2] for number in range(12)})
            await member.stop()
            await until_only(before)


async def test_a_broker_that_says_nothing_leaves_nothing_running(
    database: Database, publish: Publish, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer_module, "CLOSE_SECONDS", 0.5)
    made: list[Any] = []

    def note(*arguments: str) -> Any:
        made.append(new_consumer(*arguments))
        return made[-1]

    async def silence(*_arguments: Any) -> None:
        await asyncio.sleep(3600)

    monkeypatch.setattr(consumer_module, "new_consumer", note)
    before = names()
    member = start()
    await member.start()
    await publish(envelope("thing-1", 1))
    await until_seen(database, {"thing-1": [1]})
    made[0]._coordinator._maybe_leave_group = silence
    await member.stop()
    await until_only(before)
