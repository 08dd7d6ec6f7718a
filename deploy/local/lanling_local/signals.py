"""Stopping: the signals that ask for it, noticed at every pause of the program."""

from __future__ import annotations

import os
import signal
import time
from types import FrameType, TracebackType

from lanling_local.errors import Stopped
from lanling_local.guard import die_with_parent

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
NOTICE_SECONDS = 0.1


class StopSignals:
    """Within this context the stop signals only set a flag, so no step is torn apart; `pause` raises Stopped.

    When make started the program, make's own death counts as SIGTERM.
    """

    def __init__(self) -> None:
        self._asked = False

    def __enter__(self) -> StopSignals:
        for number in STOP_SIGNALS:
            signal.signal(number, self._ask)
        if "MAKELEVEL" in os.environ:
            die_with_parent(signal.SIGTERM)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_DFL)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self._asked = True

    def pause(self, seconds: float) -> None:
        """Wait so long; raises Stopped as soon as a signal has come."""
        deadline = time.monotonic() + seconds
        while True:
            if self._asked:
                raise Stopped
            rest = deadline - time.monotonic()
            if rest <= 0:
                return
            time.sleep(min(rest, NOTICE_SECONDS))
