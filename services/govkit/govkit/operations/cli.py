"""`events …` and `due …`, the operators' part of every service's command line. Configured by environment, as `serve`.

Exit codes: 0 done, or nothing to do; 1 something could not be done, said in one line; 2 wrong usage or configuration;
3 `rebuild` without `--apply` found a difference; 130 interrupted, and may be given again.
"""

import asyncio
import getpass
import logging
import os
import sys
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from functools import partial
from typing import Annotated, NoReturn, Protocol

import typer
from aiokafka.errors import KafkaError
from pymongo.errors import PyMongoError

from govkit.domain.ports import BUSINESS_ZONE
from govkit.operations import commands
from govkit.operations.commands import Asked
from govkit.operations.parked import Selection
from govkit.operations.republish import Span
from govkit.operations.set_aside import Chosen
from govkit.operations.target import OperationError, Target, WrongUsage

FAILED, WRONG, INTERRUPTED = 1, 2, 130


class Operated(Protocol):
    """What these commands need of a service."""

    def target(self) -> AbstractAsyncContextManager[Target]:
        """The service as configured by environment, its database open."""


Command = Callable[[Target], Awaitable[int]]
Apply = Annotated[bool, typer.Option("--apply", help="Do it; else only say what would be done.")]
By = Annotated[str | None, typer.Option(help="Who does it, for the journal; else the user of this machine.")]
Everything = Annotated[bool, typer.Option("--all", help="Everything.")]
Json = Annotated[bool, typer.Option("--json", help="As JSON.")]
Id = Annotated[str | None, typer.Option("--id", help="Of the parked row or of the event.")]
Code = Annotated[str | None, typer.Option(help="Why it is parked, as in `list`: EFFECT_FAILED, GAP, …")]
TypeName = Annotated[str | None, typer.Option("--type", help="Event type, with or without prefix and version.")]
Subject = Annotated[str | None, typer.Option(help="An aggregate's id, or <source>|<id>.")]
RunId = Annotated[str | None, typer.Option("--run", help="Go on with this run, which was interrupted.")]


def events_command_line(service: Operated) -> typer.Typer:
    cli = typer.Typer(help="Look after this service's events.", no_args_is_help=True)

    run = partial(run_fitting, service)

    @cli.command()
    def status(as_json: Json = False) -> None:
        """What waits to go out and to come in, what is parked."""
        # Also before the first migration: deployments ask it whether broker and database answer.
        raise typer.Exit(run_operation(service, lambda target: commands.status(target, as_json), "events"))

    @cli.command(name="list")
    def list_parked(code: Code = None, type: TypeName = None, subject: Subject = None, as_json: Json = False) -> None:
        """Parked events by aggregate, and records that are no events."""
        selection = Selection(reason=code, type=type, subject=subject)
        run(lambda target: commands.list_parked(target, selection, as_json))

    @cli.command()
    def show(id: Annotated[str, typer.Argument(help="Of the parked row or of the event.")]) -> None:
        """One parked row with its body."""
        run(lambda target: commands.show(target, id))

    @cli.command()
    def retry(
        code: Code = None,
        type: TypeName = None,
        subject: Subject = None,
        everything: Everything = False,
        apply: Apply = False,
        by: By = None,
    ) -> None:
        """Apply the parked events of the aggregates chosen, in order, through the service's own inbox."""
        selection = _chosen(Selection(reason=code, type=type, subject=subject), everything)
        run(lambda target: commands.retry(target, _asked(apply, by), selection))

    @cli.command()
    def drop(
        reason: Annotated[str, typer.Option(help="Why these events are given up, for the journal.")],
        id: Id = None,
        code: Code = None,
        type: TypeName = None,
        subject: Subject = None,
        apply: Apply = False,
        by: By = None,
    ) -> None:
        """Give up parked events for good: later ones of their aggregates flow again."""
        _require_words(reason)
        selection = Selection(id=id, reason=code, type=type, subject=subject)
        if not selection.given:
            raise typer.BadParameter("say which: --id, --code, --type or --subject")
        run(lambda target: commands.drop(target, _asked(apply, by), selection, reason))

    @cli.command()
    def skip(
        reason: Annotated[str, typer.Option(help="Why the missing events are given up, for the journal.")],
        subject: Subject = None,
        everything: Everything = False,
        apply: Apply = False,
        by: By = None,
    ) -> None:
        """Give up missing events for which parked ones wait (GAP): these flow again."""
        _require_words(reason)
        _chosen(Selection(subject=subject), everything)
        run(lambda target: commands.skip(target, _asked(apply, by), subject, reason))

    @cli.command()
    def republish(
        subject: Subject = None,
        since: Annotated[str | None, typer.Option(help="Committed at or after this time.")] = None,
        before: Annotated[str | None, typer.Option(help="Committed before this time.")] = None,
        everything: Everything = False,
        apply: Apply = False,
        by: By = None,
        run_id: RunId = None,
    ) -> None:
        """Publish this service's events again, the same ones, as far as the outbox keeps them.

        Times are ISO 8601; without an offset they are Beijing time.
        """
        span = Span(subject=subject, since=_time(since, "--since"), before=_time(before, "--before"))
        if bool(span.given) == everything:
            raise typer.BadParameter("name an aggregate or a time, or else --all")
        if span.since and span.before and span.since >= span.before:
            raise typer.BadParameter("--since must be earlier than --before")
        run(lambda target: commands.republish(target, _asked(apply, by, run_id), span))

    @cli.command()
    def snapshot(
        types: Annotated[list[str] | None, typer.Argument(help="Types of records, as in GraphQL.")] = None,
        everything: Everything = False,
        apply: Apply = False,
        by: By = None,
        run_id: RunId = None,
    ) -> None:
        """Publish the present state of records, for subscribers that start without history."""
        if bool(types) == everything:
            raise typer.BadParameter("name types of records, or else --all")
        run(lambda target: commands.snapshot(target, _asked(apply, by, run_id), types or ()))

    @cli.command()
    def rebuild(
        names: Annotated[list[str] | None, typer.Argument(help="Projections; all, if none is named.")] = None,
        apply: Apply = False,
        by: By = None,
    ) -> None:
        """Make the projections again from the first event, compare them with the live ones, switch those that differ.

        One line each: `projection NAME rows N hash H live H2 equal|different`. Exit code 3 when one is different.
        """
        run(lambda target: commands.rebuild(target, _asked(apply, by), names or ()))

    return cli


