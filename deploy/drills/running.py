"""The county of `make run`, as somebody outside sees it and an operator touches it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lanling_local import issuer
from lanling_local.configuration import Configuration
from lanling_local.parts import GATEWAY, Part, service_named
from lanling_local.stack import Infrastructure

SERIES = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$", re.MULTILINE)


class DrillError(Exception):
    """What was not seen, in one line."""


class Running:
    def __init__(self) -> None:
        self.configuration = Configuration()
        self.infrastructure = Infrastructure.running(self.configuration.infrastructure_ports)
        self.officer = issuer.issue(
            ["ORG_ADMIN", "AUDITOR"],
            subject="drill",
            scope={"countyWide": True},
            directory=self.configuration.directory / "issuer",
        )

    def ask(self, document: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """The whole answer of the gateway. Raises DrillError when there is none."""
        body = json.dumps({"query": document, "variables": variables or {}}).encode()
        headers = {"content-type": "application/json", "authorization": f"Bearer {self.officer}"}
        try:
            with urllib.request.urlopen(urllib.request.Request(GATEWAY.url, body, headers), timeout=60) as response:
                answer: dict[str, Any] = json.load(response)
                return answer
        except OSError as error:
            raise DrillError(
                f"the gateway does not answer at {GATEWAY.url} ({error}): is `make run` running?"
            ) from None

    def command(self) -> float:
        """One command that has an event: a unit of the drill. Returns its seconds."""
        (edge,) = self.ask("{ communities(first: 1) { edges { node { id } } } }")["data"]["communities"]["edges"]
        given = {"name": "演练 Drill", "communityId": edge["node"]["id"], "clientMutationId": f"drill-{time.time_ns()}"}
        document = "mutation($i: CreateResidentUnitInput!) { createResidentUnit(input: $i) { id } }"
        started = time.monotonic()
        answer = self.ask(document, {"i": given})
        if answer.get("errors"):
            raise DrillError(f"a command failed: {answer['errors'][0]['message']}")
        return time.monotonic() - started

    def metric(self, part: str, name: str, **labels: str) -> float:
        """The sum over the series of one process that have these labels; 0 when there are none."""
        port = service_named(part).port
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as response:
            text = response.read().decode()
        wanted = [f'{label}="{value}"' for label, value in labels.items()]
        found = [match for match in SERIES.findall(text) if match[0] == name]
        return sum(float(value) for _, own, value in found if all(one in own for one in wanted))

    def is_ready(self, part: str) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{service_named(part).port}/readyz", timeout=5) as response:
                return bool(response.status == 200)
        except OSError:
            return False

    def process_of(self, part: str) -> int:
        return listener(service_named(part).port)

    @property
    def kafka(self) -> int:
        """The process of the broker. Raises DrillError when it is not one of this machine."""
        return listener(self.configuration.infrastructure_ports.kafka)

    def operate(self, part: str, *arguments: str) -> str:
        """The operators' command line of a service."""
        service: Part = service_named(part)
        environment = self.configuration.service_environment(service, self.infrastructure)
        command = [*self.configuration.service_command(service, "events"), *arguments]
        done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)
        if done.returncode:
            raise DrillError(f"{' '.join(arguments)}: {(done.stderr or done.stdout).strip().splitlines()[-1]}")
        return done.stdout


def listener(port: int) -> int:
    """The process that listens on a port of loopback. Raises DrillError when there is none of this user."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()]
    rows += [line.split() for line in Path("/proc/net/tcp6").read_text().splitlines()]
    sockets = {f"socket:[{row[9]}]" for row in rows if row[1].endswith(f":{port:04X}") and row[3] == "0A"}
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if os.readlink(link) in sockets:
                return int(link.parts[2])
        except OSError:
            continue  # closed meanwhile, or somebody else's
    raise DrillError(f"nothing of yours listens on port {port}: is `make run` running?")


def freeze(pid: int) -> None:
    os.kill(pid, signal.SIGSTOP)


def thaw(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGCONT)
    except ProcessLookupError:
        pass  # it ended meanwhile


def eventually(what: str, look: Callable[[], bool], seconds: float = 60.0) -> float:
    """How many seconds it took until `look` was true. Raises DrillError after `seconds`."""
    started = time.monotonic()
    while True:
        try:
            if look():
                return time.monotonic() - started
        except (OSError, urllib.error.URLError):
            pass  # nobody answers just now
        if time.monotonic() - started > seconds:
            raise DrillError(f"not seen within {seconds:.0f} s: {what}")
        time.sleep(0.1)
