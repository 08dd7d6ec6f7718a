"""Takes out of a lock what one distribution needs, with the versions and hashes of the lock.

    python locked.py all.txt pyproject.toml|NAME…  >requirements.txt

`uv pip compile` writes below each package, as `# via …`, which packages need it; so the lock itself says what belongs
to what, and no index is asked. The build checks afterwards that nothing is missing (`uv pip check`).
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

_ENTRY = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_VIA = re.compile(r"^\s+#(?: via)?\s+([A-Za-z0-9][A-Za-z0-9._-]*)$")


def locked(lock: str, roots: Iterable[str]) -> str:
    """The part of `lock` that `roots` need, directly or not. Raises ValueError for a root that is not locked."""
    entries = list(_entries(lock))
    wanted = {_normal(root) for root in roots}
    unknown = wanted - {name for name, _ in entries}
    if unknown:
        raise ValueError(f"not in the lock: {', '.join(sorted(unknown))}")
    found: set[str] = set()
    while wanted - found:
        found |= wanted
        wanted = {name for name, text in entries if found.intersection(_parents(text))}
    return "".join(text for name, text in entries if name in found)


def dependencies(project: str) -> list[str]:
    """The names that a pyproject.toml depends on, without versions and extras."""
    return [match[0] for line in tomllib.loads(project)["project"]["dependencies"] if (match := _NAME.match(line))]


def _entries(lock: str) -> Iterator[tuple[str, str]]:
    """Normalised name and text of each entry; a package may have several, with markers."""
    for text in re.split(r"^(?=[A-Za-z0-9])", lock, flags=re.MULTILINE):
        if match := _ENTRY.match(text):
            yield _normal(match[1]), text


def _parents(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if match := _VIA.match(line):
            yield _normal(match[1])


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def main() -> None:
    lock, *arguments = sys.argv[1:]
    roots = []
    for argument in arguments:
        roots += dependencies(Path(argument).read_text()) if argument.endswith(".toml") else [argument]
    print(locked(Path(lock).read_text(), roots), end="")


if __name__ == "__main__":
    main()
