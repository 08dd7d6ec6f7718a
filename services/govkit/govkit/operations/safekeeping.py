"""`backup FILE`, `restore FILE`, and `events lost`: what a restore could not bring back."""

from pathlib import Path
from typing import Annotated

import orjson
import typer

from govkit.operations import screen
from govkit.operations.archive import Archive
from govkit.operations.backup import backup as write_backup
from govkit.operations.cli import Apply, Json, Operated, run_fitting, run_operation
from govkit.operations.restore import describe
from govkit.operations.restore import restore as read_backup
from govkit.operations.target import Target
from govkit.store.recovered import RECOVERED

File = Annotated[Path, typer.Argument(help="The backup.")]


def add_safekeeping(cli: typer.Typer, service: Operated) -> None:
    @cli.command()
    def backup(file: File) -> None:
        """Write a consistent picture of this service's database to a new file; the service may run."""
        raise typer.Exit(run_operation(service, lambda target: write_backup(target, file), "backup"))

    @cli.command()
    def restore(file: File, apply: Apply = False) -> None:
        """Check a backup and say what it holds; with `--apply` restore it: the database empty, the service stopped."""
        raise typer.Exit(run_operation(service, lambda target: _restore(target, file, apply), "restore"))


def add_lost(events: typer.Typer, service: Operated) -> None:
    @events.command()
    def lost(as_json: Json = False) -> None:
        """Own events whose records a restore has not brought back: what commands did after the backup."""
        run_fitting(service, lambda target: _lost(target, as_json))


async def _restore(target: Target, file: Path, apply: bool) -> int:
    archive = Archive(file)
    await describe(target, archive)
    if not apply:
        return screen.dry_run()
    await read_backup(target, archive)
    return 0


async def _lost(target: Target, as_json: bool) -> int:
    rows = target.store.database[RECOVERED].find({"again": False}, sort=[("type", 1), ("_id", 1)])
    counts: dict[str, int] = {}
    async for row in rows:
        counts[row["type"]] = counts.get(row["type"], 0) + 1
        if as_json:
            told = {"id": row["_id"], "type": row["type"], "subject": row["subject"], "sequence": row["sequence"]}
            screen.say(orjson.dumps(told).decode())
    if not as_json:
        for type, count in counts.items():
            screen.say(f"{type}: {count}")
        screen.say(f"{sum(counts.values())} events are told and no longer known; their envelopes are in the outbox")
    return 0
