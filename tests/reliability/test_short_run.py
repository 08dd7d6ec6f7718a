"""The short form of `make reliability`: all six services behind the gateway, one of each kind of failure."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.timeout(1260)

TESTS = Path(__file__).parents[1]
NONE = [f"figure {name} 0" for name in ("lost", "phantom", "duplicated", "inversions", "gaps")]


def test_a_short_run_breaks_no_promise() -> None:
    run = [sys.executable, "-m", "reliability.run", "--commands", "200", "--kills", "4"]
    environment = os.environ | {"PYTHONPATH": str(TESTS)}
    done = subprocess.run(run, env=environment, capture_output=True, text=True, check=False, timeout=1200)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    figures = [line for line in done.stdout.splitlines() if line.startswith("figure ")]
    assert figures[:5] == NONE
