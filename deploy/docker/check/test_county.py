"""The county of compose.yaml, with stand-ins for broker and database: up in one go, asked, restarted, taken down."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import docker
import httpx
import pytest

from lanling_local.parts import GATEWAY, services
from lanling_local.paths import REPOSITORY
from lanling_local.ports import HOST, free_ports

from .stand_ins import KAFKA, MONGODB, build_stand_ins

DIRECTORY = REPOSITORY / "deploy" / "docker"
PROJECT = "lanling-check"
SECONDS = 900
FIGURES = "{ organizationStatistics { communities workers } petitionStatistics { petitionsResolved } }"
UNSIGNED = """
import urllib.error, urllib.request
request = urllib.request.Request("http://points:8000/graphql", b'{"query": "{ __typename }"}')
request.add_header("content-type", "application/json")
try:
    urllib.request.urlopen(request)
except urllib.error.HTTPError as error:
    print(error.code, error.read().decode())
"""


def compose_command() -> list[str]:
    """The plugin or the command of its own; none where neither is there in its second edition."""
    for command in (["docker", "compose"], ["docker-compose"]):
        try:
            said = subprocess.run([*command, "version", "--short"], capture_output=True, text=True, check=False)
        except FileNotFoundError:
            continue
        if said.returncode == 0 and said.stdout.lstrip("v")[:2] > "1.":
            return command
    return []


@dataclass
class Compose:
    command: list[str]
    environment: dict[str, str]

    def run(self, *arguments: str) -> str:
        files = ["--project-directory", str(DIRECTORY), "--env-file", str(DIRECTORY / ".env.example")]
        done = subprocess.run(
            [*self.command, "-p", PROJECT, *files, *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    def up(self) -> None:
        started = time.monotonic()
        self.run("up", "-d")
        print(f"figure compose_up_seconds {time.monotonic() - started:.0f}")

    def ask(self, query: str, role: str) -> Any:
        """As `docs/images.md` has it, as soon as the gateway is healthy."""
        token = subprocess.run(
            ["make", "-s", "token", f"ROLE={role}"], cwd=REPOSITORY, capture_output=True, text=True, check=True
        ).stdout.strip()
        port = self.environment["GATEWAY_PORT"]
        headers = {"authorization": f"Bearer {token}"}
        answer = httpx.post(f"http://{HOST}:{port}/graphql", json={"query": query}, headers=headers, timeout=30).json()
        assert "errors" not in answer, answer
        return answer["data"]

    def states(self) -> dict[str, str]:
        """Of each container of the county: its health, or how it ended."""
        rows = [json.loads(line) for line in self.run("ps", "-a", "--format", "json").splitlines()]
        return {row["Service"]: row["Health"] or f"{row['State']} {row['ExitCode']}" for row in rows}

    def wait_healthy(self) -> None:
        deadline = time.monotonic() + 60
        while self.states()[GATEWAY.name] != "healthy":
            assert time.monotonic() < deadline, self.states()
            time.sleep(1)


@pytest.fixture(scope="module")
def compose(engine: docker.DockerClient, version: str) -> Iterator[Compose]:
    command = compose_command()
    if not command:
        pytest.skip("docker compose does not answer: the county of compose.yaml is not tried")
    build_stand_ins(engine)
    subprocess.run([str(DIRECTORY / "prepare.sh")], check=True, stdout=subprocess.DEVNULL)
    own = {"VERSION": version, "KAFKA_IMAGE": KAFKA, "MONGODB_IMAGE": MONGODB, "GATEWAY_PORT": str(free_ports(1)[0])}
    compose = Compose(command, {**os.environ, **own})
    compose.run("down", "-v")
    try:
        yield compose
    finally:
        compose.run("down", "-v")


def test_comes_up_in_one_go_and_is_there_after_a_restart(engine: docker.DockerClient, compose: Compose) -> None:
    compose.up()
    compose.wait_healthy()
    names = [part.name for part in services()]
    jobs = {"replica-set", "topics", *(f"{name}-migration" for name in names)}
    healthy = dict.fromkeys((*names, GATEWAY.name, "kafka", "mongodb"), "healthy")
    assert compose.states() == {**healthy, **dict.fromkeys(jobs, "exited 0")}
    assert compose.ask(FIGURES, "AUDITOR")["organizationStatistics"] == {"communities": 0, "workers": 0}
    person = compose.ask('mutation { createPerson(input: {name: "示例"}) { id } }', "ORG_ADMIN")["createPerson"]

    gateway = engine.containers.get(f"{PROJECT}-{GATEWAY.name}-1")
    said = gateway.exec_run(["python", "-c", UNSIGNED]).output.decode()
    assert said.startswith("401 "), said
    assert "GATEWAY_SIGNATURE_INVALID" in said

    compose.run("down")
    assert not compose.states()
    compose.up()
    compose.wait_healthy()
    assert compose.ask(f'{{ person(id: "{person["id"]}") {{ id }} }}', "AUDITOR") == {"person": person}

    compose.run("down", "-v")
    assert not compose.states()
    assert not engine.volumes.list(filters={"label": f"com.docker.compose.project={PROJECT}"})
