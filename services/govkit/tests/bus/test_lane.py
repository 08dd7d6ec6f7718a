"""A subject that fails or waits is on its own: all others flow on, and nothing is tried without end."""

import asyncio
from typing import Any

import pytest
from pymongo import UpdateOne

from govkit.bus import consumer as consumer_module
from govkit.bus import lane, queue
from govkit.bus.envelope import Envelope
from govkit.bus.inbox import EventContext, Inbox, consumes
from govkit.domain.ports import SystemClock
from govkit.store.migrations import Migrations
from govkit.store.store import Store
from govkit.testing.bus import SOURCE, make_envelope, until

from ..library.domain import Branch, BranchKind
from .conftest import Publish, Start
from .things import Database, ThingSeen, seen, until_parked, until_seen


@consumes("thing.changed")
async def open_branch(context: EventContext, event: ThingSeen) -> None:
    """As a careless consumer does it: without a look whether the record is there."""
    push = UpdateOne({"_id": event.thing_id}, {"$push": {"seen": event.sequence}}, upsert=True)
    context.work.note(("things", push))
    if event.poison:
        context.add(Branch(id="fixed", code=event.thing_id, name="书屋", kind=BranchKind.VILLAGE))


def others(count: int, sequence: int = 1) -> list[Envelope]:
    return [make_envelope(f"other-{number}", sequence) for number in range(count)]


@pytest.fixture
def branches(database: Database) -> Inbox:
    store = Store(database.client, database.name, [Branch])
    return Inbox(store, [open_branch], "/lanling/test", SystemClock())


async def test_an_id_that_exists_is_parked_after_bounded_tries(
    database: Database, publish: Publish, start: Start, branches: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane, "CONTENDED_SECONDS", 0.5)
    first = make_envelope("thing-1", 1, poison=True)
    await branches.apply([first])
    await publish(first, make_envelope("thing-2", 1, poison=True), make_envelope("thing-2", 2), *others(20))
    await start(branches).start()
    await until_seen(database, {"thing-1": [1]} | {f"other-{number}": [1] for number in range(20)})
    contended, _ = await until_parked(database, "CONTENDED", "BEHIND")
    assert (contended["key"], contended["sequence"]) == (f"{SOURCE}|thing-2", 1)
    assert contended["attempts"] > 1


async def test_a_broken_invariant_is_found_in_its_batch(
    database: Database, publish: Publish, start: Start, branches: Inbox
) -> None:
    """Only the commit tells, and it does not tell which event it was."""
    await Migrations(branches.store, ()).apply(by="test")
    existing = Branch(id="b", code="thing-1", name="书屋", kind=BranchKind.VILLAGE)
    existing.version = 1
    await branches.store.insert_batch("branches", [existing], [])
    await publish(*others(30), make_envelope("thing-1", 1, poison=True), *others(30, 2))
    await start(branches).start()
    await until_seen(database, {f"other-{number}": [1, 2] for number in range(30)})
    (failed,) = await until_parked(database, "EFFECT_FAILED")
    assert (failed["key"], failed["attempts"]) == (f"{SOURCE}|thing-1", 5)


async def test_records_locked_by_a_predecessor_that_was_killed_are_waited_for(
    database: Database, publish: Publish, start: Start
) -> None:
    """Its transaction stays open until the database ends it."""
    await database.create_collection("things")
    async with await database.client.start_session() as session:
        session.start_transaction()
        await database["things"].insert_one({"_id": "thing-1", "seen": []}, session=session)
        await publish(make_envelope("thing-1", 1), make_envelope("thing-1", 2), *others(20))
        await start().start()
        await until_seen(database, {f"other-{number}": [1] for number in range(20)})
        await asyncio.sleep(1.0)
        assert "thing-1" not in await seen(database)
        await session.abort_transaction()
    await until_seen(database, {"thing-1": [1, 2]} | {f"other-{number}": [1] for number in range(20)})
    assert await database["parked"].count_documents({}) == 0


async def test_no_more_is_taken_than_there_is_room_for(
    database: Database, publish: Publish, start: Start, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory does not grow with a backlog, also when effects take long."""
    monkeypatch.setattr(consumer_module, "MOST_EVENTS", 100)
    monkeypatch.setattr(consumer_module, "IDLE_SECONDS", 0.1)
    read: list[Any] = []
    stands = asyncio.Event()

    class Slow:
        def handles(self, type: str) -> bool:
            read.append(type)
            return True

        async def apply(self, envelopes: Any) -> int:
            await stands.wait()
            return await inbox.apply(envelopes)

    await publish(*others(1_000))
    await start(Slow()).start()

    async def full() -> bool:
        return len(read) >= 100

    await until(full)
    await asyncio.sleep(0.5)
    # The polls that keep the member in its group take one event each.
    assert len(read) <= 110
    stands.set()
    await until_seen(database, {f"other-{number}": [1] for number in range(1_000)})


async def test_a_defect_of_a_lane_starts_the_consumer_again(
    database: Database, publish: Publish, start: Start, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = iter([RuntimeError("a defect")])
    working = lane.Lane._apply_or_divide

    async def fail_once(self: lane.Lane, part: list[queue.Item]) -> Any:
        for failure in failures:
            raise failure
        return await working(self, part)

    monkeypatch.setattr(lane.Lane, "_apply_or_divide", fail_once)
    await publish(*others(10))
    await start().start()
    await asyncio.sleep(0.5)
    await publish(*others(10, 2))
    await until_seen(database, {f"other-{number}": [1, 2] for number in range(10)})
