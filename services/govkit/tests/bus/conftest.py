"""A consumer of things, and an outbox, on the real broker and database."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from govkit.bus import consumer, lane, publisher
from govkit.bus.consumer import InboxConsumer
from govkit.bus.envelope import Envelope
from govkit.bus.inbox import Inbox
from govkit.bus.kafka import new_producer
from govkit.bus.outbox import INDEXES
from govkit.domain.ports import SystemClock
from govkit.store.store import Store
from govkit.testing.bus import SOURCE
from govkit.testing.plugin import TopicMaker
from lanling_local.stack import Infrastructure

from .things import Database, note_thing

Start = Callable[..., InboxConsumer]
Publish = Any
"""`await publish(*events)`, in their order; `await publish.raw(topic, value, key=…)` for any record."""


@pytest.fixture
async def topic(make_topic: TopicMaker, topic_prefix: str, request: pytest.FixtureRequest) -> str:
    return await make_topic(f"{topic_prefix}.{request.node.originalname}", 3)


@pytest.fixture
async def outbox(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Its relays wait long for an acknowledgement: what is given up comes again, and tests count what comes."""
    monkeypatch.setattr(publisher, "SEND_SECONDS", 60.0)
    await database["outbox"].create_indexes(INDEXES)
    return database


@pytest.fixture
async def publish(infrastructure: Infrastructure, topic: str) -> AsyncIterator[Publish]:
    producer = new_producer(infrastructure.kafka_bootstrap_servers)
    await producer.start()

    async def send(*events: Envelope) -> None:
        sends = [
            await producer.send(topic, event.to_json(), key=event.subject.encode(), headers=event.headers())
            for event in events
        ]
        await asyncio.gather(*sends)

    send.raw = producer.send_and_wait  # type: ignore[attr-defined]
    yield send
    await producer.stop()


@pytest.fixture
def inbox(database: Database) -> Inbox:
    return Inbox(Store(database.client, database.name, []), [note_thing], "/lanling/test", SystemClock())


@pytest.fixture
async def start(
    infrastructure: Infrastructure, database: Database, inbox: Inbox, topic: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Start]:
    monkeypatch.setattr(lane, "FIRST_WAIT_SECONDS", 0.005)
    monkeypatch.setattr(lane, "RECOVERY_SECONDS", 0.1)
    monkeypatch.setattr(consumer, "RECOVERY_SECONDS", 0.1)
    started: list[InboxConsumer] = []

    def make(inbox: Any = inbox, topic: str = topic, **options: Any) -> InboxConsumer:
        servers = infrastructure.kafka_bootstrap_servers
        member = InboxConsumer(servers, f"{topic}.group", {topic: SOURCE}, inbox, database, **options)
        started.append(member)
        return member

    yield make
    for member in started:
        await member.stop()
