"""``python -m gateway``: serve a supergraph, or look at what each planning pass makes of an operation."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from graphql import GraphQLError, OperationDefinitionNode, parse, validate

from .errors import GatewayError
from .planner import Graph, Planner
from .planner.plan import context_names, path_text
from .planner.solution import path_lines
from .settings import load_settings
from .supergraph import build_public_schema, read_supergraph
from .telemetry.log import configure_logging

app = typer.Typer(help="A GraphQL Federation 2 router.", no_args_is_help=True, add_completion=False)


class Pass(StrEnum):
    NORMALISE = "normalize"
    GRAPH = "graph"
    PATHS = "paths"
    FETCHES = "fetches"
    PLAN = "plan"


@app.command()
def serve(
    supergraph: Annotated[
        str | None, typer.Option(help="Composed supergraph SDL, a file or URL [GATEWAY_SUPERGRAPH]")
    ] = None,
    host: Annotated[str | None, typer.Option(help="Address to bind [GATEWAY_HOST]")] = None,
    port: Annotated[int | None, typer.Option(help="Port to bind [GATEWAY_PORT]")] = None,
    examples: Annotated[Path | None, typer.Option(help="Documents for the explorer's tabs [GATEWAY_EXAMPLES]")] = None,
) -> None:
    """Serve the supergraph over HTTP. Everything else is set by GATEWAY_… environment variables."""
    from .serving.server import server_of
    from .serving.workers import Supervisor
    from .subscriptions.broker import load_broker_settings

    try:
        settings = load_settings(supergraph=supergraph, host=host, port=port, examples=examples)
        configure_logging(settings.log_level)
        broker = load_broker_settings()
        if settings.workers > 1:
            make = partial(server_of, settings, broker)
            raise typer.Exit(Supervisor(settings.workers, settings.host, settings.port, make).run())
        server = server_of(settings, broker)
    except (GatewayError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    server.run()


@app.command()
def inspect(
    which: Annotated[Pass, typer.Argument(help="The pass whose result is printed")],
    supergraph: Annotated[Path, typer.Option(help="Composed supergraph SDL")],
    query: Annotated[str, typer.Option(help="A document, @FILE, or - for standard input")] = "",
    operation: Annotated[str | None, typer.Option(help="The operation's name, when there are several")] = None,
    label: Annotated[list[str] | None, typer.Option(help="An override label that is on")] = None,
) -> None:
    """Print what one planning pass makes of an operation."""
    try:
        typer.echo("\n".join(inspect_lines(which, supergraph.read_text("utf-8"), _text(query), operation, label or ())))
    except (GatewayError, GraphQLError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


def inspect_lines(which: Pass, sdl: str, query: str, name: str | None = None, labels: Sequence[str] = ()) -> list[str]:
    """The lines that `inspect` prints."""
    supergraph = read_supergraph(sdl)
    graph = Graph(supergraph, frozenset(labels))
    if which is Pass.GRAPH:
        return list(graph.edges())
    document = parse(query)
    errors = validate(build_public_schema(supergraph), document)
    if errors:
        raise errors[0]
    definitions = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    definition = next(one for one in definitions if name is None or (one.name and one.name.value == name))
    operation = graph.normaliser.operation(document, definition)
    if which is Pass.NORMALISE:
        return list(operation.selections.lines())
    planner = Planner(graph)
    if which is Pass.PATHS:
        return [line for group in planner.groups(operation) for line in path_lines(group.solution)]
    if which is Pass.PLAN:
        return str(planner.plan(operation)).splitlines()
    lines = []
    for group in planner.groups(operation):
        for step in group.steps:
            after = " ".join(str(one.id) for one in sorted(step.after, key=lambda one: one.id))
            what = f"{step.entity} at {path_text(step.path)}" if step.entity else path_text(step.path)
            text = step.tree.text(context_names(step))
            lines.append(f"step {step.id} level {step.level} {step.subgraph} {what} after [{after}] {text}")
    return lines


def _text(query: str) -> str:
    if query == "-":
        return sys.stdin.read()
    return Path(query[1:]).read_text("utf-8") if query.startswith("@") else query


def main() -> None:
    app()
