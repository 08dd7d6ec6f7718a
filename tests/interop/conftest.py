"""The county behind three more routers, each on its six services."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from county import County
from interop.ask import Asker
from interop.peer import NAMES, Peer, with_urls
from lanling_local.parts import SERVICES
from lanling_local.paths import REPOSITORY


@pytest.fixture(scope="session")
def peers(county: County) -> Iterator[dict[str, str]]:
    """The URL of each."""
    urls = {part.name: f"http://127.0.0.1:{county.ports[part.port_variable]}/graphql" for part in SERVICES}
    supergraph = with_urls((REPOSITORY / "schemas" / "supergraph.graphql").read_text(), urls.__getitem__)
    with ExitStack() as stack:
        started = [stack.enter_context(Peer(name)) for name in NAMES]
        for one in started:
            one.serve(supergraph)
        yield {one.name: one.url for one in started}


@pytest.fixture(scope="session")
def asker(county: County) -> Iterator[Asker]:
    with Asker(county) as one:
        yield one
