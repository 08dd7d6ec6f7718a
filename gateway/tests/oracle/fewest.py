"""The fewest requests that any choice of owners needs, found by trying them all: a bound for small operations.

Wherever the planner chooses between ways to a field, this takes each in turn, like an odometer counts; the passes
after that are the planner's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from unittest.mock import patch

from gateway.errors import PlanningError
from gateway.planner import Graph, paths
from gateway.planner.fetch_graph import FetchGraphBuilder
from gateway.planner.plan import Group
from gateway.planner.schedule import scheduled
from gateway.planner.selection import Selections
from gateway.planner.solution import Option


class _Odometer:
    """Stands in for the planner's choice: its n-th decision takes the option that the n-th digit says."""

    def __init__(self) -> None:
        self._digits: list[int] = []
        self._sizes: list[int] = []

    def choose(self, fields: Sequence[list[Option]]) -> list[Option]:
        return [self._pick(options) for options in fields]

    def _pick(self, options: list[Option]) -> Option:
        if len(options) == 1:
            return options[0]
        at = len(self._sizes)
        self._sizes.append(len(options))
        if at == len(self._digits):
            self._digits.append(0)
        return options[self._digits[at] % len(options)]

    def turn(self) -> bool:
        """Sets the next combination; False when all were tried."""
        sizes, self._sizes = self._sizes, []
        self._digits = self._digits[: len(sizes)]
        while self._digits:
            self._digits[-1] += 1
            if self._digits[-1] < sizes[len(self._digits) - 1]:
                return True
            self._digits.pop()
        return False


def fewest_requests(graph: Graph, selections: Selections, tries: int) -> int | None:
    """None when there are more than `tries` combinations."""
    odometer = _Odometer()
    best: int | None = None
    with patch.object(paths, "choose", odometer.choose):
        for _ in range(tries):
            try:
                solution = paths.PathFinder(graph).find(selections)
                steps = scheduled(FetchGraphBuilder(graph).build(selections, solution))
                count = len(Group(selections, solution, steps).requests)
                best = count if best is None else min(best, count)
            except PlanningError:
                pass  # a way that leads nowhere from where another choice has led
            if not odometer.turn():
                return best
    return None
