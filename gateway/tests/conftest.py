from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from .federation import Federation, federation
from .worlds import shop as shop_world


@pytest.fixture(scope="module")
async def shop() -> AsyncIterator[Federation]:
    async with federation("shop", shop_world()) as one:
        yield one
