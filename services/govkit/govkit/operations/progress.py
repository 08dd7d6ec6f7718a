"""How far a command is: a bar on a terminal, else a line every few seconds. On stderr, so that results can be piped."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

LINE_SECONDS = 5.0

Advance = Callable[[int], None]


@contextmanager
def progress(title: str, total: int) -> Iterator[Advance]:
    """`advance(n)` says that n more of `total` are done."""
    console = Console(stderr=True)
    if console.is_terminal:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=True) as bars:
            task = bars.add_task(title, total=total)
            yield lambda step: bars.advance(task, step)
    else:
        yield _Lines(console, title, total).advance


class _Lines:
    def __init__(self, console: Console, title: str, total: int):
        self._console, self._title, self._total = console, title, total
        self._done = 0
        self._shown_at = time.monotonic()

    def advance(self, step: int) -> None:
        self._done += step
        if time.monotonic() - self._shown_at >= LINE_SECONDS:
            self._shown_at = time.monotonic()
            self._console.print(f"{self._title}: {self._done} of {self._total}", highlight=False, soft_wrap=True)