def due_command_line(service: Operated) -> typer.Typer:
    cli = typer.Typer(help="Look after what fell due and failed at every try.", no_args_is_help=True)

    run = partial(run_fitting, service, name="due")
    rule = Annotated[str | None, typer.Option(help="Name of the rule, as in `dueActions`.")]
    record = Annotated[str | None, typer.Option(help="Id of the record.")]

    @cli.command(name="list")
    def list_set_aside(rule: rule = None, record: record = None, as_json: Json = False) -> None:
        """What is set aside, by the moment that it was due for."""
        run(lambda target: commands.list_set_aside(target, Chosen(rule=rule, record=record), as_json))

    @cli.command()
    def retry(
        rule: rule = None, record: record = None, everything: Everything = False, apply: Apply = False, by: By = None
    ) -> None:
        """Have the running service try again what is set aside."""
        chosen = Chosen(rule=rule, record=record)
        _require_choice(chosen.given, everything)
        run(lambda target: commands.retry_due(target, _asked(apply, by), chosen))

    return cli


def run_fitting(service: Operated, command: Command, name: str = "events") -> NoReturn:
    """A command on the service's database, once that is seen to be its own and of this version."""

    async def on_fitting(target: Target) -> int:
        await target.require_fit()
        return await command(target)

    raise typer.Exit(run_operation(service, on_fitting, name))


def _asked(apply: bool, by: str | None, run: str | None = None) -> Asked:
    return Asked(apply=apply, by=by or user(), run=run)


def user() -> str:
    """Who runs this process, for the journal."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container's user without a name.
        return str(os.getuid())


def _chosen(selection: Selection, everything: bool) -> Selection:
    _require_choice(selection.given, everything)
    return selection


def _require_choice(given: object, everything: bool) -> None:
    if bool(given) == everything:
        raise typer.BadParameter("say which: an option that selects, or else --all")


def _require_words(reason: str) -> None:
    if not reason.strip():
        raise typer.BadParameter("needs words", param_hint="--reason")


def _time(text: str | None, option: str) -> datetime | None:
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text} is no time of ISO 8601", param_hint=option) from error
    return time if time.tzinfo else time.replace(tzinfo=BUSINESS_ZONE)


def run_operation(service: Operated, command: Command, name: str) -> int:
    """The exit code of a command on the service as configured by environment; what fails is one line behind `name`."""
    # What the clients have to say comes as an exception, too.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)

    async def on_target() -> int:
        async with service.target() as target:
            return await command(target)

    try:
        return asyncio.run(on_target())
    except OperationError as error:
        return _failed(name, str(error), WRONG if isinstance(error, WrongUsage) else FAILED)
    except (KafkaError, PyMongoError, OSError) as error:
        return _failed(name, f"no answer from the broker or the database: {type(error).__name__}: {error}")
    except KeyboardInterrupt:
        print("interrupted; the same command may be given again", file=sys.stderr)
        return INTERRUPTED


def _failed(name: str, line: str, code: int = FAILED) -> int:
    print(f"{name}: {' '.join(line.split())[:500]}", file=sys.stderr)
    return code
