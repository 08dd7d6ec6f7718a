"""`make run`, with small services in the place of the real ones: everything else is what users get."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lanling_local.ports import HOST, free_ports, is_free
from lanling_local.restarts import MOST_RESTARTS
from lanling_local.stack import Infrastructure, infrastructure

TOY_COUNTY = Path(__file__).with_name("toy_county.py")
SECONDS = 60


@pytest.fixture(scope="module")
def infra(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Infrastructure]:
    with infrastructure(tmp_path_factory.mktemp("infrastructure")) as started:
        yield started


class County:
    """A running `toy_county.py`, and what it has printed."""

    def __init__(self, directory: Path, environment: dict[str, str], ports: list[int] | None = None) -> None:
        self.ports = ports or free_ports(3)
        self.output = directory / f"output-{time.monotonic_ns()}"
        with self.output.open("wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, str(TOY_COUNTY), str(directory), *map(str, self.ports)],
                env={**without_servers(), **environment},
                stdout=file,
                stderr=subprocess.STDOUT,
            )

    def lines(self) -> list[str]:
        return self.output.read_text().splitlines()

    def wait_until_ready(self) -> None:
        ready = f"ready: http://{HOST}:{self.ports[0]}/graphql"
        wait_for(lambda: self.process.poll() is not None or self.lines()[-1:] == [ready])
        assert self.lines()[-1] == ready

    def wait(self) -> int:
        return self.process.wait(SECONDS)

    def descendants(self) -> list[int]:
        """Process ids of the children; a child of ours has no children."""
        return [
            int(pid) for pid in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        ]


@contextmanager
def county(directory: Path, environment: dict[str, str], ports: list[int] | None = None) -> Iterator[County]:
    started = County(directory, environment, ports)
    try:
        yield started
    finally:
        if started.process.poll() is None:
            started.process.kill()
            started.process.wait()


def without_servers() -> dict[str, str]:
    skipped = ("KAFKA_BOOTSTRAP_SERVERS", "MONGODB_URI", "MAKELEVEL")
    return {**{name: value for name, value in os.environ.items() if name not in skipped}, "TOPIC_PREFIX": "toy"}


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("stop_signal", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_loads_the_data_gets_ready_and_stops_on_a_signal(
    tmp_path: Path, infra: Infrastructure, stop_signal: signal.Signals
) -> None:
    with county(tmp_path, infra.environment) as running:
        running.wait_until_ready()
        assert any(line.endswith("toy-first: lanling_toy_first: 3 of 3 loaded") for line in running.lines())
        pids = running.descendants()
        assert len(pids) == 3
        running.process.send_signal(stop_signal)
        assert running.wait() == 0
        assert running.lines()[-1].startswith("stopped:")
        assert not any(is_alive(pid) for pid in pids)
        assert all(is_free(port) for port in running.ports)


def test_sigkill_leaves_no_process_and_no_port_and_the_next_start_has_the_data(tmp_path: Path) -> None:
    with county(tmp_path, {}) as running:
        running.wait_until_ready()
        pids = running.descendants()
        assert len(pids) == 5
        running.process.kill()
        running.wait()
        wait_for(lambda: not any(is_alive(pid) for pid in pids))
        assert all(is_free(port) for port in running.ports)
    with county(tmp_path, {}) as again:
        again.wait_until_ready()
        assert not any("loaded" in line for line in again.lines())  # kept, and known to be kept
        again.process.send_signal(signal.SIGINT)
        assert again.wait() == 0


def test_the_second_start_in_a_directory_names_the_first(tmp_path: Path, infra: Infrastructure) -> None:
    with county(tmp_path, infra.environment) as first:
        first.wait_until_ready()
        with county(tmp_path, infra.environment) as second:
            assert second.wait() == 1
            (line,) = second.lines()
            assert f"runs already, with pid {first.process.pid}" in line
        assert first.process.poll() is None


def test_a_taken_port_is_named_with_its_variable(tmp_path: Path, infra: Infrastructure) -> None:
    with county(tmp_path, infra.environment) as first:
        first.wait_until_ready()
        directory = tmp_path / "other"
        directory.mkdir()
        ports = [*free_ports(2), first.ports[2]]
        with county(directory, infra.environment, ports) as second:
            assert second.wait() == 1
            (line,) = second.lines()
            assert line.startswith(f"error: port {ports[2]} of toy-second is taken: stop what listens there, or set ")
            assert "TOY_SECOND_PORT" in line


@pytest.mark.parametrize("command", ["serve", "seed"])
def test_a_part_that_fails_to_start_is_named_with_its_last_words(
    tmp_path: Path, infra: Infrastructure, command: str
) -> None:
    with county(tmp_path, {**infra.environment, "TOY_FAILS": command}) as running:
        assert running.wait() == 1
        lines = running.lines()
        assert "ValueError: no luck with" in "\n".join(lines)
        assert lines[-1].startswith("error: ")
        assert "toy-second ended with exit code 1; its log is " in lines[-1]
        assert all(is_free(port) for port in running.ports)


def test_a_part_that_dies_is_started_again_and_the_others_go_on(tmp_path: Path, infra: Infrastructure) -> None:
    with county(tmp_path, infra.environment) as running:
        running.wait_until_ready()
        first, *others = running.descendants()
        os.kill(first, signal.SIGKILL)
        wait_for(lambda: not is_free(running.ports[1]) and first not in running.descendants())
        assert set(others) <= set(running.descendants())
        assert running.lines()[-1].startswith("toy-first ended with code -9: starting it again; its last log is ")
        running.process.send_signal(signal.SIGINT)
        assert running.wait() == 0


def test_a_part_that_keeps_dying_stops_the_county(tmp_path: Path, infra: Infrastructure) -> None:
    with county(tmp_path, infra.environment) as running:
        running.wait_until_ready()
        first, *others = running.descendants()
        for _ in range(MOST_RESTARTS + 1):
            os.kill(first, signal.SIGKILL)
            first = successor(running, others, first)
        assert running.wait() == 1
        assert running.lines()[-1].startswith("error: toy-first keeps dying; its log is ")
        assert not any(is_alive(pid) for pid in others)


def successor(running: County, others: list[int], dead: int) -> int:
    """The process that takes the place of the dead one; the dead one when the county ends instead."""
    found = [dead]

    def appeared() -> bool:
        if running.process.poll() is None:
            found[:] = [pid for pid in running.descendants() if pid not in (dead, *others)] or found
        return running.process.poll() is not None or found != [dead]

    wait_for(appeared)
    return found[0]


def test_a_signal_during_the_start_stops_what_was_started(tmp_path: Path) -> None:
    with county(tmp_path, {}) as running:
        wait_for(lambda: len(running.descendants()) >= 2)
        pids = running.descendants()
        running.process.send_signal(signal.SIGINT)
        assert running.wait() == 0
        assert not any(is_alive(pid) for pid in pids)
