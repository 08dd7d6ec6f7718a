"""`functools.cache` with the wrapped function's own type: to the type checker, dataclasses are not `Hashable`."""

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])


def memoized(function: F) -> F:
    """Compute once for each set of arguments, for the life of the process."""
    return cast(F, cache(function))
