"""One run: `python -m reliability.run --commands 20000 --kills 50 --seed 1`, on free ports and data of its own.

stack → load and faults side by side → quiet → checker. Prints one figure a line; exits with 1 when a promise is broken.
"""

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from lanling_local.console import show_error
from lanling_local.errors import StackError, Stopped
from lanling_local.processes import Child, stop
from lanling_local.signals import StopSignals
from reliability.faults import Faults
from reliability.ledger import answers_in
from reliability.place import Place
from reliability.plan import plan
from reliability.quiet import wait_until_quiet
from reliability.stack import TESTS, Processes, Servers, configuration_on_free_ports

TICK_SECONDS = 0.05
QUIET_SECONDS = 180.0
REPORT_SECONDS = 15.0
PREFIX = "lanling"


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    directory = Path(tempfile.mkdtemp(prefix="lanling-reliability-"))
    kept = True
    with StopSignals() as signals:
        try:
            code = run(directory, asked.commands, asked.kills, asked.seed, signals)
            kept = code != 0
            return code
        except StackError as error:
            show_error(error)
            return 1
        except Stopped:
            return 130
        finally:
            if kept:
                say(f"data and logs are kept in {directory}")
            else:
                shutil.rmtree(directory, ignore_errors=True)


def run(directory: Path, commands: int, kills: int, seed: int, signals: StopSignals) -> int:
    configuration = configuration_on_free_ports(directory)
    servers = Servers(configuration)
    processes = Processes(configuration, servers.infrastructure, PREFIX)
    try:
        say("starting broker, database, services and gateway")
        servers.start()
        processes.create_topics()
        processes.start_all()
        place = processes.place()
        place.write()
        names = [part.name for part in configuration.services]
        listening = [service.name for service in place.services if service.listens_to]
        faults = Faults(processes, servers, plan(kills, seed, names, listening), place.faults)
        _load(place, faults, commands, seed, signals)
        return _check(place)
    finally:
        processes.stop()
        stop(servers.running.values())


def _load(place: Place, faults: Faults, commands: int, seed: int, signals: StopSignals) -> None:
    say(f"{commands} commands, seed {seed}")
    load = module("load", place, str(commands), str(seed))
    next_report = time.monotonic() + REPORT_SECONDS
    try:
        while not load.has_succeeded():
            answered = answers_in(place.ledger)
            faults.tick(answered / commands)
            if faults.done:
                place.enough.touch()
            if time.monotonic() > next_report:
                next_report += REPORT_SECONDS
                say(f"{answered} commands answered, {faults.left} faults to come")
            signals.pause(TICK_SECONDS)
        faults.finish()
        for line in faults.unreached:
            say(f"killed elsewhere, the step was not reached in time: {line}")
        print(f"figure unexpected_ends {faults.unexpected_ends}")
        print(f"figure steps_not_reached {len(faults.unreached)}")
    finally:
        stop([load])


def _check(place: Place) -> int:
    say("waiting until all is quiet")
    waiting = asyncio.run(wait_until_quiet(place, QUIET_SECONDS))
    if waiting:
        say(f"it never became quiet: {waiting} events are on their way")
    checker = module("checker", place)
    code = checker.process.wait()
    print(checker.log.read_text(), end="", flush=True)
    return code or (1 if waiting else 0)


def module(name: str, place: Place, *arguments: str) -> Child:
    """A process of this package, beside this one."""
    command = [sys.executable, "-m", f"reliability.{name}", str(place.directory), *arguments]
    return Child(name, command, log=place.directory / f"{name}.log", environment={"PYTHONPATH": str(TESTS)})


def say(line: str) -> None:
    print(f"# {line}", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m reliability.run", description=__doc__)
    parser.add_argument("--commands", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    return parser


if __name__ == "__main__":
    sys.exit(main())
