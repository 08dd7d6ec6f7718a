"""One run: `python -m reliability.run --commands 20000 --kills 50 --seed 1`, on free ports and data of its own.

stack → load and faults side by side → quiet → checker. Prints one figure a line; exits with 1 when a promise is broken.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from lanling_local.console import show_error
from lanling_local.errors import StackError, Stopped
from lanling_local.processes import stop
from lanling_local.signals import StopSignals
from reliability.faults import Faults
from reliability.plan import plan
from reliability.proof import prove, say
from reliability.stack import Processes, Servers, configuration_on_free_ports

PREFIX = "lanling"


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    directory = Path(tempfile.mkdtemp(prefix="lanling-reliability-"))
    code = 1
    with StopSignals() as signals:
        try:
            code = run(directory, asked.commands, asked.kills, asked.seed, signals)
        except StackError as error:
            show_error(error)
        except Stopped:
            code = 130
    if code == 1:
        say(f"data and logs are kept in {directory}")
    else:
        shutil.rmtree(directory, ignore_errors=True)
    return code


def run(directory: Path, commands: int, kills: int, seed: int, signals: StopSignals) -> int:
    """The exit code of the checker. Raises StackError when the county does not start, or does not come back."""
    configuration = configuration_on_free_ports(directory)
    servers = Servers(configuration)
    processes = Processes(configuration, servers.infrastructure, PREFIX)
    try:
        say("starting broker, database, services and gateway")
        servers.start(signals.pause)
        processes.create_topics()
        processes.start_all(pause=signals.pause)
        place = processes.place()
        names = [part.name for part in configuration.services]
        listening = [service.name for service in place.services if service.listens_to]
        faults = Faults(processes, servers, plan(kills, seed, names, listening), place.faults)
        verdict = prove(place, faults, commands, seed, signals.pause)
        print(verdict.text, end="", flush=True)
        return verdict.code
    finally:
        processes.stop()
        stop(servers.running.values())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m reliability.run", description=__doc__)
    parser.add_argument("--commands", type=whole_number, default=20_000)
    parser.add_argument("--kills", type=whole_number, default=50)
    parser.add_argument("--seed", type=int, default=1)
    return parser


def whole_number(text: str) -> int:
    if (number := int(text)) < 0:
        raise argparse.ArgumentTypeError("may not be below 0")
    return number


if __name__ == "__main__":
    sys.exit(main())
