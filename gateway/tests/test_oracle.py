"""The gateway answers every operation exactly as one schema holding all the data does.

Each fixture's federation and its monolith run over the same made-up world. A failing case prints its seed and
operation; ``ORACLE_SEED=… ORACLE_CASES=… pytest tests/test_oracle.py`` replays or widens the search.
"""

from __future__ import annotations

import os
import random

import pytest
from graphql import parse, validate

from .federation import FIXTURES, Federation
from .oracle.local import fixture
from .random_operations import OperationMaker

SEED = int(os.environ.get("ORACLE_SEED", "1"))
CASES = int(os.environ.get("ORACLE_CASES", "25"))
NAMES = sorted(one.name for one in FIXTURES.iterdir() if one.is_dir())


@pytest.mark.parametrize("name", NAMES)
async def test_gateway_and_monolith_agree(name: str) -> None:
    one = fixture(name, seed=SEED)
    tried = 0
    seed = SEED * 1_000_000
    while tried < CASES:
        seed += 1
        tried += await agrees(one, seed)


async def agrees(one: Federation, seed: int) -> bool:
    """Whether the operation of that seed is valid; fails when the answers differ."""
    maker = OperationMaker(one.router.snapshot.schema, random.Random(seed))
    text = maker.text()
    if validate(one.router.snapshot.schema, parse(text)):
        return False
    expected = one.expect(text, maker.variables)
    answer = await one.ask(text, maker.variables)
    told = f"seed {seed}\n{text}\n{maker.variables}"
    assert "errors" not in expected, f"{told}\n{expected['errors'][0]}"
    assert "errors" not in answer, f"{told}\n{answer['errors'][0]}"
    assert answer["data"] == expected["data"], told
    assert repr(answer["data"]) == repr(expected["data"]), f"order: {told}"
    return True
