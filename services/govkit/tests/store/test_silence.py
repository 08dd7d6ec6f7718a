"""A connection to the database on which nothing comes any more, as something between the two has lost it."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from pymongo.errors import ConnectionFailure

from govkit import service as service_module
from govkit.runtime.settings import ServiceSettings
from govkit.store.commits import Commit
from lanling_local.stack import Infrastructure

from ..library.service import SERVICE


class Between:
    """Passes bytes on to the database. Connections that wrote to the audit trail before `lose` are silent after it."""

    def __init__(self, port: int):
        self._port = port
        self._writers: list[asyncio.Event] = []

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        wrote, lost = asyncio.Event(), asyncio.Event()
        from_database, to_database = await asyncio.open_connection("127.0.0.1", self._port)

        async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            while data := await source.read(65_536):
                if b"audit" in data and not wrote.is_set():
                    wrote.set()
                    self._writers.append(lost)
                if not lost.is_set():
                    sink.write(data)
            sink.close()

        await asyncio.gather(pump(reader, to_database), pump(from_database, writer))

    def lose(self) -> int:
        for lost in self._writers:
            lost.set()
        return len(self._writers)


@pytest_asyncio.fixture
async def between(infrastructure: Infrastructure) -> AsyncIterator[tuple[Between, int]]:
    address = infrastructure.mongodb_uri.removeprefix("mongodb://").split("/")[0]
    between = Between(int(address.rsplit(":", 1)[1]))
    server = await asyncio.start_server(between.pass_on, "127.0.0.1", 0)
    yield between, server.sockets[0].getsockname()[1]
    server.close()


async def test_commits_go_on_over_another_connection(
    between: tuple[Between, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_module, "SILENCE_MILLISECONDS", 1_000, raising=False)
    proxy, port = between
    values: dict[str, Any] = {
        "service_port": 1,
        "mongodb_uri": f"mongodb://127.0.0.1:{port}/?directConnection=true",
        "mongodb_database": f"test_{uuid4().hex[:12]}",
        "kafka_bootstrap_servers": "127.0.0.1:1",
        "jwks_url": "file:///nowhere",
        "jwt_issuer": "nobody",
        "jwt_audience": "nobody",
    }
    settings = ServiceSettings(**values)
    store = SERVICE.store(settings, "library@here/test")

    async def write(id: str) -> None:
        await store.commit(Commit(audit=[{"_id": id}]))

    await write("1")
    assert proxy.lose() == 1
    began = time.monotonic()
    with pytest.raises(ConnectionFailure):
        await asyncio.wait_for(write("2"), 15)
    await asyncio.wait_for(write("3"), 15)
    assert time.monotonic() - began < 15
    assert await store.database["audit"].distinct("_id") == ["1", "3"]
    await store.client.drop_database(settings.mongodb_database)
    store.client.close()
