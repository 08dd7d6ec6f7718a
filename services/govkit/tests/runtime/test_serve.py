"""The served process: a real socket, a real signal."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

PROGRAM = """
import asyncio, strawberry
from govkit.runtime.app import create_app, serve
from govkit.runtime.logs import configure_logs
from govkit.runtime.settings import ServiceSettings, load_settings

@strawberry.type
class Query:
    @strawberry.field
    async def slow(self) -> str:
        await asyncio.sleep(1)
        return "done"

class Task:
    async def start(self): print("task started", flush=True)
    async def stop(self): print("task stopped", flush=True)

async def context(request): return None

settings = load_settings(ServiceSettings)
configure_logs("things", settings.log_level)
serve(create_app("things", strawberry.Schema(Query), context, background=[Task()]), settings)
"""


def environment(port: int) -> dict[str, str]:
    return os.environ | {
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
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def served(port: int, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (tmp_path / "log").open("wb") as log:
        command = [sys.executable, "-W", "error", "-c", PROGRAM]
        process = subprocess.Popen(command, env=environment(port), stdout=log, stderr=subprocess.STDOUT)
    try:
        wait_until_live(port)
        yield process
    finally:
        process.kill()
        process.wait()


def wait_until_live(port: int) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            httpx.get(f"http://127.0.0.1:{port}/livez")
        except httpx.TransportError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            return


def test_sigterm_drains(served: subprocess.Popen[bytes], port: int, tmp_path: Path) -> None:
    answers: list[httpx.Response] = []

    def ask() -> None:
        answers.append(httpx.post(f"http://127.0.0.1:{port}/graphql", json={"query": "{ slow }"}, timeout=10))

    asking = threading.Thread(target=ask)
    asking.start()
    time.sleep(0.4)
    served.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/livez")
    asking.join()
    assert answers[0].json() == {"data": {"slow": "done"}}
    assert served.wait(10) == 0
    lines = (tmp_path / "log").read_text().splitlines()
    plain = [line for line in lines if not line.startswith("{")]
    assert plain == ["task started", "task stopped"]


def test_idle_connections_are_the_clients_to_close(served: subprocess.Popen[bytes], port: int) -> None:
    idle = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    assert status(idle) == 200
    opened = idle.sock
    time.sleep(6)  # longer than uvicorn's default, and than a client of Node's keeps one
    assert status(idle) == 200
    assert idle.sock is opened
    served.send_signal(signal.SIGTERM)
    assert served.wait(5) == 0  # an idle connection holds up no drain
    idle.close()


def status(connection: http.client.HTTPConnection) -> int:
    connection.request("GET", "/livez")
    response = connection.getresponse()
    response.read()
    return response.status


def test_a_body_of_50_megabytes_gets_its_answer(served: subprocess.Popen[bytes], port: int) -> None:
    answer = httpx.post(f"http://127.0.0.1:{port}/graphql", content=b"x" * (50 << 20), timeout=20)
    assert answer.status_code == 413
    assert answer.json()["errors"][0]["extensions"]["code"] == "PAYLOAD_TOO_LARGE"
    assert httpx.get(f"http://127.0.0.1:{port}/livez").status_code == 200


def test_taken_port(served: subprocess.Popen[bytes], port: int) -> None:
    command = [sys.executable, "-c", PROGRAM]
    second = subprocess.run(command, env=environment(port), capture_output=True, text=True, timeout=20, check=False)
    assert second.returncode == 3
    assert "Address already in use" in second.stdout
    # What would take over from the first process has not begun.
    assert "task started" not in second.stdout
