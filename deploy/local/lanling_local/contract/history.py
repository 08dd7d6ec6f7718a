"""What `schemas/published` once said must still stand there: otherwise a promise could be broken by deleting its line.

The history is git's, of the commits that were the main branch, one by one. An exported tree has none; there nothing is
compared.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from lanling_local.contract.compatibility import Break, breaks
from lanling_local.contract.published import Publication, read_publications, read_text

PROMISE_DELETED = (
    "what schemas/published has promised stays there; restore its lines, or amend a commit that is yours alone"
)
SAMPLE_CHANGED = "a published golden sample never changes; restore its SHA-256"


@dataclass(frozen=True)
class Past:
    """What was promised of a type by a commit of that day."""

    on: date
    name: str
    publication: Publication


def deleted_promises(repository: Path, directory: Path, today: date) -> list[Break]:
    """Where the files in `directory`, a path within the repository, no longer keep what they have promised."""
    published = read_publications(repository / directory)
    past = read_past(repository, directory)
    found = (each for one in past for each in _of_one(one, published.get(one.name), _told(past, one.name, today)))
    return list(dict.fromkeys(found))


def read_past(repository: Path, directory: Path) -> list[Past]:
    """Every edition that was ever committed; none where git or a history is missing."""
    if not (repository / ".git").exists():
        return []
    what = ("--first-parent", "-m", "--raw", "--no-abbrev", "--no-renames", "--format=%as", "--", f"{directory}")
    day = date.min
    past: list[Past] = []
    for line in _git(repository, "log", *what).splitlines():
        if line.startswith(":"):
            past += _versions(repository, day, line)
        elif line:
            day = date.fromisoformat(line)
    return past


def _versions(repository: Path, day: date, line: str) -> Iterator[Past]:
    """Of a file that a commit wrote: `:100644 100644 <before> <after> M\t<path>`."""
    change, path = line.split("\t")
    *_, after, kind = change.split()
    if kind != "D":
        publications = read_text(Path(path).stem, _git(repository, "cat-file", "blob", after))
        yield from (Past(day, name, publication) for name, publication in publications.items())


def _of_one(past: Past, now: Publication | None, told: date) -> Iterator[Break]:
    if now is None:
        yield Break(past.name, "", PROMISE_DELETED)
        return
    if now.sample != past.publication.sample:
        yield Break(past.name, "", SAMPLE_CHANGED)
    yield from breaks({past.name: past.publication.edition}, {past.name: now.edition}, told)


def _told(past: Sequence[Past], name: str, today: date) -> date:
    """The day on which subscribers heard that the type ends: of the first commit that says so; else today."""
    return min((one.on for one in past if one.name == name and one.publication.edition.until), default=today)


def _git(repository: Path, *arguments: str) -> str:
    """Empty when there is no git, and before the first commit."""
    # Of this repository, even where a hook names another one; and whoever it belongs to: it is only read.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", "-c", "safe.directory=*", "-c", "log.showRoot=true", *arguments]
    try:
        done = subprocess.run(command, cwd=repository, env=environment, capture_output=True, check=False)
    except FileNotFoundError:
        return ""
    return done.stdout.decode() if done.returncode == 0 else ""
