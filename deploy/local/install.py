"""Makes the virtual environment of this clone: exactly the locked packages, then our own distributions, editable.

    python3 deploy/local/install.py [--quiet]

Needs the standard library only. What is there already is kept, so it may run again at any time. Packages come from
the index that pip is configured for.
"""

from __future__ import annotations

import ast
import fcntl
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
ENVIRONMENT = REPOSITORY / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
STAMP = ENVIRONMENT / ".installed"
REQUIREMENTS = REPOSITORY / "requirements"
MINIMUM = (3, 11)
REPORT_SECONDS = 10


class InstallError(Exception):
    """One line that says what to do; `details` show why."""

    def __init__(self, message: str, details: str = "") -> None:
        super().__init__(message)
        self.details = details


def main() -> int:
    if sys.version_info < MINIMUM:
        found = ".".join(str(number) for number in sys.version_info[:3])
        print(
            f"error: Python {found} is too old: use 3.11 or later, for instance make PYTHON=python3.11", file=sys.stderr
        )
        return 1
    say = _nothing if "--quiet" in sys.argv else _print
    try:
        with (REPOSITORY / ".install.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # two fresh commands at once: the second waits, then finds all in place
            install(say)
    except InstallError as error:
        print("\n".join(f"    {line}" for line in error.details.splitlines()[-15:]), file=sys.stderr)
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def install(say: Callable[[str], None]) -> None:
    if not _is_usable():
        say("making the virtual environment .venv")
        _make_environment()
    index = _index_of_pip()
    uv = [str(PYTHON), "-m", "uv", "pip"]
    say("installing the locked packages (the first time some 300 MB are downloaded)")
    _run([*uv, "sync", "--require-hashes", str(REQUIREMENTS / "all.txt")], "the packages", say, index)
    distributions = sorted(
        str(file.parent)
        for pattern in ("services/*/pyproject.toml", "gateway/pyproject.toml", "deploy/*/pyproject.toml")
        for file in REPOSITORY.glob(pattern)
    )
    say(f"installing our {len(distributions)} distributions, editable")
    editable = [argument for directory in distributions for argument in ("--editable", directory)]
    _run([*uv, "install", "--no-deps", "--no-build-isolation", *editable], "our distributions", say, index)
    STAMP.touch()


def _is_usable() -> bool:
    """Whether an environment is there, of a Python that can be used, with uv."""
    return PYTHON.exists() and _succeeds([str(PYTHON), "-c", f"import sys, uv; sys.exit(sys.version_info < {MINIMUM})"])


def _make_environment() -> None:
    # Some distributions of Python leave ensurepip out; then the pip beside the interpreter may serve.
    if _succeeds([sys.executable, "-c", "import ensurepip"]):
        options, pip = [], [str(PYTHON), "-m", "pip"]
    elif _succeeds([sys.executable, "-m", "pip", "--version"]):
        options, pip = ["--without-pip"], [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    else:
        raise InstallError("this Python has neither ensurepip nor pip: install python3-venv, or choose another PYTHON=")
    _run([sys.executable, "-m", "venv", "--clear", *options, str(ENVIRONMENT)], "the virtual environment")
    locked = ["--no-deps", "--require-hashes", "--only-binary=:all:", "-r", str(REQUIREMENTS / "bootstrap.txt")]
    _run([*pip, "install", "--quiet", "--disable-pip-version-check", *locked], "uv")


def _succeeds(command: Sequence[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _index_of_pip() -> dict[str, str]:
    """uv does not read the configuration of pip; who has set up a mirror for pip means uv too."""
    if any(name.startswith("UV_") and "INDEX" in name for name in os.environ):
        return {}
    settings = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    ).stdout
    found = {}
    for line in settings.splitlines():
        name, _, value = line.partition("=")
        try:
            text = str(ast.literal_eval(value))
        except (SyntaxError, ValueError):
            continue
        if name.endswith(".index-url"):
            found["UV_DEFAULT_INDEX"] = text
        elif name.endswith(".cert") and "SSL_CERT_FILE" not in os.environ:
            found["SSL_CERT_FILE"] = text
    return found


def _run(
    command: Sequence[str],
    what: str,
    say: Callable[[str], None] | None = None,
    environment: Mapping[str, str] | None = None,
) -> None:
    process = subprocess.Popen(
        command,
        cwd=REPOSITORY,
        env={**os.environ, "UV_NO_PROGRESS": "1", "VIRTUAL_ENV": str(ENVIRONMENT), **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    finished = threading.Event()
    if say is not None:
        threading.Thread(target=_tick, args=(say, finished), daemon=True).start()
    try:
        output, _ = process.communicate()
    finally:
        finished.set()
        process.kill()
    if process.returncode != 0:
        raise InstallError(
            f"cannot install {what}: check the network (HTTPS_PROXY, pip's index-url) and try again", output
        )


def _tick(say: Callable[[str], None], finished: threading.Event) -> None:
    started = time.monotonic()
    while not finished.wait(REPORT_SECONDS):
        say(f"  … {time.monotonic() - started:.0f} s")


def _print(line: str) -> None:
    print(line, flush=True)


def _nothing(line: str) -> None:
    pass


if __name__ == "__main__":
    sys.exit(main())
