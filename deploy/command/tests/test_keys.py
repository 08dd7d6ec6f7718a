"""Gateway and services agree about the gateway's key before one of them is replaced, or nothing happens."""

from __future__ import annotations

from pathlib import Path

import pytest

from lanling_deploy.errors import DeployError
from lanling_deploy.model import Deployment, Release
from lanling_deploy.preflight import check_key
from lanling_deploy.scaling import scale

from .fakes import FakeWorld, machine_in, world_of

NEW, OLD = "n" * 32, "o" * 32


@pytest.fixture
def world(tmp_path: Path) -> FakeWorld:
    """In which the gateway and points serve."""
    world = world_of(tmp_path, machine_in(tmp_path))
    for port, service in enumerate(("gateway", "points"), 4100):
        release = Release(service, 1, "1.0", "sha256:1", "127.0.0.1", (port,))
        world.journal.begin(Deployment(f"{service}-1", release, None, "", ""))
        world.engine.run(release)
        world.journal.end(done=True)
    return world


def check(world: FakeWorld, service: str, keys: dict[str, str], running: set[str]) -> str:
    """`keys`: what is in the file that each one's settings name; `running`: who was started with a key."""
    machine = world.machine
    machine.signing = running
    world.configuration.secrets.mkdir(exist_ok=True)
    for name, text in keys.items():
        machine.settings[name] = {"GATEWAY_KEY_FILE": f"/run/secrets/{name}.key"}
        (world.configuration.secrets / f"{name}.key").write_text(text)
    return check_key(world, service)


@pytest.mark.parametrize(
    ("service", "keys", "running", "told"),
    [
        ("points", {}, set(), "no GATEWAY_KEY_FILE: services answer whoever reaches them"),
        ("points", {"gateway": NEW, "points": NEW}, {"gateway", "points"}, "calls are signed"),
        ("points", {"gateway": NEW, "points": f"{OLD}\n{NEW}\n"}, {"gateway"}, "calls are signed"),
        ("gateway", {"gateway": f"{NEW} {OLD}", "points": NEW}, set(), "calls are signed"),
        ("organization", {"gateway": NEW, "organization": NEW}, {"gateway"}, "calls are signed"),
    ],
)
def test_what_fits(world: FakeWorld, service: str, keys: dict[str, str], running: set[str], told: str) -> None:
    assert check(world, service, keys, running) == told


@pytest.mark.parametrize(
    ("service", "keys", "running", "told"),
    [
        ("points", {"points": NEW}, set(), "points answers signed calls only, and gateway.env has no GATEWAY_KEY_FILE"),
        ("gateway", {"points": NEW}, set(), "points answers signed calls only, and gateway.env has no"),
        ("points", {"gateway": NEW}, {"gateway"}, "points would answer anybody: points.env has no GATEWAY_KEY_FILE"),
        ("gateway", {"gateway": NEW}, set(), "points would answer anybody: points.env has no GATEWAY_KEY_FILE"),
        ("points", {"gateway": NEW, "points": OLD}, {"gateway"}, "is none of those of points"),
        ("points", {"gateway": NEW, "points": NEW}, set(), "runs signs nothing yet: deploy it .* before points"),
        ("gateway", {}, {"gateway", "points"}, "the points that runs answers signed calls only: deploy it without"),
    ],
)
def test_what_does_not_is_one_line(
    world: FakeWorld, service: str, keys: dict[str, str], running: set[str], told: str
) -> None:
    with pytest.raises(DeployError, match=told):
        check(world, service, keys, running)


def test_a_further_container_is_refused_as_a_new_version_is(world: FakeWorld) -> None:
    world.machine.settings["points"] = {"GATEWAY_KEY": NEW}
    with pytest.raises(DeployError, match=r"and gateway\.env has no GATEWAY_KEY_FILE"):
        scale(world, "points", 2)


def test_a_first_service_needs_no_gateway(tmp_path: Path) -> None:
    world = world_of(tmp_path, machine_in(tmp_path))
    assert check(world, "points", {"points": NEW}, set()) == "no gateway runs yet"


@pytest.mark.parametrize(
    ("file", "told"),
    [("/run/secrets/none", "cannot read GATEWAY_KEY_FILE of gateway: .*none: No such"), ("/etc/key", "is not in /run")],
)
def test_a_file_that_is_not_there(world: FakeWorld, file: str, told: str) -> None:
    world.machine.settings["gateway"] = {"GATEWAY_KEY_FILE": file}
    with pytest.raises(DeployError, match=told):
        check(world, "points", {}, set())
