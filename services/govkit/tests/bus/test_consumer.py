import asyncio
import sys
from collections.abc import Sequence
from typing import Any

import pytest
from prometheus_client import REGISTRY
from pymongo.errors import AutoReconnect

from govkit.bus import consumer as consumer_module
from govkit.bus import queue, watchdog
from govkit.bus.envelope import Envelope
from govkit.bus.inbox import Inbox
from govkit.bus.kafka import new_consumer
from govkit.bus.predecessor import leave_for
from govkit.testing.bus import PATIENCE_SECONDS, SOURCE, until
from govkit.testing.bus import make_envelope as envelope
from lanling_local.stack import Infrastructure

from .conftest import Publish, Start
from .things import Database, seen, skip, until_seen


async def test_each_event_takes_effect_once_in_order(database: Database, publish: Publish, start: Start) -> None:
    events = [envelope(f"thing-{number}", sequence) for sequence in range(1, 6) for number in range(40)]
    await publish(*events, *events[:80], *events[40:120])
    await publish(envelope("thing-0", 6))
    member = start()
    await member.start()
    expected = {f"thing-{number}": [1, 2, 3, 4, 5] for number in range(40)}
    expected["thing-0"] = [1, 2, 3, 4, 5, 6]
    await until_seen(database, expected)
    await until(member.healthy)
    assert await database["parked"].count_documents({}) == 0


async def test_lag_is_measured(
    database: Database, publish: Publish, start: Start, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer_module, "WATCH_SECONDS", 0.05)
    await start().start()
    await publish(*(envelope(f"thing-{number}", 1) for number in range(10)))
    await until_seen(database, {f"thing-{number}": [1] for number in range(10)})

    async def nothing_waits() -> bool:
        return REGISTRY.get_sample_value("inbox_lag", {"group": f"{topic}.group", "topic": topic}) == 0

    await until(nothing_waits)


