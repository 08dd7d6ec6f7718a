"""The command line of every service: `serve`, `schema`, `event-schemas DIR`, `seed`."""

from pathlib import Path
from typing import Annotated, Protocol

import typer


class Runnable(Protocol):
    """What the command line needs of a service. Each method reads the settings that it needs by itself."""

    @property
    def name(self) -> str: ...

    def serve(self) -> None:
        """Serve until SIGTERM or SIGINT."""

    def schema_text(self) -> str:
        """The subgraph's schema in the schema definition language; needs no settings."""

    def event_schemas(self) -> dict[str, bytes]:
        """File name to JSON Schema, one for each event type; needs no settings."""

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
    def serve() -> None:
        """Serve GraphQL until SIGTERM; configured by environment."""
        service.serve()

    @cli.command()
    def schema() -> None:
        """Print the subgraph's schema."""
        typer.echo(service.schema_text().rstrip())

    @cli.command(name="event-schemas")
    def event_schemas(directory: Annotated[Path, typer.Argument(help="Where the JSON Schemas go.")]) -> None:
        """Write the JSON Schema of each event type; remove those of types that are gone."""
        directory.mkdir(parents=True, exist_ok=True)
        schemas = service.event_schemas()
        for stale in {path.name for path in directory.glob("*.json")} - schemas.keys():
            (directory / stale).unlink()
        for name, text in schemas.items():
            (directory / name).write_bytes(text)

    @cli.command()
    def seed() -> None:
        """Load the demonstration county's data of this service; configured by environment."""
        service.seed()

    return cli
