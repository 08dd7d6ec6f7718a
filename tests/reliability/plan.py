"""Which faults a run will have, and how far the load has come when each begins; the same for the same seed."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import cycle, islice

from govkit.steps import Step


class Fault(Enum):
    KILL = "SIGKILL of a service at a named step"
    PAUSE = "SIGSTOP of a service, past its relay's lease, beside a second instance; then SIGCONT"
    REBALANCE = "a second instance joins the consumer group and leaves it, killed or asked"
    GATEWAY_KILL = "SIGKILL of the gateway"
    BROKER_KILL = "SIGKILL of the broker"
    BROKER_RESTART = "SIGTERM of the broker"
    DATABASE_KILL = "SIGKILL of the database"
    DATABASE_RESTART = "SIGTERM of the database"


@dataclass(frozen=True)
class Planned:
    """`after`: share of the load that is answered by then. `part`: the service; `step` and `times`: where it dies."""

    after: float
    fault: Fault
    part: str = ""
    step: Step | None = None
    times: int = 1


KILLS_FOR_EACH = {
    Fault.REBALANCE: 10,
    Fault.PAUSE: 15,
    Fault.GATEWAY_KILL: 25,
    Fault.BROKER_KILL: 25,
    Fault.BROKER_RESTART: 25,
    Fault.DATABASE_KILL: 25,
    Fault.DATABASE_RESTART: 25,
}
"""There is one fault of the kind for so many kills, but at least one."""


def plan(kills: int, seed: int, services: Sequence[str], listening: Sequence[str]) -> list[Planned]:
    """`listening`: the services that consume events which the load makes; only they die in their consumer."""
    chance = random.Random(seed)
    faults = [_kill(step, chance, services, listening) for step in _steps(kills, chance)]
    for fault, kills_each in KILLS_FOR_EACH.items():
        parts = chance.sample(list(listening), len(listening))
        faults += [
            Planned(0.0, fault, parts[number % len(parts)])
            for number in range(max(1, kills // kills_each) if kills else 0)
        ]
    chance.shuffle(faults)
    return [
        Planned(0.03 + 0.9 * number / len(faults), item.fault, item.part, item.step, item.times)
        for number, item in enumerate(faults)
    ]


def _steps(kills: int, chance: random.Random) -> list[Step]:
    """Every step about equally often."""
    return list(islice(cycle(chance.sample(list(Step), len(Step))), kills))


def _kill(step: Step, chance: random.Random, services: Sequence[str], listening: Sequence[str]) -> Planned:
    consuming = step.name.startswith("CONSUMER")
    times = 1 if step is Step.CONSUMER_REVOKED else chance.randint(1, 12)
    return Planned(0.0, Fault.KILL, chance.choice(listening if consuming else services), step, times)
