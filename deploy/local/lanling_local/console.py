"""What the user sees: lines with the time since the start."""

from __future__ import annotations

import sys
import time

from lanling_local.errors import StackError


class Console:
    def __init__(self) -> None:
        self._started = time.monotonic()

    def report(self, line: str) -> None:
        print(f"{time.monotonic() - self._started:6.1f} s  {line}", flush=True)

    def say(self, line: str) -> None:
        print(line, flush=True)


def show_error(error: StackError) -> None:
    """The details first, so that the line that says what to do is the last one on the screen."""
    for line in error.details:
        print(f"    {line}", file=sys.stderr)
    print(f"error: {error}", file=sys.stderr, flush=True)
