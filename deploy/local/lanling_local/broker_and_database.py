"""Kafka and MongoDB for a while: for one program, or until Ctrl-C."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from lanling_local.errors import Stopped
from lanling_local.processes import guarded
from lanling_local.signals import StopSignals
from lanling_local.stack import infrastructure


def run_with_infrastructure(program: Sequence[str]) -> int:
    """Run `program` with KAFKA_BOOTSTRAP_SERVERS and MONGODB_URI in its environment; returns its exit code.

    Without a program the variables are printed, and both servers stay until a stop signal.
    """
    with (
        StopSignals() as signals,
        tempfile.TemporaryDirectory(prefix="lanling-") as directory,
        infrastructure(Path(directory), report=_say, pause=signals.pause) as infra,
    ):
        if program:
            return _run(program, infra.environment, signals)
        for name, value in infra.environment.items():
            print(f"export {name}='{value}'", flush=True)
        try:
            while True:
                for child in infra.children:
                    child.raise_if_dead()
                signals.pause(0.5)
        except Stopped:
            return 0


def _run(program: Sequence[str], environment: dict[str, str], signals: StopSignals) -> int:
    # In our own process group: Ctrl-C of a terminal reaches it directly.
    process = subprocess.Popen(guarded(program), env={**os.environ, **environment})
    try:
        while process.poll() is None:
            signals.pause(0.1)
    except Stopped:
        process.terminate()
        process.wait()
        raise
    return process.returncode


def _say(line: str) -> None:
    print(f"# {line}", flush=True)
