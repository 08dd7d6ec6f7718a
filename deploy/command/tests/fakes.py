"""A county without an engine: containers, gateway and time as they would be, and death at any change of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from lanling_deploy.configuration import Configuration
from lanling_deploy.engine import Container, Finished
from lanling_deploy.errors import DeployError
from lanling_deploy.journal import Journal
from lanling_deploy.model import Deployment, Release, digest
from lanling_deploy.published import Published
from lanling_deploy.watching import Asked, Counts, Limits
from lanling_deploy.world import AFTER, BEFORE, SCHEMA, World


class Killed(BaseException):
    """SIGKILL: nothing of the command runs any more, not even what catches errors."""


@dataclass
class Faults:
    """Death, or an error of what is used, at a change; `changes` counts them. `after`: the change itself happened."""

    at: int = -1
    after: bool = False
    error: bool = False
    changes: int = 0

    def around(self, change: Callable[[], None]) -> None:
        self.changes += 1
        if self.changes == self.at and not self.after:
            self._strike()
        change()
        if self.changes == self.at and self.after:
            self._strike()

    def _strike(self) -> None:
        raise DeployError("the engine does not answer") if self.error else Killed


@dataclass
class Behaviour:
    """How a version is."""

    ready: bool = True
    dies: bool = False
    schema: str = ""
    errors: float = 0.0
    seconds: float = 0.01
    cold: int = 0
    """So many of its first answers take a second."""


@dataclass
class Machine:
    """What outlives a command. The gateway takes what is published as soon as time goes on."""

    published: Path
    now: float = 0.0
    containers: dict[str, Container] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    served: str = ""
    refuses: bool = False
    behaviour: dict[str, Behaviour] = field(default_factory=dict)
    answered: dict[str, float] = field(default_factory=dict)
    unserved: list[str] = field(default_factory=list)
    said: dict[str, Finished] = field(default_factory=dict)
    """What the image's commands answer, by their words."""
    settings: dict[str, dict[str, str]] = field(default_factory=dict)
    signing: set[str] = field(default_factory=set)
    """Services of which the containers were started with the gateway's key."""

    def behaves(self, address: str) -> Behaviour:
        name = next((one.name for one in self.containers.values() if one.address == address), "")
        return self.behaviour.get(self.versions.get(name, ""), Behaviour())

    def routed(self) -> Container | None:
        """The container that the gateway asks."""
        return next((one for one in self.containers.values() if f"//{one.address}/" in self.served), None)

    def check_that_somebody_serves(self) -> None:
        """Holds at every moment after the first release."""
        routed = self.routed()
        if self.served and (routed is None or not routed.is_running):
            self.unserved.append(self.served)

    def tick(self, seconds: float) -> None:
        self.now += seconds
        if not self.refuses:
            text = Published(self.published).text()
            self.served = text or self.served
        if (routed := self.routed()) is not None:
            self.answered[routed.address] = self.answered.get(routed.address, 0.0) + 100 * seconds


class FakeEngine:
    def __init__(self, machine: Machine, faults: Faults) -> None:
        self._machine, self._faults = machine, faults

    def settings(self, service: str) -> Mapping[str, str]:
        return self._machine.settings.get(service, {})

    def image_id(self, service: str, version: str) -> str:
        return f"sha256:{service}-{version}"

    def run_once(self, service: str, image: str, command: Sequence[str]) -> Finished:
        return self._machine.said.get(" ".join(command), Finished(0, "nothing is pending", ""))

    def free_port(self, taken: Sequence[int]) -> int:
        return max([4100, *taken]) + 1

    def host_of(self, service: str, number: int) -> str:
        return "127.0.0.1"

    def run(self, release: Release) -> None:
        for name, port in zip(release.containers, release.ports, strict=True):
            self._change(lambda name=name, port=port: self._run(release, name, port))  # type: ignore[misc]

    def _run(self, release: Release, name: str, port: int) -> None:
        dies = self._machine.behaviour.get(release.version, Behaviour()).dies
        self._machine.versions[name] = release.version
        address = f"127.0.0.1:{port}"
        self._machine.containers[name] = Container(name, release.service, not dies, 3 if dies else 0, 0, address)

    def containers(self) -> Sequence[Container]:
        signing = self._machine.signing
        return [replace(one, has_gateway_key=one.service in signing) for one in self._machine.containers.values()]

    def stop(self, name: str) -> None:
        self._change(lambda: self._stop(name))

    def _stop(self, name: str) -> None:
        if name in self._machine.containers:
            self._machine.containers[name] = replace(self._machine.containers[name], is_running=False)

    def remove(self, name: str) -> None:
        self._change(lambda: self._remove(name))

    def _remove(self, name: str) -> None:
        self._machine.containers.pop(name, None)

    def logs(self, name: str, lines: int) -> Sequence[str]:
        return ["configuration: MONGODB_URI is missing"] if name in self._machine.containers else []

    def follow(self, name: str, lines: int) -> Iterator[str]:
        yield from self.logs(name, lines)

    def _change(self, change: Callable[[], None]) -> None:
        self._faults.around(change)
        self._machine.check_that_somebody_serves()


