"""More or fewer containers of the release that serves."""

from __future__ import annotations

from dataclasses import replace

from lanling_deploy.errors import DeployError
from lanling_deploy.model import Deployment, Release
from lanling_deploy.preflight import check_key
from lanling_deploy.steps import ready
from lanling_deploy.world import World

MOST = 32


def scale(world: World, service: str, count: int) -> Release:
    """Raises DeployError; then it is as before."""
    live = world.journal.county.live.get(service)
    if live is None:
        raise DeployError(f"{service} is not deployed")
    if not 1 <= count <= MOST:
        raise DeployError(f"a service runs in 1 to {MOST} containers, not {count}")
    if count <= len(live.ports):
        return _shrink(world, live, count)
    return _grow(world, live, count)


def _shrink(world: World, live: Release, count: int) -> Release:
    smaller = replace(live, ports=live.ports[:count])
    world.journal.scale(smaller)
    for name in live.containers[count:]:
        world.engine.stop(name)
        world.engine.remove(name)
    return smaller


def _grow(world: World, live: Release, count: int) -> Release:
    check_key(world, live.service)
    taken = [port for one in world.journal.county.live.values() for port in one.ports]
    ports = list(live.ports)
    while len(ports) < count:
        ports.append(world.engine.free_port([*taken, *ports]))
    larger = replace(live, ports=tuple(ports))
    try:
        world.engine.run(larger)
        ready(world, Deployment("", larger, live, "", ""))
    except DeployError:
        for name in larger.containers[len(live.ports) :]:
            world.engine.remove(name)
        raise
    world.journal.scale(larger)
    return larger
