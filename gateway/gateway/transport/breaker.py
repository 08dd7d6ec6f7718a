"""The circuit breaker of one subgraph: who fails again and again is left alone for a moment.

Closed, everything passes. After so many failures in a row it opens and requests fail at once, which keeps a subgraph
that hangs from holding every request for its whole time-out. After a pause it is half open: one request may try, and
what becomes of that closes the circuit or opens it again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import IntEnum

from ..errors import SubgraphError


class State(IntEnum):
    """As the metric tells it."""

    CLOSED = 0
    HALF_OPEN = 1
    OPEN = 2


class CircuitOpen(SubgraphError):
    """The subgraph was not asked. ``retry_after`` are the seconds until it will be."""

    def __init__(self, retry_after: float):
        super().__init__("not asked: its circuit is open")
        self.retry_after = retry_after


class Breaker:
    """`failures` in a row open it (0: never), for `pause` seconds; `tell` hears of every new state."""

    def __init__(
        self,
        failures: int,
        pause: float,
        tell: Callable[[State], None] = lambda _: None,
        now: Callable[[], float] = time.monotonic,
    ):
        self._failures = failures
        self._pause = pause
        self._tell = tell
        self._now = now
        self._in_a_row = 0
        self._until = 0.0
        self.state = State.CLOSED

    def admit(self) -> None:
        """Before a request. Raises `CircuitOpen` when it must not be sent."""
        if self.state is State.CLOSED:
            return
        left = self._until - self._now()
        if self.state is State.HALF_OPEN or left > 0:
            raise CircuitOpen(max(left, 0.0))
        self._change(State.HALF_OPEN)

    def succeeded(self) -> None:
        self._in_a_row = 0
        if self.state is not State.CLOSED:
            self._change(State.CLOSED)

    def failed(self) -> None:
        self._in_a_row += 1
        if self._failures and (self.state is State.HALF_OPEN or self._in_a_row >= self._failures):
            self._until = self._now() + self._pause
            if self.state is not State.OPEN:
                self._change(State.OPEN)

    def abandoned(self) -> None:
        """Nobody waits for the answer any more. Another request may try."""
        if self.state is State.HALF_OPEN:
            self._change(State.OPEN)

    def _change(self, state: State) -> None:
        self.state = state
        self._tell(state)
