"""What is refused before anything has happened, by what the image says of itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lanling_deploy.engine import Finished
from lanling_deploy.errors import DeployError
from lanling_deploy.model import STEPS
from lanling_deploy.plan import plan_lines
from lanling_deploy.preflight import accept, prepare
from lanling_deploy.running import carry_out

from .fakes import FakeWorld, Faults, Machine, machine_in, world_of

SCHEMA = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
type Query { rules: [Rule!]! }
type Rule @key(fields: "id") { id: ID! code: String! }
"""
# A service of which nothing is promised yet, so that its contract may be empty.
EVENTS = json.dumps({"service": "points-to-be", "events": {}, "consumes": {}})


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    machine = machine_in(tmp_path)
    machine.said = {"schema": Finished(0, SCHEMA, ""), "event-contract": Finished(0, EVENTS, "")}
    (tmp_path / "points.env").write_text("")
    return machine


@pytest.fixture
def world(tmp_path: Path, machine: Machine) -> FakeWorld:
    return world_of(tmp_path, machine, Faults())


def test_the_plan_of_a_dry_run_changes_nothing(world: FakeWorld, machine: Machine) -> None:
    lines = plan_lines(prepare(world, "points", "1.1"), world.configuration)
    assert [line.split()[0] for line in lines] == list(STEPS)
    assert "lanling-points-1, the first of its service" in lines[1]
    assert (world.faults.changes, machine.containers) == (0, {})
    assert not world.published("points").text()


def test_what_is_prepared_can_be_carried_out_and_then_replaced(world: FakeWorld, machine: Machine) -> None:
    for version in ("1.0", "1.1"):
        machine.behaviour[version] = behaviour = machine.behaves("")
        behaviour.schema = SCHEMA
        carry_out(world, accept(world, prepare(world, "points", version)))
    assert world.journal.county.live["points"].version == "1.1"
    assert world.journal.county.kept["points"].version == "1.0"
    assert 'url: "http://127.0.0.1:4102/graphql"' in machine.served


@pytest.mark.parametrize(
    ("command", "answer", "told"),
    [
        ("migrate --check", Finished(2, "", "configuration: MONGODB_URI is missing\n"), "^configuration: MONGODB_URI"),
        ("migrate --check", Finished(5, "", "the database has step 7\n"), "newer than this version: .* step 7"),
        ("migrate --check", Finished(1, "", "no server\n"), "database or broker: no server"),
        ("events status --json", Finished(1, "", "Traceback\nno broker\n"), "database or broker: no broker"),
        ("schema", Finished(1, "", "ImportError\n"), "cannot print its schema: ImportError"),
        ("schema", Finished(0, "type Query { a: B }", ""), "the schemas do not compose"),
    ],
)
def test_what_the_image_says(world: FakeWorld, machine: Machine, command: str, answer: Finished, told: str) -> None:
    machine.said[command] = answer
    with pytest.raises(DeployError, match=told):
        prepare(world, "points", "1.1")
    assert world.faults.changes == 0


def test_a_version_without_migrations_is_taken(world: FakeWorld, machine: Machine) -> None:
    machine.said["migrate --check"] = Finished(2, "", "Error: No such command 'migrate'.")
    assert "no migrations in this version" in prepare(world, "points", "1.1").migrations


def test_a_broken_operation_is_named(world: FakeWorld, machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "operations").mkdir()
    (tmp_path / "operations" / "rules.graphql").write_text("{ rules { code } }")
    prepared = prepare(world, "points", "1.0")
    world.published("points").publish(prepared.texts["after"])
    machine.said["schema"] = Finished(0, SCHEMA.replace("code", "sign"), "")
    configuration = world.configuration.model_copy(update={"operations": (tmp_path / "operations",)})
    world.configuration = configuration
    with pytest.raises(DeployError, match=r"breaks 1 known operations: rules.graphql: Cannot query field 'code'"):
        prepare(world, "points", "1.1")


@pytest.mark.parametrize(
    ("service", "version", "told"),
    [
        ("grid", "1.0", r"the configuration of grid is missing: .*grid.env"),
        ("points", "1 0", "'1 0' is no version"),
        ("points", "../1", "is no version"),
    ],
)
def test_bad_input(world: FakeWorld, service: str, version: str, told: str) -> None:
    with pytest.raises(DeployError, match=told):
        prepare(world, service, version)


def test_a_nearly_full_disk(world: FakeWorld) -> None:
    world.configuration = world.configuration.model_copy(update={"minimum_free_mb": 10**9})
    with pytest.raises(DeployError, match=r"the disk is nearly full: \d+ MB free, 1000000000 wanted"):
        prepare(world, "points", "1.1")
