"""Two processes on one port, as a process of its own: they share the work, the reload, the end, and the metrics."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from lanling_local.ports import HOST, free_ports

from .federation import FIXTURES, Federation

SHOP = (FIXTURES / "shop" / "supergraph.graphql").read_text("utf-8")
SECONDS = 60.0


@dataclass
class Running:
    process: asyncio.subprocess.Process
    url: str
    file: Path

    @property
    def workers(self) -> set[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return {int(one) for one in children.read_text().split()}

    async def ask(self, number: int = 0) -> int:
        """The status of an answer, over a connection of its own. Workers share requests of one number."""
        query = {"query": f"{{ products {{ a{number}: name inStock }} }}"}
        async with httpx.AsyncClient(timeout=SECONDS) as client:
            response = await client.post(f"{self.url}/graphql", json=query)
            assert response.json()["data"]["products"]
            return response.status_code

    async def series(self, name: str) -> dict[str, float]:
        """By the labels' text."""
        async with httpx.AsyncClient(timeout=SECONDS) as client:
            text = (await client.get(f"{self.url}/metrics")).text
        found = re.findall(rf"^{name}\{{(.*)\}} (\S+)$", text, re.MULTILINE)
        return {labels: float(value) for labels, value in found}

    async def until_ready(self) -> None:
        async with asyncio.timeout(SECONDS), httpx.AsyncClient() as client:
            while len(await self._told(client)) < 2:  # noqa: ASYNC110 - other processes set no event
                await asyncio.sleep(0.05)

    async def _told(self, client: httpx.AsyncClient) -> set[str]:
        try:
            text = (await client.get(f"{self.url}/metrics")).text
        except httpx.TransportError:
            return set()
        return set(re.findall(r'gateway_supergraph\{.*worker="(\d)"\} 1', text))


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(SECONDS):
        while not holds():  # noqa: ASYNC110 - other processes set no event
            await asyncio.sleep(0.02)


async def started(shop: Federation, file: Path, port: int = 0) -> Running:
    port = port or free_ports(1)[0]
    urls = {f"GATEWAY_SUBGRAPH_URL_{name}": url for name, url in shop.urls.items()}
    settings = {"GATEWAY_WORKERS": "2", "GATEWAY_SUPERGRAPH_POLL": "0.1", "GATEWAY_LOG_LEVEL": "ERROR"}
    command = [sys.executable, "-m", "gateway", "serve", "--supergraph", str(file), "--port", str(port)]
    environment = {**os.environ, **settings, **urls}
    process = await asyncio.create_subprocess_exec(*command, env=environment, stderr=asyncio.subprocess.PIPE)
    return Running(process, f"http://{HOST}:{port}", file)


@pytest.fixture
async def running(shop: Federation, tmp_path: Path) -> AsyncIterator[Running]:
    file = tmp_path / "supergraph.graphql"
    file.write_text(SHOP, "utf-8")
    one = await started(shop, file)
    try:
        await one.until_ready()
        yield one
    finally:
        if one.process.returncode is None:
            one.process.terminate()
            await one.process.wait()


async def test_the_workers_share_requests_metrics_and_reload(running: Running) -> None:
    assert len(running.workers) == 2
    asked = 0
    async with asyncio.timeout(SECONDS):
        while len(counts := await running.series("gateway_requests_total")) < 2:
            assert set(await asyncio.gather(*(running.ask() for _ in range(16)))) == {200}
            asked += 16
    assert sum(counts.values()) == asked
    [old] = {re.findall(r'sha256="(\w+)"', one)[0] for one in await running.series("gateway_supergraph")}

    written = running.file.with_suffix(".new")
    written.write_text(SHOP + "\n# changed", "utf-8")
    written.replace(running.file)
    async with asyncio.timeout(SECONDS):
        while old in str(served := await running.series("gateway_supergraph")):
            assert set(await asyncio.gather(*(running.ask() for _ in range(4)))) == {200}
    assert len(served) == 2


async def test_a_worker_that_dies_is_replaced(running: Running) -> None:
    before = running.workers
    os.kill(min(before), signal.SIGKILL)
    await until(lambda: bool(running.workers - before))
    await running.until_ready()
    assert set(await asyncio.gather(*(running.ask() for _ in range(8)))) == {200}


async def test_what_runs_is_answered_before_the_end(running: Running, shop: Federation) -> None:
    released = asyncio.Event()

    async def hold(_request: dict[str, Any]) -> None:
        await released.wait()

    shop.subgraphs["catalog"].intercept = hold
    try:
        shop.forget()
        asked = [asyncio.create_task(running.ask(number)) for number in range(8)]
        await until(lambda: shop.counts.get("catalog") == 8)
        running.process.terminate()
        await asyncio.sleep(0.3)  # they hear of it
        released.set()
        assert await asyncio.gather(*asked) == [200] * 8
        assert await asyncio.wait_for(running.process.wait(), SECONDS) == 0
    finally:
        released.set()
        shop.subgraphs["catalog"].intercept = None
    with pytest.raises(httpx.TransportError):
        await running.ask()


async def test_a_taken_port_is_told_in_one_line(shop: Federation, running: Running) -> None:
    second = await started(shop, running.file, port=int(running.url.rpartition(":")[2]))
    _, errors = await asyncio.wait_for(second.process.communicate(), SECONDS)
    assert second.process.returncode == 3
    assert re.fullmatch(r"\[Errno 98\] Address already in use.*\n", errors.decode())


async def test_no_worker_outlives_the_supervisor(running: Running) -> None:
    workers = running.workers
    running.process.kill()
    await until(lambda: not any(_runs(one) for one in workers))


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


async def test_what_cannot_be_served_ends_them_all(shop: Federation, tmp_path: Path) -> None:
    file = tmp_path / "supergraph.graphql"
    file.write_text("type Query {", "utf-8")
    one = await started(shop, file)
    _, errors = await asyncio.wait_for(one.process.communicate(), SECONDS)
    assert one.process.returncode == 2
    assert errors.decode().splitlines()
    assert "Traceback" not in errors.decode()
