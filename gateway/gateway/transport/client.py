"""The subgraph client: a pool of keep-alive connections to one URL, with time-outs and retries of safe requests.

A connection that its subgraph closed while idle (a restart) is noticed at once or at the next use; a query is then
sent again on a fresh one. A mutation is never sent twice: it takes a connection that was used a moment ago, or a
fresh one.
"""

from __future__ import annotations

import asyncio
import random
import re
import ssl
import time
from collections import deque
from urllib.parse import urlsplit

from ..errors import SubgraphError
from .breaker import Breaker
from .connection import Connection, ConnectionLost, Response
from .fields import UnsafeField, lines
from .signature import Signer

FRESH_FOR_MUTATION = 1.0  # seconds a connection may have been idle to carry a mutation
MAX_IDLE = 4.0  # seconds: below the keep-alive time-out of uvicorn (5 s), the usual server of a Python subgraph
RETRY_PAUSE = 0.03  # seconds, doubled with each attempt
_URL = re.compile(r"[!-~]+")
RETRIED_STATUSES = frozenset({502, 503})  # after a 504 the subgraph may still be at work


class SubgraphClient:
    """Posts GraphQL requests to one subgraph, signed when there is a `key`. `name` is for messages only."""

    def __init__(
        self,
        name: str,
        url: str,
        *,
        timeout: float = 10.0,
        connect_timeout: float = 2.0,
        retries: int = 1,
        max_connections: int = 64,
        max_response_size: int = 64 * 1024 * 1024,
        breaker: Breaker | None = None,
        key: bytes | None = None,
    ):
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or not _URL.fullmatch(url):
            raise SubgraphError(f"subgraph {name} has no usable URL: {url!r}")
        self.name = name
        self._ssl = ssl.create_default_context() if parts.scheme == "https" else None
        self._host = parts.hostname
        self._port = parts.port or (443 if self._ssl else 80)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._head = (
            f"POST {target} HTTP/1.1\r\nhost: {parts.netloc.rpartition('@')[2]}\r\n"
            "content-type: application/json\r\naccept: application/graphql-response+json, application/json\r\n"
            "accept-encoding: identity\r\n"
        ).encode("ascii")
        self._signer = Signer(key, (parts.path or "/").encode("ascii")) if key else None
        self._timeout = timeout
        self._connect_timeout = connect_timeout
        self._retries = retries
        self._breaker = breaker or Breaker(failures=0, pause=1.0)
        self._max_response_size = max_response_size
        self._idle: deque[Connection] = deque()
        self._is_closed = False
        self._slots = asyncio.Semaphore(max_connections)

    async def post(self, body: bytes, headers: list[tuple[bytes, bytes]], *, is_safe: bool) -> Response:
        """The answer to one request, whatever its status. Raises `SubgraphError` when there is none in time."""
        try:
            extra = lines(headers)
        except UnsafeField as error:
            raise SubgraphError(str(error), unavailable=False) from None
        if self._signer:
            extra += self._signer.lines(body, headers)
        request = b"%b%bcontent-length: %d\r\n\r\n%b" % (self._head, extra, len(body), body)
        self._breaker.admit()
        try:
            response = await self._in_time(request, is_safe)
        except SubgraphError as error:
            if error.unavailable:
                self._breaker.failed()
            else:
                self._breaker.succeeded()
            raise
        except BaseException:
            self._breaker.abandoned()
            raise
        if response.status in RETRIED_STATUSES:
            self._breaker.failed()
        else:
            self._breaker.succeeded()
        return response

    async def _in_time(self, request: bytes, is_safe: bool) -> Response:
        deadline = asyncio.get_running_loop().time() + self._timeout
        try:
            await self._slot(deadline)
            try:
                return await self._exchange_with_retries(request, is_safe, deadline)
            finally:
                self._slots.release()
        except TimeoutError:
            raise SubgraphError(f"no answer within {self._timeout} s") from None

    async def _slot(self, deadline: float) -> None:
        if self._slots.locked():
            async with asyncio.timeout_at(deadline):
                await self._slots.acquire()
        else:
            await self._slots.acquire()

    async def _exchange_with_retries(self, request: bytes, is_safe: bool, deadline: float) -> Response:
        attempt = 0
        while True:
            try:
                response = await self._exchange(request, is_safe, deadline)
            except SubgraphError as error:
                if not is_safe or attempt >= self._retries or not error.unavailable:
                    raise
            else:
                if response.status not in RETRIED_STATUSES or not is_safe or attempt >= self._retries:
                    return response
            async with asyncio.timeout_at(deadline):
                await asyncio.sleep(RETRY_PAUSE * 2**attempt * (0.5 + random.random()))
            attempt += 1

    async def _exchange(self, request: bytes, is_safe: bool, deadline: float) -> Response:
        while (connection := self._take_idle(MAX_IDLE if is_safe else FRESH_FOR_MUTATION)) is not None:
            try:
                return await self._use(connection, request, deadline)
            except ConnectionLost as error:
                if error.answer_began or not is_safe:
                    raise
                # The subgraph had closed it: not a failed attempt, try the next one.
        return await self._use(await self._connect(deadline), request, deadline)

    async def _use(self, connection: Connection, request: bytes, deadline: float) -> Response:
        response = await connection.exchange(request, deadline)
        if response.headers.get(b"content-encoding", b"identity") != b"identity":
            connection.close()
            raise SubgraphError("the answer is encoded, though only identity was asked for", unavailable=False)
        if connection.is_open and not self._is_closed:
            connection.idle_since = time.monotonic()
            self._idle.append(connection)
        else:
            connection.close()
        return response

    def _take_idle(self, max_idle: float) -> Connection | None:
        """The connection used last, if it is young enough; older ones are closed."""
        oldest = time.monotonic() - max_idle
        while self._idle:
            connection = self._idle.pop()
            if connection.is_open and connection.idle_since >= oldest:
                return connection
            connection.close()
        return None

    async def _connect(self, deadline: float) -> Connection:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout_at(min(deadline, loop.time() + self._connect_timeout)):
                _, connection = await loop.create_connection(
                    lambda: Connection(loop, self._max_response_size), self._host, self._port, ssl=self._ssl
                )
        except TimeoutError:
            raise SubgraphError(f"no connection within {self._connect_timeout} s") from None
        except OSError as error:
            raise SubgraphError(f"cannot connect: {error}") from error
        return connection

    def close(self) -> None:
        """Close idle connections now, and those in use after their answer."""
        self._is_closed = True
        while self._idle:
            self._idle.pop().close()
