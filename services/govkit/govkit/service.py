"""A service from its parts. Each service declares one `Service`; the kit does the rest.

SERVICE = Service(name="organization", aggregates=[…], commands=[…], consumers=[…], kept=[…], figures=("…", […]))
run_cli(SERVICE)
"""

import asyncio
import gc
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from socket import gethostname
from typing import Any

from fastapi import FastAPI
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import PyMongoError
from starlette.requests import Request

from govkit.bus.consumer import InboxConsumer
from govkit.bus.inbox import Consumer, Inbox
from govkit.bus.kafka import consumer_group, events_topic
from govkit.bus.relay import OutboxRelay
from govkit.commands import Command, CommandBus
from govkit.contract.document import contract
from govkit.domain.aggregate import Aggregate
from govkit.domain.errors import Auth, ErrorCode, Gen
from govkit.domain.events import Event
from govkit.domain.ports import Clock, SystemClock
from govkit.due import DueHandler, DueWork
from govkit.gauges import Gauge, Gauges
from govkit.graphql.errors import ShapedSchema
from govkit.graphql.functions import Computed, Query
from govkit.graphql.request import RequestContext
from govkit.graphql.schema import build_schema
from govkit.graphql.statistics import Figure
from govkit.graphql.subscriptions import Subscription
from govkit.operations.target import Target, refusal
from govkit.references import Keep, reference_projections
from govkit.registers import register_commands
from govkit.runtime.app import START_FAILED, ReadinessCheck, create_app, serve
from govkit.runtime.gateway_signature import GatewaySignature
from govkit.runtime.identity import Verifier
from govkit.runtime.logs import configure_logs
from govkit.runtime.settings import ServiceSettings, load_settings
from govkit.runtime.telemetry import telemetry
from govkit.seeding import Seeder
from govkit.store.migrations import Migration, MigrationFailed, Migrations
from govkit.store.predecessor import client_name, end_transactions
from govkit.store.store import Store

Seed = Callable[[Seeder], Awaitable[None]]

# How long the database may say nothing on a connection: beyond what a write waits for a majority (20 s).
SILENCE_MILLISECONDS = 25_000


