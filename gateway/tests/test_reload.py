"""A changed supergraph takes over while requests run; a broken one does not; the old one leaves nothing behind."""

from __future__ import annotations

import asyncio
import gc
import gzip
import hashlib
import logging
import threading
import weakref
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest

from gateway.errors import SupergraphError
from gateway.serving import Application
from gateway.serving.reload import collect
from gateway.serving.sources import source_of
from gateway.settings import Settings

from .federation import FIXTURES, Federation
from .serving import serving

SHOP = (FIXTURES / "shop" / "supergraph.graphql").read_text("utf-8")
KEYS = (FIXTURES / "keys" / "supergraph.graphql").read_text("utf-8")
QUERY = {"query": "{ products { name inStock } }"}


@dataclass
class Running:
    """`file` is the supergraph's; the watch sleeps, so that `reloader.look` is the test's to call."""

    file: Path
    application: Application
    client: httpx.AsyncClient

    async def take(self, text: str) -> bool:
        self.file.write_text(text, "utf-8")
        return await self.application.reloader.look()

    def count(self, outcome: str) -> float:
        value = self.application.metrics.registry.get_sample_value(
            "gateway_supergraph_reloads_total", {"outcome": outcome}
        )
        return value or 0.0


@pytest.fixture
async def running(shop: Federation, tmp_path: Path) -> AsyncIterator[Running]:
    file = tmp_path / "supergraph.graphql"
    file.write_text(SHOP, "utf-8")
    application = Application(Settings(supergraph=file, supergraph_poll=3600), shop.urls)
    async with serving(application) as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        yield Running(file, application, client)


@pytest.fixture
def frozen() -> Iterator[None]:
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("frozen")
async def test_no_request_fails_while_supergraphs_change(running: Running) -> None:
    expected = (await running.client.post("/graphql", json=QUERY)).json()
    assert expected["data"]["products"]
    is_over = asyncio.Event()
    answered = 0

    async def ask() -> None:
        nonlocal answered
        while not is_over.is_set():
            response = await running.client.post("/graphql", json=QUERY)
            assert (response.status_code, response.json()) == (200, expected)
            answered += 1

    clients = [asyncio.create_task(ask()) for _ in range(8)]
    for number in range(10):
        assert await running.take(f"{SHOP}\n# {number}")
        enough = answered + 20
        while answered < enough and not any(one.done() for one in clients):  # noqa: ASYNC110 - not the number
            await asyncio.sleep(0.001)
    is_over.set()
    await asyncio.gather(*clients)
    assert running.count("taken") == 10


async def test_the_new_supergraph_serves_and_the_operations_in_use_are_ready(running: Running) -> None:
    await running.client.post("/graphql", json=QUERY)
    before = running.application.router.snapshot
    assert await running.take(SHOP + "\n# changed")
    after = running.application.router.snapshot
    assert after is not before
    assert after.operations.used_last(9) == [(QUERY["query"], None)]
    assert after.clients == before.clients  # the same connections: the subgraphs are where they were
    assert await running.take(KEYS)
    answer = (await running.client.post("/graphql", json=QUERY, headers={"accept": "*/*"})).json()
    assert answer["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


@pytest.mark.parametrize("broken", ["type Query {", "type Query { a: Int }", "", SHOP.replace("join__Graph", "x")])
async def test_a_broken_supergraph_is_refused_and_the_old_one_stays(
    running: Running, broken: str, caplog: pytest.LogCaptureFixture
) -> None:
    before = running.application.router.snapshot
    with caplog.at_level(logging.INFO, "gateway.serving.reload"):
        assert not await running.take(broken)
        assert not await running.application.reloader.look()  # said once, not at every look
    assert [one.levelname for one in caplog.records] == ["ERROR"]
    assert running.count("refused") == 1
    assert running.application.router.snapshot is before
    assert (await running.client.post("/graphql", json=QUERY)).json()["data"]["products"]
    assert await running.take(SHOP + "\n# mended")


async def test_a_supergraph_that_is_gone_for_a_while_changes_nothing(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    running.file.unlink()
    with caplog.at_level(logging.INFO, "gateway.serving.reload"):
        assert not await running.application.reloader.look()
        assert not await running.application.reloader.look()
    assert len(caplog.records) == 1
    assert await running.take(SHOP + "\n# back")


@pytest.mark.usefixtures("frozen")
async def test_a_hundred_reloads_leave_nothing_behind(running: Running) -> None:
    old: list[weakref.ref[object]] = []
    sizes = []
    collect()
    for number in range(100):
        await running.client.post("/graphql", json=QUERY)
        snapshot = running.application.router.snapshot
        old += [weakref.ref(snapshot.schema), weakref.ref(snapshot.graph), weakref.ref(snapshot.operations)]
        del snapshot
        assert await running.take(f"{SHOP}\n# {number}")
        if number % 10 == 9:
            collect()
            sizes.append(_resident_mb())
    for _ in range(100):  # until the thread that made the last one ready lets go of the one before
        collect()
        if all(one() is None for one in old):
            break
        await asyncio.sleep(0.05)
    assert [one() for one in old if one() is not None] == []
    assert sizes[-1] - sizes[1] < 8, sizes


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20


@pytest.fixture
def url() -> Iterator[tuple[str, list[int]]]:
    """A server of the supergraph that knows ETags, and the statuses that it answered."""
    statuses: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status = 404 if self.path != "/supergraph" else 304 if self.headers["If-None-Match"] == '"1"' else 200
            statuses.append(status)
            self.send_response(status)
            self.send_header("ETag", '"1"')
            self.send_header("Content-Length", str(len(SHOP.encode())) if status == 200 else "0")
            self.end_headers()
            if status == 200:
                self.wfile.write(SHOP.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", statuses
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_url_is_read_again_only_when_it_has_changed(url: tuple[str, list[int]]) -> None:
    place, statuses = url
    source = source_of(f"{place}/supergraph")
    assert source.read() == source.read() == SHOP
    assert statuses == [200, 304]
    with pytest.raises(SupergraphError, match="answers 404"):
        source_of(f"{place}/nothing").read()


async def test_the_metrics_name_the_supergraph_that_serves(running: Running) -> None:
    async def served() -> list[str]:
        lines = (await running.client.get("/metrics")).text.splitlines()
        return [line for line in lines if line.startswith("gateway_supergraph{")]

    def named(text: str) -> list[str]:
        return [f'gateway_supergraph{{sha256="{hashlib.sha256(text.encode()).hexdigest()[:16]}"}} 1.0']

    assert await served() == named(SHOP)
    await running.take("no supergraph")
    assert await served() == named(SHOP)
    await running.take(KEYS)
    assert await served() == named(KEYS)


def test_a_packed_supergraph_is_unpacked_and_a_torn_one_refused(tmp_path: Path) -> None:
    file = tmp_path / "supergraph.graphql.gz"
    packed = gzip.compress(SHOP.encode())
    file.write_bytes(packed)
    assert source_of(str(file)).read() == SHOP
    for torn in (packed[:-100], b"not packed", packed[:200] + b"xxxx" + packed[204:]):
        file.write_bytes(torn)
        with pytest.raises(SupergraphError, match=r"cannot read .*supergraph\.graphql\.gz"):
            source_of(str(file)).read()
