"""Reload: a changed supergraph is made ready beside the one that serves, and takes over between two requests.

    source ─ changed? ─▶ load_snapshot, in a thread ─▶ warm: the operations used last are planned ─▶ router.snapshot
                              └ cannot be served: one log line, a metric; the old one stays

Requests that run keep the snapshot they began with. When the last of them ends nothing refers to it any more, and the
next full garbage collection takes it.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import hashlib
import logging
import time
from collections.abc import Awaitable, Callable, Sequence

from ..errors import GatewayError
from ..routing.router import Router, Snapshot, load_snapshot
from ..settings import Settings
from .sources import Source

logger = logging.getLogger(__name__)

WARM_OPERATIONS = 200
WARM_SECONDS = 5.0
COLLECT_AFTER_SECONDS = 1.0


class Watch:
    """Calls `looks` one after the other every `seconds`, until stopped. A look that fails is logged."""

    def __init__(self, seconds: float, *looks: Callable[[], Awaitable[object]]):
        self._seconds = seconds
        self._looks = looks
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="watch")

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._seconds)
            for look in self._looks:
                try:
                    await look()
                except Exception:
                    logger.exception("a look for changes failed")


class Reloader:
    """Takes what `source` has when it differs from `text`, of which the router's snapshot was made."""

    def __init__(self, router: Router, source: Source, text: str, settings: Settings, urls: dict[str, str]):
        self._router = router
        self._source = source
        self._settings = settings
        self._urls = urls
        self._seen = _digest(text)
        self._collection: asyncio.TimerHandle | None = None
        self._is_away = False
        router.metrics.serves(self._seen)

    def close(self) -> None:
        if self._collection:
            self._collection.cancel()

    async def look(self) -> bool:
        """Take over a supergraph that has changed since the last look. False when it has not, or is refused."""
        try:
            text = await asyncio.to_thread(self._source.read)
        except GatewayError as error:
            if not self._is_away:
                logger.warning("the supergraph cannot be read; the last one stays", extra={"reason": str(error)})
            self._is_away = True
            return False
        self._is_away = False
        digest = _digest(text)
        if digest == self._seen:
            return False
        self._seen = digest
        started = time.perf_counter()
        try:
            operations = self._router.snapshot.operations.used_last(WARM_OPERATIONS)
            snapshot = await asyncio.to_thread(self._prepare, text, self._router.snapshot, operations)
        except GatewayError as error:
            self._router.metrics.reloads.labels("refused").inc()
            logger.error("the new supergraph is refused; the last one stays", extra={"reason": str(error)})
            return False
        self._router.swap(snapshot)
        self._router.metrics.reloads.labels("taken").inc()
        self._router.metrics.serves(digest)
        self._collect_later()
        logger.info(
            "the new supergraph serves",
            extra={"sha256": digest[:16], "seconds": round(time.perf_counter() - started, 3)},
        )
        return True

    def _prepare(self, text: str, running: Snapshot, operations: Sequence[tuple[str, str | None]]) -> Snapshot:
        snapshot = load_snapshot(text, self._settings, self._urls, self._router.metrics, running)
        snapshot.operations.warm(operations, WARM_SECONDS)
        return snapshot

    def _collect_later(self) -> None:
        """The old snapshot is one large cycle, and was frozen at the start: give it back once its requests ended."""
        if self._collection:
            self._collection.cancel()
        delay = self._settings.request_timeout + COLLECT_AFTER_SECONDS
        self._collection = asyncio.get_running_loop().call_later(delay, collect)


def collect() -> None:
    """Collect everything, and freeze what lives: a schema lives long, and collections need not walk it again."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
