"""GraphQL over Server-Sent Events, distinct connections mode: a request for ``text/event-stream`` is one operation.

`event: next` has one answer, `event: complete` ends. `id:` is the event id to come back with (`Last-Event-ID`, or
`extensions.lastEventId` of the request); it comes at the start and with every sign of life, too. What goes wrong before
the stream begins is answered as JSON with a status.
"""

from __future__ import annotations

import asyncio
import logging

from ..errors import RequestError
from ..json_text import dumps
from ..routing.request import GraphQLRequest
from ..routing.router import Outcome
from ..subscriptions.hub import Subscriptions
from ..subscriptions.stream import Answer, End, Stream
from .responses import Receive, Send, send_whole

logger = logging.getLogger(__name__)

ALIVE_SECONDS = 15.0
SEND_SECONDS = 20.0  # that a client may take to make room for one message
COMPLETE = b"event: complete\ndata: \n\n"
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]


class StuckError(Exception):
    """The client takes nothing any more."""


async def send_outcome(outcome: Outcome, send: Send) -> None:
    """A query or mutation: one answer."""
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    body = b"event: next\ndata: %b\n\n" % dumps(outcome.answer)
    await send({"type": "http.response.body", "body": body + COMPLETE})


async def serve(hub: Subscriptions, request: GraphQLRequest, last: str | None, receive: Receive, send: Send) -> None:
    """Until the client goes or the subscription ends."""
    try:
        stream = await hub.open(request)
    except RequestError as error:
        await send_whole(send, error.status, dumps({"errors": error.errors}), "application/json", error.headers)
        return
    gone = asyncio.create_task(_gone(receive, stream))
    try:
        await _Sender(stream, send).run(last)
    except StuckError:
        logger.warning("a subscriber took nothing any more", extra={"trace_id": request.trace.trace_id})
    finally:
        gone.cancel()
        stream.close()


class _Sender:
    def __init__(self, stream: Stream, send: Send):
        self._stream = stream
        self._send = send

    async def run(self, last: str | None) -> None:
        stream = self._stream
        await self._send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        try:
            if last is None:
                await self._write(b"id: %b\n\n" % stream.position.encode())
            else:
                async for answer in stream.missed(last):
                    await self._answer(answer)
            while not stream.ended:
                following = await stream.next(ALIVE_SECONDS)
                if following is not None:
                    await self._answer(following)
                elif not stream.ended:
                    await self._write(b":\nid: %b\n\n" % stream.position.encode())
        except RequestError as error:
            await self._end(dumps({"errors": error.errors}))
            return
        if stream.ended is not End.GONE:
            assert stream.ended is not None
            await self._end(dumps({"errors": [stream.ended.error(stream.position)]}))

    async def _answer(self, answer: Answer) -> None:
        await self._write(b"event: next\nid: %b\ndata: %b\n\n" % (answer.position.encode(), answer.text))

    async def _write(self, body: bytes, *, more: bool = True) -> None:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._send({"type": "http.response.body", "body": body, "more_body": more})
        except TimeoutError:
            raise StuckError from None

    async def _end(self, body: bytes) -> None:
        await self._write(b"event: next\ndata: %b\n\n" % body + COMPLETE, more=False)


async def _gone(receive: Receive, stream: Stream) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.end(End.GONE)
