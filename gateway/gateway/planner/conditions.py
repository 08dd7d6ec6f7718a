"""Conditions of ``@skip`` and ``@include`` with variables, in disjunctive normal form.

A condition is a set of alternatives; an alternative is a set of ``(variable, wanted value)`` pairs that must all hold::

    a @include(if: $x) @skip(if: $y)      {{(x, True), (y, False)}}
    a @include(if: $x)  a @include(if: $y)   {{(x, True)}, {(y, True)}}

`ALWAYS` has the empty alternative; `NEVER` has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Alternative = frozenset[tuple[str, bool]]
Condition = frozenset[Alternative]

ALWAYS: Condition = frozenset({frozenset()})
NEVER: Condition = frozenset()


def variable_is(name: str, wanted: bool) -> Condition:
    return frozenset({frozenset({(name, wanted)})})


def both(left: Condition, right: Condition) -> Condition:
    if left is ALWAYS or left == ALWAYS:
        return right
    if right is ALWAYS or right == ALWAYS:
        return left
    return _simplified({one | other for one in left for other in right if not _contradicts(one, other)})


def either(left: Condition, right: Condition) -> Condition:
    return left if left == right else _simplified(left | right)


def holds(condition: Condition, variables: Mapping[str, Any]) -> bool:
    """Whether `condition` is true for coerced `variables`."""
    return any(all(variables.get(name) is wanted for name, wanted in one) for one in condition)


def variables_of(condition: Condition) -> frozenset[str]:
    return frozenset(name for one in condition for name, _ in one)


def _contradicts(one: Alternative, other: Alternative) -> bool:
    return any((name, not wanted) in other for name, wanted in one)


def _simplified(alternatives: set[Alternative] | Condition) -> Condition:
    """Drops alternatives that a weaker one covers."""
    kept = {one for one in alternatives if not any(other < one for other in alternatives)}
    return ALWAYS if frozenset() in kept else frozenset(kept)
