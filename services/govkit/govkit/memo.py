"""`functools.cache` with the wrapped function's own type: classes of dataclasses are not `Hashable` to the type checker."""

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])


def memoized(function: F) -> F:
    """Compute once for each set of arguments, for the life of the process."""
    return cast(F, cache(function))
