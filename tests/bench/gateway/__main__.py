"""`make bench`: the published gateway benchmark's operation and four of the county, through ours and other gateways.

All gateways run one after the other on this machine against the same stubs (`stub`), which replay bytes. CPU is user
and system time of all of a gateway's processes; where the machine has other work, compare CPU and ratios, not rates.
The last lines are `figure NAME VALUE`.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.gateway.contenders import Contender, has_hive_router, hive_router, javascript, ours
from bench.gateway.data import OBJECTS, objects_in
from bench.gateway.load import Connection, Pace, steady, storm
from interop.supergraph import with_urls
from lanling_local.paths import REPOSITORY
from lanling_local.ports import HOST, free_ports
from lanling_local.processes import guarded

CLIENTS = 8
SHARERS = 50  # as many as in the published benchmark: what sharing saves grows with those who ask at once
WARM_SECONDS = 2.0
SECONDS = 4.0
RATE = 40.0  # a second, for latencies: what the slowest manages with ease
COUNTY = ("01-article-figures", "02-petitions-over-four-services", "04-where-am-i")
ONE_SUBGRAPH = "{ users { id name username } }"
SHARED_ALL = {"GATEWAY_SHARE_REQUESTS": "true"}


@dataclass(frozen=True)
class Result:
    cpu_ms: float
    rate: float
    requests: float


def say(line: str) -> None:
    print(line, flush=True)


@dataclass
class Stubs:
    """A federation whose subgraphs replay."""

    supergraph: Path
    port: int

    @property
    def count(self) -> int:
        with urllib.request.urlopen(f"http://{HOST}:{self.port}/") as answer:
            return int(answer.read())


@contextmanager
def stubs(folder: Path, supergraph: Path, *, is_made_up: bool) -> Iterator[Stubs]:
    """Of the SDL files in `folder`; `supergraph` is copied there with their addresses."""
    names = sorted(one.stem for one in folder.glob("*.graphql"))
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    copy = folder / "supergraph.graphql"
    copy.write_text(with_urls(supergraph.read_text(), lambda name: f"http://{HOST}:{ports[name]}/graphql"))
    command = [sys.executable, "-m", "bench.gateway.stub", str(folder), *(f"{one}={ports[one]}" for one in names)]
    with subprocess.Popen(guarded(command + ["--auto"] * is_made_up), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        try:
            yield Stubs(copy, ports[names[0]])
        finally:
            process.terminate()


async def measured(
    name: str, contender: Contender, stub: Stubs, body: bytes, objects: int | None, *, alike: bool
) -> Result:
    """Warm, then as fast as it goes, then at a fixed rate."""
    connection = await Connection.open(contender.port, contender.path)
    answer = json.loads(await connection.post(body))
    connection.close()
    clients = SHARERS if alike else CLIENTS
    assert "errors" not in answer, answer["errors"]
    assert objects is None or objects_in(answer["data"]) == objects + 1, objects_in(answer["data"])
    await storm(contender.port, contender.path, body, clients=clients, seconds=WARM_SECONDS, alike=alike)
    cpu, asked = contender.cpu, stub.count
    fast = await storm(contender.port, contender.path, body, clients=clients, seconds=SECONDS, alike=alike)
    done = len(fast.seconds)
    result = Result((contender.cpu - cpu) / done * 1000, fast.rate, (stub.count - asked) / done)
    even: Pace = await steady(contender.port, contender.path, body, rate=RATE, seconds=SECONDS / 2)
    say(
        f"{name:34} {result.cpu_ms:7.2f} ms CPU  {result.rate:6.0f} requests/s  "
        f"{result.requests:5.2f} subgraph requests  "
        f"p50 {even.percentile(0.5):5.1f}  p99 {even.percentile(0.99):5.1f} ms"
    )
    return result


def run(
    name: str,
    gateway: AbstractContextManager[Contender],
    stub: Stubs,
    body: bytes,
    objects: int | None = None,
    *,
    alike: bool = False,
) -> Result:
    """All requests are `alike`, so that gateways may share what is in flight, or each has credentials of its own."""
    with gateway as contender:
        return asyncio.run(measured(name, contender, stub, body, objects, alike=alike))


def body_of(text: str, variables: object = None) -> bytes:
    return json.dumps({"query": text, "variables": variables or {}}).encode()


def first_plan_ms(gateway: Contender) -> float:
    """From a text that the gateway has not seen to its answer, in milliseconds: the median of eleven."""

    async def ask() -> float:
        connection = await Connection.open(gateway.port, gateway.path)
        taken = []
        for number in range(11):
            body = body_of(f"# {number}\n{operation()}")
            started = time.perf_counter()
            await connection.post(body)
            taken.append(time.perf_counter() - started)
        connection.close()
        return sorted(taken)[5] * 1000

    return asyncio.run(ask())


def memory_of_many(gateway: Contender) -> float:
    """Megabytes with 1,000 operations cached, each asked often enough for its code to be made."""

    async def ask() -> None:
        connection = await Connection.open(gateway.port, gateway.path)
        for number in range(1000):
            body = body_of(f"# many {number}\n{operation()}")
            for _ in range(2):
                await connection.post(body)
        connection.close()

    asyncio.run(ask())
    return gateway.memory_mb


def operation() -> str:
    return (REPOSITORY / "gateway" / "tests" / "plans" / "benchmark.graphql").read_text()


def published(figures: dict[str, float], folder: Path) -> None:
    fixture = REPOSITORY / "gateway" / "tests" / "fixtures" / "benchmark"
    for one in fixture.glob("*.graphql"):
        if one.stem != "supergraph":
            shutil.copy(one, folder)
    body = body_of(operation())
    with stubs(folder, fixture / "supergraph.graphql", is_made_up=False) as stub:
        say("The published benchmark's operation:")
        file = stub.supergraph
        alone = run("ours", ours(file, {}), stub, body, OBJECTS)
        figures["gateway_cpu_ms"], figures["gateway_rps_per_process"] = alone.cpu_ms, alone.rate
        run("ours, subgraph requests shared", ours(file, {}), stub, body, OBJECTS, alike=True)
        together = run("ours, operations shared", ours(file, SHARED_ALL), stub, body, OBJECTS, alike=True)
        figures["gateway_shared_cpu_ms"] = together.cpu_ms
        if has_hive_router():
            found = run("hive-router", hive_router(file, shares=False), stub, body, OBJECTS)
            figures["hive_router_cpu_ms"] = found.cpu_ms
            run(
                "hive-router, subgraph requests shared", hive_router(file, shares=True), stub, body, OBJECTS, alike=True
            )
        rust = run("@graphql-hive/gateway, rust planner", javascript("hive-rust", file), stub, body, OBJECTS)
        figures["hive_gateway_rust_cpu_ms"] = rust.cpu_ms
        hive = run("@graphql-hive/gateway", javascript("hive", file), stub, body, OBJECTS)
        figures["hive_gateway_js_cpu_ms"] = hive.cpu_ms
        apollo = run("@apollo/gateway", javascript("apollo", file), stub, body, OBJECTS)
        figures["apollo_gateway_cpu_ms"] = apollo.cpu_ms
        single = run("ours, one subgraph, 6 objects", ours(file, {}), stub, body_of(ONE_SUBGRAPH))
        figures["gateway_one_subgraph_cpu_ms"] = single.cpu_ms
        with ours(file, {}) as contender:
            figures["first_plan_ms"] = first_plan_ms(contender)
            figures["gateway_rss_mb_1000_operations"] = memory_of_many(contender)


def county(folder: Path) -> None:
    schemas = REPOSITORY / "schemas"
    for one in (schemas / "subgraphs").glob("*.graphql"):
        shutil.copy(one, folder)
    with stubs(folder, schemas / "supergraph.graphql", is_made_up=True) as stub:
        for name in COUNTY:
            say(f"The county, {name}:")
            body = body_of((schemas / "examples" / f"{name}.graphql").read_text())
            run("ours", ours(stub.supergraph, {}), stub, body)
            if has_hive_router():
                run("hive-router", hive_router(stub.supergraph, shares=False), stub, body)
            run("@graphql-hive/gateway", javascript("hive", stub.supergraph), stub, body)


def main() -> None:
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        published(figures, Path(first))
        county(Path(second))
    for name, value in figures.items():
        say(f"figure {name} {value:.3g}")


if __name__ == "__main__":
    main()
