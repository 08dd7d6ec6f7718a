"""All subscriptions of a gateway process: admits them, answers events for them, ends them.

    topic ── event ──▶ streams that wait for it ── one question for equal ones ──▶ plan ──▶ answer, shared as bytes

Streams are equal when document, variables and forwarded headers are: a thousand open pages of one person, or of one
public token, cost one question an event. Whoever has another token is asked for alone, since only the subgraphs know
who may see what.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ..errors import RequestError
from ..json_text import dumps
from ..routing.request import GraphQLRequest
from ..routing.router import Admitted, Router, Snapshot
from ..telemetry.tracing import record_request
from .broker import BrokerSettings
from .stream import End, Stream
from .topic import Happening, Topic, consumer_factory

logger = logging.getLogger(__name__)

MAX_ANSWERING = 64  # questions at a time
RETRY_DELAYS = (0.1, 0.5, 2.0)


@dataclass(frozen=True, slots=True)
class Bounds:
    """`streams` of this process; `queue`: events that wait for one stream."""

    streams: int = 20_000
    queue: int = 100


class Subscriptions:
    def __init__(self, router: Router, broker: BrokerSettings, bounds: Bounds):
        self._router = router
        self._broker = broker
        self._bounds = bounds
        self._topics: dict[str, Topic] = {}
        self._streams: dict[Stream, None] = {}
        self._answering = asyncio.Semaphore(MAX_ANSWERING)
        self._shared: dict[object, asyncio.Task[dict[str, Any]]] = {}
        self.is_stopping = False
        router.on_swap(self._swapped)

    def __len__(self) -> int:
        return len(self._streams)

    async def open(self, request: GraphQLRequest) -> Stream:
        """A stream that has begun. Raises `RequestError` when it may not be, or cannot be now."""
        if not self._broker.kafka_bootstrap_servers:
            raise RequestError.of("SUBSCRIPTIONS_DISABLED", "This gateway has no broker: it answers no subscription.")
        if len(self._streams) >= self._bounds.streams or self.is_stopping:
            raise RequestError.of("TOO_MANY_SUBSCRIPTIONS", "Too many subscriptions; come later.", 503, retryable=True)
        snapshot = self._router.snapshot
        admitted = self._router.admit(snapshot, request)
        # Now, not when it ends: that may be tomorrow, and what follows is below it.
        record_request(request.trace, admitted.permitted, 200, [], time.time_ns())
        topic = self._topic(admitted.feed.topic)
        await topic.start()
        stream = Stream(self._answer, self._forget, topic, snapshot, admitted, request, self._bounds.queue)
        self._streams[stream] = None
        try:
            stream.begin()
            await self._check(stream)
        except BaseException:
            stream.close()
            raise
        return stream

    def _forget(self, stream: Stream) -> None:
        self._streams.pop(stream, None)

    async def stop(self) -> None:
        """End all streams, with time to say so, and the consumers."""
        self.end_all()
        for task in list(self._shared.values()):
            task.cancel()
        for topic in self._topics.values():
            await topic.stop()

    def end_all(self) -> None:
        self.is_stopping = True
        for stream in list(self._streams):
            stream.end(End.STOPPING)

    async def _answer(self, stream: Stream, happening: Happening) -> bytes | None:
        """The answer to one event for one stream; None when there is nothing that its subscriber may see.

        An event is told exactly as the query tells of its record: null without an error is nothing, null with errors
        are these errors. What may pass is asked again; raises `RequestError` when it does not.
        """
        variables = stream.admitted.feed.event_variables(happening.event)
        answer = await self._asked(stream, happening, variables)
        if (answer.get("data") or {}).get(stream.admitted.key) is None and not answer.get("errors"):
            return None
        return dumps({**answer, "extensions": {"lastEventId": happening.position}})

    async def _check(self, stream: Stream) -> None:
        """Whether the subscriber may wait for this at all. Raises `RequestError`."""
        start = stream.admitted.feed.start
        if start is None:
            answer = await self._asked(stream, None, {})
        else:
            request = replace(stream.request, query="{" + start + "}", variables={}, operation_name=None)
            answer = await self._shared_answer((start, stream.request.headers), lambda: self._whole(request))
        if answer.get("errors") and not (start is None and (answer.get("data") or {}).get(stream.admitted.key)):
            raise RequestError(403, answer["errors"])
        if start is None and (answer.get("data") or {}).get(stream.admitted.key) is None:
            raise RequestError.of("SUBSCRIPTION_REFUSED", "There is nothing here that the caller may see.", 403)

    async def _whole(self, request: GraphQLRequest) -> dict[str, Any]:
        return (await self._router.answer(request)).answer

    async def _asked(self, stream: Stream, happening: Happening | None, variables: dict[str, Any]) -> dict[str, Any]:
        for delay in (*RETRY_DELAYS, None):
            key = (id(stream.snapshot), stream.admitted.identity, happening and id(happening))
            answer = await self._shared_answer(key, lambda: self._ask(stream.snapshot, stream, variables))
            if not _may_pass(answer):
                return answer
            if delay is None or happening is None:
                raise RequestError(503, answer["errors"])
            await asyncio.sleep(delay)
        raise AssertionError

    async def _ask(self, snapshot: Snapshot, stream: Stream, variables: dict[str, Any]) -> dict[str, Any]:
        async with self._answering:
            return (await self._router.ask(snapshot, stream.admitted, stream.request, variables)).answer

    async def _shared_answer(self, key: object, ask: Callable[[], Any]) -> dict[str, Any]:
        task = self._shared.get(key)
        if task is None:
            task = self._shared[key] = asyncio.create_task(ask())
            task.add_done_callback(lambda _: self._shared.pop(key, None))
        return await asyncio.shield(task)

    def _topic(self, name: str) -> Topic:
        full = self._broker.topic(name)
        if full not in self._topics:
            self._topics[full] = Topic(full, consumer_factory(self._broker.connection_options()))
        return self._topics[full]

    def _swapped(self, snapshot: Snapshot) -> None:
        """Streams that the new schema allows go on over it, the others end."""
        for stream in list(self._streams):
            if stream.ended:
                continue
            try:
                admitted = self._router.admit(snapshot, stream.request)
            except RequestError:
                stream.end(End.CHANGED)
                continue
            if admitted.feed.topic != stream.admitted.feed.topic or admitted.values != stream.admitted.values:
                stream.end(End.CHANGED)
            else:
                stream.move(snapshot, admitted)


def _may_pass(answer: dict[str, Any]) -> bool:
    errors = answer.get("errors") or ()
    has_data = any(value is not None for value in (answer.get("data") or {}).values())
    return not has_data and any((error.get("extensions") or {}).get("retryable") for error in errors)


__all__ = ["Admitted", "Bounds", "Subscriptions"]
