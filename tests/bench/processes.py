"""Services as processes of their own, and what they cost."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from govkit.testing.tokens import AUDIENCE, ISSUER, Issuer
from lanling_local.ports import HOST, free_ports
from lanling_local.stack import Infrastructure

TICKS = os.sysconf("SC_CLK_TCK")
PREFIX = "bench"


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


@dataclass
class Place:
    """Where a service runs, one process after another."""

    package: str
    port: int
    notes: Path
    environment: dict[str, str]
    process: "subprocess.Popen[bytes] | None" = None

    @classmethod
    def of(cls, package: str, infra: Infrastructure, issuer: Issuer, directory: Path) -> "Place":
        (port,) = free_ports(1)
        environment = {
            **os.environ,
            **infra.environment,
            "SERVICE_HOST": HOST,
            "SERVICE_PORT": str(port),
            "MONGODB_DATABASE": f"bench_{package}",
            "TOPIC_PREFIX": PREFIX,
            "JWKS_URL": issuer.jwks_url,
            "JWT_ISSUER": ISSUER,
            "JWT_AUDIENCE": AUDIENCE,
            "DEMO_DATA": "1",
            "LOG_LEVEL": "WARNING",
        }
        return cls(package, port, directory / f"{package}.json", environment)

    def start(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "bench.served", self.package, str(self.notes)]
        self.process = subprocess.Popen(command, env=self.environment)
        return self.process

    def kill(self, signum: int = signal.SIGKILL) -> None:
        if self.process is not None:
            self.process.send_signal(signum)
            self.process.wait()
            self.process = None

    def noted(self) -> Any:
        """What the running process has noted so far."""
        assert self.process is not None
        self.notes.unlink(missing_ok=True)
        self.process.send_signal(signal.SIGUSR1)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            time.sleep(0.05)
            if self.notes.exists():
                try:
                    return orjson.loads(self.notes.read_bytes())
                except orjson.JSONDecodeError:
                    continue
        raise TimeoutError(f"{self.package} did not write its notes")


@contextmanager
def started(place: Place) -> Iterator["subprocess.Popen[bytes]"]:
    process = place.start()
    try:
        yield process
    finally:
        place.kill(signal.SIGTERM)


def pin(pid: int, cores: set[int]) -> None:
    """Let all threads of a process run on these cores only."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(task.name), cores)
