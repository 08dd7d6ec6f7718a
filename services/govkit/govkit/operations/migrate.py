"""`migrate`: what the database lacks for this version, and the doing of it; see `govkit.store.migrations`."""

import sys
from typing import Annotated

import typer

from govkit.operations import screen
from govkit.operations.cli import Apply, By, Operated, run_operation, user
from govkit.operations.target import NEWER, OperationError, Target, refusal
from govkit.store.migrations import MigrationFailed, State

Check = Annotated[bool, typer.Option("--check", help="Only whether this version may serve, by the exit code.")]
Contract = Annotated[bool, typer.Option("--contract", help="Contract steps, too: there is no way back after them.")]


def add_migrate(cli: typer.Typer, service: Operated) -> None:
    @cli.command()
    def migrate(check: Check = False, apply: Apply = False, contract: Contract = False, by: By = None) -> None:
        """Bring the database to this version: steps, then indexes. Without `--apply` only say what is missing.

        `--check`: exit code 0 when this version may serve, 4 when steps or indexes are missing, 5 when the database is
        newer than this version.
        """
        if check and (apply or contract):
            raise typer.BadParameter("--check only looks")
        if check:
            code = run_operation(service, _check, "migrate")
        elif apply:
            code = run_operation(service, lambda target: _apply(target, contract, by or user()), "migrate")
        else:
            code = run_operation(service, lambda target: _plan(target, contract), "migrate")
        raise typer.Exit(code)


async def _check(target: Target) -> int:
    name = target.store.database.name
    refused = refusal(await target.migrations.look(), name)
    if refused is None:
        screen.say(f"{name} fits this version")
        return 0
    code, line = refused
    print(f"migrate: {line}", file=sys.stderr)
    return code


async def _plan(target: Target, contract: bool) -> int:
    state = await target.migrations.look()
    if state.newer:
        return await _check(target)
    for step in state.expand:
        screen.say(f"would {_verb(step.name, state)} {step.name} (expand): {step.does}")
    for step in state.contract:
        verb = f"would {_verb(step.name, state)}" if contract or state.empty else "left for --contract:"
        screen.say(f"{verb} {step.name} (contract): {step.does}")
    for collection, model in state.indexes:
        screen.say(f"would make index {collection}.{model.document['name']}")
    for name in state.changed:
        screen.say(f"index {name} is defined otherwise: a step has to drop it")
    if state.fits and not state.contract:
        screen.say("nothing is missing")
        return 0
    return screen.dry_run()


def _verb(name: str, state: State) -> str:
    return "go on with" if name in state.running else "apply"


async def _apply(target: Target, contract: bool, by: str) -> int:
    name = target.store.database.name
    try:
        state = await target.migrations.apply(by, contract, screen.say)
    except MigrationFailed as error:
        refused = refusal(await target.migrations.look(), name)
        if refused is not None and refused[0] == NEWER:
            return await _check(target)
        raise OperationError(str(error)) from error
    screen.say(f"{name} fits this version")
    for step in state.contract:
        screen.say(f"left for --contract: {step.name}")
    return 0
