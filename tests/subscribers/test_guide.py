"""The commands of docs/subscribers.md, as the reader types them, on a broker that has some events."""

import asyncio
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from county import eventually
from lanling_local.paths import REPOSITORY
from lanling_local.processes import Child, stop
from lanling_local.secured_kafka import SecuredKafka
from lanling_local.stack import infrastructure
from lanling_local.topics import create_topics
from subscribers.plain import ORGANIZATION, SUBSCRIBER, activated, client, write

GUIDE = (REPOSITORY / "docs" / "subscribers.md").read_text()
COMMANDS = re.findall(r"^```sh\n(.+?)\n```$", GUIDE, re.MULTILINE | re.DOTALL)


def command(mark: str) -> str:
    """The only command of the guide that contains `mark`."""
    found: str
    (found,) = [each for each in COMMANDS if mark in each]
    return found


RUN, PYTHON, JAVA, KCAT = map(command, ("make run", "listen.py", "Listen.java", 'kcat -b "${'))
SECURED_KCAT = command("sasl.username")
LISTEN, SHOW, ASK = map(command, ("bidding_platform listen", "bidding_platform show", "bidding_platform ask"))


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
        environment.setenv("MONGODB_URI", "mongodb://none.test")  # subscribers need none
        with infrastructure(tmp_path_factory.mktemp("broker")) as infra:
            asyncio.run(create_topics(infra.kafka_bootstrap_servers))
            settings = {"bootstrap.servers": infra.kafka_bootstrap_servers}
            write(settings, ORGANIZATION, activated("consequence-1", "enterprise-1"), key="consequence-1")
            yield infra.kafka_bootstrap_servers


class Terminal:
    """A shell at the root of the repository; files that the commands make stay out of it."""

    def __init__(self, directory: Path, environment: dict[str, str]):
        for name in (".venv", "docs"):
            (directory / name).symlink_to(REPOSITORY / name)
        self._directory = directory
        self._environment = {**environment, "LC_ALL": "C.UTF-8"}
        self.children: list[Child] = []

    def start(self, line: str) -> Child:
        log = self._directory / f"{len(self.children)}.log"
        shell = ["sh", "-c", f"cd {self._directory} && {line}"]
        self.children.append(Child("command", shell, log=log, environment=self._environment))
        return self.children[-1]

    def run(self, line: str) -> tuple[int, str]:
        """Exit code and output."""
        done = subprocess.run(
            ["sh", "-c", line],
            cwd=self._directory,
            env={**os.environ, **self._environment},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr


@pytest.fixture
def terminal(tmp_path: Path, servers: str) -> Iterator[Terminal]:
    opened = Terminal(tmp_path, {"KAFKA_BOOTSTRAP_SERVERS": servers})
    yield opened
    stop(opened.children)


@pytest.fixture
def secured_terminal(tmp_path: Path, broker: SecuredKafka) -> Iterator[Terminal]:
    """On the secured broker, with what a subscriber got from the operators."""
    write(client(broker, "organization"), ORGANIZATION, activated("consequence-1", "enterprise-1"), key="consequence-1")
    opened = Terminal(tmp_path, broker.environment(SUBSCRIBER))
    yield opened
    stop(opened.children)


def librdkafka_of_kcat() -> tuple[int, ...]:
    """The version; empty without kcat."""
    if shutil.which("kcat") is None:
        return ()
    told = subprocess.run(["kcat", "-V"], capture_output=True, text=True, check=True).stdout
    (version,) = re.findall(r"librdkafka (\d+)\.(\d+)\.(\d+)", told)
    return tuple(map(int, version))


def shows_the_first_event(child: Child) -> bool:
    output = child.log.read_text()
    if "cn.lanling.consequence.activated.v1" in output:
        assert "consequence-1" in output
        return True
    child.raise_if_dead()
    return False


def test_every_command_of_the_guide_is_tried() -> None:
    # `make run` is what tests/scenarios start.
    assert COMMANDS == [RUN, PYTHON, JAVA, KCAT, LISTEN, SHOW, ASK, SECURED_KCAT]


def test_the_python_client(terminal: Terminal) -> None:
    child = terminal.start(PYTHON)
    eventually(lambda: shows_the_first_event(child), 60)


@pytest.mark.parametrize(
    "line", [PYTHON.replace("organization", "no-such-service"), f"KAFKA_BOOTSTRAP_SERVERS=127.0.0.1:1 {PYTHON}"]
)
def test_the_python_client_ends_with_a_line_where_it_cannot_read(terminal: Terminal, line: str) -> None:
    code, output = terminal.run(f"timeout 30 sh -c '{line}'")
    assert (code, "Traceback" in output) == (1, False)


def test_the_python_client_on_the_secured_broker(secured_terminal: Terminal) -> None:
    test_the_python_client(secured_terminal)


def test_the_java_client(terminal: Terminal) -> None:
    """`java` must be a JDK: a runtime without a compiler, as the broker's, starts no source file."""
    if shutil.which("javac") is None:
        assert "CI" not in os.environ, "machines of the CI have a JDK ≥ 17: install one there"
        pytest.skip("there is no JDK here: no javac on PATH")
    child = terminal.start(JAVA)
    eventually(lambda: shows_the_first_event(child), 90)


def test_the_java_client_ends_with_a_line_where_it_cannot_read(terminal: Terminal) -> None:
    if shutil.which("javac") is None:
        pytest.skip("there is no JDK here: no javac on PATH")
    code, output = terminal.run(f"timeout 60 {JAVA.replace('organization', 'no-such-service')}")
    assert (code, "\tat " in output) == (1, False)


def test_the_java_client_on_the_secured_broker(secured_terminal: Terminal) -> None:
    test_the_java_client(secured_terminal)


@pytest.mark.skipif(shutil.which("kcat") is None, reason="kcat is not installed here")
def test_kcat(terminal: Terminal) -> None:
    child = terminal.start(KCAT)
    eventually(lambda: shows_the_first_event(child), 60)


def test_kcat_on_the_secured_broker(secured_terminal: Terminal) -> None:
    version = librdkafka_of_kcat()
    if version < (2, 6, 1):
        pytest.skip(f"there is no kcat here with a librdkafka whose SCRAM the broker accepts: {version}")
    child = secured_terminal.start(SECURED_KCAT)
    eventually(lambda: shows_the_first_event(child), 60)


def test_the_example_system(terminal: Terminal) -> None:
    assert terminal.run(SHOW) == (0, "not all events have been read yet\n")
    assert terminal.run(ASK)[0] == 2
    terminal.start(LISTEN)
    restricted = "enterprise-1 may not bid from 2026-02-01 to 2026-07-31 (consequence consequence-1)\n"
    eventually(lambda: terminal.run(SHOW) == (0, restricted), 60)
    ask = ASK.replace("ENTERPRISE", "enterprise-1")
    assert terminal.run(ask) == (1, "may not bid\n")
    assert terminal.run(ask.replace("2026-03-01", "2026-08-01")) == (0, "may bid\n")
    assert terminal.run(ASK) == (0, "may bid\n")


@pytest.mark.parametrize(
    ("change", "told"),
    [(("2026-03-01", "2026-3-1"), "invalid day value: '2026-3-1'"), (("ask", "--database / ask"), "cannot use /: ")],
)
def test_what_cannot_be_asked_is_unknown_and_one_line(terminal: Terminal, change: tuple[str, str], told: str) -> None:
    code, output = terminal.run(ASK.replace(*change))
    assert (code, told in output, "Traceback" in output) == (2, True, False)
