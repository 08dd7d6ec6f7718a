"""The command dies, or the engine goes away, before or after any change it makes: somebody serves at every moment, and
the next command leaves all in order."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lanling_deploy.errors import DeployError
from lanling_deploy.running import carry_out, recover

from .fakes import Behaviour, Faults, Killed, Machine, deployment_of, machine_in, world_of

MOST_CHANGES = 60
BAD = (Behaviour(ready=False), Behaviour(dies=True), Behaviour(errors=0.5))


def attempt(directory: Path, machine: Machine, version: str, faults: Faults) -> bool:
    """Whether the command came to its end with the new version."""
    try:
        world = world_of(directory, machine, faults)
        recover(world)
        carry_out(world, deployment_of(world, version))
    except (Killed, DeployError):
        return False
    return True


def check(directory: Path, machine: Machine) -> str:
    """After a recovery: one release serves, it is the journal's, nothing else runs. Returns its version."""
    recover(world_of(directory, machine))
    machine.tick(5)
    county = world_of(directory, machine).journal.county
    live, routed = county.live["points"], machine.routed()
    assert county.open is None
    assert routed is not None
    assert routed.is_running
    assert routed.name in live.containers
    assert {name for name, one in machine.containers.items() if one.is_running} == set(live.containers)
    assert set(machine.containers) <= county.known_containers()
    assert not machine.unserved, "at some moment the gateway asked what did not run"
    return live.version


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("error", [False, True], ids=["killed", "engine-away"])
@pytest.mark.parametrize("bad", [None, *BAD], ids=["well", "unready", "dies", "errors"])
def test_at_every_change(tmp_path: Path, bad: Behaviour | None, error: bool, after: bool) -> None:
    outcomes = set()
    for at in range(1, MOST_CHANGES):
        directory = tmp_path / str(at)
        machine = machine_in(directory)
        assert attempt(directory, machine, "1.0", Faults())
        machine.tick(10)
        if bad:
            machine.behaviour["1.1"] = bad
        faults = Faults(at, after=after, error=error)
        attempt(directory, machine, "1.1", faults)
        version = check(directory, machine)
        outcomes.add(version)
        if bad:
            assert version == "1.0"
        if faults.changes < at:
            break
    assert faults.changes < at, "not every change was tried"
    assert outcomes == ({"1.0"} if bad else {"1.0", "1.1"})


fault = st.builds(Faults, st.integers(1, 40), st.booleans(), st.booleans())
behaviour = st.sampled_from([Behaviour(), Behaviour(), *BAD])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(behaviour, fault), max_size=6))
def test_one_fault_after_the_other(commands: list[tuple[Behaviour, Faults]]) -> None:
    with TemporaryDirectory() as name:
        directory = Path(name)
        machine = machine_in(directory)
        assert attempt(directory, machine, "0", Faults())
        for number, (behaves, faults) in enumerate(commands, 1):
            machine.tick(3)
            machine.behaviour[str(number)] = behaves
            fresh = Faults(faults.at, faults.after, faults.error)
            is_done = attempt(directory, machine, str(number), fresh)
            assert not (is_done and behaves in BAD)
            assert not machine.unserved
        check(directory, machine)
