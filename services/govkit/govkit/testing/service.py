"""A service as its users meet it: over HTTP, with its relay and consumer, on the real database and broker.

async with running(SERVICE, infrastructure, issuer, topic_prefix) as service:
    answer = await service.query("{ communities { totalCount } }", token=issuer.token("AUDITOR"))
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import uvicorn
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from govkit.bus.envelope import Envelope
from govkit.bus.inbox import by_type
from govkit.bus.kafka import events_topic, new_producer
from govkit.domain.ports import Clock, new_id
from govkit.runtime.tracing import new_trace
from govkit.service import Service
from govkit.store.store import Store
from govkit.testing.bus import until
from govkit.testing.tokens import AUDIENCE, ISSUER, Issuer

if TYPE_CHECKING:
    from lanling_local.stack import Infrastructure


@dataclass
class RunningService:
    """`query` speaks GraphQL to it, `receive` publishes an event of another service, `published` reads its own."""

    service: Service
    url: str
    store: Store
    bootstrap_servers: str
    topic_prefix: str
    client: httpx.AsyncClient
    _sequences: dict[str, int] = field(default_factory=dict)

    async def query(self, document: str, variables: dict[str, Any] | None = None, token: str | None = None) -> Any:
        """The whole answer: `data`, `errors`."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        body = {"query": document, "variables": variables or {}}
        return (await self.client.post(self.url, json=body, headers=headers)).json()

    async def data(self, document: str, variables: dict[str, Any] | None = None, token: str | None = None) -> Any:
        """The data of an answer without errors."""
        answer = await self.query(document, variables, token)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def refusal(self, document: str, variables: dict[str, Any] | None = None, token: str | None = None) -> str:
        """The code of the only error."""
        answer = await self.query(document, variables, token)
        (error,) = answer["errors"]
        return str(error["extensions"]["code"])

    async def receive(
        self,
        source: str,
        type: str,
        subject: str,
        data: dict[str, Any],
        *,
        sequence: int | None = None,
        times: int = 1,
        version: int = 1,
    ) -> Envelope:
        """Publish an event of the service `source`, `times` times, and wait until the inbox has passed it.

        `type` without prefix and version, as in `community.established`. A type that nobody here consumes is not
        waited for: it leaves no trace.
        """
        key = f"/lanling/{source}|{subject}"
        self._sequences[key] = sequence or self._sequences.get(key, 0) + 1
        envelope = Envelope(
            id=new_id(),
            source=f"/lanling/{source}",
            type=f"cn.lanling.{type}.v{version}",
            subject=subject,
            time=datetime.now(UTC).isoformat().replace("+00:00", "Z"),
            sequence=self._sequences[key],
            aggregateversion=self._sequences[key],
            correlationid="test",
            causationid="test",
            traceparent=new_trace().traceparent,
            data=data,
        )
        producer = new_producer(self.bootstrap_servers)
        await producer.start()
        try:
            for _ in range(times):
                await producer.send_and_wait(
                    events_topic(self.topic_prefix, source),
                    value=envelope.to_json(),
                    key=subject.encode(),
                    headers=envelope.headers(),
                )
        finally:
            await producer.stop()

        async def passed() -> bool:
            row = await self.store.database["inbox"].find_one({"_id": key})
            return row is not None and row["sequence"] >= envelope.sequence

        if envelope.type in by_type(self.service.all_consumers):
            await until(passed)
        return envelope

    async def published(self, type: str | None = None) -> list[Envelope]:
        """Its own events, of one type or all, once the relay has published every one."""

        async def drained() -> bool:
            return await self.store.database["outbox"].count_documents({"published": False}) == 0

        await until(drained)
        rows = self.store.database["outbox"].find({}, sort=[("subject", 1), ("sequence", 1)])
        envelopes = [Envelope.from_json(row["envelope"]) async for row in rows]
        return [item for item in envelopes if type is None or item.type == f"cn.lanling.{type}.v1"]


@asynccontextmanager
async def running(
    service: Service,
    infrastructure: "Infrastructure",
    issuer: Issuer,
    topic_prefix: str,
    *,
    clock: Clock | None = None,
    seeded: bool = False,
    **settings: Any,
) -> AsyncIterator[RunningService]:
    """The service on a free port with a database of its own, and topics under `topic_prefix`; gone afterwards.

    `settings` are further fields of the service's settings class.
    """
    database = settings.pop("mongodb_database", None) or f"test_{uuid4().hex[:12]}"
    chosen = service.settings_class(
        service_port=1,
        mongodb_uri=infrastructure.mongodb_uri,
        mongodb_database=database,
        kafka_bootstrap_servers=infrastructure.kafka_bootstrap_servers,
        topic_prefix=topic_prefix,
        jwks_url=issuer.jwks_url,
        jwt_issuer=ISSUER,
        jwt_audience=AUDIENCE,
        **settings,
    )
    await _make_topics(chosen.kafka_bootstrap_servers, topic_prefix, [service.name, *service.listens_to])
    if seeded:
        await service.load_seed(chosen)
    else:
        store = service.store(chosen)
        await service.migrate(store)
        store.client.close()
    app = service.application(chosen, clock)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="on", ws="none"))
    serving = asyncio.create_task(server.serve())
    try:
        await until(_started(server, serving))
        port = server.servers[0].sockets[0].getsockname()[1]
        async with httpx.AsyncClient(timeout=30) as client:
            yield RunningService(
                service,
                f"http://127.0.0.1:{port}/graphql",
                app.state.store,
                chosen.kafka_bootstrap_servers,
                topic_prefix,
                client,
            )
    finally:
        await app.state.store.client.drop_database(chosen.mongodb_database)
        server.should_exit = True
        await serving


@asynccontextmanager
async def at_rest(
    service: Service, infrastructure: "Infrastructure", issuer: Issuer, topic_prefix: str, **settings: Any
) -> AsyncIterator[tuple[httpx.AsyncClient, Store]]:
    """The service with its demonstration data and without background tasks: nothing changes but by what is asked."""
    chosen = service.settings_class(
        service_port=1,
        mongodb_uri=infrastructure.mongodb_uri,
        mongodb_database=f"test_{uuid4().hex[:12]}",
        kafka_bootstrap_servers=infrastructure.kafka_bootstrap_servers,
        topic_prefix=topic_prefix,
        jwks_url=issuer.jwks_url,
        jwt_issuer=ISSUER,
        jwt_audience=AUDIENCE,
        **settings | {"demo_data": True},
    )
    await service.load_seed(chosen)
    app = service.application(chosen)
    transport = httpx.ASGITransport(app)
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://service", timeout=None) as client:
            yield client, app.state.store
    finally:
        await app.state.store.client.drop_database(chosen.mongodb_database)
        app.state.store.client.close()


def _started(server: uvicorn.Server, serving: "asyncio.Task[None]") -> Any:
    async def started() -> bool:
        if serving.done():
            raise AssertionError("the service did not start")
        return server.started

    return started


async def _make_topics(bootstrap_servers: str, prefix: str, services: list[str]) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    await admin.start()
    try:
        existing = set(await admin.list_topics())
        wanted = {events_topic(prefix, name) for name in services}
        if missing := wanted - existing:
            await admin.create_topics([NewTopic(name, 2, 1) for name in sorted(missing)])
    finally:
        await admin.close()
