"""What holds for the package as a whole: same facts in every process, quickly, one owner for each id, no service."""

import ast
import subprocess
import sys
from dataclasses import fields, is_dataclass
from importlib import import_module
from inspect import signature
from pathlib import Path
from types import ModuleType

import pytest

import lanling_demo
from lanling_demo.ids import stable_id

INDEXES = (
    "organization_facts", "grid_facts", "petition_facts", "points_facts", "red_partner_facts", "new_employment_facts",
)  # fmt: skip

# Digest of every record of every topic: dataclasses print their fields, so equal text is equal content.
DIGEST = """
import hashlib, sys, time
from importlib import import_module
from inspect import signature
begin = time.process_time()
found = []
for index in sys.argv[1:]:
    module = import_module("lanling_demo." + index)
    topics = [getattr(module, name) for name in module.__all__]
    topics = [item for item in topics if hasattr(item, "__wrapped__")]
    found += [item() for item in topics if list(signature(item).parameters) == ["as_of"]]
seconds = time.process_time() - begin
print(hashlib.sha256(repr(found).encode()).hexdigest(), len(found), seconds)
"""


def index(name: str) -> ModuleType:
    return import_module(f"lanling_demo.{name}")


def fresh_digest(hash_seed: str, *indexes: str) -> tuple[str, float]:
    run = subprocess.run(
        [sys.executable, "-c", DIGEST, *indexes],
        env={"PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    digest, topics, seconds = run.stdout.split()
    assert int(topics) > 5
    return digest, float(seconds)


def test_two_fresh_interpreters_agree_whatever_their_hash_seed() -> None:
    first, second = fresh_digest("1", *INDEXES), fresh_digest("2", *INDEXES)
    assert first[0] == second[0]
    assert min(first[1], second[1]) < 6  # CPU seconds; about 1.5 alone, more where another process has the other core


def test_a_topic_does_not_depend_on_what_was_computed_before() -> None:
    alone = fresh_digest("0", "points_facts")[0]
    after = subprocess.run(
        [
            sys.executable,
            "-c",
            "from lanling_demo import petition_facts, organization_facts\n"
            "petition_facts.claims(); organization_facts.offices()\n" + DIGEST,
            "points_facts",
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()[0]
    assert alone == after


def test_ids_have_one_owner() -> None:
    owner: dict[str, str] = {}
    for name in INDEXES:
        for topic_name in index(name).__all__:
            topic = getattr(index(name), topic_name)
            if not hasattr(topic, "__wrapped__") or list(signature(topic).parameters) != ["as_of"]:
                continue
            for record in records(topic()):
                id_ = getattr(record, "id", None)
                if id_ is None:
                    continue
                kind = type(record).__name__
                assert owner.setdefault(id_, kind) == kind


def records(found: object) -> list[object]:
    if isinstance(found, dict):
        return [record for value in found.values() for record in records(value)]
    if isinstance(found, tuple):
        return [record for value in found for record in records(value)]
    return [found] if is_dataclass(found) and fields(found) else []


def test_the_package_imports_no_service_and_nothing_outside_the_standard_library() -> None:
    allowed = set(sys.stdlib_module_names)
    for path in Path(lanling_demo.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                assert {alias.name.split(".")[0] for alias in node.names} <= allowed
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                assert str(node.module).split(".")[0] in allowed


def test_stable_ids_do_not_change() -> None:
    assert stable_id("community", "371324001001") == "0451cd1a-e1f4-5da9-8011-5959d59d9d5b"
    with pytest.raises(ValueError, match="at least one part"):
        stable_id()