class FakeProbe:
    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def readiness(self, address: str) -> str:
        return "" if self._machine.behaves(address).ready else "not ready: relay"

    def schema(self, address: str, key: bytes) -> str:
        return self._machine.behaves(address).schema or "schema"

    def counts(self, address: str) -> Counts | None:
        behaves, answers = self._machine.behaves(address), self._machine.answered.get(address, 0.0)
        warm = max(answers - behaves.cold, 0.0)
        buckets = {0.01: warm, 0.1: warm, 1.0: answers}
        buckets |= {bound: 0.0 for bound in buckets if bound < behaves.seconds}
        return Counts(answers, answers * behaves.errors, 0.0, buckets)

    def asked(self, gateway: str, service: str) -> Asked | None:
        return Asked(sum(self._machine.answered.values()), 0.0)

    def served(self, gateway: str) -> str:
        return digest(self._machine.served)


class FakeClock:
    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def now(self) -> float:
        return self._machine.now

    def pause(self, seconds: float) -> None:
        self._machine.tick(seconds)
        self._machine.check_that_somebody_serves()


class FaultyJournal(Journal):
    def __init__(self, file: Path, faults: Faults) -> None:
        super().__init__(file)
        self._faults = faults

    def _append(self, line: bytes) -> None:
        self._faults.around(lambda: super(FaultyJournal, self)._append(line))


class FaultyPublished(Published):
    def __init__(self, file: Path, faults: Faults) -> None:
        super().__init__(file)
        self._faults = faults

    def publish(self, text: str) -> None:
        self._faults.around(lambda: super(FaultyPublished, self).publish(text))


class FakeWorld(World):
    faults: Faults
    machine: Machine

    def published(self, service: str) -> Published:
        return FaultyPublished(self.configuration.published / "supergraph.graphql", self.faults)


def machine_in(directory: Path) -> Machine:
    return Machine(directory / "published" / "supergraph.graphql")


def world_of(directory: Path, machine: Machine, faults: Faults | None = None) -> FakeWorld:
    """A command as it starts: everything it knows is on the disk and in the machine."""
    faults = faults or Faults()
    configuration = Configuration(
        directory=directory,
        state=directory / "state",
        published=directory / "published",
        secrets=directory / "secrets",
        gateways=("http://gateway:4000",),
        watch=Limits(seconds=5),
    )
    world = FakeWorld(
        configuration=configuration,
        engine=FakeEngine(machine, faults),
        probe=FakeProbe(machine),
        clock=FakeClock(machine),
        journal=FaultyJournal(directory / "state" / "journal.jsonl", faults),
        say=lambda line: None,
    )
    world.faults, world.machine = faults, machine
    return world


def deployment_of(world: World, version: str, count: int = 1) -> Deployment:
    """As the preflight would make it."""
    county = world.journal.county
    old, number = county.live.get("points"), county.next_number("points")
    taken = [*(old.ports if old else ())]
    ports: list[int] = []
    for _ in range(count):
        ports.append(world.engine.free_port([*taken, *ports]))
    new = Release("points", number, version, f"sha256:{version}", "127.0.0.1", tuple(ports))
    before, after = world.published("points").text(), f"supergraph with {new.url}"
    for name, text in ((SCHEMA, "schema"), (BEFORE, before), (AFTER, after)):
        world.keep(new, name, text)
    return Deployment(f"points-{number}", new, old, digest(before), digest(after))
