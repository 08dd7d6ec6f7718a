"""`python -m lanling_deploy`: deploy, rollback, scale, status, history, logs."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from lanling_deploy.clock import SignalClock
from lanling_deploy.configuration import check_service, read_configuration
from lanling_deploy.docker_engine import DockerEngine
from lanling_deploy.errors import DeployError, Interrupted
from lanling_deploy.journal import Journal
from lanling_deploy.lock import only_one
from lanling_deploy.model import STEPS
from lanling_deploy.plan import plan_lines
from lanling_deploy.preflight import accept, prepare
from lanling_deploy.probe import HttpProbe
from lanling_deploy.running import carry_out, recover
from lanling_deploy.scaling import scale as scale_to
from lanling_deploy.table import history_rows, status_rows
from lanling_deploy.world import World
from lanling_local.console import show_error
from lanling_local.errors import StackError

DEFAULT_DIRECTORY = "/etc/lanling"
INTERRUPTED, FAILED = 130, 1

Service = Annotated[str, typer.Argument(help="organization, grid, …, or gateway")]
Directory = Annotated[Path, typer.Option("--config", envvar="DEPLOY_CONFIG", help="Where deploy.toml is")]

app = typer.Typer(help="Deploys one service of the county.", no_args_is_help=True, add_completion=False)


@app.command()
def deploy(
    service: Service,
    version: Annotated[str, typer.Argument(help="As in the image's name: 1.4.0")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything, print the plan, do nothing")] = False,
    config: Directory = Path(DEFAULT_DIRECTORY),
) -> None:
    """Put a version in the place of the one that serves; back by itself when it is not well."""
    check_service(service)
    with _at_work(config, f"deploy of {service} {version}") as world:
        _deploy(world, service, version, dry_run=dry_run)


@app.command()
def rollback(
    service: Service,
    dry_run: Annotated[bool, typer.Option("--dry-run")] = False,
    config: Directory = Path(DEFAULT_DIRECTORY),
) -> None:
    """Deploy the version before again, with all the same checks."""
    check_service(service)
    with _at_work(config, f"rollback of {service}") as world:
        kept = world.journal.county.kept.get(service)
        if kept is None:
            raise DeployError(f"there is no version of {service} to go back to")
        _deploy(world, service, kept.version, image=kept.image, dry_run=dry_run)


@app.command()
def scale(
    service: Service,
    count: Annotated[int, typer.Argument(help="Containers of the release that serves")],
    config: Directory = Path(DEFAULT_DIRECTORY),
) -> None:
    """Run it in so many containers."""
    check_service(service)
    with _at_work(config, f"scale of {service}") as world:
        recover(world)
        release = scale_to(world, service, count)
        world.say(f"{release} runs in {', '.join(release.containers)}")


@app.command()
def status(config: Directory = Path(DEFAULT_DIRECTORY)) -> None:
    """What serves, where, and whether it is ready."""
    world = _world(config)
    _show(("service", "version", "running", "address", "health"), status_rows(world))
    if left := world.journal.county.open:
        done = [step for step in STEPS if step in left.done]
        print(f"{left.deployment.new} is being deployed, or its command died; steps done: {', '.join(done)}")


@app.command()
def history(
    service: Annotated[str, typer.Argument(help="All when none is given")] = "",
    config: Directory = Path(DEFAULT_DIRECTORY),
) -> None:
    """Every deployment, the last one first."""
    configuration = read_configuration(config)
    rows = history_rows(Journal(configuration.state / "journal.jsonl").entries, service)
    _show(("at", "service", "version", "before", "outcome", "seconds"), rows)


@app.command()
def logs(
    service: Service,
    lines: Annotated[int, typer.Option(help="The last ones, of each container")] = 100,
    follow: Annotated[bool, typer.Option("--follow", "-f")] = False,
    config: Directory = Path(DEFAULT_DIRECTORY),
) -> None:
    """What the release that serves has said."""
    world = _world(config)
    live = world.journal.county.live.get(check_service(service))
    if live is None:
        raise DeployError(f"{service} is not deployed")
    for name in live.containers:
        found = world.engine.follow(name, lines) if follow else world.engine.logs(name, lines)
        for line in found:
            print(line, flush=True)


def main() -> None:
    try:
        app()
    except StackError as error:
        show_error(error)
        sys.exit(INTERRUPTED if isinstance(error, Interrupted) else FAILED)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _deploy(world: World, service: str, version: str, *, image: str = "", dry_run: bool) -> None:
    if not dry_run:
        recover(world)
    elif world.journal.county.open:
        raise DeployError("a command died in the middle of a deployment: the next one, without dry run, sees to it")
    prepared = prepare(world, service, version, image=image)
    if dry_run:
        for line in plan_lines(prepared, world.configuration):
            world.say(f"would: {line}")
        return
    carry_out(world, accept(world, prepared))
    world.say(f"{service} {version} serves")


@contextmanager
def _at_work(directory: Path, what: str) -> Iterator[World]:
    """The world, for one command at a time; a signal ends it between two looks."""
    configuration = read_configuration(directory)
    with only_one(configuration.state / "lock", what):
        yield _world(directory)


def _world(directory: Path) -> World:
    configuration = read_configuration(directory)
    return World(
        configuration=configuration,
        engine=DockerEngine(configuration),
        probe=HttpProbe(),
        clock=SignalClock(),
        journal=Journal(configuration.state / "journal.jsonl"),
        say=_Lines(),
    )


class _Lines:
    """Each line with the seconds since the start."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    def __call__(self, line: str) -> None:
        print(f"{time.monotonic() - self._started:6.1f} s  {line}", flush=True)


def _show(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    # Wide where nobody reads it on a screen, so that no cell is cut off.
    console = Console(width=None if sys.stdout.isatty() else int(os.environ.get("COLUMNS") or 200))
    table = Table(*head, box=None, header_style="bold")
    for row in rows:
        table.add_row(*row)
    console.print(table)
