"""Crash orders: at which step a test build of a service dies.

The variable `CRASH_ORDERS` names a file; the process reads it when it starts and whenever it gets SIGUSR1.

    kill RELAY_READ 3        SIGKILL to itself when it reaches the step for the third time from now on
    hold RELAY_READ          the broker seems to be away whenever it reaches the step
    (empty)                  live
"""

import os
import signal
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from aiokafka.errors import KafkaConnectionError

from govkit.steps import Step, observe

VARIABLE = "CRASH_ORDERS"


@dataclass(frozen=True)
class Order:
    action: str
    step: Step
    times: int = 1

    def __str__(self) -> str:
        return f"{self.action} {self.step.name} {self.times}"

    @classmethod
    def read(cls, text: str) -> "Order | None":
        action, *rest = text.split() or [""]
        return cls(action, Step[rest[0]], int(rest[1]) if rest[1:] else 1) if rest else None


class Obedience:
    """Carries out the order of the file, in the process that reaches the steps."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._order: Order | None = None
        self._left = 0
        self.read_order()

    def read_order(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        self._order = Order.read(self._file.read_text()) if self._file.exists() else None
        self._left = self._order.times if self._order else 0

    def reached(self, step: Step) -> None:
        if self._order is None or step is not self._order.step:
            return
        if self._order.action == "hold":
            raise KafkaConnectionError("held by order")
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def obey() -> None:
    """Obey the orders of this process from now on; without the variable there are none."""
    if file := os.environ.get(VARIABLE):
        obedience = Obedience(Path(file))
        observe(obedience.reached)
        signal.signal(signal.SIGUSR1, obedience.read_order)
