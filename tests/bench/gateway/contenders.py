"""The gateways as processes on loopback, and what they cost."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from bench.processes import cpu_seconds
from interop.peer import Peer
from lanling_local.ports import HOST, free_ports
from lanling_local.processes import guarded

ROUTERS = ("hive-router", "hive_router")  # its own name, and what cargo installs
START_SECONDS = 60.0


@dataclass
class Contender:
    """A gateway that serves. `pids` are all its processes."""

    port: int
    path: str
    pids: set[int] = field(default_factory=set)

    @property
    def cpu(self) -> float:
        """User and system seconds so far."""
        return sum(map(cpu_seconds, self.pids))

    @property
    def memory_mb(self) -> float:
        pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in self.pids)
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@contextmanager
def ours(supergraph: Path, settings: Mapping[str, str]) -> Iterator[Contender]:
    (port,) = free_ports(1)
    command = [sys.executable, "-m", "gateway", "serve", "--supergraph", str(supergraph), "--port", str(port)]
    with _process(command, port, {"GATEWAY_LOG_LEVEL": "ERROR", **settings}) as contender:
        yield contender


@contextmanager
def javascript(name: str, supergraph: Path) -> Iterator[Contender]:
    """`name` is one of `interop.peer.NAMES`."""
    before = _descendants(os.getpid())
    with Peer(name) as peer:
        peer.serve(supergraph.read_text())
        url = urlsplit(peer.url)
        assert url.port is not None
        yield Contender(url.port, url.path, _descendants(os.getpid()) - before)


@contextmanager
def hive_router(supergraph: Path, *, shares: bool) -> Iterator[Contender]:
    """Only on loopback, as the configuration says that it is given before its start."""
    command = next(filter(None, map(shutil.which, ROUTERS)))
    assert command is not None
    (port,) = free_ports(1)
    configuration = {
        "supergraph": {"source": "file", "path": str(supergraph)},
        "http": {"host": HOST, "port": port},
        "log": {"level": "error"},
        "traffic_shaping": {"all": {"dedupe_enabled": shares}},
    }
    file = supergraph.with_name(f"router-{shares}.json")
    file.write_text(json.dumps(configuration))
    with _process([command], port, {"ROUTER_CONFIG_FILE_PATH": str(file)}) as contender:
        yield contender


def has_hive_router() -> bool:
    return any(map(shutil.which, ROUTERS))


@contextmanager
def _process(command: list[str], port: int, environment: Mapping[str, str]) -> Iterator[Contender]:
    before = _descendants(os.getpid())
    process = subprocess.Popen(guarded(command), env={**os.environ, **environment}, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _answers(port):
            assert process.poll() is None, f"{command[0]} has ended"
            assert time.monotonic() < deadline, f"{command[0]} does not serve"
            time.sleep(0.05)
        yield Contender(port, "/graphql", _descendants(os.getpid()) - before)
    finally:
        process.terminate()
        process.wait()


def _answers(port: int) -> bool:
    """Whether the gateway has its supergraph: some listen before."""
    headers = {"content-type": "application/json", "accept": "application/json"}
    request = urllib.request.Request(f"http://{HOST}:{port}/graphql", b'{"query":"{__typename}"}', headers)
    try:
        with urllib.request.urlopen(request, timeout=START_SECONDS) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _descendants(pid: int) -> set[int]:
    children = {int(one) for file in Path(f"/proc/{pid}/task").glob("*/children") for one in file.read_text().split()}
    return children.union(*map(_descendants, children))
