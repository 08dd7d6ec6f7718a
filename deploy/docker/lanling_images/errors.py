from __future__ import annotations

from collections.abc import Sequence


class ImageError(Exception):
    """No image. The message is one line that says what is wrong and what to do; `details` are lines that show why."""

    def __init__(self, message: str, details: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.details = tuple(details)
