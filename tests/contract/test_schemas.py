"""The committed schemas say what the code does: subgraphs, supergraph, examples."""

import subprocess
import sys
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

from lanling_local.parts import Part, services

SCHEMAS = Path(__file__).parents[2] / "schemas"


@pytest.mark.parametrize("part", services(), ids=lambda part: part.name)
def test_the_subgraph_is_committed(part: Part) -> None:
    printed = subprocess.run([sys.executable, "-m", part.package, "schema"], capture_output=True, check=True).stdout
    assert (SCHEMAS / "subgraphs" / f"{part.name}.graphql").read_bytes() == printed, "run make compose-schema"


@pytest.mark.parametrize("example", sorted((SCHEMAS / "examples").glob("*.graphql")), ids=lambda path: path.stem)
def test_the_examples_are_valid(example: Path) -> None:
    public = build_schema((SCHEMAS / "public.graphql").read_text())
    assert validate(public, parse(example.read_text())) == []


def test_the_supergraph_is_up_to_date(tmp_path: Path) -> None:
    """Composes the committed subgraphs again, with Node from its wheel."""
    from lanling_local import compose

    composed = compose.compose_committed(tmp_path)
    assert composed == (SCHEMAS / "supergraph.graphql").read_text(), "run make compose-schema"
