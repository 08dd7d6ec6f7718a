"""What becomes of a deployment that a dead command has left open."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from lanling_deploy.model import STEPS, Open, Step


class Resume(StrEnum):
    GO_ON = "go on"
    UNDO = "undo"


def resume(left: Open, published: str, running: Collection[str]) -> Resume:
    """`published` is the digest of what is published now, `running` names the containers that run.

    Before the switch nobody uses the new release: it goes, and the same command may be given again. After it the
    release before is still there until WATCH is over; from then on it may be stopped, so there is only one direction.
    """
    if left.failing:
        return Resume.UNDO
    if Step.WATCH in left.done:
        return Resume.GO_ON
    new = left.deployment.new
    is_whole = Step.SWITCH in left.done and published == left.deployment.after and set(new.containers) <= set(running)
    return Resume.GO_ON if is_whole else Resume.UNDO


def rest(left: Open) -> tuple[Step, ...]:
    """The steps that are not done yet."""
    return tuple(step for step in STEPS if step not in left.done)
