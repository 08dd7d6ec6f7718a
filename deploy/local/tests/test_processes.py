from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from lanling_local.errors import StackError
from lanling_local.processes import Child, relevant_lines, stop, wait_until


def python(name: str, code: str, log: Path) -> Child:
    return Child(name, [sys.executable, "-c", code], log=log)


def test_relevant_lines_are_the_end_and_the_errors_before_it(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("ERROR first cause\n" + "all is well\n" * 50 + '{"s":"E","msg":"second"}\n' + "closing\n" * 12)
    assert relevant_lines(log) == ["ERROR first cause", '{"s":"E","msg":"second"}', *["closing"] * 12]
    assert relevant_lines(tmp_path / "none") == []


def test_waiting_ends_with_the_log_of_what_does_not_get_ready(tmp_path: Path) -> None:
    child = python("sleeper", "print('waiting for a sign', flush=True); import time; time.sleep(60)", tmp_path / "log")
    try:
        wait_until({"it": lambda: (tmp_path / "log").read_text() != ""}, [child], timeout_seconds=60)
        with pytest.raises(StackError, match="not ready after 1 s: sleeper") as caught:
            wait_until({"sleeper": lambda: False, "other": lambda: True}, [child], timeout_seconds=1)
        assert caught.value.details == ("waiting for a sign",)
    finally:
        stop([child])
    assert child.process.returncode == -signal.SIGTERM


def test_what_ignores_the_polite_signal_is_killed(tmp_path: Path) -> None:
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
    child = python("stubborn", code, tmp_path / "log")
    wait_until({"it": lambda: (tmp_path / "log").read_text() != ""}, [child], timeout_seconds=60)
    stop([child], grace_seconds=0.2)
    assert child.process.returncode == -signal.SIGKILL


def test_a_command_that_is_not_there_is_named(tmp_path: Path) -> None:
    child = Child("ghost", ["/no/such/program"], log=tmp_path / "log")
    child.process.wait()
    with pytest.raises(StackError, match="ghost ended with exit code 1") as caught:
        child.raise_if_dead()
    assert caught.value.details == ("/no/such/program: No such file or directory",)


def test_the_log_of_the_run_before_is_kept(tmp_path: Path) -> None:
    for word in ("first", "second"):
        python("talker", f"print('{word}')", tmp_path / "log").process.wait()
    assert (tmp_path / "log").read_text() == "second\n"
    assert (tmp_path / "log.1").read_text() == "first\n"
