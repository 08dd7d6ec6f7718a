"""The gateway behind a real HTTP server on a free port."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.serving import Application
from gateway.serving.server import Server

from .subgraph import no_signals


@asynccontextmanager
async def serving(application: Application) -> AsyncIterator[int]:
    """The port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = Server(application, "127.0.0.1", 0)
        server.capture_signals = no_signals  # type: ignore[method-assign]
        task = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:  # noqa: ASYNC110 - uvicorn sets no event
            await asyncio.sleep(0.001)
        yield int(listener.getsockname()[1])
        server.should_exit = True
        await task
