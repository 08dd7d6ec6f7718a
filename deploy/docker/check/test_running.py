"""How a container starts and stops."""

from __future__ import annotations

import socket
import time

import pytest

from lanling_images.names import Recipe
from lanling_local.ports import HOST

from .running import Runner

START_SECONDS = 2.0
TRIES = 3
QUESTION = b'{"query": "{ __typename }"}'


@pytest.fixture(autouse=True)
def migrated(runner: Runner, recipe: Recipe) -> None:
    """The database is of the image's version, as before every deployment."""
    if recipe.name != "gateway":
        runner.migrate(recipe)


def test_starts_within_two_seconds_on_a_read_only_root(runner: Runner, recipe: Recipe) -> None:
    # What others do on the machine is no property of the image.
    own = []
    for _ in range(TRIES):
        running = runner.run(recipe)
        ready = running.wait_ready()
        own.append(ready - running.waited_for_processor())
        print(f"{recipe.name} ready after {ready:.2f} s, {own[-1]:.2f} s without waiting for a processor")
        running.container.stop(timeout=25)

    assert min(own) <= START_SECONDS


def test_the_engine_sees_that_it_is_healthy(runner: Runner, recipe: Recipe) -> None:
    running = runner.run(recipe)
    deadline = time.monotonic() + 60
    status = "starting"
    while status == "starting" and time.monotonic() < deadline:
        time.sleep(0.2)
        running.container.reload()
        status = running.container.attrs["State"]["Health"]["Status"]

    assert status == "healthy", running.container.attrs["State"]["Health"]["Log"]


def test_a_stop_lets_the_running_request_end_and_takes_no_new_one(runner: Runner, recipe: Recipe) -> None:
    running = runner.run(recipe)
    running.wait_ready()
    with socket.create_connection((HOST, running.port), timeout=15) as client:
        head = f"POST /graphql HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\n"
        client.sendall(f"{head}Content-Length: {len(QUESTION)}\r\n\r\n".encode() + QUESTION[:10])
        time.sleep(0.3)  # the request is in hand
        running.container.kill("SIGTERM")
        deadline = time.monotonic() + 5
        while running.status("/readyz") == 200 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert running.status("/readyz") != 200
        client.sendall(QUESTION[10:])
        answer = client.recv(65536)

    assert answer.startswith(b"HTTP/1.1 200 "), answer
    assert running.wait_exit(20) == 0, running.log()


def test_a_gateway_of_several_workers_ends_as_one_of_one(runner: Runner, recipe: Recipe) -> None:
    if recipe.name != "gateway":
        pytest.skip("a service is one process")
    running = runner.run(recipe, GATEWAY_WORKERS="2")
    running.wait_ready()
    running.container.kill("SIGTERM")

    assert running.wait_exit(20) == 0, running.log()
    assert "Traceback" not in running.log()


def test_a_stop_in_the_first_moment_is_not_lost(runner: Runner, recipe: Recipe) -> None:
    running = runner.run(recipe)
    time.sleep(0.3)
    began = time.monotonic()
    running.container.kill("SIGTERM")

    assert running.wait_exit(20) in (0, 143)
    assert time.monotonic() - began < 5


def test_a_missing_setting_is_told_in_one_line(runner: Runner, recipe: Recipe) -> None:
    code, output = runner.output(recipe, "serve", environment={})

    assert code == 2
    missing = "GATEWAY_SUPERGRAPH" if recipe.name == "gateway" else "MONGODB_URI"
    assert len([line for line in output.splitlines() if missing in line]) == 1
    assert "Traceback" not in output
