"""One deployment after the other: what serves afterwards, and why one went back."""

from __future__ import annotations

from pathlib import Path

import pytest

from lanling_deploy.errors import DeployError, Interrupted, Unfinished
from lanling_deploy.model import STEPS
from lanling_deploy.running import carry_out, recover
from lanling_deploy.scaling import scale

from .fakes import Behaviour, FakeClock, Machine, deployment_of, machine_in, world_of


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """On which 1.0 of points serves, and is asked."""
    machine = machine_in(tmp_path)
    deploy(tmp_path, machine, "1.0")
    machine.tick(10)
    return machine


def deploy(directory: Path, machine: Machine, version: str) -> None:
    world = world_of(directory, machine)
    recover(world)
    carry_out(world, deployment_of(world, version))


def serving(directory: Path, machine: Machine) -> str:
    """The version that the gateway asks, which must be the one that the journal says."""
    routed = machine.routed()
    assert routed is not None
    live = world_of(directory, machine).journal.county.live["points"]
    assert machine.versions[routed.name] == live.version
    return live.version


def running(machine: Machine) -> set[str]:
    return {name for name, one in machine.containers.items() if one.is_running}


def test_the_new_one_serves_and_the_one_before_is_kept_stopped(tmp_path: Path, machine: Machine) -> None:
    deploy(tmp_path, machine, "1.1")
    deploy(tmp_path, machine, "1.2")
    assert serving(tmp_path, machine) == "1.2"
    assert running(machine) == {"lanling-points-3"}
    assert set(machine.containers) == {"lanling-points-2", "lanling-points-3"}
    assert not machine.unserved


def test_the_journal_has_every_step_with_its_time(tmp_path: Path, machine: Machine) -> None:
    steps = [entry for entry in world_of(tmp_path, machine).journal.entries if entry["kind"] == "step"]
    assert [entry["step"] for entry in steps] == list(STEPS)
    assert next(entry["seconds"] for entry in steps if entry["step"] == "watch") == 5


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (Behaviour(ready=False), "never became ready in 60 s: not ready: relay"),
        (Behaviour(dies=True), "ended by itself .exit code 3.: configuration: MONGODB_URI is missing"),
        (Behaviour(schema="another"), "does not answer the schema that its image says"),
        (Behaviour(errors=0.3), "answers were errors, 30.0% .before 0.0%"),
        (Behaviour(seconds=1.0), "95 of 100 answers took up to 1 s, before 0.01 s"),
    ],
)
def test_a_version_that_is_not_well_goes_back(
    tmp_path: Path, machine: Machine, behaviour: Behaviour, reason: str
) -> None:
    machine.behaviour["1.1"] = behaviour
    with pytest.raises(DeployError, match=rf"rolled back, points 1\.0 serves: .*{reason}"):
        deploy(tmp_path, machine, "1.1")
    assert serving(tmp_path, machine) == "1.0"
    assert set(machine.containers) == {"lanling-points-1"}
    assert not machine.unserved
    del machine.behaviour["1.1"]
    deploy(tmp_path, machine, "1.1")
    assert serving(tmp_path, machine) == "1.1"


def test_a_version_that_is_slow_only_with_its_first_answers_stays(tmp_path: Path, machine: Machine) -> None:
    machine.behaviour["1.1"] = Behaviour(cold=200)
    deploy(tmp_path, machine, "1.1")
    assert serving(tmp_path, machine) == "1.1"


def test_as_many_errors_as_before_are_no_reason(tmp_path: Path, machine: Machine) -> None:
    machine.behaviour |= {"1.0": Behaviour(errors=0.3), "1.1": Behaviour(errors=0.31)}
    deploy(tmp_path, machine, "1.1")
    assert serving(tmp_path, machine) == "1.1"


