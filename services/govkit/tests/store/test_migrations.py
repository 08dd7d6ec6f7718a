"""Migrations on a real database: what is missing is found and made, once, by one process, from where the last was."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase

from govkit.domain import Aggregate, Unique
from govkit.operations.target import NEWER, PENDING, refusal
from govkit.store.migrations import Kind, Migration, MigrationFailed, Migrations, each_row
from govkit.store.store import Store

from ..library.domain import Branch, BranchKind, LibraryError, Loan, Reader

Database = AsyncIOMotorDatabase[dict[str, Any]]

SPLIT = Migration(
    name="0001-split-name",
    kind=Kind.EXPAND,
    does="writes family beside name",
    batch=each_row("people", lambda row: {"$set": {"family": row["name"][0]}}, {"family": {"$exists": False}}, size=10),
)
JOIN = Migration(
    name="0002-drop-name",
    kind=Kind.CONTRACT,
    does="takes name away",
    batch=each_row("people", lambda row: {"$unset": {"name": ""}}, size=10),
)


def migrations(database: Database, *steps: Migration, types: Sequence[type[Aggregate]] = (Branch,)) -> Migrations:
    return Migrations(Store(database.client, database.name, types), steps)


async def people(database: Database, count: int = 35) -> None:
    await database["people"].insert_many([{"_id": n, "name": f"{n} of many"} for n in range(count)])


async def test_expand_first_contract_when_told(database: Database) -> None:
    await people(database)
    said: list[str] = []
    mine = migrations(database, SPLIT, JOIN)
    assert not (await mine.look()).fits
    left = await mine.apply("officer", say=said.append)
    assert left.fits
    assert [step.name for step in left.contract] == [JOIN.name]
    assert said[0] == "0001-split-name: done"
    assert "index outbox.unpublished, outbox.place, outbox.published_at: made" in said
    assert await database["people"].count_documents({"name": {"$exists": True}, "family": {"$exists": True}}) == 35
    row = await database["migrations"].find_one({"_id": SPLIT.name})
    assert row is not None
    assert (row["state"], row["by"], row["batches"]) == ("DONE", "officer", 4)
    await mine.apply("officer", contract=True)
    assert await database["people"].count_documents({"name": {"$exists": True}}) == 0
    assert not (await mine.look()).contract


async def test_the_version_before_serves_during_expand_and_not_after_contract(database: Database) -> None:
    await people(database)
    old, new = migrations(database), migrations(database, SPLIT, JOIN)
    await old.apply("officer")
    assert refusal(await new.look(), "db") == (
        PENDING,
        "db is not migrated to this version: 1 steps and 0 indexes are missing; run `migrate --apply` first",
    )
    await new.apply("officer")
    assert refusal(await old.look(), "db") is None
    await new.apply("officer", contract=True)
    assert refusal(await old.look(), "db") == (NEWER, "db is newer than this version: it does not know 0002-drop-name")
    with pytest.raises(MigrationFailed, match="0002-drop-name"):
        await old.apply("officer")


async def test_an_empty_database_gets_everything_at_once(database: Database) -> None:
    left = await migrations(database, SPLIT, JOIN).apply("officer")
    assert left.fits
    assert not left.contract


async def test_a_step_that_fails_goes_on_behind_its_last_batch(database: Database) -> None:
    await people(database)
    begun: list[Any] = []
    work = SPLIT.batch

    async def failing(database: Database, place: Any) -> Any:
        begun.append(place)
        if len(begun) == 3:
            raise RuntimeError("out of power")
        return await work(database, place)

    broken = replace(SPLIT, batch=failing)
    with pytest.raises(RuntimeError, match="out of power"):
        await migrations(database, broken).apply("officer")
    state = await migrations(database, SPLIT).look()
    assert state.running == {SPLIT.name}
    await migrations(database, broken).apply("officer")
    # The batch that failed again, none before it.
    assert begun[:4] == [None, 9, 19, 19]
    assert await database["people"].count_documents({"family": {"$exists": True}}) == 35


async def test_two_at_once_do_it_once(database: Database) -> None:
    await people(database)
    under_way = most = calls = 0

    async def counted(database: Database, place: Any) -> Any:
        nonlocal under_way, most, calls
        under_way, calls = under_way + 1, calls + 1
        most = max(most, under_way)
        await asyncio.sleep(0.05)
        under_way -= 1
        return await SPLIT.batch(database, place)

    step = replace(SPLIT, batch=counted)
    states = await asyncio.gather(*(migrations(database, step).apply("officer") for _ in range(3)))
    assert all(state.fits for state in states)
    assert (most, calls) == (1, 5)


async def test_indexes_are_compared_and_a_changed_one_needs_a_step(database: Database) -> None:
    mine = migrations(database, types=(Branch, Reader, Loan))
    planned = {f"{collection}.{model.document['name']}" for collection, model in (await mine.look()).indexes}
    assert {"branch.unique_code", "outbox.unpublished", "parked.reason_1", "receipts.at_1"} <= planned
    await mine.apply("officer")
    assert (await mine.look()).fits
    await database["branch"].drop_index("unique_code")
    await database["branch"].create_index("code", name="unique_code")
    state = await mine.look()
    assert state.changed == ["branch.unique_code"]
    with pytest.raises(MigrationFailed, match=r"branch\.unique_code"):
        await mine.apply("officer")

    async def drop(database: Database, place: Any) -> Any:
        await database["branch"].drop_index("unique_code")

    step = Migration(name="0003-unique-code", kind=Kind.CONTRACT, does="makes codes unique", batch=drop)
    await migrations(database, step, types=(Branch, Reader, Loan)).apply("officer", contract=True)
    assert (await mine.look()).changed == []


async def test_rows_that_break_an_index_are_told_without_their_values(database: Database) -> None:
    await database["branch"].insert_many([{"_id": n, "code": "the same"} for n in range(2)])
    with pytest.raises(
        MigrationFailed, match=r"branch\.unique_code.* cannot be made: error 11000 of the database"
    ) as told:
        await migrations(database).apply("officer")
    assert "the same" not in str(told.value)


async def test_the_order_of_alternatives_makes_no_other_index(database: Database) -> None:
    class Shelf(Branch):
        """架 Shelf"""

        UNIQUE = (
            *Branch.UNIQUE[:1],
            Unique(("community_id",), LibraryError.DUPLICATE_CODE, {"kind": {BranchKind.MAIN, BranchKind.VILLAGE}}),
        )

    mine = migrations(database, types=(Shelf,))
    await mine.apply("officer")
    rows = database["shelf"]
    made = (await rows.index_information())["unique_community_id_kind"]
    condition = made["partialFilterExpression"]
    condition["kind"]["$in"].reverse()
    await rows.drop_index("unique_community_id_kind")
    options: dict[str, Any] = {"unique": True, "partialFilterExpression": condition}
    await rows.create_index("community_id", name="unique_community_id_kind", **options)
    assert (await mine.look()).fits
    await rows.drop_index("unique_community_id_kind")
    await rows.create_index("community_id", name="unique_community_id_kind", unique=True)
    assert (await mine.look()).changed == ["shelf.unique_community_id_kind"]
