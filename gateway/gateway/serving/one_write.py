"""What uvicorn writes to: an HTTP answer's head and body in one write, and an end that does not wait for the client.

uvicorn writes the head of an answer when it starts and the body after it. Each write is a call of the system, and wakes
the client, who can do nothing with a head: one of the two is a few per cent of an answer's CPU.

A transport that is closed stays until what it has still to write is taken. A client that takes nothing would keep it
for ever, without counting among its connections any more. Nor has the parser an end for a head that has none.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

STATUS_LINE = b"HTTP/1.1 "
MAX_HEAD = 64 * 1024
HEAD_TOO_LARGE = STATUS_LINE + b"431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
LINGER_SECONDS = 10.0  # that a client has to take the rest when the connection is closed


class OneWrite:
    """A transport that holds a head back until the body comes, but no longer than to the next turn of the loop."""

    def __init__(self, transport: Any, loop: asyncio.AbstractEventLoop):
        self._transport = transport
        self._loop = loop
        self._head = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if self._head:
            head, self._head = self._head, b""
            self._transport.writelines((head, data))
        elif data.startswith(STATUS_LINE):
            self._head = data
            self._loop.call_soon(self._flush)
        else:
            self._transport.write(data)

    def close(self) -> None:
        self._flush()
        self._transport.close()
        if self._transport.get_write_buffer_size():
            self._loop.call_later(LINGER_SECONDS, self._transport.abort)

    def _flush(self) -> None:
        if self._head:
            head, self._head = self._head, b""
            self._transport.write(head)


class OneWriteProtocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1 over such a transport. A head without end is refused (431): the parser would keep it all."""

    _head_bytes: int | None = None  # of the head that is being read, from its second chunk on

    def connection_made(self, transport: Any) -> None:
        super().connection_made(OneWrite(transport, self.loop))  # type: ignore[arg-type]

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_bytes = 0

    def on_headers_complete(self) -> None:
        self._head_bytes = None
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        before = self._head_bytes
        super().data_received(data)
        if before is None or self._head_bytes is None or self.transport.is_closing():
            return
        self._head_bytes = before + len(data)
        if self._head_bytes > MAX_HEAD:
            self.transport.write(HEAD_TOO_LARGE)
            self.transport.close()
