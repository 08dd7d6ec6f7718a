"""`make compose-schema`: writes the schemas that are committed, from the code that they describe."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from lanling_local.contract.write import write_event_contract
from lanling_local.errors import StackError
from lanling_local.node import install_packages, run_node
from lanling_local.parts import Part, services
from lanling_local.paths import REPOSITORY
from lanling_local.ports import HOST

SCHEMAS = REPOSITORY / "schemas"
COMPOSER = SCHEMAS / "compose"


def compose_schemas() -> int:
    """Subgraphs from the services, supergraph and public schema from the subgraphs; then the event contract.

    The contract comes last: a broken promise stops nobody who works on the graph.
    """
    parts = services()
    for part, process in [(part, _start_export(part)) for part in parts]:
        output, errors = process.communicate()
        if process.returncode != 0:
            raise StackError(f"{part.name} cannot print its schema", errors.decode().splitlines()[-12:])
        _write(_subgraph(part), output)
    compose_committed(SCHEMAS)
    print(f"wrote schemas/supergraph.graphql of {', '.join(part.name for part in parts)}")
    write_event_contract(REPOSITORY)
    return 0


def compose_committed(directory: Path) -> str:
    """Compose the committed subgraphs; write supergraph.graphql and public.graphql into `directory`.

    Returns the supergraph. Raises StackError with the reasons when the subgraphs do not compose.
    """
    install_packages(COMPOSER)
    parts = services()
    supergraph, public = directory / "supergraph.graphql", directory / "public.graphql"
    subgraphs = [f"{part.name}=http://{HOST}:{part.default_port}/graphql={_subgraph(part)}" for part in parts]
    arguments = [str(COMPOSER / "compose.mjs"), "--out", str(supergraph), "--public", str(public), *subgraphs]
    run_node(arguments, REPOSITORY)
    return supergraph.read_text()


def _subgraph(part: Part) -> Path:
    return SCHEMAS / "subgraphs" / f"{part.name}.graphql"


def _start_export(part: Part) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", part.package, "schema"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists() or file.read_bytes() != content:
        file.write_bytes(content)
