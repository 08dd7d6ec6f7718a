"""A federation in this process: the gateway with clients that call the test subgraphs directly, without sockets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from gateway.routing.router import Router, load_snapshot
from gateway.settings import Settings
from gateway.supergraph import read_supergraph
from gateway.telemetry.metrics import Metrics
from gateway.transport import Response

from ..autoworld import AutoWorld
from ..federation import FIXTURES, Federation
from ..subgraph import Subgraph
from ..world import World


class DirectClient:
    """A subgraph client without HTTP; the bytes both ways are those that HTTP would carry."""

    def __init__(self, subgraph: Subgraph):
        self.name = subgraph.name
        self._subgraph = subgraph

    async def post(self, body: bytes, _headers: list[tuple[bytes, bytes]], *, is_safe: bool) -> Response:
        request = json.loads(body)
        self._subgraph.requests.append(request)
        assert is_safe is not request["query"].startswith("mutation")
        try:
            answer = self._subgraph.execute(request)
        except Exception as error:
            self._subgraph.failures.append(error)
            raise
        if not _says_anything(answer):
            self._subgraph.failures.append(AssertionError(f"{self.name} was asked for nothing: {request}"))
        return Response(200, {}, json.dumps(answer).encode())


def _says_anything(answer: dict[str, Any]) -> bool:
    """Whether a request was worth it: some field was asked of something."""
    data = answer.get("data")
    if data is None or "errors" in answer:
        return True
    if all(name.startswith("_e") and isinstance(value, list) for name, value in data.items()):
        return any(one is None or one for value in data.values() for one in value)
    return bool(data)


def fixture(name: str, world: World | None = None, *, seed: int = 0) -> Federation:
    """A committed federation, over made-up data unless a world is given."""
    folder = FIXTURES / name
    sources = {one.stem: one.read_text("utf-8") for one in sorted(folder.glob("*.graphql")) if one.stem != "supergraph"}
    sdl = (folder / "supergraph.graphql").read_text("utf-8")
    return local_federation(sources, sdl, world or AutoWorld(read_supergraph(sdl), seed).world)


def local_federation(sources: Mapping[str, str], sdl: str, world: World) -> Federation:
    """The federation of composed `sources`. Nothing of it needs to be stopped."""
    subgraphs = {name: Subgraph(name, text, world) for name, text in sources.items()}
    settings = Settings(supergraph=Path("made-up.graphql"))
    metrics = Metrics()
    snapshot = load_snapshot(sdl, settings, {}, metrics)
    snapshot.close()
    clients = {one.id: DirectClient(subgraphs[one.name]) for one in snapshot.supergraph.subgraphs.values()}
    router = Router(replace(snapshot, clients=clients), metrics, settings.limits, settings.request_timeout)
    return Federation(subgraphs, router, world)
