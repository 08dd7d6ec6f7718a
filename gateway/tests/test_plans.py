"""Plan snapshots: each ``plans/*.graphql`` names its fixture in the first line; its plan stands beside it.

``UPDATE_PLANS=1 pytest tests/test_plans.py`` writes them again; read the difference before committing it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gateway.cli import Pass, inspect_lines

from .federation import FIXTURES

PLANS = Path(__file__).parent / "plans"


@pytest.mark.parametrize("path", sorted(PLANS.glob("*.graphql")), ids=lambda path: path.stem)
def test_plan(path: Path) -> None:
    query = path.read_text("utf-8")
    fixture = query.splitlines()[0].lstrip("# ")
    sdl = (FIXTURES / fixture / "supergraph.graphql").read_text("utf-8")
    plan = "\n".join(inspect_lines(Pass.PLAN, sdl, query)) + "\n"
    expected = path.with_suffix(".plan")
    if os.environ.get("UPDATE_PLANS"):
        expected.write_text(plan, "utf-8")
    assert plan == expected.read_text("utf-8")


@pytest.mark.parametrize("which", list(Pass))
def test_every_pass_can_be_looked_at(which: Pass) -> None:
    sdl = (FIXTURES / "shop" / "supergraph.graphql").read_text("utf-8")
    lines = inspect_lines(which, sdl, (PLANS / "shop_chain.graphql").read_text("utf-8"))
    assert any("inStock" in line for line in lines)
