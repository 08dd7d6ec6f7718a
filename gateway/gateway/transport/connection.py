"""One keep-alive HTTP/1.1 connection: asyncio protocol in front, httptools' parser behind.

One request, one answer. A connection that has more to say than it was asked (bytes behind the answer, an answer while
nothing is asked) is closed: what comes next on it would be taken for the answer to somebody else's request.

Written for one purpose, a POST with a small body and an answer read whole, because that is all a router does; it costs
0.03 ms a call where a general client costs 0.2 ms and more.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import httptools

from ..errors import SubgraphError


@dataclass(slots=True)
class Response:
    """An HTTP answer. Header names are lower case; repeated headers are one list (RFC 9110, 5.3)."""

    status: int = 0
    headers: dict[bytes, bytes] = field(default_factory=dict)
    body: bytes = b""


class ConnectionLost(SubgraphError):
    """The connection ended before the answer was whole. ``answer_began`` tells whether any byte of it had come."""

    def __init__(self, reason: str, answer_began: bool):
        super().__init__(reason)
        self.answer_began = answer_began


class Connection(asyncio.Protocol):
    """Sends one request at a time. Not for use after an error: close it."""

    def __init__(self, loop: asyncio.AbstractEventLoop, max_response_size: int):
        self._loop = loop
        self._max_size = max_response_size
        self._transport: asyncio.Transport | None = None
        self._parser: Any = None
        self._waiter: asyncio.Future[Response] | None = None
        self._response = Response()
        self._chunks: list[bytes] = []
        self._size = 0
        self._began = False
        self._has_headers = False
        self.is_open = False
        self.idle_since = 0.0

    async def exchange(self, request: bytes, deadline: float) -> Response:
        """Sends `request` whole and returns the whole answer. Raises `SubgraphError`, and `TimeoutError` when it is
        not there by `deadline`, a time of the event loop.

        By a timer of its own, which costs less than `asyncio.timeout` around each request.
        """
        if not self.is_open or self._transport is None:
            raise ConnectionLost("the connection is closed", answer_began=False)
        self._parser = httptools.HttpResponseParser(self)
        self._response = Response()
        self._chunks, self._size, self._began, self._has_headers = [], 0, False, False
        self._waiter = self._loop.create_future()
        timer = self._loop.call_at(deadline, self._fail, TimeoutError())
        self._transport.write(request)
        try:
            return await self._waiter
        except BaseException:  # also a time-out: the answer may still come, so the connection is of no more use
            self.close()
            raise
        finally:
            timer.cancel()
            self._waiter = None

    def close(self) -> None:
        self.is_open = False
        if self._transport is not None:
            self._transport.abort()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]
        self.is_open = True

    def data_received(self, data: bytes) -> None:
        if self._waiter is None or self._waiter.done():
            self.close()
            return
        self._began = True
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fail(SubgraphError(f"not an HTTP answer: {error}"))
            self.close()

    def connection_lost(self, error: Exception | None) -> None:
        self.is_open = False
        if self._is_until_close():
            self.on_message_complete()
        self._fail(ConnectionLost(f"connection lost: {error or 'closed by the subgraph'}", self._began))

    def _is_until_close(self) -> bool:
        """Whether the answer has no length of its own and so ends with the connection."""
        headers = self._response.headers
        waits = self._waiter is not None and not self._waiter.done() and self._has_headers
        return waits and b"content-length" not in headers and b"transfer-encoding" not in headers

    def _fail(self, error: SubgraphError | TimeoutError) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(error)

    # httptools callbacks

    def on_message_begin(self) -> None:
        if self._waiter is None or self._waiter.done():  # a second answer behind the first
            self._response = Response()
            self.close()

    def on_status(self, _status: bytes) -> None:
        self._response.status = self._parser.get_status_code()

    def on_header(self, name: bytes, value: bytes) -> None:
        name, headers = name.lower(), self._response.headers
        headers[name] = b"%b, %b" % (headers[name], value) if name in headers else value

    def on_headers_complete(self) -> None:
        self._response.status = self._parser.get_status_code()
        self._has_headers = self._response.status >= 200

    def on_body(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > self._max_size:
            self._fail(SubgraphError(f"the answer is larger than {self._max_size} bytes", unavailable=False))
            self.close()
            return
        self._chunks.append(data)

    def on_message_complete(self) -> None:
        if self._response.status < 200 and self._response.status:  # 100 Continue and its like
            return
        self._response.body = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
        if not self._parser.should_keep_alive():
            self.is_open = False
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(self._response)
