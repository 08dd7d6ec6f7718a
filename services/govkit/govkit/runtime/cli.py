"""The command line of every service: `serve`, `schema`, `event-contract`, `seed`; for operators `migrate`, `backup`,
`restore` and `events`."""

from typing import Annotated, Any, Protocol

import orjson
import typer

from govkit.operations.cli import Operated, due_command_line, events_command_line
from govkit.operations.migrate import add_migrate
from govkit.operations.safekeeping import add_lost, add_safekeeping


class Runnable(Operated, Protocol):
    """What the command line needs of a service. Each method reads the settings that it needs by itself."""

    @property
    def name(self) -> str: ...

    def serve(self, migrate: bool = False) -> None:
        """Serve until SIGTERM or SIGINT; with `migrate`, bring the database to this version before.

        SystemExit with 4 on a database that is not migrated, 5 on one that is newer.
        """

    def schema_text(self) -> str:
        """The subgraph's schema in the schema definition language; needs no settings."""

    def event_contract(self) -> dict[str, Any]:
        """Schema and sample of each event type, and what the service consumes; needs no settings."""

    def seed(self) -> None:
        """Load the demonstration data; again: change nothing."""


def run_cli(service: Runnable) -> None:
    """Run the command that the arguments of the process name."""
    command_line(service)()


def command_line(service: Runnable) -> typer.Typer:
    cli = typer.Typer(
        help=f"The {service.name} service of Lanling county.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )

    @cli.command()
    def serve(
        migrate: Annotated[bool, typer.Option("--migrate", help="`migrate --apply` first; for one machine.")] = False,
    ) -> None:
        """Serve GraphQL until SIGTERM; configured by environment.

        Exit code 4: the database is not migrated to this version; 5: it is newer.
        """
        service.serve(migrate)

    @cli.command()
    def schema() -> None:
        """Print the subgraph's schema."""
        typer.echo(service.schema_text().rstrip())

    @cli.command(name="event-contract")
    def event_contract() -> None:
        """Print what the service promises about its events, as JSON: schemas, samples, types that it consumes."""
        typer.echo(orjson.dumps(service.event_contract(), option=orjson.OPT_INDENT_2))

    @cli.command()
    def seed() -> None:
        """Load the demonstration county's data of this service; configured by environment."""
        service.seed()

    add_migrate(cli, service)
    add_safekeeping(cli, service)
    events = events_command_line(service)
    add_lost(events, service)
    cli.add_typer(events, name="events")
    cli.add_typer(due_command_line(service), name="due")
    return cli
