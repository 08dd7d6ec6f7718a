"""The middle of every run: load and faults side by side until both are done, then quiet, then the checker's verdict."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from lanling_local.processes import Child, Pause, stop
from reliability.faults import Faults
from reliability.ledger import Answers
from reliability.place import Place
from reliability.quiet import wait_until_quiet
from reliability.stack import TESTS

TICK_SECONDS = 0.05
QUIET_SECONDS = 180.0
REPORT_SECONDS = 15.0


@dataclass(frozen=True)
class Verdict:
    """`text`: the figures, one a line, and what was found."""

    code: int
    text: str

    def figure(self, name: str) -> float:
        """Raises StopIteration when the checker did not come so far."""
        return next(float(line.split()[2]) for line in self.text.splitlines() if line.startswith(f"figure {name} "))


def prove(
    place: Place, faults: Faults, commands: int, seed: int, pause: Pause, quiet_seconds: float = QUIET_SECONDS
) -> Verdict:
    """Raises StackError when the load or a part of the county does not come back."""
    place.write()
    say(f"{commands} commands, {faults.left} faults, seed {seed}")
    load = module("load", place, str(commands), str(seed))
    try:
        under_faults(place, faults, load.has_succeeded, commands, pause)
    finally:
        stop([load])
    for line in faults.unreached:
        say(f"killed elsewhere, because the step was not reached in time: {line}")
    verdict = judge(place, quiet_seconds, pause)
    more = f"figure unexpected_ends {faults.unexpected_ends}\nfigure steps_not_reached {len(faults.unreached)}\n"
    return Verdict(verdict.code, verdict.text + more)


def under_faults(place: Place, faults: Faults, finished: Callable[[], bool], commands: int, pause: Pause) -> None:
    """Let the faults happen until the load has finished; it goes on at least as long as there are faults to come."""
    next_report = time.monotonic() + REPORT_SECONDS
    answers = Answers(place.ledger)
    while not finished():
        answered = answers.look()
        faults.tick(answered / max(commands, 1))
        if faults.done:
            place.enough.touch()
        if time.monotonic() > next_report:
            next_report += REPORT_SECONDS
            say(f"{answered} commands answered, {faults.left} faults to come")
        pause(TICK_SECONDS)
    faults.finish()


def judge(place: Place, quiet_seconds: float = QUIET_SECONDS, pause: Pause = time.sleep) -> Verdict:
    """The checker's verdict on what has come to rest, or has not come to rest in time."""
    waiting = wait_until_quiet(place, quiet_seconds, pause)
    if waiting:
        say(f"it never became quiet: {waiting} events are on their way")
    checker = module("checker", place)
    try:
        while checker.process.poll() is None:
            pause(TICK_SECONDS)
    finally:
        stop([checker])
    return Verdict(checker.process.returncode or (1 if waiting else 0), checker.log.read_text())


def module(name: str, place: Place, *arguments: str) -> Child:
    """A process of this package, beside this one."""
    command = [sys.executable, "-m", f"reliability.{name}", str(place.directory), *arguments]
    return Child(name, command, log=place.directory / f"{name}.log", environment={"PYTHONPATH": str(TESTS)})


def say(line: str) -> None:
    print(f"# {line}", flush=True)
