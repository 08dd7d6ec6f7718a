"""One subscription: the events that wait for it, each answered when the subscriber has taken the one before.

That an event is answered only when its subscriber is ready for it bounds what a slow one costs: a queue of small
events, no answers. When the queue is full the subscription ends and says so.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ..errors import RequestError
from ..routing.request import GraphQLRequest
from ..routing.router import Admitted, Snapshot
from .expiry import expiry
from .topic import Happening, Topic

MAX_TIMER_SECONDS = 86_400.0


class End(Enum):
    """Why a subscription ends that its subscriber did not end: code, message, whether coming back helps."""

    TOO_SLOW = ("SUBSCRIBER_TOO_SLOW", "Events came faster than they were taken.", True)
    EXPIRED = ("TOKEN_EXPIRED", "The token has expired: come back with a new one.", True)
    CHANGED = ("SCHEMA_CHANGED", "The schema has changed: subscribe again.", True)
    LOST = ("EVENTS_LOST", "Events were deleted before they could be told.", True)
    STOPPING = ("SERVER_STOPPING", "The server stops: come back.", True)
    INTERRUPTED = ("SUBSCRIPTION_INTERRUPTED", "An event could not be answered: come back.", True)
    GONE = ("", "", False)  # the subscriber itself

    @property
    def code(self) -> str:
        return self.value[0]

    def error(self, position: str) -> dict[str, Any]:
        code, message, retryable = self.value
        return {"message": message, "extensions": {"code": code, "retryable": retryable, "lastEventId": position}}


@dataclass(frozen=True, slots=True)
class Answer:
    """`text` is the JSON of a GraphQL answer, shared by all who get the same; `position` that of the event."""

    text: bytes
    position: str


class Stream:
    """Made by `Subscriptions.open`; `close` it.

    `resolve` gives the answer to one event, None where there is nothing to tell; it raises `RequestError` when that
    cannot be asked. `forget` is told of the end.
    """

    def __init__(
        self,
        resolve: Callable[[Stream, Happening], Awaitable[bytes | None]],
        forget: Callable[[Stream], None],
        topic: Topic,
        snapshot: Snapshot,
        admitted: Admitted,
        request: GraphQLRequest,
        limit: int,
    ):
        self._resolve = resolve
        self._forget = forget
        self.topic = topic
        self.snapshot = snapshot
        self.admitted = admitted
        self.request = request
        self._limit = limit
        self._queue: deque[Happening] = deque()
        self._wake = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._begin: dict[int, int] = {}
        self.position = topic.position
        self.ended: End | None = None

    def begin(self) -> None:
        """Listen, from here on, and no longer than the token lives."""
        feed, values = self.admitted.feed, self.admitted.values
        self._begin = self.topic.listen(feed, values, self)
        self.position = self.topic.position
        ends = expiry(self.request)
        if ends is not None:
            delay = min(max(ends - time.time(), 0.0), MAX_TIMER_SECONDS)
            self._timer = asyncio.get_running_loop().call_later(delay, self.end, End.EXPIRED)

    def close(self) -> None:
        self.end(End.GONE)
        self._forget(self)

    def end(self, why: End) -> None:
        """Nothing is told any more but why. The first reason holds."""
        if self.ended is not None:
            return
        self.ended = why
        self.topic.leave(self.admitted.feed, self.admitted.values, self)
        self._queue.clear()
        if self._timer:
            self._timer.cancel()
        self._wake.set()

    def move(self, snapshot: Snapshot, admitted: Admitted) -> None:
        """Go on over a new schema."""
        self.topic.leave(self.admitted.feed, self.admitted.values, self)
        self.snapshot, self.admitted = snapshot, admitted
        self.topic.listen(admitted.feed, admitted.values, self)

    def offer(self, happening: Happening) -> None:
        if len(self._queue) >= self._limit:
            self.end(End.TOO_SLOW)
        else:
            self._queue.append(happening)
            self._wake.set()

    def lose(self) -> None:
        self.end(End.LOST)

    async def missed(self, last: str) -> AsyncIterator[Answer]:
        """What happened between the position `last` and `begin`. Raises `RequestError`."""
        behind = self.topic.missed(self.admitted.feed, self.admitted.values, last, self._begin)
        async for happening in behind:
            answer = await self._answer(happening)
            if self.ended:
                return
            if answer is not None:
                yield answer

    async def next(self, seconds: float) -> Answer | None:
        """The next answer; None when `seconds` went by without one, or the subscription has ended (`ended`)."""
        while not self.ended:
            if self._queue:
                answer = await self._answer(self._queue.popleft())
                if answer is not None and not self.ended:
                    return answer
                continue
            self._wake.clear()
            try:
                async with asyncio.timeout(seconds):
                    await self._wake.wait()
            except TimeoutError:
                if not self._queue and not self.ended:
                    self.position = self.topic.position  # nothing of it was for this subscriber
                    return None
        return None

    async def _answer(self, happening: Happening) -> Answer | None:
        try:
            text = await self._resolve(self, happening)
        except RequestError:
            self.end(End.INTERRUPTED)
            return None
        self.position = happening.position
        return None if text is None else Answer(text, self.position)
