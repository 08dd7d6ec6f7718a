"""Time, and the wish of a person or the machine that the command end."""

from __future__ import annotations

import signal
import time
from types import FrameType

from lanling_deploy.errors import Interrupted

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
NOTICE_SECONDS = 0.1


class SignalClock:
    """From its making on, a signal only sets a mark, so that no step is torn apart; `pause` raises for it, once."""

    def __init__(self) -> None:
        self._asked = ""
        for number in SIGNALS:
            signal.signal(number, self._ask)

    def now(self) -> float:
        return time.monotonic()

    def pause(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while True:
            if self._asked:
                name, self._asked = self._asked, ""
                raise Interrupted(f"interrupted by {name}")
            left = end - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, NOTICE_SECONDS))

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self._asked = signal.Signals(number).name
