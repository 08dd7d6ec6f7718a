"""The whole county for tests that cross services: started once, as a user starts it, on ports and data of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector import Collector, collecting
from county import County
from lanling_local.ports import free_ports
from lanling_local.processes import guarded

START_SECONDS = 240
OWN_VARIABLES = ("KAFKA_BOOTSTRAP_SERVERS", "MONGODB_URI", "TOPIC_PREFIX")
PARTS = ("GATEWAY", "ORGANIZATION", "GRID", "PETITION", "POINTS", "RED_PARTNER", "NEW_EMPLOYMENT_GROUP")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What reads whole topics comes last, in whatever order it was asked for: by then all others have written."""
    items.sort(key=lambda item: "topics" in item.path.parts)


@pytest.fixture(scope="session")
def collector() -> Iterator[Collector]:
    """Where the county sends its spans."""
    with collecting() as collector:
        yield collector


@pytest.fixture(scope="session")
def county(tmp_path_factory: pytest.TempPathFactory, collector: Collector) -> Iterator[County]:
    """The county of the demonstration data behind its gateway. Stopped at the end, as Ctrl-C stops it."""
    directory = tmp_path_factory.mktemp("county")
    names = [f"{part}_PORT" for part in (*PARTS, "KAFKA", "KAFKA_CONTROLLER", "MONGODB")]
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    environment = {name: value for name, value in os.environ.items() if name not in OWN_VARIABLES}
    environment |= {name: str(port) for name, port in ports.items()} | {"LANLING_RUN_DIRECTORY": str(directory)}
    environment |= {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "500"}
    output = directory / "run.log"
    with output.open("w") as log:
        process = subprocess.Popen(
            # Guarded: should the tests be killed, the county goes with them.
            guarded([sys.executable, "-m", "lanling_local", "run"]),
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until_ready(process, output)
        yield County(directory, ports, process.pid)
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0, output.read_text()[-2000:]


def wait_until_ready(process: "subprocess.Popen[bytes]", output: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while "ready: " not in output.read_text():
        assert process.poll() is None, output.read_text()[-4000:]
        assert time.monotonic() < deadline, output.read_text()[-4000:]
        time.sleep(0.2)
