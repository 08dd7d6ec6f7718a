"""A broker, two subgraphs and a gateway that knows nothing of a county."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import orjson
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from gateway.serving import Application
from gateway.settings import Settings
from gateway.subscriptions.broker import BrokerSettings
from lanling_local.kafka import Broker
from lanling_local.ports import free_ports
from lanling_local.processes import stop, wait_until

from ..serving import serving
from ..subgraph import Subgraph
from ..world import World

LIVE = Path(__file__).parent / "live"


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its address: the one that the environment names, or one that is started here."""
    if running := os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        yield running
        return
    directory = tmp_path_factory.mktemp("kafka")
    own = Broker(directory, directory / "kafka.log", *free_ports(2))
    child = own.start(lambda line: None)
    try:
        wait_until({own.name: own.is_ready}, [child], timeout_seconds=60, pause=time.sleep)
        yield own.bootstrap_servers
    finally:
        stop([child])


class Live:
    """`orders` may be changed; `publish` tells the gateway of it."""

    def __init__(
        self,
        application: Application,
        port: int,
        producer: Any,
        topic: str,
        orders: dict[str, Any],
        subgraphs: list[Subgraph],
    ):
        self.application = application
        self.subgraphs = subgraphs
        self.urls = {one.name.upper(): one.url for one in subgraphs}
        self.port = port
        self.orders = orders
        self.topic = topic
        self.url = f"http://127.0.0.1:{port}/graphql"
        self._producer = producer

    async def publish(self, type: str, subject: str, **data: Any) -> None:
        event = {"specversion": "1.0", "id": uuid4().hex, "type": type, "subject": subject, "data": data}
        await self.send(orjson.dumps(event), subject)

    async def send(self, value: bytes | None, subject: str) -> None:
        await self._producer.send_and_wait(self.topic, value, subject.encode())

    def client(self) -> httpx.AsyncClient:
        limits = httpx.Limits(max_connections=None)
        return httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", timeout=30, limits=limits)


@pytest.fixture
async def live(broker: str, request: pytest.FixtureRequest) -> AsyncIterator[Live]:
    """Settings by indirect parameter."""
    prefix = f"t{uuid4().hex[:8]}"
    admin = AIOKafkaAdminClient(bootstrap_servers=broker)
    await admin.start()
    await admin.create_topics([NewTopic(f"{prefix}.orders", 3, 1)])
    await admin.close()
    orders: dict[str, Any] = {
        str(n): {"id": str(n), "state": "PLACED", "unit": "north", "parcels": n} for n in range(1, 4)
    }
    roots = {"order": lambda _source, given: _order(orders, given["id"]), "orders": [], "shelves": 1}
    world = World({"Order": orders}, {"Query": roots})
    sources = [path for path in sorted(LIVE.glob("*.graphql")) if path.stem != "supergraph"]
    subgraphs = [Subgraph(path.stem, path.read_text("utf-8"), world) for path in sources]
    await asyncio.gather(*(one.start() for one in subgraphs))
    options = {"connections_per_client": 2_000, **getattr(request, "param", {})}
    settings = Settings(supergraph=LIVE / "supergraph.graphql", **options)
    urls = {one.name.upper(): one.url for one in subgraphs}
    application = Application(settings, urls, BrokerSettings(kafka_bootstrap_servers=broker, topic_prefix=prefix))
    producer = AIOKafkaProducer(bootstrap_servers=broker, linger_ms=0)
    await producer.start()
    async with serving(application) as port:
        yield Live(application, port, producer, f"{prefix}.orders", orders, subgraphs)
        application.drain()
    await producer.stop()
    await asyncio.gather(*(one.stop() for one in subgraphs))


def _order(orders: dict[str, Any], id: str) -> Any:
    return {"__typename": "Order", **orders[id]} if id in orders else None
