"""The HTTP server of a gateway process: uvicorn, which first tells the application that it will stop."""

from __future__ import annotations

import asyncio
import socket

import uvicorn

from . import telemetry
from .http import Application
from .http.websocket import MAX_MESSAGE
from .one_write import OneWriteProtocol


class Server(uvicorn.Server):
    """Open streams would hold up the end: uvicorn tells applications of it only when no connection is left."""

    def __init__(self, application: Application, host: str, port: int):
        self._application = application
        config = uvicorn.Config(
            application,
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=10,
            http=OneWriteProtocol,
            ws="websockets-sansio",
            ws_max_size=MAX_MESSAGE,
            ws_ping_interval=None,  # the protocol has pings of its own, which pages can see
            ws_per_message_deflate=False,
        )
        super().__init__(config)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._application.drain()
        await super().shutdown(sockets)
        await asyncio.to_thread(telemetry.stop)
