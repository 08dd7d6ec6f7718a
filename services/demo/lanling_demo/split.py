"""Sharing a total among members so that it is exact and reproducible."""

from collections.abc import Sequence
from itertools import accumulate


def split(total: int, n: int, offset: int = 0) -> tuple[int, ...]:
    """Shares of ``n`` members that sum to ``total`` and differ by at most one.

    Each gets ``total // n``; the first ``total % n`` members counted from ``offset``, cyclically, get one more.
    Raises ValueError for a negative total or no member.
    """
    if total < 0 or n < 1:
        raise ValueError(f"cannot split {total} among {n}")
    base, extra = divmod(total, n)
    return tuple(base + ((index - offset) % n < extra) for index in range(n))


def spread(counts: Sequence[int]) -> tuple[int, ...]:
    """Member index of each unit, in order: ``spread((2, 0, 1)) == (0, 0, 2)``."""
    return tuple(index for index, count in enumerate(counts) for _ in range(count))


def starts(counts: Sequence[int]) -> tuple[int, ...]:
    """Index of each member's first unit in ``spread(counts)``."""
    return (0, *accumulate(counts))[:-1]


def apportion(total: int, weights: Sequence[float]) -> tuple[int, ...]:
    """Whole shares of ``total`` in proportion to ``weights``, by largest remainder; ties go to the earlier member."""
    scale = total / sum(weights)
    exact = [weight * scale for weight in weights]
    shares = [int(value) for value in exact]
    by_remainder = sorted(range(len(weights)), key=lambda index: (shares[index] - exact[index], index))
    for index in by_remainder[: total - sum(shares)]:
        shares[index] += 1
    return tuple(shares)
