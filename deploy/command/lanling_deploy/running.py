"""Carries deployments out, takes them back, and finishes what a command that died has left."""

from __future__ import annotations

from collections.abc import Sequence

from lanling_deploy.decisions import Resume, rest, resume
from lanling_deploy.errors import DeployError, Interrupted, Unfinished
from lanling_deploy.model import STEPS, Deployment, Step, digest
from lanling_deploy.steps import ACTIONS, undo
from lanling_deploy.world import World


def carry_out(world: World, deployment: Deployment) -> None:
    """Raises DeployError after all was undone, Unfinished when something is left for the next command."""
    try:
        world.journal.begin(deployment)
    except DeployError as error:
        raise DeployError(f"nothing was done: {error}") from error
    _go(world, deployment, STEPS)


def recover(world: World) -> None:
    """Nothing is open afterwards, and no container is there that the journal does not know. Raises DeployError."""
    left = world.journal.county.open
    if left is not None:
        deployment = left.deployment
        published = digest(world.published(deployment.new.service).text())
        running = [one.name for one in world.engine.containers() if one.is_running]
        move = resume(left, published, running)
        world.say(f"a command died while it deployed {deployment.new}: {move}")
        if move is Resume.GO_ON:
            _finish(world, deployment, rest(left))
        else:
            _take_back(world, deployment, left.failing or "the command died")
    known = world.journal.county.known_containers()
    for container in world.engine.containers():
        if container.name not in known:
            world.engine.remove(container.name)


def _finish(world: World, deployment: Deployment, steps: Sequence[Step]) -> None:
    try:
        _go(world, deployment, steps)
    except (Interrupted, Unfinished):
        raise
    except DeployError as error:  # it went back: that is an end, too
        world.say(str(error))


def _go(world: World, deployment: Deployment, steps: Sequence[Step]) -> None:
    for step in steps:
        started = world.clock.now()
        try:
            told = ACTIONS[step](world, deployment)
            seconds = world.clock.now() - started
            world.journal.step(step, seconds)
        except DeployError as error:
            if step is Step.DRAIN:
                message = f"{deployment.new} serves, and is well; give the command again to finish: {error}"
                raise Unfinished(message, error.details) from error
            _take_back(world, deployment, str(error))
            kind = Interrupted if isinstance(error, Interrupted) else DeployError
            raise kind(f"{_gone_back(deployment)}: {error}", error.details) from error
        world.say(f"{step:<8} {seconds:6.1f} s  {told}")
    world.journal.end(done=True)


def _take_back(world: World, deployment: Deployment, reason: str) -> None:
    """Raises Unfinished when it cannot be taken back now."""
    world.say(f"going back: {reason}")
    started = world.clock.now()
    try:
        world.journal.fail(reason)
    except DeployError as error:  # a full disk must not keep the version before from being asked again
        world.say(str(error))
    try:
        undo(world, deployment)
        world.journal.end(done=False)
    except DeployError as error:
        message = f"{reason}; going back stopped: {error}; the next command goes on with it"
        raise Unfinished(message, error.details) from error
    world.say(f"{'undone':<8} {world.clock.now() - started:6.1f} s")


def _gone_back(deployment: Deployment) -> str:
    return f"rolled back, {deployment.old} serves" if deployment.old else f"{deployment.new} is gone again"
