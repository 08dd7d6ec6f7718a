"""The served process: a real socket, a real signal."""

import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from lanling_local.ports import accepts_connections, free_ports
from lanling_local.processes import wait_until

PROGRAM = """
import asyncio, os, strawberry
from govkit.runtime.app import create_app, serve
from govkit.runtime.logs import configure_logs
from govkit.runtime.settings import ServiceSettings, load_settings

@strawberry.type
class Query:
    @strawberry.field
    async def slow(self) -> str:
        print("asked", flush=True)
        while not os.path.exists(os.environ["RELEASE"]):
            await asyncio.sleep(0.05)
        return "done"

class Task:
    async def start(self): print("task started", flush=True)
    async def stop(self): print("task stopped", flush=True)

async def context(request): return None

settings = load_settings(ServiceSettings)
configure_logs("things", settings.log_level)
serve(create_app("things", strawberry.Schema(Query), context, background=[Task()]), settings)
"""


def environment(port: int, release: Path = Path("none")) -> dict[str, str]:
    """The field `slow` has its answer when there is the file `release`."""
    return os.environ | {
        "RELEASE": str(release),
        "SERVICE_PORT": str(port),
        "MONGODB_URI": "mongodb://127.0.0.1:1",
        "MONGODB_DATABASE": "things",
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
        "JWKS_URL": "file:///nowhere",
        "JWT_ISSUER": "https://issuer.test",
        "JWT_AUDIENCE": "lanling",
    }


@pytest.fixture
def port() -> int:
    return free_ports(1)[0]


@pytest.fixture
def served(port: int, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (tmp_path / "log").open("wb") as log:
        command = [sys.executable, "-W", "error", "-c", PROGRAM]
        environ = environment(port, tmp_path / "release")
        process = subprocess.Popen(command, env=environ, stdout=log, stderr=subprocess.STDOUT)
    try:
        wait_until_live(port)
        yield process
    finally:
        process.kill()
        process.wait()


def wait_until_live(port: int) -> None:
    wait_until({"it": lambda: accepts_connections(port)}, [], timeout_seconds=60)


def test_sigterm_drains(served: subprocess.Popen[bytes], port: int, tmp_path: Path) -> None:
    answers: list[httpx.Response] = []

    def ask() -> None:
        answers.append(httpx.post(f"http://127.0.0.1:{port}/graphql", json={"query": "{ slow }"}, timeout=60))

    asking = threading.Thread(target=ask)
    asking.start()
    wait_until({"asked": lambda: "asked" in (tmp_path / "log").read_text()}, [], timeout_seconds=60)
    served.send_signal(signal.SIGTERM)
    wait_until({"refused": lambda: not accepts_connections(port)}, [], timeout_seconds=60)
    (tmp_path / "release").touch()
    asking.join()
    assert answers[0].json() == {"data": {"slow": "done"}}
    assert served.wait(60) == 0
    lines = (tmp_path / "log").read_text().splitlines()
    plain = [line for line in lines if not line.startswith("{")]
    assert plain == ["task started", "asked", "task stopped"]


def test_idle_connections_are_the_clients_to_close(served: subprocess.Popen[bytes], port: int) -> None:
    idle = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    assert status(idle) == 200
    opened = idle.sock
    time.sleep(6)  # longer than uvicorn's default, and than a client of Node's keeps one
    assert status(idle) == 200
    assert idle.sock is opened
    served.send_signal(signal.SIGTERM)
    assert served.wait(15) == 0  # an idle connection holds up no drain, which may take 20 seconds
    idle.close()


def status(connection: http.client.HTTPConnection) -> int:
    connection.request("GET", "/livez")
    response = connection.getresponse()
    response.read()
    return response.status


def test_a_body_of_50_megabytes_gets_its_answer(served: subprocess.Popen[bytes], port: int) -> None:
    answer = httpx.post(f"http://127.0.0.1:{port}/graphql", content=b"x" * (50 << 20), timeout=60)
    assert answer.status_code == 413
    assert answer.json()["errors"][0]["extensions"]["code"] == "PAYLOAD_TOO_LARGE"
    assert httpx.get(f"http://127.0.0.1:{port}/livez").status_code == 200


def test_taken_port(served: subprocess.Popen[bytes], port: int) -> None:
    command = [sys.executable, "-c", PROGRAM]
    second = subprocess.run(command, env=environment(port), capture_output=True, text=True, timeout=60, check=False)
    assert second.returncode == 3
    assert "Address already in use" in second.stdout
    # What would take over from the first process has not begun.
    assert "task started" not in second.stdout
