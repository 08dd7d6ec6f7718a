"""The gateway and one schema that holds all data agree, over federations made up from seeds.

A failing seed prints its case made small; ``python -m tests.oracle --only --seed N`` in gateway/ does so again, and
``make fuzz-gateway CASES=… SEED=…`` searches further.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateway.planner import Planner

from .oracle.case import Oracle
from .oracle.composer import Composer
from .oracle.fewest import fewest_requests
from .oracle.shrink import shrunk


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    with Composer() as composer:
        yield Oracle(composer)


@pytest.mark.parametrize("block", range(8))
async def test_gateway_and_monolith_agree(oracle: Oracle, block: int) -> None:
    tried = 0
    for seed in range(1 + block * 1000, 7 + block * 1000):
        for case in oracle.cases(seed):
            tried += 1
            if await oracle.verdict(case) is not None:
                small = await shrunk(oracle, case)
                pytest.fail(f"seed {seed}: {await oracle.verdict(small)}\n{small}")
    assert tried >= 10


@pytest.mark.parametrize("block", range(2))
def test_no_choice_of_owners_saves_a_request(oracle: Oracle, block: int) -> None:
    compared = 0
    for seed in range(80 + block * 10, 88 + block * 10):
        for case in oracle.cases(seed):
            federation = oracle.federation(case)
            assert federation is not None
            snapshot = federation.router.snapshot
            operation = snapshot.operations.get(case.text, None)[0].operation
            fields = [one for one in operation.selections if not one.is_meta]
            if not fields or operation.selections.type_name != "Query":
                continue
            fewest = fewest_requests(snapshot.graph, operation.selections, tries=100)
            if fewest is not None:
                compared += 1
                planned = len(list(Planner(snapshot.graph).plan(operation).fetches))
                assert planned <= fewest, f"seed {seed}\n{case}"
    assert compared >= 10
