"""Read models: rebuilt from offset 0 by the service's own tool, without changing anything, and compared by hash."""

import os
import subprocess
import sys
from collections.abc import Iterator

from reliability.place import Place, ServicePlace

EQUAL, DIFFERENT = 0, 3
REBUILD_SECONDS = 300


def rebuild(place: Place) -> Iterator[tuple[str, bool]]:
    """The tool's line for each projection of each service, and whether it is equal. Raises RuntimeError."""
    for service in place.services:
        yield from _rebuild(service)


def _rebuild(service: ServicePlace) -> Iterator[tuple[str, bool]]:
    done = subprocess.run(
        [sys.executable, "-m", service.package, "events", "rebuild"],
        env={**os.environ, **service.environment},
        capture_output=True,
        text=True,
        timeout=REBUILD_SECONDS,
        check=False,
    )
    if done.returncode not in (EQUAL, DIFFERENT):
        raise RuntimeError(f"{service.name} events rebuild: exit code {done.returncode}: {done.stderr[-1000:]}")
    for line in done.stdout.splitlines():
        if line.startswith("projection "):
            yield f"{service.name} {line}", line.endswith(" equal")
