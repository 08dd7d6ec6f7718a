"""What outlives this process: one JSON line for each thing that is done, written to the disk before the next begins.

    {"at": "2026-05-06T04:00:01Z", "kind": "begun", "deployment": {"id": …, "new": {…}, "old": {…}, …}}
    {"at": …, "kind": "step", "step": "start", "seconds": 1.2}
    {"at": …, "kind": "failed", "reason": "…"}
    {"at": …, "kind": "ended", "done": false}
    {"at": …, "kind": "scaled", "release": {…}}

A last line that was cut off by a crash is what was about to be noted: it did not happen.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lanling_deploy.errors import DeployError
from lanling_deploy.model import County, Deployment, Release, Step

Entry = dict[str, Any]


class Journal:
    """Raises DeployError when the file cannot be read or written."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.entries = list(self._read())
        self.county = County()
        for entry in self.entries:
            self.county = _after(self.county, entry)

    def begin(self, deployment: Deployment) -> None:
        self._note({"kind": "begun", "deployment": asdict(deployment)})

    def step(self, step: Step, seconds: float) -> None:
        self._note({"kind": "step", "step": step, "seconds": round(seconds, 3)})

    def fail(self, reason: str) -> None:
        self._note({"kind": "failed", "reason": reason})

    def end(self, *, done: bool) -> None:
        self._note({"kind": "ended", "done": done})

    def scale(self, release: Release) -> None:
        self._note({"kind": "scaled", "release": asdict(release)})

    def _note(self, entry: Entry) -> None:
        entry = {"at": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"), **entry}
        try:
            self._append(json.dumps(entry, ensure_ascii=False).encode() + b"\n")
        except OSError as error:
            raise DeployError(f"cannot write {self._file}: {error.strerror or error}") from error
        self.entries.append(entry)
        self.county = _after(self.county, entry)

    def _append(self, line: bytes) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a+b") as file:
            whole = _whole_size(file.read() if not file.seek(0) else b"")
            file.truncate(whole)  # what a crash or a full disk has cut off
            file.write(line)
            file.flush()
            os.fsync(file.fileno())

    def _read(self) -> Iterator[Entry]:
        try:
            content = self._file.read_bytes()
        except FileNotFoundError:
            return
        except OSError as error:
            raise DeployError(f"cannot read {self._file}: {error.strerror or error}") from error
        for number, line in enumerate(content[: _whole_size(content)].splitlines(), 1):
            try:
                yield json.loads(line)
            except ValueError as error:
                raise DeployError(f"{self._file}:{number} is no line of a journal: {error}") from error


def _whole_size(content: bytes) -> int:
    return content.rfind(b"\n") + 1


def _after(county: County, entry: Entry) -> County:
    match entry["kind"]:
        case "begun":
            return county.begun(_deployment(entry["deployment"]))
        case "step":
            return county.stepped(Step(entry["step"]))
        case "failed":
            return county.failed(entry["reason"])
        case "ended":
            return county.ended(entry["done"])
        case "scaled":
            return county.scaled(_release(entry["release"]))
    raise DeployError(f"the journal has an entry of a newer command: {entry['kind']}")


def _deployment(value: Entry) -> Deployment:
    old = value["old"]
    return Deployment(**{**value, "new": _release(value["new"]), "old": _release(old) if old else None})


def _release(value: Entry) -> Release:
    return Release(**{**value, "ports": tuple(value["ports"])})
