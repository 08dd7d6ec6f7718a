"""Units of work that are committed at the same moment share transactions, and nothing else."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from bson.errors import InvalidDocument
from pymongo import UpdateOne
from pymongo.errors import AutoReconnect

from govkit.domain import FixedClock, GovError
from govkit.store.commits import TOGETHER, Commit, Commits, ConcurrentChange
from govkit.store.store import Store
from govkit.store.unit_of_work import UnitOfWork

from ..conftest import COMMANDS
from ..library.domain import Branch
from .test_unit_of_work import branch, cause, rows


def adding(store: Store, clock: FixedClock, *ids: str, code: str | None = None) -> UnitOfWork:
    work = UnitOfWork(store, cause(clock))
    for id in ids:
        made = branch(id)
        made.code = code or made.code
        work.add(made)
    return work


async def outcomes(works: Iterable[UnitOfWork]) -> list[Any]:
    return await asyncio.gather(*(work.commit() for work in works), return_exceptions=True)


async def test_many_share_few_transactions(store: Store, clock: FixedClock) -> None:
    works = [adding(store, clock, f"b{number}") for number in range(60)]
    sent: list[str] = []
    COMMANDS.names = sent
    assert await outcomes(works) == [None] * 60
    COMMANDS.names = None
    assert sent.count("commitTransaction") <= 2 + 60 // TOGETHER + 2
    for name in ("branch", "outbox", "audit"):
        assert len(await rows(store, name)) == 60


async def test_one_that_breaks_an_invariant_fails_alone(store: Store, clock: FixedClock) -> None:
    await adding(store, clock, "taken").commit()
    works = [adding(store, clock, f"b{number}") for number in range(20)]
    works[7] = adding(store, clock, "b7", code="code-taken")
    works[13] = adding(store, clock, "b13", "taken")
    found = await outcomes(works)
    assert isinstance(found[7], GovError)
    assert isinstance(found[13], ConcurrentChange)
    assert found[13].records == {"Branch/b13", "Branch/taken"}
    assert [error for number, error in enumerate(found) if number not in (7, 13)] == [None] * 18
    stored = {row["_id"] for row in await rows(store, "branch")}
    assert stored == {"taken"} | {f"b{number}" for number in range(20)} - {"b7", "b13"}
    assert {row["subject"] for row in await rows(store, "outbox")} == stored


async def test_one_of_many_changes_to_a_version_counts(store: Store, clock: FixedClock) -> None:
    await adding(store, clock, "b").commit()
    works = []
    for number in range(10):
        work = UnitOfWork(store, cause(clock))
        found = await work.get(Branch, "b")
        assert found is not None
        found.copies = number + 1
        found.registered("changed")
        works.append(work)
    found_errors = await outcomes([*works, *(adding(store, clock, f"c{number}") for number in range(5))])
    assert found_errors.count(None) == 1 + 5
    assert sum(isinstance(error, ConcurrentChange) for error in found_errors) == 9
    (changed,) = [row for row in await rows(store, "branch") if row["_id"] == "b"]
    assert (changed["version"], changed["sequence"]) == (2, 2)
    assert len(await rows(store, "outbox")) == 1 + 1 + 5


async def collections(store: Store, *names: str) -> None:
    """Make those that are missing: two transactions that make the same one get into each other's way."""
    for name in set(names) - set(await store.database.list_collection_names()):
        await store.database.create_collection(name)


async def test_a_condition_that_finds_nothing_to_change_undoes_its_unit_alone(store: Store) -> None:
    def unit(id: str, at: int) -> Commit:
        return Commit(
            projections=[("seen", UpdateOne({"_id": id}, {"$set": {"at": at}}, upsert=True))],
            conditions=[("places", UpdateOne({"_id": id, "at": at}, {"$inc": {"at": 1}}, upsert=not at))],
        )

    await collections(store, "seen", "places")
    works = [unit("a", 0), unit("b", 3), unit("c", 0)]
    found = await asyncio.gather(*map(store.commit, works), return_exceptions=True)
    assert [type(error) for error in found] == [type(None), ConcurrentChange, type(None)]
    assert [row["_id"] for row in await rows(store, "seen")] == ["a", "c"]
    assert [(row["_id"], row["at"]) for row in await rows(store, "places")] == [("a", 1), ("c", 1)]


@pytest.mark.parametrize(("value", "refusal"), [(object(), InvalidDocument), (2**64 - 1, OverflowError)])
async def test_a_document_that_cannot_be_stored_harms_no_other(
    store: Store, value: Any, refusal: type[Exception]
) -> None:
    await collections(store, "seen")
    unfit = Commit(projections=[("seen", UpdateOne({"_id": "x"}, {"$set": {"value": value}}, upsert=True))])
    fit = [Commit(projections=[("seen", UpdateOne({"_id": n}, {"$inc": {"n": 1}}, upsert=True))]) for n in range(5)]
    found = await asyncio.gather(*map(store.commit, [*fit[:3], unfit, *fit[3:]]), return_exceptions=True)
    assert isinstance(found.pop(3), refusal)
    assert found == [None] * 5
    assert [row["n"] for row in await rows(store, "seen")] == [1] * 5


async def test_a_lost_connection_is_told_to_all_and_nothing_is_tried_again(
    store: Store, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    async def lost(self: Commits, works: Any, session: Any) -> None:
        tried.append(len(works))
        await asyncio.sleep(0)
        raise AutoReconnect("gone")

    monkeypatch.setattr(Commits, "_write", lost)
    found = await outcomes(adding(store, clock, f"b{number}") for number in range(10))
    assert all(isinstance(error, AutoReconnect) for error in found)
    assert sum(tried) == 10
    monkeypatch.undo()
    await adding(store, clock, "after").commit()
    assert [row["_id"] for row in await rows(store, "branch")] == ["after"]


async def test_callers_that_go_away_hold_up_nobody(store: Store, clock: FixedClock) -> None:
    tasks = [asyncio.create_task(adding(store, clock, f"b{number}").commit()) for number in range(20)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert found[1::2] == [None] * 10
    await adding(store, clock, "after").commit()
    stored = {row["_id"] for row in await rows(store, "branch")}
    assert stored >= {f"b{number}" for number in range(1, 20, 2)} | {"after"}
    assert {row["subject"] for row in await rows(store, "outbox")} == stored
