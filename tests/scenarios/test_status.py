"""`make status` on the running county."""

import os
import subprocess
import sys

import pytest

from county import County

pytestmark = pytest.mark.timeout(300)  # the first test starts the county


def status(**environment: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "lanling_local", "status", "--seconds", "0.5"]
    return subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=30, check=False
    )


def test_one_row_a_process_with_its_version_and_health(county: County) -> None:
    done = status(**{name: str(port) for name, port in county.ports.items()})
    rows = {line.split()[0]: line.split() for line in done.stdout.splitlines()[1:8]}
    assert set(rows) == {
        "organization",
        "grid",
        "petition",
        "points",
        "red-partner",
        "new-employment-group",
        "gateway",
    }
    for row in rows.values():
        assert row[1:3] == ["0.1.0", "ready"]
        assert int(row[-2]) > 30  # MB
    assert "petition: petitions open " in done.stdout


def test_one_that_is_not_there_is_told_and_fails(county: County) -> None:
    here, nowhere = county.ports["POINTS_PORT"], "http://127.0.0.1:9"
    done = status(STATUS_URLS=f"points=http://127.0.0.1:{here} grid={nowhere}")
    assert done.returncode == 1
    assert "grid: down: " in done.stdout