def test_a_gateway_that_refuses_the_supergraph_is_a_reason(tmp_path: Path, machine: Machine) -> None:
    machine.refuses = True
    with pytest.raises(DeployError, match="the gateway does not take the new supergraph: gateway:4000"):
        deploy(tmp_path, machine, "1.1")
    machine.refuses = False
    machine.tick(1)
    assert serving(tmp_path, machine) == "1.0"


class ImpatientClock(FakeClock):
    """A person interrupts at that pause."""

    def __init__(self, machine: Machine, pauses: int) -> None:
        super().__init__(machine)
        self.left = pauses

    def pause(self, seconds: float) -> None:
        self.left -= 1
        super().pause(seconds)
        if self.left == 0:
            raise Interrupted("interrupted by SIGINT")


def test_interrupted_in_every_step_the_version_before_serves(tmp_path: Path, machine: Machine) -> None:
    told: list[str] = []
    for pauses in range(1, 1000):
        world = world_of(tmp_path, machine)
        recover(world)
        clock = world.clock = ImpatientClock(machine, pauses)
        try:
            carry_out(world, deployment_of(world, f"2.{pauses}"))
        except Unfinished:  # it was in the last step, where there is no way back
            recover(world_of(tmp_path, machine))
            assert serving(tmp_path, machine) == f"2.{pauses}"
        except Interrupted as error:
            told.append(str(error))
        else:
            assert clock.left > 0
            break
        live = world_of(tmp_path, machine).journal.county.live["points"]
        assert running(machine) == set(live.containers)
        assert serving(tmp_path, machine) == live.version
    assert not machine.unserved
    assert len(told) > 5
    assert all("rolled back, points" in line and line.endswith("interrupted by SIGINT") for line in told)


def test_a_full_disk_refuses_before_anything_has_happened(tmp_path: Path, machine: Machine) -> None:
    world = world_of(tmp_path, machine)
    deployment = deployment_of(world, "1.1")
    world.journal._append = _full  # type: ignore[method-assign]
    with pytest.raises(DeployError, match=r"nothing was done: cannot write .*journal.jsonl: No space left on device"):
        carry_out(world, deployment)
    assert set(machine.containers) == {"lanling-points-1"}


def test_a_disk_that_fills_up_in_the_middle_does_not_keep_it_from_going_back(tmp_path: Path, machine: Machine) -> None:
    world = world_of(tmp_path, machine)
    append, lines = world.journal._append, iter(range(4))

    def fills_up(line: bytes) -> None:
        if next(lines, None) is None:
            _full(line)
        append(line)

    world.journal._append = fills_up  # type: ignore[method-assign]
    with pytest.raises(Unfinished, match="No space left on device"):
        carry_out(world, deployment_of(world, "1.1"))
    assert serving(tmp_path, machine) == "1.0"
    recover(world_of(tmp_path, machine))
    assert (serving(tmp_path, machine), set(machine.containers)) == ("1.0", {"lanling-points-1"})


def _full(line: bytes) -> None:
    raise OSError(28, "No space left on device")


def test_more_and_fewer_containers_and_a_deployment_keeps_their_number(tmp_path: Path, machine: Machine) -> None:
    world = world_of(tmp_path, machine)
    scale(world, "points", 3)
    assert running(machine) == {"lanling-points-1", "lanling-points-1-2", "lanling-points-1-3"}
    carry_out(world, deployment_of(world, "1.1", count=3))
    assert running(machine) == {"lanling-points-2", "lanling-points-2-2", "lanling-points-2-3"}
    scale(world_of(tmp_path, machine), "points", 1)
    assert running(machine) == {"lanling-points-2"}
    assert len(world_of(tmp_path, machine).journal.county.live["points"].ports) == 1


def test_containers_that_never_become_ready_leave_the_number_as_it_was(tmp_path: Path, machine: Machine) -> None:
    machine.behaviour["1.0"] = Behaviour(ready=False)
    with pytest.raises(DeployError, match="never became ready"):
        scale(world_of(tmp_path, machine), "points", 2)
    assert running(machine) == {"lanling-points-1"}
