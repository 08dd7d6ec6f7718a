"""An offset is committed when everything before it is finished; the poll waits while there is no room."""

import asyncio
from itertools import permutations

import pytest

from govkit.bus.offsets import Unfinished


@pytest.mark.parametrize("order", list(permutations([10, 11, 13])))
def test_offsets_move_up_to_the_first_unfinished(order: tuple[int, ...]) -> None:
    unfinished = Unfinished(100, 100)
    for offset in (10, 11, 13):
        unfinished.take("p", offset, 1)
    finished: set[int] = set()
    committed = None
    for offset in order:
        unfinished.finish("p", offset, 1)
        finished.add(offset)
        upto = 14 if len(finished) == 3 else 12 if {10, 11} <= finished else 11 if 10 in finished else None
        committed = unfinished.committable().get("p", committed)
        assert committed == upto
    assert (unfinished.events, unfinished.bytes) == (0, 0)


def test_each_move_is_committed_once() -> None:
    unfinished = Unfinished(100, 100)
    for partition in ("p", "q"):
        unfinished.take(partition, 0, 1)
        unfinished.take(partition, 1, 1)
    unfinished.finish("p", 1, 1)
    assert unfinished.committable() == {}
    unfinished.finish("q", 0, 1)
    assert unfinished.committable() == {"q": 1}
    unfinished.finish("p", 0, 1)
    assert unfinished.committable() == {"p": 2}
    assert unfinished.committable() == {}


async def test_room_is_counted_in_events_and_bytes() -> None:
    unfinished = Unfinished(2, 1_000)
    assert await unfinished.room(0.01) == 2
    unfinished.take("p", 0, 1_500)
    assert await unfinished.room(0.01) == 1
    waiting = asyncio.create_task(unfinished.room(10))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    unfinished.finish("p", 0, 1_500)
    assert await waiting == 2
