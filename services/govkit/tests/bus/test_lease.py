"""One holder at a time, by the database's clock; what a former holder writes does not count."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from bson.errors import InvalidDocument
from motor.motor_asyncio import AsyncIOMotorDatabase

from govkit.bus import lease as lease_module
from govkit.bus.lease import Lease, LeaseLost
from govkit.bus.outbox import INDEXES, Outbox
from govkit.testing.bus import make_envelope, outbox_row

Database = AsyncIOMotorDatabase[dict[str, Any]]


async def stored(database: Database, sequences: Iterable[int]) -> list[str]:
    await database["outbox"].create_indexes(INDEXES)
    rows = [outbox_row(make_envelope("thing-1", sequence)) for sequence in sequences]
    await database["outbox"].insert_many(rows)
    return [row["_id"] for row in rows]


async def test_one_of_many_gets_it(database: Database) -> None:
    leases = [Lease(database, "relay", f"place-{number}") for number in range(8)]
    won = await asyncio.gather(*(lease.acquire() for lease in leases))
    assert sorted(won) == [False] * 7 + [True]
    assert [lease.token for lease in leases] == [int(held) for held in won]
    assert [lease.covers(5) for lease in leases] == won


async def test_release_leaves_it_to_the_next_at_once(database: Database) -> None:
    first, second = Lease(database, "relay", "here"), Lease(database, "relay", "there")
    assert await first.acquire()
    assert not await second.acquire()
    await first.release()
    assert not first.covers(0)
    assert await second.acquire()
    assert second.token == 2


async def test_a_lease_that_ran_out_is_free(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = Lease(database, "relay", "here"), Lease(database, "relay", "there")
    assert await first.acquire()
    assert not first.covers(lease_module.LEASE_SECONDS)
    assert not await second.acquire()
    monkeypatch.setattr(lease_module, "LEASE_SECONDS", 0.3)
    await first.renew()
    await asyncio.sleep(0.4)
    assert not first.covers(0)
    monkeypatch.undo()
    assert await second.acquire()
    with pytest.raises(LeaseLost):
        await first.renew()
    assert first.token == 0
    await first.release()
    assert second.token == (await database["leases"].find_one({}) or {})["token"]
    await second.renew()


async def test_a_new_process_takes_over_from_a_dead_one_of_its_place(database: Database) -> None:
    dead, other, new = (Lease(database, "relay", place) for place in ("here", "there", "here"))
    assert await dead.acquire()
    assert not await other.acquire()
    assert await new.acquire()
    with pytest.raises(LeaseLost):
        await dead.renew()
    # It was no dead one: it does not take back what it lost, or the two would take turns for ever.
    assert not await dead.acquire()


async def test_marks_of_a_lost_lease_do_not_count(database: Database) -> None:
    ids = await stored(database, (1, 2, 3))
    outbox = Outbox(database)
    old, new = Lease(database, "relay", "here"), Lease(database, "relay", "there")
    assert await old.acquire()
    await outbox.mark_published(ids[:1], old)
    await database["leases"].update_one({}, [{"$set": {"expires_at": "$$NOW"}}])
    assert await new.acquire()
    with pytest.raises(LeaseLost):
        await outbox.mark_published(ids, old)
    assert await database["outbox"].distinct("sequence", {"published": True}) == [1]
    await outbox.mark_published(ids, new)
    assert await database["outbox"].count_documents({"published": True}) == 3


async def test_marks_that_were_undone_do_not_lengthen_it(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease_module, "LEASE_SECONDS", 60.0)
    outbox, lease = Outbox(database), Lease(database, "relay", "here")
    assert await lease.acquire()
    monkeypatch.setattr(lease_module, "LEASE_SECONDS", 600.0)
    with pytest.raises(InvalidDocument):
        await outbox.mark_published([object()], lease)  # type: ignore[list-item]
    assert not lease.covers(60)
    await outbox.mark_published([], lease)
    assert lease.covers(60)
