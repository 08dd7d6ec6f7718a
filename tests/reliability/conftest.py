"""Small counties: a few services on the tests' broker and database, with a prefix of their own, and perhaps a bug."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from time import sleep
from uuid import uuid4

import pytest

from lanling_local.stack import Infrastructure, infrastructure
from reliability.faults import Faults
from reliability.plan import Planned
from reliability.proof import QUIET_SECONDS, Verdict, prove
from reliability.stack import Processes, configuration_on_free_ports

Small = Callable[..., Verdict]


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Infrastructure]:
    """Broker and database: those that the environment names, else own ones."""
    with infrastructure(tmp_path_factory.mktemp("servers")) as running:
        yield running


@pytest.fixture
def small_county(servers: Infrastructure, tmp_path: Path) -> Iterator[Callable[..., Processes]]:
    """`small_county(bug, *services)`: started, without a gateway, stopped at the end of the test."""
    started: list[Processes] = []

    def start(bug: str, *services: str) -> Processes:
        configuration = configuration_on_free_ports(tmp_path, services)
        processes = Processes(configuration, servers, f"proof-{uuid4().hex[:8]}", bug)
        started.append(processes)
        processes.create_topics()
        processes.start_all(gateway=False)
        return processes

    yield start
    for processes in started:
        processes.stop()


@pytest.fixture
def proof(small_county: Callable[..., Processes]) -> Small:
    """`proof(bug, services, stories, *faults)`: the verdict on a few commands of these services under these faults."""

    def proved(bug: str, services: tuple[str, ...], stories: tuple[str, ...], *planned: Planned) -> Verdict:
        processes = small_county(bug, *services)
        place = replace(processes.place(gateway=False), stories=stories)
        faults = Faults(processes, None, planned, place.faults)
        return prove(place, faults, COMMANDS, 1, sleep, LOST_SECONDS if bug else QUIET_SECONDS)

    return proved


COMMANDS = 80
# What a bug has lost never arrives: there is no sense in waiting longer for it.
LOST_SECONDS = 30.0
