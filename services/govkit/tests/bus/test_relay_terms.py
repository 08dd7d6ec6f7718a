"""Relays that take over from each other: killed, stopped past the lease and woken, side by side."""

import asyncio
import os
import signal
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from govkit.bus import lease as lease_module
from govkit.bus import relay as relay_module
from govkit.bus.envelope import Envelope
from govkit.bus.relay import OutboxRelay
from govkit.steps import Step
from govkit.testing.bus import make_envelope, outbox_row, read_topic, until
from govkit.testing.plugin import TopicMaker
from lanling_local.stack import Infrastructure

from .things import Database, drained

# A relay in a process of its own that sends itself a signal at a step, once.
PROCESS = """
import asyncio, os, sys
from motor.motor_asyncio import AsyncIOMotorClient
from govkit.bus import lease, publisher, relay
from govkit.steps import Step, observe

uri, name, broker, topic, step, signum, instance = sys.argv[1:]
lease.LEASE_SECONDS, relay.MARGIN_SECONDS, publisher.SEND_SECONDS = 2.0, 0.2, 1.0
relay.SEND_SECONDS = 1.0

def hit(reached):
    if reached.name == step:
        observe(None)
        os.kill(os.getpid(), int(signum))

async def main():
    observe(hit)
    await relay.OutboxRelay(AsyncIOMotorClient(uri)[name], broker, topic, instance).start()
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture
def long_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    """Relays of this process look often whether the lease is free; once they have it, no standstill takes it away."""
    monkeypatch.setattr(lease_module, "LEASE_SECONDS", 600.0)
    monkeypatch.setattr(relay_module, "STANDBY_SECONDS", 0.1)


async def commit(database: Database, subjects: Iterable[int], sequences: Iterable[int]) -> None:
    rows = [outbox_row(make_envelope(f"thing-{subject}", n)) for subject in subjects for n in sequences]
    await database["outbox"].insert_many(rows)


@asynccontextmanager
async def relay_process(
    infrastructure: Infrastructure, database: Database, topic: str, step: Step, signum: int, instance: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROCESS, infrastructure.mongodb_uri, database.name),
        *(infrastructure.kafka_bootstrap_servers, topic, step.name, str(signum), instance),
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def stopped(process: asyncio.subprocess.Process) -> None:
    async def condition() -> bool:
        with open(f"/proc/{process.pid}/stat") as file:  # noqa: ASYNC230
            return file.read().rsplit(") ", 1)[1][0] == "T"

    await until(condition)


def first_copies(records: Iterable[Any]) -> dict[str, list[int]]:
    """For each subject the sequences as a consumer sees them that drops what it has seen; a gap would show."""
    seen: dict[str, list[int]] = defaultdict(list)
    for record in records:
        sequence = Envelope.from_json(record.value).sequence
        known = seen[record.key.decode()]
        if sequence > len(known):
            known.append(sequence)
    return seen


@pytest.mark.parametrize("step", [Step.RELAY_READ, Step.RELAY_BEFORE_SEND, Step.RELAY_SENT, Step.RELAY_ACKNOWLEDGED])
async def test_stopped_past_its_lease_and_woken(
    step: Step,
    outbox: Database,
    infrastructure: Infrastructure,
    make_topic: TopicMaker,
    topic_prefix: str,
    long_lease: None,
) -> None:
    topic = await make_topic(f"{topic_prefix}.{step.name.lower()}.events", 2)
    await commit(outbox, range(20), (1, 2, 3))
    async with relay_process(infrastructure, outbox, topic, step, signal.SIGSTOP, "there") as process:
        await stopped(process)
        relay = OutboxRelay(outbox, infrastructure.kafka_bootstrap_servers, topic, "here")
        await relay.start()
        await commit(outbox, range(20), (4, 5))
        await until(drained(outbox))
        await commit(outbox, range(20), (6,))
        os.kill(process.pid, signal.SIGCONT)
        await until(drained(outbox))
        await asyncio.sleep(1.5)
        assert (await outbox["leases"].find_one({}) or {})["holder"] == "here"
        await relay.stop()
    records = await read_topic(infrastructure.kafka_bootstrap_servers, topic, 120)
    assert first_copies(records) == {f"thing-{subject}": [1, 2, 3, 4, 5, 6] for subject in range(20)}


@pytest.mark.parametrize("step", [Step.RELAY_SENT, Step.RELAY_ACKNOWLEDGED, Step.RELAY_MARKED])
async def test_killed_and_started_again_in_its_place(
    step: Step, outbox: Database, infrastructure: Infrastructure, make_topic: TopicMaker, topic_prefix: str
) -> None:
    topic = await make_topic(f"{topic_prefix}.{step.name.lower()}-killed.events", 2)
    await commit(outbox, range(20), (1, 2, 3))
    async with relay_process(infrastructure, outbox, topic, step, signal.SIGKILL, "here") as process:
        await process.wait()
    relay = OutboxRelay(outbox, infrastructure.kafka_bootstrap_servers, topic, "here")
    await commit(outbox, range(20), (4,))
    # The dead one's lease does not run out while the test waits.
    await outbox["leases"].update_one({}, {"$set": {"expires_at": datetime.now(UTC) + timedelta(hours=1)}})
    await relay.start()
    await until(drained(outbox))
    await relay.stop()
    records = await read_topic(infrastructure.kafka_bootstrap_servers, topic, 80)
    assert first_copies(records) == {f"thing-{subject}": [1, 2, 3, 4] for subject in range(20)}


async def test_one_works_and_the_other_stands_by(
    outbox: Database, infrastructure: Infrastructure, make_topic: TopicMaker, topic_prefix: str, long_lease: None
) -> None:
    """The second one begins because the first one has left the lease to it, which would hold for long."""
    topic = await make_topic(f"{topic_prefix}.standby.events", 2)
    relays = [OutboxRelay(outbox, infrastructure.kafka_bootstrap_servers, topic, f"place-{n}") for n in range(2)]
    await commit(outbox, range(50), (1, 2))
    assert [await relay.publish_pending() for relay in relays] == [100, 0]
    for relay in relays:
        await relay.start()
    await commit(outbox, range(50), (3, 4))
    await until(drained(outbox))
    assert all([await relay.healthy() for relay in relays])
    await relays[0].stop()
    await commit(outbox, range(50), (5,))
    await until(drained(outbox))
    await relays[1].stop()
    records = await read_topic(infrastructure.kafka_bootstrap_servers, topic, 250)
    assert len(records) == 250
    assert first_copies(records) == {f"thing-{subject}": [1, 2, 3, 4, 5] for subject in range(50)}
