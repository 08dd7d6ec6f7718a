"""What others rely on: a supergraph that composes, operations that clients ask, events that are promised."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from graphql import GraphQLError, GraphQLSchema, OperationDefinitionNode, parse, validate

from gateway.errors import GatewayError
from gateway.guards.documents import Manifest
from gateway.planner import Graph, Planner
from gateway.supergraph import build_public_schema, read_supergraph
from lanling_deploy.errors import DeployError
from lanling_local.compose import COMPOSER
from lanling_local.contract.compatibility import Edition, breaks
from lanling_local.contract.promises import promises_of
from lanling_local.contract.published import read_publications
from lanling_local.errors import StackError
from lanling_local.node import install_packages, run_node

Contract = dict[str, Any]
"""What `event-contract` of a service prints."""


@dataclass(frozen=True)
class Subgraph:
    name: str
    url: str
    schema: str


def compose(subgraphs: Sequence[Subgraph]) -> str:
    """The supergraph. Raises DeployError with the composer's reasons."""
    install_packages(COMPOSER)
    with tempfile.TemporaryDirectory(prefix="lanling-") as name:
        directory = Path(name)
        supergraph = directory / "supergraph.graphql"
        arguments = [str(COMPOSER / "compose.mjs"), "--out", str(supergraph)]
        for one in subgraphs:
            file = directory / f"{one.name}.graphql"
            file.write_text(one.schema, "utf-8")
            arguments.append(f"{one.name}={one.url}={file}")
        try:
            run_node(arguments, directory)
        except StackError as error:
            first = error.details[0] if error.details else str(error)
            raise DeployError(f"the schemas do not compose: {first}", error.details[1:]) from error
        return supergraph.read_text("utf-8")


def read_operations(places: Sequence[Path]) -> dict[str, str]:
    """Texts by where they are from. A directory has .graphql files, a file is a manifest of persisted documents.

    Raises DeployError for a manifest that cannot be read.
    """
    found: dict[str, str] = {}
    for place in places:
        if place.is_file():
            try:
                found |= {f"{place.name} {id}": text for id, text in Manifest.read(place).texts.items()}
            except GatewayError as error:
                raise DeployError(str(error)) from error
        found |= {str(file.relative_to(place)): file.read_text("utf-8") for file in sorted(place.rglob("*.graphql"))}
    return found


def broken_operations(before: str, after: str, operations: Mapping[str, str]) -> list[str]:
    """A line for each operation that the supergraph `before` could run and `after` cannot."""
    if not before or not operations:
        return []
    was, now = _Runnable(before), _Runnable(after)
    found = []
    for name, text in operations.items():
        reason = now.refusal(text)
        if reason and not was.refusal(text):
            found.append(f"{name}: {reason}")
    return found


class _Runnable:
    def __init__(self, sdl: str) -> None:
        supergraph = read_supergraph(sdl)
        self._schema: GraphQLSchema = build_public_schema(supergraph)
        self._graph = Graph(supergraph)

    def refusal(self, text: str) -> str:
        """Why a gateway would not run it; empty when it would."""
        try:
            document = parse(text)
            errors = validate(self._schema, document)
            if errors:
                return errors[0].message
            for one in document.definitions:
                # A subscription is planned from the events it hears, not from the document alone.
                if isinstance(one, OperationDefinitionNode) and one.operation.value != "subscription":
                    Planner(self._graph).plan(self._graph.normaliser.operation(document, one))
        except (GraphQLError, GatewayError) as error:
            return str(error).splitlines()[0]
        return ""


def broken_events(contract: Contract, published: Path, others: Mapping[str, Contract], today: date) -> list[str]:
    """A line for each promise about its events that the service no longer keeps.

    `published` has what was promised for good; `others` are the contracts of the services that run, by name: what they
    consume must still be there.
    """
    service = contract["service"]
    promised = {
        name: one.edition for name, one in read_publications(published).items() if one.edition.service == service
    }
    current = {name: _edition(service, event["schema"]) for name, event in contract["events"].items()}
    return [
        *(str(one) for one in breaks(promised, current, today)),
        *_no_longer_heard(service, contract, promised, others),
    ]


def _no_longer_heard(
    service: str, contract: Contract, promised: Mapping[str, Edition], others: Mapping[str, Contract]
) -> Iterator[str]:
    before: Contract = others.get(service, {"events": {}})
    for name in sorted(before["events"].keys() - contract["events"].keys() - promised.keys()):
        listeners = sorted(other for other, one in others.items() if other != service and name in one["consumes"])
        if listeners:
            yield f"{name}: {', '.join(listeners)} consumes it, and the new version has it no more"


def _edition(service: str, schema: dict[str, Any]) -> Edition:
    until = schema.get("x-until")
    return Edition(service, promises_of(schema), date.fromisoformat(until) if until else None)
