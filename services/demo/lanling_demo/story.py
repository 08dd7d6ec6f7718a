"""What every topic has in common: the seed, the last day of the story, one computation per topic and day."""

from collections.abc import Callable
from datetime import date
from functools import cache, wraps
from random import Random
from typing import Protocol, TypeVar

SEED = 20231016
AS_OF = date(2023, 12, 31)

T_co = TypeVar("T_co", covariant=True)


class Topic(Protocol[T_co]):
    """The facts of one topic as they stand at the end of ``as_of``."""

    def __call__(self, as_of: date = AS_OF) -> T_co: ...


def topic(build: Callable[[date], T_co]) -> Topic[T_co]:
    """Compute a topic at most once per day of the story.

    The figures of a year ("this year") need a whole year, so the day must be a 31 December; else ValueError.
    """
    cached = cache(build)

    @wraps(build)
    def facts(as_of: date = AS_OF) -> T_co:
        if (as_of.month, as_of.day) != (12, 31):
            raise ValueError(f"the story ends on a 31 December, not on {as_of}")
        return cached(as_of)

    return facts


def rng(*key: str | int) -> Random:
    """A generator of its own for each key, so that one topic's draws never shift another's."""
    return Random("/".join(str(part) for part in (SEED, *key)))
