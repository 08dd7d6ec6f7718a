"""`operate`: a service's own command line, configured as in the running county."""

import os
import subprocess
import sys


def operate(*words: str, **environment: str) -> tuple[int, str]:
    line = [sys.executable, "-m", "lanling_local", "operate", *words]
    done = subprocess.run(line, env=os.environ | environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_it_is_configured_and_gives_its_own_exit_code() -> None:
    away = {"MONGODB_URI": "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=100"}
    code, output = operate("grid", "events", "list", **away)
    assert (code, output.startswith("events: no answer from the broker or the database")) == (1, True)
    assert operate("grid", "events", "list", "--nonsense")[0] == 2


def test_an_unknown_service_is_named() -> None:
    code, output = operate("gridd", "events", "status")
    assert (code, "no service 'gridd'" in output) == (1, True)
