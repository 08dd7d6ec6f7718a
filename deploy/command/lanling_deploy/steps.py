"""Each step of a deployment: what it does, and how all of it is taken back.

Every function may be called again after a crash in its middle. What it returns is told beside its time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lanling_deploy.engine import Container
from lanling_deploy.errors import DeployError
from lanling_deploy.model import Deployment, Release, Step, digest
from lanling_deploy.watching import Asked, Counts, reason_to_go_back, total
from lanling_deploy.world import AFTER, BEFORE, SCHEMA, World
from lanling_local.parts import GATEWAY

POLL_SECONDS = 0.2
WATCH_POLL_SECONDS = 1.0
LOG_LINES = 8
NO_SUCH_COMMAND = "No such command"


def migrate(world: World, deployment: Deployment) -> str:
    new = deployment.new
    if new.service == GATEWAY.name:
        return "a gateway has no database"
    finished = world.engine.run_once(new.service, new.image, ["migrate", "--apply"])
    if NO_SUCH_COMMAND in finished.errors:
        return "this version has no migrations"
    if finished.exit_code:
        raise DeployError(f"the migration failed: {finished.last_line}", finished.errors.splitlines()[-LOG_LINES:])
    return finished.last_line


def start(world: World, deployment: Deployment) -> str:
    world.engine.run(deployment.new)
    return ", ".join(deployment.new.containers)


def ready(world: World, deployment: Deployment) -> str:
    new = deployment.new
    deadline = world.clock.now() + world.configuration.ready_seconds
    while True:
        found = _all_running(world, new)
        missing = next((reason for one in found if (reason := world.probe.readiness(one.address))), "")
        if not missing:
            return ", ".join(one.address for one in found)
        if world.clock.now() > deadline:
            raise DeployError(
                f"{new} never became ready in {world.configuration.ready_seconds:g} s: {missing}",
                world.engine.logs(found[0].name, LOG_LINES),
            )
        world.clock.pause(POLL_SECONDS)


def smoke(world: World, deployment: Deployment) -> str:
    new = deployment.new
    key = next(iter(world.gateway_keys(new.service)), b"")
    for address in world.addresses(new):
        if new.service == GATEWAY.name:
            if world.probe.served(address) != digest(_supergraph(world)):
                raise DeployError(f"{new} at {address} does not serve what is published")
        elif world.probe.schema(address, key).strip() != world.kept(new, SCHEMA).strip():
            raise DeployError(f"{new} at {address} does not answer the schema that its image says")
    return "it answers what its image says"


def switch(world: World, deployment: Deployment) -> str:
    service = deployment.new.service
    world.asked_before = {one: world.probe.asked(one, service) or Asked() for one in world.gateways()}
    world.published(service).publish(world.kept(deployment.new, AFTER))
    return f"{deployment.after} published: {deployment.new.url}"


def served(world: World, deployment: Deployment) -> str:
    if deployment.new.service == GATEWAY.name:
        return "what stands in front reads gateway.address"
    if missing := _wait_until_served(world, deployment.after):
        raise DeployError(f"the gateway does not take the new supergraph: {', '.join(missing)}")
    return ", ".join(world.gateways()) or "no gateway is known"


def watch(world: World, deployment: Deployment) -> str:
    limits, new, old = world.configuration.watch, deployment.new, deployment.old
    before = _counts(world, old) if old else Counts()
    asked_before = {one: world.asked_before.get(one) or _asked(world, one, new) for one in world.gateways()}
    half, end = world.clock.now() + limits.seconds / 2, world.clock.now() + limits.seconds
    early: Counts | None = None
    while True:
        addresses = [one.address for one in _all_running(world, new)]
        if gone := next((reason for one in addresses if (reason := world.probe.readiness(one))), ""):
            raise DeployError(f"{new} was ready and is no more: {gone}")
        now = _counts(world, new)
        if early is None and world.clock.now() >= half:
            early = now
        late = now.since(early) if early else Counts()
        asked = [_asked(world, one, new).since(earlier) for one, earlier in asked_before.items()]
        summed = Asked(sum(one.answered for one in asked), sum(one.failed for one in asked))
        if reason := reason_to_go_back(before, now, late, summed, limits):
            raise DeployError(f"{new} is not well: {reason}")
        if world.clock.now() >= end:
            return f"{now.answers:.0f} answers, {now.error_share:.1%} errors, 95 of 100 within {late.p95:g} s"
        world.clock.pause(min(WATCH_POLL_SECONDS, limits.seconds))


def drain(world: World, deployment: Deployment) -> str:
    """The release before ends; it is kept, stopped, and the one that was kept until now goes."""
    new, old = deployment.new, deployment.old
    if old is None:
        return "nothing before it"
    is_quiet = _wait_until_quiet(world, old)
    if not is_quiet and new.service == GATEWAY.name:
        raise DeployError(f"{old} is still asked: let what stands in front follow gateway.address, then go on")
    for name in old.containers:
        world.engine.stop(name)
    earlier = world.journal.county.kept.get(new.service)
    if earlier and earlier != old:
        for name in earlier.containers:
            world.engine.remove(name)
    return f"{old} stopped" + ("" if is_quiet else ", though it was still asked")


ACTIONS: Mapping[Step, Callable[[World, Deployment], str]] = {
    Step.MIGRATE: migrate,
    Step.START: start,
    Step.READY: ready,
    Step.SMOKE: smoke,
    Step.SWITCH: switch,
    Step.SERVED: served,
    Step.WATCH: watch,
    Step.DRAIN: drain,
}


def undo(world: World, deployment: Deployment) -> None:
    """As it was: the release before is asked again, the new one is gone. Migrations stay; the version before fits."""
    new, old = deployment.new, deployment.old
    if old:
        world.engine.run(old)
    published = world.published(new.service)
    if digest(published.text()) != deployment.before:
        published.publish(world.kept(new, BEFORE))
    # Waited for in any case: a command may have died right after it had published.
    if new.service != GATEWAY.name:
        _wait_until_served(world, deployment.before)
    _wait_until_quiet(world, new)
    for name in new.containers:
        world.engine.stop(name)
        world.engine.remove(name)


def _all_running(world: World, release: Release) -> list[Container]:
    """Raises DeployError, with the end of its log, when one has ended since it was started."""
    found = world.containers_of(release)
    for one in found:
        if not one.is_running or one.restarts:
            how = f"exit code {one.exit_code}" if not one.is_running else f"{one.restarts} restarts"
            lines = world.engine.logs(one.name, LOG_LINES)
            last = next((line for line in reversed(lines) if line.strip()), "")
            raise DeployError(f"{release} ended by itself ({how}): {last[:200]}", lines)
    if len(found) < len(release.containers):
        raise DeployError(f"{release} has {len(found)} of {len(release.containers)} containers")
    return found


def _wait_until_served(world: World, wanted: str) -> list[str]:
    """The gateways that do not serve it within their time."""
    deadline = world.clock.now() + world.configuration.served_seconds
    while (missing := _not_serving(world, wanted)) and world.clock.now() < deadline:
        world.clock.pause(POLL_SECONDS)
    return missing


def _not_serving(world: World, wanted: str) -> list[str]:
    return [one for one in world.gateways() if world.probe.served(one) != wanted]


def _wait_until_quiet(world: World, release: Release) -> bool:
    """Whether nobody asks it any more. One that does not answer counts as quiet."""
    configuration, clock = world.configuration, world.clock
    deadline, since, last = clock.now() + configuration.drain_seconds, clock.now(), _counts(world, release).answers
    while clock.now() - since < configuration.quiet_seconds:
        if clock.now() > deadline:
            return False
        clock.pause(POLL_SECONDS)
        if (answers := _counts(world, release).answers) != last:
            since, last = clock.now(), answers
    return True


def _counts(world: World, release: Release) -> Counts:
    return total(one for address in world.addresses(release) if (one := world.probe.counts(address)))


def _asked(world: World, gateway: str, release: Release) -> Asked:
    return world.probe.asked(gateway, release.service) or Asked()


def _supergraph(world: World) -> str:
    return world.published("").text()
