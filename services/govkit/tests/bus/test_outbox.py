"""Published rows go when their time is over; rows that wait, and each subject's last published row, never do."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo.errors import BulkWriteError

from govkit.bus import outbox as outbox_module
from govkit.bus.outbox import INDEXES, RETENTION_SECONDS, Outbox
from govkit.testing.bus import make_envelope, outbox_row

Database = AsyncIOMotorDatabase[dict[str, Any]]
NOW = datetime(2026, 11, 23, tzinfo=UTC)
OLD = NOW - timedelta(seconds=RETENTION_SECONDS + 1)
YOUNG = NOW - timedelta(seconds=RETENTION_SECONDS - 1)


async def store(database: Database, subject: str, sequences: Iterable[int], published_at: datetime | None) -> None:
    """Rows of a subject; without a time they wait."""
    await database["outbox"].create_indexes(INDEXES)
    marks = {"published": True, "published_at": published_at} if published_at else {}
    await database["outbox"].insert_many(
        [outbox_row(make_envelope(subject, sequence)) | marks for sequence in sequences]
    )


async def left(database: Database, subject: str) -> list[int]:
    return sorted(await database["outbox"].distinct("sequence", {"subject": subject}))


async def test_what_a_sweep_leaves(database: Database) -> None:
    outbox = Outbox(database)
    await store(database, "quiet", (1, 2, 3), OLD)
    await store(database, "busy", (1, 2), OLD)
    await store(database, "busy", (3, 4), YOUNG)
    await store(database, "late", (1,), OLD)
    await store(database, "late", (2, 3), None)
    assert not await outbox.sweep(NOW)
    assert await left(database, "quiet") == [3]
    # Its second row is old as well, but a sweep looks at no row twice, and one row more costs nothing.
    assert await left(database, "busy") == [2, 3, 4]
    assert await left(database, "late") == [1, 2, 3]
    assert await outbox.published_among({("late", 1), ("late", 2), ("quiet", 3), ("busy", 4)}) == {
        ("late", 1),
        ("quiet", 3),
        ("busy", 4),
    }


async def test_a_sweep_goes_on_until_nothing_is_left_to_do(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_module, "SWEEP_ROWS", 10)
    outbox = Outbox(database)
    for number in range(15):
        await store(database, f"thing-{number}", (1, 2, 3), OLD)
    sweeps = 1
    while await outbox.sweep(NOW):
        sweeps += 1
        assert sweeps < 20
    assert sweeps > 1
    assert [await left(database, f"thing-{number}") for number in range(15)] == [[3]] * 15


async def test_the_row_that_was_kept_goes_when_later_ones_expire(database: Database) -> None:
    outbox = Outbox(database)
    await store(database, "thing", (1, 2), OLD)
    await outbox.sweep(NOW)
    await store(database, "thing", (3,), OLD)
    await outbox.sweep(NOW)
    assert await left(database, "thing") == [3]


async def test_no_two_rows_for_one_place(database: Database) -> None:
    await store(database, "thing", (1,), OLD)
    with pytest.raises(BulkWriteError, match="index: place "):
        await store(database, "thing", (1,), None)


async def test_backlog(database: Database) -> None:
    outbox = Outbox(database)
    assert await outbox.backlog() == outbox_module.Backlog(0, None)
    await store(database, "thing", (1, 2), OLD)
    await store(database, "thing", (3, 4, 5), None)
    found = await outbox.backlog()
    assert found.rows == 3
    assert found.oldest is not None


async def test_a_look_takes_no_more_than_some_bytes(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_module, "MOST_BYTES", 1_000_000, raising=False)
    await store(database, "small", (1, 2), None)
    large = [outbox_row(make_envelope("large", sequence, pad="x" * 10_000)) for sequence in range(1, 301)]
    await database["outbox"].insert_many(large)
    outbox = Outbox(database)
    first, more = await outbox.unpublished(("", 0), 2_000, ())
    assert ([row["sequence"] for row in first], more) == (list(range(1, 101)), True)
    rest, more = await outbox.unpublished(("large", 101), 2_000, ())
    assert (len(rest), more) == (100, True)
    last, more = await outbox.unpublished(("small", 1), 2_000, ())
    assert ([row["sequence"] for row in last], more) == ([1, 2], False)
