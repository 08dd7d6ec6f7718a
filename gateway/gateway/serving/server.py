"""The HTTP server of a gateway process: uvicorn, which first tells the application that it will stop."""

from __future__ import annotations

import asyncio
import gc
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from ..http.websocket import MAX_MESSAGE
from ..settings import Settings
from ..subscriptions.broker import BrokerSettings
from ..telemetry import tracing
from ..telemetry.sibling_metrics import Siblings
from . import Application
from .one_write import OneWriteProtocol
from .reload import collect

# That a connection may be idle. Longer than proxies and load balancers keep one (60 s is usual): where the server
# closes, as uvicorn does after 5 s, a request may be under way to it at that moment, and is lost.
IDLE_SECONDS = 75

# Objects that may be in cycles and are alive when the collector looks: an answer of a few hundred objects, times the
# requests that run at once, would have it look, in vain, several times a request at Python's 700.
YOUNG_OBJECTS = 20_000


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
            timeout_keep_alive=IDLE_SECONDS,
            timeout_graceful_shutdown=10,
            http=OneWriteProtocol,
            ws="websockets-sansio",
            ws_max_size=MAX_MESSAGE,
            ws_ping_interval=None,  # the protocol has pings of its own, which pages can see
            ws_per_message_deflate=False,
        )
        super().__init__(config)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn raises a signal again after its drain; a drained gateway has ended well.
        with super().capture_signals():
            yield
            self._captured_signals.clear()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._application.drain()
        await super().shutdown(sockets)
        await asyncio.to_thread(tracing.stop)


def server_of(settings: Settings, broker: BrokerSettings, siblings: Siblings | None = None) -> Server:
    """The server of a process of its own, not yet running. Raises `GatewayError` or OSError when it cannot serve."""
    application = Application(settings, broker=broker, siblings=siblings)
    tracing.start(application.metrics.registry)
    collect()
    gc.set_threshold(YOUNG_OBJECTS, *gc.get_threshold()[1:])
    return Server(application, settings.host, settings.port)
