"""A service with parked events and read models of its own, and its operators' command line, on the real parts."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import orjson
import pytest_asyncio
from typer.testing import CliRunner, Result

from govkit.bus.consumer import InboxConsumer
from govkit.bus.envelope import Envelope
from govkit.bus.failures import Reason
from govkit.bus.inbox import EventContext, Inbox, consumes
from govkit.bus.kafka import new_producer
from govkit.bus.parking import Parking
from govkit.domain import Gen
from govkit.domain.ports import SystemClock
from govkit.operations.cli import events_command_line
from govkit.operations.target import Target
from govkit.runtime.settings import ServiceSettings
from govkit.service import Service
from govkit.store.migrations import Migrations
from govkit.testing.bus import make_envelope
from govkit.testing.plugin import TopicMaker
from govkit.testing.tokens import AUDIENCE, ISSUER
from lanling_local.stack import Infrastructure

from ..library.service import SERVICE, forget_venue, note_venue

SOURCE = "/lanling/organization"
BROKEN: set[str] = set()
"""Venues whose effect fails until somebody mends it."""


@consumes("venue.registered")
async def greet(context: EventContext, event: dict[str, Any]) -> None:
    if event.get("poison"):
        raise Gen.CONFLICT()
    if event["venueId"] in BROKEN:
        raise RuntimeError("nobody is at home")
    context.work.increment("greetings", event["venueId"], times=1)


def venue(id: str, sequence: int = 1, type: str = "venue.registered", **data: Any) -> Envelope:
    made = make_envelope(id, sequence, f"cn.lanling.{type}.v1", venueId=id, **data)
    return replace(made, source=SOURCE)


@dataclass
class Desk:
    """`operate` gives a command as an operator would; `hear` publishes events of another service."""

    service: Service
    settings: ServiceSettings
    target: Target
    producer: Any

    @property
    def environment(self) -> dict[str, str]:
        """The settings as the environment of a process of its own."""
        settings = self.settings
        return {
            "SERVICE_PORT": "1",
            "MONGODB_URI": settings.mongodb_uri,
            "MONGODB_DATABASE": settings.mongodb_database,
            "KAFKA_BOOTSTRAP_SERVERS": settings.kafka_bootstrap_servers,
            "TOPIC_PREFIX": settings.topic_prefix,
            "JWKS_URL": settings.jwks_url,
            "JWT_ISSUER": settings.jwt_issuer,
            "JWT_AUDIENCE": settings.jwt_audience,
        }

    @property
    def database(self) -> Any:
        return self.target.store.database

    async def operate(self, *arguments: str) -> Result:
        """In a thread, because the command line has an event loop of its own."""

        class Configured:
            target = lambda _: self.service.target(self.settings)  # noqa: E731

        cli = events_command_line(Configured())
        return await asyncio.to_thread(lambda: CliRunner().invoke(cli, list(arguments)))

    async def done(self, *arguments: str) -> str:
        """What a command says that must succeed."""
        result = await self.operate(*arguments)
        assert result.exit_code == 0, result.output
        return str(result.stdout)

    async def hear(self, *events: Envelope) -> None:
        sends = [
            await self.producer.send(
                next(iter(self.target.heard)), event.to_json(), key=event.subject.encode(), headers=event.headers()
            )
            for event in events
        ]
        await asyncio.gather(*sends)

    async def apply(self, *events: Envelope) -> None:
        """As the running service would; published, too."""
        await self.hear(*events)
        await self.target.inbox.apply(events)

    async def park(self, *events: Envelope) -> None:
        """Published, and parked: the first has failed, the others wait behind it."""
        await self.hear(*events)
        parking = Parking(self.database)
        await parking.load()
        for number, event in enumerate(events):
            error = None if number else RuntimeError("nobody is at home")
            await parking.park(
                event, event.to_json(), Reason.BEHIND if number else Reason.EFFECT_FAILED, error=error, attempts=5
            )

    async def rows(self, collection: str) -> list[dict[str, Any]]:
        return [row async for row in self.database[collection].find({}, sort=[("_id", 1)])]

    async def position(self, id: str) -> int | None:
        row = await self.database["inbox"].find_one({"_id": f"{SOURCE}|{id}"})
        return row["sequence"] if row else None

    async def contents(self) -> bytes:
        """Everything in the database."""
        names = sorted(await self.database.list_collection_names())
        return orjson.dumps([[name, await self.rows(name)] for name in names], default=str)

    def consumer(self) -> InboxConsumer:
        """The consumer of the running service."""
        inbox = Inbox(self.target.store, self.target.consumers, self.target.source, SystemClock())
        return InboxConsumer(self.settings.broker, self.target.group, self.target.heard, inbox, self.database)


@pytest_asyncio.fixture
async def desk(infrastructure: Infrastructure, make_topic: TopicMaker) -> AsyncIterator[Desk]:
    BROKEN.clear()
    prefix = f"test-{uuid4().hex[:12]}"
    values: dict[str, Any] = {
        "service_port": 1,
        "mongodb_uri": infrastructure.mongodb_uri,
        "mongodb_database": f"test_{uuid4().hex[:12]}",
        "kafka_bootstrap_servers": infrastructure.kafka_bootstrap_servers,
        "topic_prefix": prefix,
        "jwks_url": "file:///nowhere",
        "jwt_issuer": ISSUER,
        "jwt_audience": AUDIENCE,
    }
    settings = ServiceSettings(**values)
    service = replace(SERVICE, consumers=[note_venue, forget_venue, greet])
    await make_topic(f"{prefix}.organization.events", 3)
    await make_topic(f"{prefix}.library.events", 3)
    producer = new_producer(settings.broker)
    await producer.start()
    async with service.target(settings) as target:
        await Migrations(target.store, ()).apply(by="test")
        yield Desk(service, settings, target, producer)
        await target.store.client.drop_database(settings.mongodb_database)
    await producer.stop()
