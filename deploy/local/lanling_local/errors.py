from __future__ import annotations

from collections.abc import Sequence


class StackError(Exception):
    """The stack cannot start or go on.

    The message is one line that says what is wrong and what to do; `details` are lines that show why, for instance
    the end of a log.
    """

    def __init__(self, message: str, details: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.details = tuple(details)


class Stopped(Exception):
    """The user or the operating system asked the stack to stop while it was starting or running."""
