"""A whole federation for a test.

Its subgraphs on loopback, a router over the committed supergraph, and the monolith.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from graphql import execute_sync, parse

from gateway.guards.authorisation import Credentials
from gateway.routing.request import GraphQLRequest
from gateway.routing.router import Outcome, Router, load_snapshot
from gateway.settings import Settings
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.trace import trace_from

from .subgraph import Subgraph
from .world import View, World, make_resolvable

FIXTURES = Path(__file__).parent / "fixtures"
EVERYBODY = Credentials(True, frozenset({"contact", "admin", "all"}), frozenset({"staff"}))


class Federation:
    """`ask` goes through planner, executor and real HTTP to the subgraphs; `expect` asks the monolith."""

    def __init__(self, subgraphs: dict[str, Subgraph], router: Router, world: World):
        self.subgraphs = subgraphs
        self.router = router
        self._view = View(world, lambda _type, _field: True, is_whole=True)
        self._monolith = make_resolvable(router.snapshot.schema)

    async def ask(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        name: str | None = None,
        caller: Credentials = EVERYBODY,
    ) -> dict[str, Any]:
        return (await self.outcome(query, variables, name, caller=caller)).answer

    async def outcome(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        name: str | None = None,
        headers: tuple[tuple[bytes, bytes], ...] = (),
        caller: Credentials = EVERYBODY,
    ) -> Outcome:
        self.forget()
        request = GraphQLRequest(query, variables or {}, name, headers, trace_from(None), caller=caller)
        outcome = await self.router.answer(request)
        for one in self.subgraphs.values():
            for failure in one.failures:
                raise failure
        return outcome

    def expect(self, query: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        result = execute_sync(
            self._monolith, parse(query), root_value={}, variable_values=variables, field_resolver=self._view.resolve
        )
        return dict(result.formatted)

    async def same(self, query: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """Asks both, asserts equal data in equal order, and no errors; returns the data."""
        expected = self.expect(query, variables)
        answer = await self.ask(query, variables)
        assert "errors" not in expected, expected
        assert answer == expected
        assert repr(answer["data"]) == repr(expected["data"]), "response order differs"
        return dict(answer["data"])

    @property
    def urls(self) -> dict[str, str]:
        """By `join__Graph` value, as `load_snapshot` wants them."""
        return subgraph_urls_of(self.subgraphs)

    def forget(self) -> None:
        for one in self.subgraphs.values():
            one.requests.clear()
            one.headers.clear()

    @property
    def counts(self) -> dict[str, int]:
        """Requests a subgraph got since the last `ask`."""
        return dict(Counter({name: len(one.requests) for name, one in self.subgraphs.items() if one.requests}))


def subgraph_urls_of(subgraphs: dict[str, Subgraph]) -> dict[str, str]:
    return {name.upper().replace("-", "_"): one.url for name, one in subgraphs.items()}


@asynccontextmanager
async def federation(fixture: str, world: World, **settings: Any) -> AsyncIterator[Federation]:
    folder = FIXTURES / fixture
    subgraphs = {
        path.stem: Subgraph(path.stem, path.read_text("utf-8"), world)
        for path in sorted(folder.glob("*.graphql"))
        if path.stem != "supergraph"
    }
    await asyncio.gather(*(one.start() for one in subgraphs.values()))
    path = folder / "supergraph.graphql"
    metrics = Metrics()
    configured = Settings(supergraph=path, **settings)
    urls = subgraph_urls_of(subgraphs)
    snapshot = load_snapshot(path.read_text("utf-8"), configured, urls, metrics)
    router = Router(snapshot, metrics, configured.limits, configured.request_timeout)
    try:
        yield Federation(subgraphs, router, world)
    finally:
        snapshot.close()
        await asyncio.gather(*(one.stop() for one in subgraphs.values()))
