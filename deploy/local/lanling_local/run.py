"""`make run`: the whole county, from nothing to the line `ready:`, and down again without a trace.

preflight → broker and database → topics → services and gateway → demonstration data, until its events have arrived →
watch until a signal comes. A part that dies while the county starts ends it; later it is started again. Each stage is
entered only when the one before is ready; leaving them is the reverse, so services drain while broker and database
still answer.
"""

from __future__ import annotations

import asyncio
import http.client
from collections.abc import Iterator
from contextlib import contextmanager

from lanling_local.catching_up import wait_until_caught_up
from lanling_local.configuration import Configuration, topic_prefix
from lanling_local.console import Console, show_error
from lanling_local.errors import StackError, Stopped
from lanling_local.graphiql import graphiql
from lanling_local.parts import Part
from lanling_local.ports import HOST
from lanling_local.preflight import check_ports, check_python, single_instance
from lanling_local.processes import Child, stop, wait_until
from lanling_local.restarts import Parts
from lanling_local.seeding import SeedRecord, seed
from lanling_local.signals import StopSignals
from lanling_local.stack import Infrastructure, infrastructure
from lanling_local.topics import create_topics

START_SECONDS = 120.0
WATCH_SECONDS = 0.5


def run(configuration: Configuration) -> int:
    """Run until a stop signal (exit code 0) or a failure (exit code 1, its reason on stderr)."""
    console = Console()
    with StopSignals() as signals:
        try:
            check_python()
            with single_instance(configuration.directory):
                check_ports(configuration.ports())
                _run(configuration, console, signals)
        except Stopped:
            console.say("stopped: nothing runs any more, data are kept")
        except StackError as error:
            show_error(error)
            return 1
    return 0


def _run(configuration: Configuration, console: Console, signals: StopSignals) -> None:
    console.report("starting Kafka and MongoDB")
    with infrastructure(
        configuration.directory,
        ports=configuration.infrastructure_ports,
        logs=configuration.logs,
        report=console.report,
        pause=signals.pause,
    ) as infra:
        _create_topics(infra, console)
        with _parts(configuration, infra, console, signals) as parts:
            children = [*infra.children, *parts.children]
            _load(configuration, infra, children, console, signals)
            wait_until_caught_up(configuration, infra, children, console.report, signals.pause)
            _print_addresses(configuration, infra, console)
            while True:
                for child in infra.children:
                    child.raise_if_dead()
                parts.restart_dead()
                signals.pause(WATCH_SECONDS)


def _create_topics(infra: Infrastructure, console: Console) -> None:
    created = asyncio.run(create_topics(infra.kafka_bootstrap_servers, prefix=topic_prefix()))
    if created:
        console.report(f"created {len(created)} topics")


@contextmanager
def _parts(
    configuration: Configuration, infra: Infrastructure, console: Console, signals: StopSignals
) -> Iterator[Parts]:
    console.report(f"starting {len(configuration.services)} services and the gateway")
    parts = Parts(configuration, infra, graphiql(console.report, signals.pause), console.say)
    try:
        parts.start()
        conditions = {part.name: _Readiness(part) for part in (*configuration.services, configuration.gateway)}
        watched = [*infra.children, *parts.children]
        wait_until(conditions, watched, timeout_seconds=START_SECONDS, pause=signals.pause, report=console.report)
        yield parts
    finally:
        if parts.children:
            console.report("stopping")
        stop(parts.children)


class _Readiness:
    """Whether `/readyz` of a part answers 200."""

    def __init__(self, part: Part) -> None:
        self._port = part.port

    def __call__(self) -> bool:
        connection = http.client.HTTPConnection(HOST, self._port, timeout=2)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def _load(
    configuration: Configuration, infra: Infrastructure, children: list[Child], console: Console, signals: StopSignals
) -> None:
    record = SeedRecord(configuration) if infra.is_own else None
    parts = [part for part in configuration.services if record is None or not record.is_loaded(part)]
    if not parts:
        return
    console.report("loading the demonstration county")
    seed(configuration, parts, infra, report=console.report, pause=signals.pause, watched=children)
    for part in parts:
        if record is not None:
            record.loaded(part)


def _print_addresses(configuration: Configuration, infra: Infrastructure, console: Console) -> None:
    console.report("the county is up\n")
    lines = [("GraphQL", f"{configuration.gateway.url}   (GraphiQL in a browser)")]
    lines += [(f"  {part.name}", part.url) for part in configuration.services]
    lines += [
        ("Kafka", infra.kafka_bootstrap_servers),
        ("MongoDB", infra.mongodb_uri),
        ("logs", str(configuration.logs)),
        ("a token", "make -s token ROLE=AUDITOR"),
        ("stop", "Ctrl-C"),
    ]
    for name, value in lines:
        console.say(f"{name:<24}{value}")
    console.say(f"\nready: {configuration.gateway.url}")
