"""Pass 5: fewer requests from the same steps, and when each may go.

* `merge_same_place` joins steps that ask one subgraph for the same object, unless one needs what the other brings.
* `set_levels` gives every step a level. A step with slack waits for another one to the same subgraph when the longest
  chain does not grow by it, so that both go in one request::

      0 A ──▶ 1 B ──▶ 2 C          0 A ──▶ 1 B ──▶ 2 C + C'
        └───▶ 1 C'            →      └────────────▶
      four requests                three requests, the same two hops

* `set_conditions` finds out when a step is needed at all: when the client wants a field of it, or of a step after it.
"""

from __future__ import annotations

from collections.abc import Iterable

from .conditions import NEVER, Condition, both, either
from .fetch_graph import Step, clash
from .inputs import PathElement
from .normalise import MAX_ALTERNATIVES


def scheduled(steps: list[Step]) -> list[Step]:
    """All three passes. The result is in an order in which every step comes after those it needs."""
    steps = merge_same_place(steps)
    set_levels(steps)
    set_conditions(steps)
    return steps


def merge_same_place(steps: list[Step]) -> list[Step]:
    groups: dict[tuple[str, tuple[PathElement, ...], str | None], list[Step]] = {}
    for step in steps:
        group = groups.setdefault((step.subgraph, step.path, step.entity), [])
        for other in group:
            if not (_needs(step, other) or _needs(other, step) or clash(step.inputs, other.inputs)):
                _merge(other, step, steps)
                break
        else:
            group.append(step)
    return _ordered([step for group in groups.values() for step in group])


def _merge(kept: Step, merged: Step, steps: list[Step]) -> None:
    kept.tree.merge(merged.tree)
    kept.inputs |= merged.inputs
    kept.condition = either(kept.condition, merged.condition)
    kept.after |= merged.after
    for step in steps:
        if merged in step.after:
            step.after.remove(merged)
            step.after.add(kept)


def _needs(step: Step, other: Step) -> bool:
    """Whether `step` comes after `other`, directly or not."""
    todo, seen = list(step.after), set()
    while todo:
        one = todo.pop()
        if one is other:
            return True
        if one not in seen:
            seen.add(one)
            todo.extend(one.after)
    return False


def _ordered(steps: list[Step]) -> list[Step]:
    """Topological order, stable for equal rank."""
    done: dict[Step, None] = {}

    def visit(step: Step) -> None:
        if step in done:
            return
        for one in sorted(step.after, key=lambda one: one.id):
            visit(one)
        done[step] = None

    for step in sorted(steps, key=lambda one: one.id):
        visit(step)
    return list(done)


def set_levels(steps: list[Step]) -> None:
    """`steps` must be ordered."""
    bits = {step: 1 << index for index, step in enumerate(steps)}
    ancestors: dict[Step, int] = {}
    for step in steps:
        ancestors[step] = _union(bits[one] | ancestors[one] for one in step.after)
    floors: dict[Step, int] = {}
    for subgraph in dict.fromkeys(step.subgraph for step in steps):
        waiting = [step for step in steps if step.subgraph == subgraph and step.entity is not None]
        while waiting:
            earliest, latest = _slack(steps, floors)
            point = min(latest[step] for step in waiting)
            together: list[Step] = []
            members = before = 0
            for step in sorted(waiting, key=lambda one: latest[one]):
                if earliest[step] <= point and not (ancestors[step] & members or bits[step] & before):
                    together.append(step)
                    members |= bits[step]
                    before |= ancestors[step]
            floors |= dict.fromkeys(together, max(earliest[step] for step in together))
            waiting = [step for step in waiting if step not in floors]
    earliest, _ = _slack(steps, floors)
    for step in steps:
        step.level = earliest[step]


def _union(masks: Iterable[int]) -> int:
    union = 0
    for mask in masks:
        union |= mask
    return union


def _slack(steps: list[Step], floors: dict[Step, int]) -> tuple[dict[Step, int], dict[Step, int]]:
    """The earliest and the latest level of every step that keep the longest chain as short as it is."""
    earliest: dict[Step, int] = {}
    for step in steps:
        after = max((earliest[one] + 1 for one in step.after), default=0)
        earliest[step] = max(after, floors.get(step, 0))
    last = max(earliest.values(), default=0)
    latest = dict.fromkeys(steps, last)
    for step in reversed(steps):
        if step in floors:
            latest[step] = floors[step]
        for one in step.after:
            latest[one] = min(latest[one], latest[step] - 1)
    return earliest, latest


def set_conditions(steps: list[Step]) -> None:
    """`steps` must be ordered. A step that only tells the object type is wanted whenever its place is."""
    needed = dict.fromkeys(steps, NEVER)
    for step in reversed(steps):
        own = step.condition if step.tree.needs_typename else _both(step.condition, step.tree.wanted())
        step.condition = either(needed[step], own)
        for one in step.after:
            needed[one] = either(needed[one], step.condition)


def _both(place: Condition, wanted: Condition) -> Condition:
    return both(place, wanted) if len(place) * len(wanted) <= MAX_ALTERNATIVES else wanted
