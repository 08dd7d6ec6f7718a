"""Which rows the broker has acknowledged, until the database knows it, too.

Marks follow behind the sends: after a quiet time at once, else some rows together, because a mark costs the database
more than its rows cost to send. What a crash leaves unmarked is published once more.
"""

import asyncio
import time
from collections.abc import Iterable, Iterator

from govkit.bus.lease import Lease
from govkit.bus.outbox import Outbox, Place, Row
from govkit.steps import Step, reached

MARK_SECONDS = 0.1
MARK_ROWS = 500


class Marks:
    """All that raise, raise LeaseLost, and what the database raises; then the rows concerned are forgotten here."""

    def __init__(self, outbox: Outbox, lease: Lease):
        self._outbox = outbox
        self._lease = lease
        self._waiting: dict[str, Place] = {}
        self._going: dict[str, Place] = {}
        self._task: asyncio.Task[None] | None = None
        self._due = 0.0

    def add(self, rows: Iterable[Row]) -> None:
        self._waiting.update((row["_id"], (row["subject"], row["sequence"])) for row in rows)

    def __contains__(self, id: str) -> bool:
        return id in self._going or id in self._waiting

    def __iter__(self) -> Iterator[Place]:
        yield from self._going.values()
        yield from self._waiting.values()

    @property
    def waiting(self) -> bool:
        """Whether rows wait for a mark that has not begun."""
        return bool(self._waiting)

    async def begin_when_due(self) -> None:
        """Begin a mark when it is time for one."""
        if self._task is not None and self._task.done():
            await self.finish()
        if self._waiting and (len(self._waiting) >= MARK_ROWS or time.monotonic() >= self._due):
            await self.finish()
            self._begin()

    async def finish(self) -> None:
        """Wait for the mark that has begun."""
        task, self._task = self._task, None
        if task is not None:
            try:
                await task
                reached(Step.RELAY_MARKED)
            finally:
                self._going = {}

    async def flush(self) -> None:
        """Mark everything."""
        await self.finish()
        if self._waiting:
            self._begin()
            await self.finish()

    def drop(self) -> None:
        """Leave the rest unmarked."""
        self._waiting.clear()

    def _begin(self) -> None:
        self._going, self._waiting = self._waiting, {}
        self._due = time.monotonic() + MARK_SECONDS
        self._task = asyncio.create_task(self._outbox.mark_published(list(self._going), self._lease))
