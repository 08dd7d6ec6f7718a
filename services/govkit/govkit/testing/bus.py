"""Helpers for tests over the real broker: events by hand, outbox rows, waiting, reading a topic."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaConsumer

from govkit.bus.envelope import Envelope
from govkit.domain.ports import new_id

TYPE = "cn.lanling.thing.changed.v1"
SOURCE = "/lanling/things"
PATIENCE_SECONDS = 60.0
"""Only who waits in vain waits so long; a busy machine may stand still for some seconds."""


def make_envelope(subject: str, sequence: int, type: str = TYPE, **data: Any) -> Envelope:
    """An event of the made-up type `thing.changed` of the made-up service `things`."""
    return Envelope(
        id=new_id(),
        source=SOURCE,
        type=type,
        subject=subject,
        time="2026-11-23T08:00:00.000Z",
        sequence=sequence,
        aggregateversion=sequence,
        correlationid="cor",
        causationid="cau",
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        data={"thingId": subject, "sequence": sequence, **data},
    )


def outbox_row(event: Envelope) -> dict[str, Any]:
    """The event as a commit stores it."""
    return {
        "_id": event.id,
        "subject": event.subject,
        "sequence": event.sequence,
        "envelope": event.to_json(),
        "published": False,
        "created_at": datetime.now(UTC),
    }


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = PATIENCE_SECONDS) -> None:
    """Wait for the condition; fail when it does not come."""
    deadline = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < deadline, "the condition never came"
        await asyncio.sleep(0.02)


async def read_topic(bootstrap_servers: str, topic: str, count: int, seconds: float = PATIENCE_SECONDS) -> list[Any]:
    """All records of a topic; fails when there are fewer than `count` in time."""
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap_servers, auto_offset_reset="earliest")
    await consumer.start()
    try:
        records: list[Any] = []
        deadline = time.monotonic() + seconds
        while len(records) < count:
            assert time.monotonic() < deadline, f"only {len(records)} of {count} records"
            for batch in (await consumer.getmany(timeout_ms=200)).values():
                records.extend(batch)
        for batch in (await consumer.getmany(timeout_ms=200)).values():
            records.extend(batch)
        return records
    finally:
        await consumer.stop()
