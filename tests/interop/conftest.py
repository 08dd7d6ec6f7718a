"""The other routers, and who asks them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from county import County
from interop.ask import Asker
from interop.peer import NAMES, Peer


@pytest.fixture(scope="session")
def peers() -> Iterator[list[Peer]]:
    with ExitStack() as stack:
        yield [stack.enter_context(Peer(name)) for name in NAMES]


@pytest.fixture(scope="session")
def asker(county: County) -> Iterator[Asker]:
    with Asker(county) as one:
        yield one
