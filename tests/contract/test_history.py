"""The files of promises against what they once said: what was committed stays, though line and class are deleted."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from lanling_local.contract import compatibility
from lanling_local.contract.compatibility import NOTICE
from lanling_local.contract.files import PUBLISHED
from lanling_local.contract.history import PROMISE_DELETED, SAMPLE_CHANGED, deleted_promises, read_past
from lanling_local.paths import REPOSITORY

TYPE = "cn.lanling.parcel.delivered.v1"
PROMISED = {"sample": "a1", "fields": {"parcelId": {"kind": "string"}, "code": {"kind": "string"}}}
TODAY = date(2026, 7, 1)


def git(repository: Path, *arguments: str, on: date = TODAY) -> None:
    who = {"NAME": "somebody", "EMAIL": "somebody@county.test", "DATE": f"{on}T12:00:00+08:00"}
    of = {f"GIT_{role}_{name}": value for role in ("AUTHOR", "COMMITTER") for name, value in who.items()}
    of |= {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", *arguments], cwd=repository, env=of, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    if shutil.which("git") is None:
        pytest.skip("git is not installed here")
    git(tmp_path, "init", "--initial-branch", "main")
    (tmp_path / PUBLISHED).mkdir(parents=True)
    return tmp_path


def say(repository: Path, **types: dict[str, Any]) -> None:
    (repository / PUBLISHED / "points.json").write_text(json.dumps({TYPE: PROMISED} | types))


def unsay(repository: Path, **changes: Any) -> None:
    (repository / PUBLISHED / "points.json").write_text(json.dumps({TYPE: PROMISED | changes}))


def commit(repository: Path, on: date = TODAY) -> None:
    git(repository, "add", "--all")
    git(repository, "commit", "--allow-empty", "--message", "publish", on=on)


def found(repository: Path, today: date = TODAY) -> list[tuple[str, str]]:
    return [(each.field, each.rule) for each in deleted_promises(repository, PUBLISHED, today)]


WITHOUT_CODE = {"parcelId": {"kind": "string"}}
NULLABLE = PROMISED["fields"] | {"code": {"kind": "string", "nullable": True}}  # type: ignore[operator]
LATER = TODAY + NOTICE


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"fields": WITHOUT_CODE}, [("code", compatibility.FIELD_REMOVED)]),
        ({"fields": NULLABLE}, [("code", compatibility.NOW_NULLABLE)]),
        ({"sample": "b2"}, [("", SAMPLE_CHANGED)]),
        ({"until": "2026-06-30"}, [("", compatibility.ENDS_TOO_SOON)]),
        ({"until": str(LATER)}, []),
    ],
)
@pytest.mark.parametrize("committed", [False, True])
def test_what_was_said_stays(
    repository: Path, change: dict[str, Any], expected: list[tuple[str, str]], committed: bool
) -> None:
    """Before the change is committed, and after it."""
    say(repository)
    commit(repository)
    unsay(repository, **change)
    if committed:
        commit(repository)
    assert found(repository) == expected


@pytest.mark.parametrize("whole_file", [False, True])
def test_a_type_does_not_vanish(repository: Path, whole_file: bool) -> None:
    say(repository)
    commit(repository)
    file = repository / PUBLISHED / "points.json"
    file.unlink() if whole_file else file.write_text("{}")
    assert found(repository) == [("", PROMISE_DELETED)]
    commit(repository)
    assert found(repository) == [("", PROMISE_DELETED)]
    say(repository)
    assert found(repository) == []


def test_notice_counts_from_the_commit_that_told(repository: Path) -> None:
    say(repository)
    commit(repository, TODAY - timedelta(days=400))
    unsay(repository, until=str(LATER))
    commit(repository)
    assert found(repository, today=LATER + timedelta(days=1)) == []
    unsay(repository, until=str(LATER - timedelta(days=1)))
    assert ("", compatibility.ENDS_EARLIER) in found(repository)


def test_what_a_branch_tried_out_binds_nobody(repository: Path) -> None:
    """Published is what was on the main branch."""
    say(repository)
    commit(repository)
    git(repository, "switch", "--create", "branch")
    say(repository, **{"cn.lanling.parcel.tried.v1": PROMISED})
    commit(repository)
    say(repository, **{"cn.lanling.parcel.lost.v1": PROMISED})
    commit(repository)
    git(repository, "switch", "main")
    git(repository, "merge", "--no-ff", "branch")
    assert found(repository) == []
    say(repository)
    assert found(repository) == [("", PROMISE_DELETED)]


def test_an_exported_tree_has_no_history(tmp_path: Path) -> None:
    assert read_past(tmp_path, PUBLISHED) == []


def test_there_is_a_history_here() -> None:
    if shutil.which("git") is None or not (REPOSITORY / ".git").exists() or (REPOSITORY / ".git" / "shallow").exists():
        pytest.skip("git or the whole history is missing")
    told = {past.name for past in read_past(REPOSITORY, PUBLISHED)}
    assert len(told) > 300
