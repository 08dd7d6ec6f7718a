"""Rows that are handed to the relay when they are committed: not read from the outbox first, in order all the same."""

import random
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest

from govkit.bus import relay as relay_module
from govkit.bus.envelope import Envelope
from govkit.bus.outbox import Outbox, Row
from govkit.bus.relay import OutboxRelay
from govkit.testing.bus import make_envelope, outbox_row, read_topic, until
from govkit.testing.plugin import TopicMaker
from lanling_local.stack import Infrastructure

from .things import Database, drained

Running = Callable[[], AbstractAsyncContextManager[OutboxRelay]]


@pytest.fixture
async def topic(make_topic: TopicMaker, topic_prefix: str) -> str:
    return await make_topic(f"{topic_prefix}.handed.events", 2)


@pytest.fixture
def running(outbox: Database, infrastructure: Infrastructure, topic: str) -> Running:
    """A relay at work that holds the lease."""

    @asynccontextmanager
    async def run() -> AsyncIterator[OutboxRelay]:
        relay = OutboxRelay(outbox, infrastructure.kafka_bootstrap_servers, topic)
        await relay.start()

        async def leads() -> bool:
            return relay.leads and await relay.healthy()

        await until(leads)
        yield relay
        await relay.stop()

    return run


async def commit(outbox: Database, places: Iterable[tuple[str, int]]) -> list[Row]:
    rows = [outbox_row(make_envelope(*place)) for place in places]
    await outbox["outbox"].insert_many(rows)
    return rows


async def sent(infrastructure: Infrastructure, topic: str, count: int) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for record in await read_topic(infrastructure.kafka_bootstrap_servers, topic, count):
        found[record.key.decode()].append(Envelope.from_json(record.value).sequence)
    return found


async def test_they_do_not_wait_for_the_poll_and_are_not_read(
    outbox: Database, infrastructure: Infrastructure, topic: str, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("POLL_SECONDS", "MARK_SECONDS"):
        monkeypatch.setattr(relay_module, name, 60.0)
    unpublished = Outbox.unpublished
    found: list[Row] = []

    async def noted(*arguments: Any) -> tuple[list[Row], bool]:
        rows, more = await unpublished(*arguments)
        found.extend(rows)
        return rows, more

    monkeypatch.setattr(Outbox, "unpublished", noted)
    async with running() as relay:
        for sequence in (1, 2, 3):
            relay.hand_over(await commit(outbox, [("thing-1", sequence), ("thing-2", sequence)]))
        assert await sent(infrastructure, topic, 6) == {"thing-1": [1, 2, 3], "thing-2": [1, 2, 3]}
        assert found == []
    await until(drained(outbox))


async def test_one_whose_predecessor_was_not_handed_over_comes_after_it(
    outbox: Database, infrastructure: Infrastructure, topic: str, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process has committed the one before."""
    monkeypatch.setattr(relay_module, "POLL_SECONDS", 60.0)
    async with running() as relay:
        await commit(outbox, [("thing-1", 1)])
        relay.hand_over(await commit(outbox, [("thing-1", 2)]))
        assert await sent(infrastructure, topic, 2) == {"thing-1": [1, 2]}
        await until(drained(outbox))


async def test_where_another_process_commits_the_next_look_comes_soon(
    outbox: Database, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "POLL_SECONDS", 600.0)
    await commit(outbox, [("thing-1", 1)])
    async with running():
        for sequence in (2, 3, 4):
            await until(drained(outbox))
            await commit(outbox, [("thing-1", sequence)])
        await until(drained(outbox))


async def test_more_than_there_is_room_for(
    outbox: Database, infrastructure: Infrastructure, topic: str, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "HANDED_ROWS", 10)
    async with running() as relay:
        for number in range(50):
            relay.hand_over(await commit(outbox, [(f"thing-{number}", 1)]))
        await until(drained(outbox))
    assert await sent(infrastructure, topic, 50) == {f"thing-{number}": [1] for number in range(50)}


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_is_handed_over_each_goes_out_once_and_in_order(
    outbox: Database, infrastructure: Infrastructure, topic: str, running: Running, seed: int
) -> None:
    """Commits of this process and of others, mixed; commits of a subject follow each other."""
    chance = random.Random(seed)
    last: dict[str, int] = defaultdict(int)
    async with running() as relay:
        for _ in range(150):
            places = []
            for number in chance.choices(range(8), k=chance.randint(1, 4)):
                last[f"thing-{number}"] += 1
                places.append((f"thing-{number}", last[f"thing-{number}"]))
            rows = await commit(outbox, places)
            if chance.random() < 0.7:
                relay.hand_over(rows)
        await until(drained(outbox))
    assert await sent(infrastructure, topic, sum(last.values())) == {
        subject: list(range(1, sequence + 1)) for subject, sequence in last.items()
    }
