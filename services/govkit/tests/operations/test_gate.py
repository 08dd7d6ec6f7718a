"""The gate: commits under way end, later ones wait, nobody can hold it for ever."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from govkit.bus import gate as gate_module
from govkit.bus.gate import Gate
from govkit.store.commits import ConcurrentChange
from govkit.testing.bus import PATIENCE_SECONDS

from .conftest import Desk, venue


async def test_commits_wait_while_it_is_closed_and_none_is_lost(desk: Desk) -> None:
    gate = Gate(desk.database, "one")
    await desk.target.inbox.apply([venue("v", 1)])
    assert await gate.close()
    waiting = asyncio.create_task(desk.target.inbox.apply([venue("v", 2)]))
    await asyncio.sleep(0.5)
    assert not waiting.done()
    assert await desk.position("v") == 1
    assert not await Gate(desk.database, "two").close()
    assert await gate.is_closed()
    await gate.open()
    assert await asyncio.wait_for(waiting, PATIENCE_SECONDS) == 1
    assert await desk.position("v") == 2


async def test_closing_waits_for_commits_under_way(desk: Desk) -> None:
    async def apply(lane: int) -> None:
        for sequence in range(1, 31):
            while True:
                try:
                    await desk.target.inbox.apply([venue(f"v{lane}", sequence)])
                    break
                except ConcurrentChange:
                    # All lanes count in one row.
                    continue

    gate = Gate(desk.database, "one")
    lanes = asyncio.gather(*(apply(lane) for lane in range(4)))
    for _ in range(5):
        await asyncio.sleep(0.02)
        assert await gate.close()
        stood = await desk.rows("inbox")
        await asyncio.sleep(0.05)
        assert await desk.rows("inbox") == stood
        await gate.open()
    await asyncio.wait_for(lanes, PATIENCE_SECONDS)
    assert [row["times"] for row in await desk.rows("greetings")] == [30] * 4


async def test_it_opens_by_itself_and_its_holder_learns_of_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(desk.database, "killed")
    assert await gate.close()
    monkeypatch.setattr(gate_module, "CLOSED_SECONDS", 0.3)
    await gate.close()  # from now on for so long
    assert await asyncio.wait_for(desk.target.inbox.apply([venue("v", 1)]), PATIENCE_SECONDS) == 1
    assert not await gate.is_closed()
    monkeypatch.undo()
    assert await Gate(desk.database, "next").close()
    late = {"closed_until": {"$gt": datetime.now(UTC) + timedelta(seconds=60)}}
    assert await desk.database["inbox"].count_documents(late) == 0