async def test_a_silent_consumer_is_replaced(
    database: Database, publish: Publish, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """aiokafka can stop delivering without an error, for instance after a restart of the broker."""
    monkeypatch.setattr(consumer_module, "WATCH_SECONDS", 0.05)
    monkeypatch.setattr(watchdog, "STUCK_SECONDS", 2.0)
    member = start()
    silenced: list[Any] = []

    def made(*arguments: str) -> Any:
        consumer = new_consumer(*arguments)
        if not silenced:
            silenced.append(consumer)
            consumer.getmany = silence
        return consumer

    async def silence(**_options: Any) -> dict[Any, Any]:
        await asyncio.sleep(0.05)
        return {}

    monkeypatch.setattr(consumer_module, "new_consumer", made)
    await publish(envelope("thing-1", 1))
    await member.start()
    await until_seen(database, {"thing-1": [1]})
    assert silenced


async def test_a_consumer_that_is_never_let_in_is_replaced(
    database: Database, publish: Publish, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer_module, "START_SECONDS", 3.0, raising=False)
    made: list[Any] = []

    def note(*arguments: str) -> Any:
        consumer = new_consumer(*arguments)
        if not made:
            # As if the group's leader never said who reads what.
            consumer._subscription.wait_for_assignment = asyncio.Event().wait
        made.append(consumer)
        return consumer

    monkeypatch.setattr(consumer_module, "new_consumer", note)
    await publish(envelope("thing-1", 1))
    member = start()
    await member.start()
    await until(member.healthy)

    async def replaced() -> bool:
        return len(made) > 1

    await until(replaced)
    await until_seen(database, {"thing-1": [1]})


async def test_a_process_whose_consumers_all_stay_silent_ends(
    publish: Publish, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer_module, "WATCH_SECONDS", 0.05)
    monkeypatch.setattr(watchdog, "STUCK_SECONDS", 0.3)
    ended = asyncio.Event()

    async def silence(**_options: Any) -> dict[Any, Any]:
        await asyncio.sleep(0.05)
        return {}

    def made(*arguments: str) -> Any:
        consumer = new_consumer(*arguments)
        consumer.getmany = silence
        return consumer

    monkeypatch.setattr(consumer_module, "new_consumer", made)
    await publish(envelope("thing-1", 1))
    member = start(give_up=ended.set)
    assert await member.progressing()
    await member.start()
    await asyncio.wait_for(ended.wait(), PATIENCE_SECONDS)
    assert not await member.progressing()
    assert not await member.healthy()


async def test_a_poison_event_parks_its_subject_and_no_other(
    database: Database, publish: Publish, start: Start, topic: str
) -> None:
    await publish(*(envelope(f"thing-{number}", 1) for number in range(30)))
    await publish(envelope("thing-7", 2, poison=True), envelope("thing-7", 3))
    await publish(*(envelope(f"thing-{number}", 2) for number in range(30) if number != 7))
    member = start()
    await member.start()
    expected = {f"thing-{number}": [1, 2] for number in range(30)}
    expected["thing-7"] = [1]
    await until_seen(database, expected)

    async def parked() -> list[int]:
        rows = database["parked"].find({"key": f"{SOURCE}|thing-7"}, sort=[("sequence", 1)])
        return [row["sequence"] async for row in rows]

    async def both_parked() -> bool:
        return await parked() == [2, 3]

    await until(both_parked)
    first = await database["parked"].find_one({"sequence": 2})
    assert first is not None
    assert (first["reason"], first["attempts"], first["error"]["type"]) == ("EFFECT_FAILED", 5, "builtins.RuntimeError")
    assert first["topic"] == topic
    # Another process takes over: later events of the subject still wait behind the poison.
    await member.stop()
    await start().start()
    await publish(envelope("thing-7", 4), envelope("thing-8", 3))
    expected["thing-8"] = [1, 2, 3]
    await until_seen(database, expected)

    async def three_parked() -> bool:
        return await parked() == [2, 3, 4]

    await until(three_parked)
    # The operator drops them: the subject flows again.
    await skip(database, f"{SOURCE}|thing-7", 4)
    await database["parked"].delete_many({})
    await publish(envelope("thing-7", 5))
    expected["thing-7"] = [1, 5]
    await until_seen(database, expected)


async def test_restart_in_the_middle(
    database: Database, publish: Publish, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "CHUNK_EVENTS", 5)
    monkeypatch.setattr(consumer_module, "MOST_EVENTS", 50)
    events = [envelope(f"thing-{number}", sequence) for sequence in range(1, 11) for number in range(50)]
    await publish(*events)
    first = start()
    await first.start()

    async def some() -> bool:
        return await database["things"].count_documents({}) > 0

    await until(some)
    await first.stop()
    done = sum(map(len, (await seen(database)).values()))
    assert 0 < done < 500
    await start().start()
    await until_seen(database, {f"thing-{number}": list(range(1, 11)) for number in range(50)})


async def test_a_second_member_joins_and_leaves(
    database: Database, publish: Publish, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "CHUNK_EVENTS", 5)
    monkeypatch.setattr(consumer_module, "MOST_EVENTS", 50)
    first, second = start(), start()
    await first.start()
    await until(first.healthy)
    for sequence in range(1, 6):
        await publish(*(envelope(f"thing-{number}", sequence) for number in range(60)))
    await second.start()
    await until(second.healthy)
    for sequence in range(6, 11):
        await publish(*(envelope(f"thing-{number}", sequence) for number in range(60)))
    await second.stop()
    await until_seen(database, {f"thing-{number}": list(range(1, 11)) for number in range(60)})
    assert await database["parked"].count_documents({}) == 0


# In a group whose session outlasts by far what the test waits for.
KILLED = """
import asyncio, os, sys
from govkit.bus import kafka
from govkit.bus.kafka import new_consumer

async def main():
    kafka.SESSION_MILLISECONDS = 10 * 60_000
    broker, group, name, topic = sys.argv[1:]
    consumer = new_consumer(broker, group, name)
    consumer.subscribe([topic])
    await consumer.start()
    while not consumer.assignment():
        await asyncio.sleep(0.05)
    os.kill(os.getpid(), 9)

asyncio.run(main())
"""


async def test_a_new_process_does_not_wait_for_the_session_of_a_killed_one(
    database: Database, infrastructure: Infrastructure, publish: Publish, start: Start, topic: str
) -> None:
    servers = infrastructure.kafka_bootstrap_servers
    arguments = ("-c", KILLED, servers, f"{topic}.group", "here:1", topic)
    await (await asyncio.create_subprocess_exec(sys.executable, *arguments)).wait()
    await publish(envelope("thing-1", 1))
    assert await leave_for(servers, f"{topic}.group", "there:1") == 0
    await start(name="here:1").start()
    await until_seen(database, {"thing-1": [1]})


async def test_a_lost_database_parks_nothing(database: Database, publish: Publish, start: Start, inbox: Inbox) -> None:
    class Flickering:
        """The real inbox behind a connection that breaks seven times: more often than an effect is tried."""

        breaks = 7

        def handles(self, type: str) -> bool:
            return inbox.handles(type)

        async def apply(self, envelopes: Sequence[Envelope]) -> int:
            if self.breaks:
                self.breaks -= 1
                raise AutoReconnect("connection closed")
            return await inbox.apply(envelopes)

    await publish(envelope("thing-1", 1), envelope("thing-1", 2))
    await start(Flickering()).start()
    await until_seen(database, {"thing-1": [1, 2]})
    assert await database["parked"].count_documents({}) == 0
