"""GraphQL over WebSocket, subprotocol ``graphql-transport-ws``: many operations on one connection.

    connection_init {payload: {authorization: "Bearer …"}}   ▶ connection_ack
    subscribe {id, payload: {query, variables, extensions: {lastEventId}}}   ▶ next …, complete | error
    complete {id} · ping {} ▶ pong {}

Each `next` has `extensions.lastEventId`; so have the server's pings, by subscription, in `payload.lastEventIds`.
Close codes beside those of the protocol (4400, 4401, 4406, 4408, 4409, 4429): 4403 the token has expired, 4205 the
schema has changed, 1012 the server stops, 1008 the client takes nothing any more.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from ..errors import RequestError
from ..json_text import dumps, loads
from ..routing.request import GraphQLRequest
from ..routing.router import Router
from ..subscriptions.hub import Subscriptions
from ..subscriptions.stream import Answer, End, Stream
from ..transport import is_field_value
from .responses import Receive, Scope, Send

logger = logging.getLogger(__name__)

PROTOCOL = "graphql-transport-ws"
INIT_SECONDS = 5.0
ALIVE_SECONDS = 20.0
SEND_SECONDS = 20.0
MAX_MESSAGE = 128 * 1024
MAX_OPERATIONS = 100  # of one connection
CLOSE_CODES = {End.EXPIRED: 4403, End.CHANGED: 4205, End.STOPPING: 1012}

MakeRequest = Callable[[bytes | None, dict[str, Any]], Awaitable[tuple[GraphQLRequest, str | None]]]


class CloseError(Exception):
    """The connection ends with this code and reason."""

    def __init__(self, code: int, reason: str):
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(slots=True)
class _Operation:
    task: asyncio.Task[None]
    stream: Stream | None = None


@dataclass(slots=True)
class Connection:
    """One client. `make_request` makes a request of the init payload's token and a subscribe payload; it raises."""

    hub: Subscriptions
    router: Router
    make_request: MakeRequest
    receive: Receive
    send: Send
    token: bytes | None = None
    operations: dict[str, _Operation] = field(default_factory=dict)
    sending: asyncio.Lock = field(default_factory=asyncio.Lock)
    main: asyncio.Task[Any] | None = None
    closing: CloseError | None = None
    silent_since_ping: bool = False

    async def run(self) -> None:
        """Until one side closes; the handshake is done."""
        self.main = asyncio.current_task()
        alive: asyncio.Task[None] | None = None
        try:
            await self._wait_for_init()
            alive = asyncio.create_task(self._keep_alive())
            while (message := await self._message()) is not None:
                await self._take(message)
        except CloseError as close:
            await self._close(close)
        except asyncio.CancelledError:
            if self.closing is None:
                raise
            await self._close(self.closing)
        finally:
            if alive:
                alive.cancel()
            for one in list(self.operations.values()):
                one.task.cancel()

    def close_soon(self, close: CloseError) -> None:
        if self.closing is None and self.main:
            self.closing = close
            self.main.cancel()

    async def _close(self, close: CloseError) -> None:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self.send({"type": "websocket.close", "code": close.code, "reason": close.reason})
        except (TimeoutError, RuntimeError):
            logger.info("a connection was gone before it was closed")

    async def _wait_for_init(self) -> None:
        try:
            async with asyncio.timeout(INIT_SECONDS):
                while (message := await self._message()) and message.get("type") in ("ping", "pong"):
                    await self._take(message)
        except TimeoutError:
            raise CloseError(4408, "Connection initialisation timeout") from None
        if message is None:
            raise CloseError(1000, "")
        if message.get("type") != "connection_init":
            raise CloseError(4401, "Unauthorized")
        self.token = _token(message.get("payload"))
        await self._say({"type": "connection_ack"})

    async def _message(self) -> dict[str, Any] | None:
        """The next message; None when the client has gone."""
        event = await self.receive()
        self.silent_since_ping = False
        if event["type"] == "websocket.disconnect":
            return None
        text = event.get("text")
        if text is None or len(text) > MAX_MESSAGE:
            raise CloseError(4400, "Invalid message")
        try:
            message = loads(text.encode())
        except ValueError:
            raise CloseError(4400, "Invalid message") from None
        if not isinstance(message, dict):
            raise CloseError(4400, "Invalid message")
        return message

    async def _take(self, message: dict[str, Any]) -> None:
        match message.get("type"):
            case "subscribe":
                self._subscribe(message)
            case "complete":
                operation = self.operations.pop(str(message.get("id")), None)
                if operation:
                    operation.task.cancel()
            case "ping":
                await self._say({"type": "pong"})
            case "pong":
                pass
            case "connection_init":
                raise CloseError(4429, "Too many initialisation requests")
            case _:
                raise CloseError(4400, "Invalid message")

    def _subscribe(self, message: dict[str, Any]) -> None:
        id, payload = message.get("id"), message.get("payload")
        if not isinstance(id, str) or not id or len(id) > 100 or not isinstance(payload, dict):
            raise CloseError(4400, "Invalid message")
        if id in self.operations:
            raise CloseError(4409, f"Subscriber for {id} already exists")
        if len(self.operations) >= MAX_OPERATIONS:
            raise CloseError(1008, "Too many operations")
        self.operations[id] = _Operation(asyncio.create_task(self._run(id, payload)))

    async def _run(self, id: str, payload: dict[str, Any]) -> None:
        try:
            request, last = await self.make_request(self.token, payload)
            if self.router.is_subscription(request):
                await self._stream(id, request, last)
            else:
                outcome = await self.router.answer(request)
                if "data" not in outcome.answer:
                    raise RequestError(outcome.status, outcome.answer["errors"])
                await self._text(b'{"type":"next","id":%b,"payload":%b}' % (dumps(id), dumps(outcome.answer)))
            await self._say({"type": "complete", "id": id})
        except RequestError as error:
            await self._say({"type": "error", "id": id, "payload": error.errors})
        except CloseError as close:
            self.close_soon(close)
        except Exception:
            logger.exception("an operation failed unexpectedly")
            self.close_soon(CloseError(1011, "Internal error"))
        finally:
            self.operations.pop(id, None)

    async def _stream(self, id: str, request: GraphQLRequest, last: str | None) -> None:
        stream = await self.hub.open(request)
        try:
            self.operations[id].stream = stream
            name = dumps(id)
            if last is not None:
                async for answer in stream.missed(last):
                    await self._next(name, answer)
            while not stream.ended:
                following = await stream.next(ALIVE_SECONDS)
                if following is not None:
                    await self._next(name, following)
            if stream.ended in CLOSE_CODES:
                raise CloseError(CLOSE_CODES[stream.ended], stream.ended.code)
            raise RequestError(400, [stream.ended.error(stream.position)])
        finally:
            stream.close()

    async def _next(self, name: bytes, answer: Answer) -> None:
        await self._text(b'{"type":"next","id":%b,"payload":%b}' % (name, answer.text))

    async def _keep_alive(self) -> None:
        """Pings, and closes when nothing came since the last one."""
        try:
            while True:
                await asyncio.sleep(ALIVE_SECONDS)
                if self.silent_since_ping:
                    raise CloseError(4408, "No answer to ping")
                self.silent_since_ping = True
                streams = {id: one.stream.position for id, one in self.operations.items() if one.stream}
                await self._say({"type": "ping", "payload": {"lastEventIds": streams}})
        except CloseError as close:
            self.close_soon(close)

    async def _say(self, message: dict[str, Any]) -> None:
        await self._text(dumps(message))

    async def _text(self, text: bytes) -> None:
        try:
            async with self.sending, asyncio.timeout(SEND_SECONDS):
                await self.send({"type": "websocket.send", "text": text.decode()})
        except TimeoutError:
            raise CloseError(1008, "Too slow") from None


def _token(payload: object) -> bytes | None:
    """`authorization` of the payload, as a header's value. Raises `CloseError` (4400) when it cannot be one."""
    init = payload if isinstance(payload, dict) else {}
    given = next((value for name, value in init.items() if name.lower() == "authorization"), None)
    if given is None:
        return None
    if not isinstance(given, str) or not given.isascii() or not is_field_value(token := given.strip(" \t").encode()):
        raise CloseError(4400, "The authorization of the payload cannot be a header")
    return token


def subprotocol(scope: Scope) -> bool:
    """Whether the client speaks the protocol."""
    return PROTOCOL in scope.get("subprotocols", ())
