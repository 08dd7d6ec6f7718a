"""County queries take as few requests as they can: one a subgraph and level."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

SCHEMAS = Path(__file__).parents[2] / "schemas"
FETCH = re.compile(r"^fetch \d+ (\w+)", re.MULTILINE)
PLANS = {
    "01-article-figures": {"ORGANIZATION", "GRID", "PETITION", "RED_PARTNER", "POINTS", "NEW_EMPLOYMENT_GROUP"},
    "02-petitions-over-four-services": {"PETITION", "ORGANIZATION", "GRID", "POINTS"},
    "03-one-resident": {"POINTS", "NEW_EMPLOYMENT_GROUP", "PETITION", "RED_PARTNER"},
}


@pytest.mark.parametrize("example", PLANS)
def test_one_request_a_subgraph(example: str) -> None:
    document = (SCHEMAS / "examples" / f"{example}.graphql").read_text()
    command = [sys.executable, "-m", "gateway", "inspect", "plan"]
    command += ["--supergraph", str(SCHEMAS / "supergraph.graphql"), "--query", document]
    plan = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert sorted(FETCH.findall(plan)) == sorted(PLANS[example])
