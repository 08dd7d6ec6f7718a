"""Subgraphs that replay bytes: `python -m bench.gateway.stub FOLDER NAME=PORT… [--auto]`.

Each question is answered by graphql-core the first time and from memory after that, so that any gateway may ask in its
own words and none waits for an answer to be made while it is measured. FOLDER has `NAME.graphql` and the supergraph.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import httptools
import uvloop
from tests.autoworld import AutoWorld  # type: ignore[import-untyped]
from tests.subgraph import Subgraph  # type: ignore[import-untyped]

from gateway.supergraph import read_supergraph
from lanling_local.ports import HOST

from .data import benchmark_world


class Replay(asyncio.Protocol):
    """One connection. Counts requests in `counter`; GET answers with the count."""

    def __init__(self, subgraph: Subgraph, known: dict[bytes, bytes], counter: list[int]):
        self._subgraph = subgraph
        self._known = known
        self._counter = counter
        self._body: list[bytes] = []

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._parser = httptools.HttpRequestParser(self)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, data: bytes) -> None:
        self._body.append(data)

    def on_message_complete(self) -> None:
        body = b"".join(self._body)
        self._body.clear()
        if self._parser.get_method() == b"GET":
            self._transport.write(_answer(str(self._counter[0]).encode()))
            return
        self._counter[0] += 1
        answer = self._known.get(body)
        if answer is None:
            made = self._subgraph.execute(json.loads(body))
            answer = self._known[body] = _answer(json.dumps(made, separators=(",", ":")).encode())
        self._transport.write(answer)


def _answer(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


async def serve(folder: Path, ports: dict[str, int], is_made_up: bool) -> None:
    supergraph = (folder / "supergraph.graphql").read_text()
    world = AutoWorld(read_supergraph(supergraph)).world if is_made_up else benchmark_world()
    loop = asyncio.get_running_loop()
    counter = [0]
    for name, port in ports.items():
        subgraph = Subgraph(name, (folder / f"{name}.graphql").read_text(), world)
        known: dict[bytes, bytes] = {}
        await loop.create_server(lambda one=subgraph, known=known: Replay(one, known, counter), HOST, port)  # type: ignore[misc]
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    folder, *rest = sys.argv[1:]
    pairs = [one.split("=") for one in rest if "=" in one]
    uvloop.run(serve(Path(folder), {name: int(port) for name, port in pairs}, "--auto" in rest))
