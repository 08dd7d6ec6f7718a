"""Loads the demonstration county: every service its own part, all at once."""

from __future__ import annotations

import hashlib
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from lanling_local.configuration import Configuration
from lanling_local.parts import Part
from lanling_local.processes import POLL_SECONDS, Child, Pause, stop
from lanling_local.stack import Infrastructure

Report = Callable[[str], None]
DATA_AND_CODE = (".py", ".json", ".csv", ".toml", ".txt")


def seed(
    configuration: Configuration,
    parts: Sequence[Part],
    infra: Infrastructure,
    *,
    report: Report,
    pause: Pause = time.sleep,
    watched: Iterable[Child] = (),
) -> None:
    """Run `seed` of the parts and pass on what they print. Raises StackError when one fails or a watched child dies."""
    watched = list(watched)
    seeds: list[_Seed] = []
    try:
        seeds += [_Seed(configuration, part, infra, report) for part in parts]
        pending = list(seeds)
        while pending:
            pending = [one for one in pending if not one.has_succeeded()]
            for child in watched:
                child.raise_if_dead()
            pause(POLL_SECONDS)
    finally:
        stop([one.child for one in seeds])


class _Seed:
    def __init__(self, configuration: Configuration, part: Part, infra: Infrastructure, report: Report) -> None:
        self._report = report
        self._log = configuration.logs / f"{part.package}-seed.log"
        self._name = part.name
        self.child = Child(
            f"seed of {part.name}",
            configuration.service_command(part, "seed"),
            log=self._log,
            environment=configuration.service_environment(part, infra),
            output=subprocess.PIPE,
        )
        self._reader = threading.Thread(target=self._pass_on, daemon=True)
        self._reader.start()

    def _pass_on(self) -> None:
        assert self.child.process.stdout is not None
        with self.child.process.stdout as output, self._log.open("wb") as log:
            for line in output:
                log.write(line)
                log.flush()
                text = line.decode(errors="replace").rstrip()
                if text:
                    self._report(text if self._name in text else f"{self._name}: {text}")

    def has_succeeded(self) -> bool:
        if self.child.process.poll() is not None:
            self._reader.join(timeout=5)
        return self.child.has_succeeded()


class SeedRecord:
    """Remembers, beside the data, that exactly these sources were loaded into them, so that the next start need not ask
    each service again. It is lost with the data."""

    def __init__(self, configuration: Configuration) -> None:
        self._directory = configuration.directory / "seeded"
        self._fingerprint = _fingerprint(configuration.sources)

    def is_loaded(self, part: Part) -> bool:
        try:
            return (self._directory / part.package).read_text() == self._fingerprint
        except FileNotFoundError:
            return False

    def loaded(self, part: Part) -> None:
        self._directory.mkdir(parents=True, exist_ok=True)
        (self._directory / part.package).write_text(self._fingerprint)


def _fingerprint(directory: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(directory.rglob("*.*")):
        if path.suffix in DATA_AND_CODE:
            status = path.stat()
            digest.update(f"{path.relative_to(directory)} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
