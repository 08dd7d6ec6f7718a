"""Child processes of the stack: started with a log file, watched, and stopped together."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from lanling_local.errors import StackError

GUARD = Path(__file__).with_name("guard.py")
POLL_SECONDS = 0.05
REPORT_SECONDS = 5.0
_LOOKS_LIKE_AN_ERROR = re.compile(r'\b(ERROR|FATAL|CRITICAL)\b|"s":"[EF]"|\w(Error|Exception)\b')

Pause = Callable[[float], None]
"""Waits so many seconds, or raises when the wait shall be given up."""


class Child:
    """A running process in a process group of its own, which the kernel kills when this process dies.

    It must be started from a thread that lives as long as the child shall.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
        output: int | None = None,
    ) -> None:
        self.name = name
        self.log = log
        _keep_previous(log)
        with log.open("wb") as log_file:
            self.process = subprocess.Popen(
                guarded(command),
                stdin=subprocess.DEVNULL,
                stdout=log_file if output is None else output,
                stderr=log_file if output is None else subprocess.STDOUT,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self.process.pid

    def raise_if_dead(self) -> None:
        """Raises StackError, with the lines of the log that matter, when the process has ended."""
        code = self.process.poll()
        if code is not None:
            how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
            raise StackError(f"{self.name} {how}; its log is {self.log}", relevant_lines(self.log))

    def has_succeeded(self) -> bool:
        """Whether the process has ended with exit code 0. Raises StackError when it has ended otherwise."""
        if self.process.poll() != 0:
            if self.process.returncode is not None:
                self.raise_if_dead()
            return False
        return True

    def signal_group(self, number: int) -> None:
        try:
            os.killpg(self.process.pid, number)
        except (ProcessLookupError, PermissionError):
            pass


def guarded(command: Sequence[str]) -> list[str]:
    """The command, made to die with this process."""
    return [sys.executable, "-I", "-S", str(GUARD), str(os.getpid()), *command]


def stop(children: Iterable[Child], grace_seconds: float = 15.0) -> None:
    """Ask all to end at once, wait for them, and kill what is left after `grace_seconds`."""
    alive = [child for child in children if child.process.poll() is None]
    for child in alive:
        child.signal_group(signal.SIGTERM)
    deadline = time.monotonic() + grace_seconds
    for child in alive:
        try:
            child.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.signal_group(signal.SIGKILL)
            child.process.wait()
        child.signal_group(signal.SIGKILL)  # what it may have started itself


def wait_until(
    conditions: Mapping[str, Callable[[], bool]],
    children: Sequence[Child],
    *,
    timeout_seconds: float,
    pause: Pause = time.sleep,
    report: Callable[[str], None] = lambda line: None,
) -> None:
    """Poll until every named condition has held once; `report` hears of each, and now and then of what is missing.

    Raises StackError when a child dies meanwhile, or names the conditions that do not hold after `timeout_seconds`.
    """
    pending = dict(conditions)
    deadline = time.monotonic() + timeout_seconds
    next_report = time.monotonic() + REPORT_SECONDS
    while True:
        for name, holds in list(pending.items()):
            if holds():
                del pending[name]
                report(f"{name} is ready")
        if not pending:
            return
        for child in children:
            child.raise_if_dead()
        if time.monotonic() > deadline:
            logs = [line for child in children if child.name in pending for line in relevant_lines(child.log)]
            raise StackError(f"not ready after {timeout_seconds:.0f} s: {', '.join(pending)}", logs)
        if time.monotonic() > next_report:
            next_report += REPORT_SECONDS
            report(f"waiting for {', '.join(pending)}")
        pause(POLL_SECONDS)


def relevant_lines(log: Path, last: int = 12, errors: int = 5) -> list[str]:
    """The end of a log, preceded by the latest lines before it that look like errors."""
    try:
        lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()][-2000:]
    except OSError:
        return []
    earlier = [line for line in lines[:-last] if _LOOKS_LIKE_AN_ERROR.search(line)]
    return [line[:500] for line in earlier[-errors:] + lines[-last:]]


def _keep_previous(log: Path) -> None:
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists():
        log.replace(log.with_name(log.name + ".1"))
