"""How much waits to be published and for how long, as metrics: from what a pass has read when that was all, else by
counting beside the passes, so that a long count of a long backlog holds none of them up."""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from pymongo.errors import PyMongoError

from govkit.bus.outbox import Backlog, Outbox, Row
from govkit.runtime import metrics

COUNT_SECONDS = 15.0


class BacklogFigures:
    """`outbox_backlog` and `outbox_oldest_seconds` of `topic`."""

    def __init__(self, outbox: Outbox, topic: str):
        self._outbox = outbox
        self._topic = topic
        self._due = 0.0
        self._task: asyncio.Task[None] | None = None

    def show_all(self, rows: Sequence[Row]) -> None:
        """These are all that wait."""
        self._show(Backlog(len(rows), min((row["created_at"] for row in rows), default=None)))

    def count(self) -> None:
        """Begin to count, if the last count began some time ago and is done."""
        if time.monotonic() < self._due or (self._task and not self._task.done()):
            return
        self._due = time.monotonic() + COUNT_SECONDS
        self._task = asyncio.create_task(self._count())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _count(self) -> None:
        with contextlib.suppress(PyMongoError):
            self._show(await self._outbox.backlog())

    def _show(self, backlog: Backlog) -> None:
        metrics.OUTBOX_BACKLOG.labels(self._topic).set(backlog.rows)
        oldest = seconds_since(backlog.oldest, datetime.now(UTC)) if backlog.oldest else 0
        metrics.OUTBOX_OLDEST_SECONDS.labels(self._topic).set(oldest)


def seconds_since(moment: datetime, now: datetime) -> float:
    """A client without time zones gives naive times in UTC."""
    return float((now - (moment if moment.tzinfo else moment.replace(tzinfo=UTC))).total_seconds())
