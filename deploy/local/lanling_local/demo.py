"""`make demo`: the demonstration data once more, into the running stack."""

from __future__ import annotations

from lanling_local.configuration import Configuration
from lanling_local.console import Console
from lanling_local.errors import StackError
from lanling_local.parts import service_named
from lanling_local.preflight import is_running
from lanling_local.seeding import seed
from lanling_local.signals import StopSignals
from lanling_local.stack import Infrastructure


def load_again(service: str) -> int:
    """Seed the named service, or all of them when the name is empty. Loading changes nothing that is there already."""
    configuration = Configuration()
    if not is_running(configuration.directory):
        raise StackError("the stack does not run: start it first, with: make run")
    parts = [service_named(service)] if service else list(configuration.services)
    with StopSignals() as signals:
        seed(
            configuration,
            parts,
            Infrastructure.running(configuration.infrastructure_ports),
            report=Console().report,
            pause=signals.pause,
        )
    return 0
