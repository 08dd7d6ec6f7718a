"""Bulk loading: each batch once, however often and wherever a load is started or broken off."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from govkit import seeding
from govkit.seeding import Seeder, registered
from govkit.store.store import Store

from ..library.domain import Branch, Loan, LoanState

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def branches(count: int) -> Iterator[Branch]:
    for number in range(count):
        yield registered(Branch(id=f"b{number}", code=f"c{number}", name="馆"))


async def events(store: Store) -> list[dict[str, Any]]:
    rows = [row async for row in store.database["outbox"].find({}, sort=[("_id", 1)])]
    return [orjson.loads(row["envelope"]) for row in rows]


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeding, "BATCH", 5)


async def test_a_second_load_changes_nothing(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        await Seeder(store, "/lanling/library", NOW).load("branches", branches(12))
    assert await store.count(Branch, {}) == 12
    first = await store.get(Branch, "b0")
    assert first is not None
    assert (first.version, first.sequence, first.created_by) == (1, 1, "system")
    published = await events(store)
    assert {event["type"] for event in published} == {"cn.lanling.branch.opened.v1"}
    assert len(published) == 12
    assert "library: branches 12" in capsys.readouterr().err


async def test_a_load_goes_on_where_it_was_broken_off(store: Store) -> None:
    def interrupted() -> Iterator[Branch]:
        for branch in branches(12):
            if branch.id == "b7":
                raise KeyboardInterrupt
            yield branch

    with pytest.raises(KeyboardInterrupt):
        await Seeder(store, "/lanling/library", NOW).load("branches", interrupted())
    assert await store.count(Branch, {}) == 5
    before = {event["id"] for event in await events(store)}
    await Seeder(store, "/lanling/library", NOW).load("branches", branches(12))
    assert await store.count(Branch, {}) == 12
    after = {event["id"] for event in await events(store)}
    assert before < after
    assert len(after) == 12


async def test_two_loads_at_once_load_once(store: Store) -> None:
    loads = (Seeder(store, "/lanling/library", NOW).load("branches", branches(40)) for _ in range(3))
    await asyncio.gather(*loads)
    assert await store.count(Branch, {}) == 40
    assert len(await events(store)) == 40


async def test_event_ids_are_the_same_in_every_database(store: Store, mongo: Any) -> None:
    await Seeder(store, "/lanling/library", NOW).load("branches", branches(3))
    other = Store(mongo, f"{store.database.name}_other", [Branch])
    await Seeder(other, "/lanling/library", NOW).load("branches", branches(3))
    assert [event["id"] for event in await events(store)] == [event["id"] for event in await events(other)]
    await mongo.drop_database(other.database.name)


async def test_history_is_loaded_as_snapshots(store: Store) -> None:
    def loans() -> Iterator[Loan]:
        for number in range(3):
            loan = Loan(id=f"l{number}", branch_id="b", copies=number + 1)
            loan.decide("lend")
            yield loan

    await Seeder(store, "/lanling/library", NOW).load("loans", loans(), snapshots=True)
    published = await events(store)
    assert {event["type"] for event in published} == {"cn.lanling.loan.snapshot.v1"}
    assert {event["sequence"] for event in published} == {"1"}
    assert sorted(event["data"]["copies"] for event in published) == [1, 2, 3]
    assert await store.count(Loan, {"state": LoanState.LENT.name}) == 3
