"""Turns: who competes for the same records goes one after the other; nobody else waits, nothing is left behind."""

import asyncio
import gc

from govkit.turns import Turns


async def test_those_who_share_a_record_never_meet_and_go_in_order() -> None:
    turns, inside, order = Turns(), 0, []

    async def go(name: int, records: set[str]) -> None:
        nonlocal inside
        async with turns.take(records):
            inside += 1
            assert inside == 1
            await asyncio.sleep(0.001)
            order.append(name)
            inside -= 1

    await asyncio.gather(*(go(name, {"a", "b"} if name % 2 else {"b", "c"}) for name in range(20)))
    assert sorted(order) == list(range(20))
    gc.collect()
    assert not turns._locks


async def test_opposite_orders_do_not_wait_for_each_other_forever() -> None:
    turns = Turns()

    async def go(records: list[str]) -> None:
        async with turns.take(records):
            await asyncio.sleep(0)

    await asyncio.wait_for(asyncio.gather(*(go(["a", "b"][:: (-1) ** n]) for n in range(50))), 30)


async def test_others_do_not_wait() -> None:
    turns = Turns()
    async with turns.take({"a"}), asyncio.timeout(1), turns.take({"b"}), turns.take(()):
        pass


async def test_a_turn_ends_with_an_error() -> None:
    turns = Turns()
    for _ in range(2):
        try:
            async with asyncio.timeout(1), turns.take({"a"}):
                raise LookupError
        except LookupError:
            pass
