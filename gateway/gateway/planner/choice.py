"""The choice between several owners of fields, for a whole selection set at once.

``a`` is in B and C, ``b`` in C and D, ``c`` in C: asking C alone costs one request, choosing field by field may cost
three.
All sets of subgraphs are tried, small ones first, while these are few; beyond that fields choose one after the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from .solution import FETCH_COST, Opened, Option

EXACT_CHOICE_LIMIT = 8


def choose(fields: Sequence[list[Option]]) -> list[Option]:
    """One option a field, so that the requests of all together cost least."""
    forced: frozenset[Opened] = frozenset().union(*(one[0].opens for one in fields if len(one) == 1))
    candidates = sorted(
        {opened for one in fields if len(one) > 1 for option in one for opened in option.opens} - forced
    )
    if len(candidates) > EXACT_CHOICE_LIMIT:
        return _choose_greedily(fields, forced)
    best: list[Option] | None = None
    best_cost = 0
    for size in range(len(candidates) + 1):
        if best is not None and best_cost < FETCH_COST * (size + len(forced)):
            break
        for extra in combinations(candidates, size):
            chosen = _cheapest_within(fields, forced.union(extra))
            if chosen is not None and (best is None or _total(chosen) < best_cost):
                best, best_cost = chosen, _total(chosen)
    assert best is not None
    return best


def _cheapest_within(fields: Sequence[list[Option]], allowed: frozenset[Opened]) -> list[Option] | None:
    chosen = []
    for options in fields:
        within = [one for one in options if one.opens <= allowed]
        if not within:
            return None
        chosen.append(min(within, key=lambda one: one.own))
    return chosen


def _choose_greedily(fields: Sequence[list[Option]], opened: frozenset[Opened]) -> list[Option]:
    chosen = []
    for options in fields:
        best = min(options, key=lambda one: one.own + FETCH_COST * len(one.opens - opened))
        opened = opened | best.opens
        chosen.append(best)
    return chosen


def _total(chosen: Sequence[Option]) -> int:
    opened = frozenset().union(*(one.opens for one in chosen))
    return sum(one.own for one in chosen) + FETCH_COST * len(opened)
