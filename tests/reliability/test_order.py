"""Order: two instances of one service whose clocks differ change the same records while the broker seems to be away."""

import asyncio
from collections.abc import Callable

import httpx
import pytest

from govkit.steps import Step
from reliability.clients import Client
from reliability.ledger import Ledger
from reliability.load import tokens_of
from reliability.orders import Order
from reliability.place import Place
from reliability.process import SKEW_VARIABLE
from reliability.proof import judge
from reliability.stack import Processes
from reliability.stories import World, community, found

pytestmark = pytest.mark.timeout(600)

HELD = Order("hold", Step.RELAY_READ)
CHANGES = 6
BEHIND_SECONDS = -5


@pytest.mark.parametrize(("bug", "inversions"), [("", False), ("order_by_id", True)])
def test_events_are_ordered_by_version_and_not_by_time(
    small_county: Callable[..., Processes], bug: str, inversions: bool
) -> None:
    processes = small_county(bug, "organization")
    part = processes.configuration.services[0]
    second = processes.second_instance(part)
    for instance in (part, second):
        processes.order(instance, HELD)
    processes.start(second, **{SKEW_VARIABLE: str(BEHIND_SECONDS)})
    processes.wait_until_alive(second)
    asyncio.run(change_in_turn(processes.place(gateway=False), processes.place(gateway=False, parts=[second])))
    for instance in (part, second):
        processes.order(instance, None)
    place = processes.place(gateway=False)
    place.write()
    verdict = judge(place)
    assert (verdict.figure("inversions") > 0) is inversions, verdict.text
    assert verdict.code == (1 if inversions else 0), verdict.text


async def change_in_turn(first: Place, second: Place) -> None:
    """The same few records, changed through the one instance and then through the other."""
    ledger, world, tokens = Ledger(first.ledger), World(), tokens_of(first)
    async with httpx.AsyncClient(timeout=None) as http:
        one = Client("one", first, tokens, ledger, http, seed=1)
        other = Client("other", second, tokens, ledger, http, seed=1)
        await found(one, world, frozenset({"organization"}))
        for _ in range(CHANGES):
            await community(one, world)
            await community(other, world)
    ledger.close()
