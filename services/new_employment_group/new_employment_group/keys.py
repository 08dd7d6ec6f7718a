"""`keys status` and `keys reseal`: the keys of personal data, for operators."""

import typer

from govkit.domain import GovError
from govkit.domain.ports import new_id
from govkit.operations import screen
from govkit.operations.cli import Apply, By, Operated, run_operation, user
from govkit.operations.journal import Order, noted
from govkit.operations.progress import progress
from govkit.operations.target import OperationError, Target
from new_employment_group import resealing
from new_employment_group.personal_data import vault


def add_keys(cli: typer.Typer, service: Operated) -> None:
    keys = typer.Typer(help="Look after the keys of personal data.", no_args_is_help=True)

    @keys.command()
    def status() -> None:
        """How many records are sealed with which key."""
        raise typer.Exit(run_operation(service, _status, "keys"))

    @keys.command()
    def reseal(apply: Apply = False, by: By = None) -> None:
        """Seal anew with the current key what older keys have sealed; the service may run."""
        raise typer.Exit(run_operation(service, lambda target: _reseal(target, apply, by or user()), "keys"))

    cli.add_typer(keys, name="keys")


async def _status(target: Target) -> int:
    found = await resealing.sealed_by(target.store)
    for key_id in sorted(found.keys() | vault().keys.keys()):
        use = "current" if key_id == vault().key_id else "older" if key_id in vault().keys else "MISSING"
        screen.say(f"key {key_id} {use}: {found.get(key_id, 0)} records")
    return 0


async def _reseal(target: Target, apply: bool, by: str) -> int:
    count = await resealing.left(target.store, vault())
    screen.say(f"{count} records are sealed with another key than {vault().key_id}")
    if not apply:
        return screen.dry_run()
    order = Order(run=new_id(), command="reseal", by=by, selection={"key": vault().key_id})
    async with noted(target.store.database, order) as run:
        with progress("records", count) as advance:

            def done(records: int) -> None:
                run.count("records", records)
                advance(records)

            try:
                await resealing.reseal(target.store, vault(), done)
            except GovError as error:
                raise OperationError(f"a key is missing: {error.details}") from error
        await run.save()
    screen.say(f"{run.counts.get('records', 0)} records sealed anew; older keys may go, but for backups")
    return 0