@dataclass(frozen=True, kw_only=True)
class Service:
    """`name` as in topics and URLs. `listens_to` names the services whose events the consumers read. `migrations`:
    oldest first, only ever added to."""

    name: str
    aggregates: Sequence[type[Aggregate]]
    commands: Sequence[Command] = ()
    queries: Sequence[Query] = ()
    computed: Sequence[Computed] = ()
    subscriptions: Sequence[Subscription] = ()
    consumers: Sequence[Consumer] = ()
    due_handlers: Sequence[DueHandler] = ()
    kept: Sequence[Keep] = ()
    listens_to: Sequence[str] = ()
    statistics: tuple[str, Sequence[Figure]] | None = None
    gauges: Sequence[Gauge] = ()
    errors: type[ErrorCode] | None = None
    seed_data: Seed | None = None
    migrations: Sequence[Migration] = ()
    settings_class: type[ServiceSettings] = ServiceSettings

    @property
    def source(self) -> str:
        return source_of(self.name)

    @cached_property
    def all_commands(self) -> list[Command]:
        registers = [command for cls in self.aggregates if cls.REGISTER for command in register_commands(cls)]
        return [*registers, *self.commands]

    @cached_property
    def all_consumers(self) -> list[Consumer]:
        return [*reference_projections(self.kept), *self.consumers]

    @cached_property
    def events(self) -> list[type[Event]]:
        """All event types that this service can publish: of its domain modules and registers, and every snapshot."""
        modules = {cls.__module__.rsplit(".", 1)[0] for cls in self.aggregates}
        declared = [cls for cls in Event.__subclasses__() if cls.__module__.rsplit(".", 1)[0] in modules]
        derived = [
            made for cls in self.aggregates if cls.REGISTER for made in (cls.REGISTER.created, cls.REGISTER.changed)
        ]
        snapshots = [cls.snapshot_event() for cls in self.aggregates]
        found = {cls.TYPE: cls for cls in (*declared, *derived, *snapshots)}
        return [found[name] for name in sorted(found)]

    @cached_property
    def schema(self) -> ShapedSchema:
        catalogues = (Gen, Auth, self.errors) if self.errors else (Gen, Auth)
        return build_schema(
            self.name,
            self.aggregates,
            self.all_commands,
            self.queries,
            self.computed,
            self.statistics,
            catalogues,
            self.subscriptions,
        )

    # --- the command line ---------------------------------------------------------------------------------------------

    def schema_text(self) -> str:
        return self.schema.as_str()

    def event_contract(self) -> dict[str, Any]:
        return contract(self.name, self.source, self.events, self.aggregates, self.all_consumers)

    def serve(self, migrate: bool = False) -> None:
        settings = load_settings(self.settings_class)
        configure_logs(self.name, settings.log_level)
        asyncio.run(self._require_fit(settings, migrate))
        app = self.application(settings)
        relax_collector()
        with telemetry(self.name, settings):
            serve(app, settings)

    def seed(self) -> None:
        settings = load_settings(self.settings_class)
        asyncio.run(self.load_seed(settings))

    @asynccontextmanager
    async def target(self, settings: ServiceSettings | None = None) -> AsyncIterator[Target]:
        """What the operators' commands work on; configured by environment, if not by `settings`."""
        settings = settings or load_settings(self.settings_class)
        store = self.store(settings)
        try:
            await store.learn_recovered()
            yield Target(
                name=self.name,
                source=self.source,
                store=store,
                migrations=Migrations(store, self.migrations),
                consumers=self.all_consumers,
                broker=settings.broker,
                topic=events_topic(settings.topic_prefix, self.name),
                heard={events_topic(settings.topic_prefix, other): source_of(other) for other in self.listens_to},
                group=consumer_group(settings.topic_prefix, self.name),
            )
        finally:
            store.client.close()

    async def load_seed(self, settings: ServiceSettings) -> None:
        """Load the demonstration data of this service; what is loaded already stays as it is."""
        store = self.store(settings)
        try:
            await self.migrate(store)
            if self.seed_data is not None:
                await self.seed_data(Seeder(store, self.source, SystemClock().now()))
        finally:
            store.client.close()

    async def migrate(self, store: Store) -> None:
        """Bring the database to this version."""
        await Migrations(store, self.migrations).apply(by=self.name)
        await self.require_fit(store)

    async def require_fit(self, store: Store) -> None:
        """End the process with one line when this version, as configured, must not serve on this database."""
        if refused := refusal(await Migrations(store, self.migrations).look(), store.database.name):
            code, line = refused
            print(f"{self.name}: {line}", file=sys.stderr)
            raise SystemExit(code)

    async def _require_fit(self, settings: ServiceSettings, migrate: bool) -> None:
        store = self.store(settings)
        try:
            await (self.migrate if migrate else self.require_fit)(store)
        except (MigrationFailed, PyMongoError) as error:
            print(f"{self.name}: {' '.join(str(error).split())[:500]}", file=sys.stderr)
            raise SystemExit(START_FAILED) from None
        finally:
            store.client.close()

    # --- composition --------------------------------------------------------------------------------------------------

    def store(self, settings: ServiceSettings, client_name: str | None = None) -> Store:
        """`client_name`: that of a process that serves, which waits for no answer longer than SILENCE_MILLISECONDS:
        on a connection that something between has lost it would wait for a quarter of an hour, and all commits with it.
        An index of millions of records takes as long as it takes.
        """
        options: dict[str, Any] = {"socketTimeoutMS": SILENCE_MILLISECONDS} if client_name else {}
        client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(
            settings.mongodb_uri,
            tz_aware=True,
            serverSelectionTimeoutMS=5_000,
            appname=client_name or self.name,
            **options,
        )
        return Store(client, settings.mongodb_database, self.aggregates)

    def application(self, settings: ServiceSettings, clock: Clock | None = None) -> FastAPI:
        """The HTTP application with its relay and consumer, ready to be served."""
        clock = clock or SystemClock()
        instance = f"{gethostname()}:{settings.service_port}"
        name = client_name(self.name, instance, settings.mongodb_database)
        store = self.store(settings, name)
        topic = events_topic(settings.topic_prefix, self.name)
        relay = OutboxRelay(store.database, settings.broker, topic, instance)
        store.on_events = relay.hand_over
        inbox = Inbox(store, self.all_consumers, self.source, clock)
        consumer = InboxConsumer(
            settings.broker,
            consumer_group(settings.topic_prefix, self.name),
            {events_topic(settings.topic_prefix, other): source_of(other) for other in self.listens_to},
            inbox,
            store.database,
            name,
        )
        bus = CommandBus(store, clock, self.source, frozenset(keep.type_name for keep in self.kept))
        verifier = Verifier(settings.jwks_url, settings.jwt_issuer, settings.jwt_audience)

        async def context(request: Request) -> RequestContext:
            return RequestContext(await verifier.verify(request.headers.get("authorization")), bus)

        async def database_ready() -> bool:
            await store.database.command("ping")
            return True

        app = create_app(
            self.name,
            self.schema,
            context,
            background=[
                Database(store, name),
                relay,
                consumer,
                DueWork(store, self.due_handlers, clock, self.source, instance),
                Gauges(store, self.gauges, clock, lambda: relay.leads),
            ],
            readiness={
                "mongodb": database_ready,
                "relay": once(relay.healthy),
                "consumer": once(consumer.healthy),
                "consumer progress": consumer.progressing,
            },
            check=GatewaySignature(settings.gateway_key).check if settings.gateway_key else None,
        )
        app.state.store = store
        return app


def source_of(service: str) -> str:
    """The CloudEvents source of a service's events."""
    return f"/lanling/{service}"


def once(check: ReadinessCheck) -> ReadinessCheck:
    """Passes for good after its first success.

    The broker must have been reached before a new version takes traffic. When it goes away later, commands still
    succeed (the outbox grows), so the service stays ready.
    """
    passed = False

    async def checked() -> bool:
        nonlocal passed
        passed = passed or await check()
        return passed

    return checked


def relax_collector() -> None:
    """Keep the garbage collector out of the answers: types and schema live for ever, a page of 100 records makes some
    30,000 objects that die by themselves. Measured: a sixth of the time of such a page."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


class Database:
    """Before anything else starts: frees what a killed process of this instance has locked, and learns what a restored
    database has told before."""

    def __init__(self, store: Store, client_name: str):
        self.store = store
        self.client_name = client_name

    async def start(self) -> None:
        await end_transactions(self.store.client, self.client_name)
        await self.store.learn_recovered()

    async def stop(self) -> None:
        self.store.client.close()
