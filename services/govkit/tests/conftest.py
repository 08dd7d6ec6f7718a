"""The made-up library over a real database: stores, commands and GraphQL in the process of the test."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.monitoring import CommandListener, CommandStartedEvent

from govkit.commands import CommandBus
from govkit.domain import Actor, FixedClock, Role, Scope
from govkit.graphql.request import RequestContext
from govkit.runtime.tracing import Kind, Span
from govkit.store.migrations import Migrations
from govkit.store.store import Store

from .library.service import SERVICE

READS = frozenset({"find", "aggregate", "getMore", "count", "distinct"})


class Commands(CommandListener):
    """Notes what the driver sends while `counting`."""

    def __init__(self) -> None:
        self.names: list[str] | None = None

    def started(self, event: CommandStartedEvent) -> None:
        if self.names is not None:
            self.names.append(event.command_name)

    def succeeded(self, event: Any) -> None: ...

    def failed(self, event: Any) -> None: ...

    @contextmanager
    def reads(self) -> Iterator[list[str]]:
        """The reads that are sent inside the block."""
        found: list[str] = []
        self.names = found
        yield found
        self.names = None
        found[:] = [name for name in found if name in READS]


COMMANDS = Commands()


def officer(*roles: Role, id: str = "officer", county_wide: bool = True, **scope: Any) -> Actor:
    return Actor(id=id, roles=frozenset(roles), scope=Scope(county_wide=county_wide, **scope))


def resident(id: str = "resident-1") -> Actor:
    return Actor(id=id, roles=frozenset({Role.RESIDENT}))


ADMIN = officer(Role.ORG_ADMIN, Role.AUDITOR, Role.COMMUNITY_SECRETARY, Role.RESIDENT, id="admin")


@dataclass
class Library:
    """The service without HTTP and broker: `query` runs GraphQL as an actor."""

    store: Store
    bus: CommandBus
    clock: FixedClock

    async def query(self, document: str, variables: dict[str, Any] | None = None, actor: Actor = ADMIN) -> Any:
        """The whole answer as a client sees it."""
        with Span("test", Kind.INTERNAL, None):
            result = await SERVICE.schema.execute(document, variables, RequestContext(actor, self.bus))
        return {"data": result.data, "errors": [error.formatted for error in result.errors or ()]}

    async def data(self, document: str, variables: dict[str, Any] | None = None, actor: Actor = ADMIN) -> Any:
        answer = await self.query(document, variables, actor)
        assert answer["errors"] == []
        return answer["data"]

    async def error(self, document: str, variables: dict[str, Any] | None = None, actor: Actor = ADMIN) -> Any:
        """The extensions of the only error."""
        (error,) = (await self.query(document, variables, actor))["errors"]
        return error["extensions"]

    async def refusal(self, document: str, variables: dict[str, Any] | None = None, actor: Actor = ADMIN) -> str:
        return str((await self.error(document, variables, actor))["code"])

    async def mutate(self, command: str, selection: str, actor: Actor = ADMIN, **values: Any) -> Any:
        """The whole answer of one mutation."""
        type_name = f"{command[0].upper()}{command[1:]}Input"
        document = f"mutation($input: {type_name}!) {{ {command}(input: $input) {{ {selection} }} }}"
        return await self.query(document, {"input": values}, actor)

    async def do(self, command: str, selection: str = "id", actor: Actor = ADMIN, **values: Any) -> Any:
        answer = await self.mutate(command, selection, actor, **values)
        assert answer["errors"] == []
        return answer["data"][command]

    async def refused(self, command: str, actor: Actor = ADMIN, **values: Any) -> Any:
        """The extensions of the error of a mutation, which has no other result."""
        answer = await self.mutate(command, "id", actor, **values)
        assert answer["data"] == {command: None}
        return answer["errors"][0]["extensions"]

    async def rows(self, collection: str) -> list[dict[str, Any]]:
        return [row async for row in self.store.database[collection].find({}, sort=[("_id", 1)])]


@pytest_asyncio.fixture(scope="session")
async def heard_client(infrastructure: Any) -> AsyncIterator["AsyncIOMotorClient[dict[str, Any]]"]:
    """A client whose commands `COMMANDS` counts."""
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(
        infrastructure.mongodb_uri, tz_aware=True, event_listeners=[COMMANDS]
    )
    yield client
    client.close()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 3, 1, 8, tzinfo=UTC) + timedelta(milliseconds=125))


@pytest_asyncio.fixture(scope="session")
async def indexed_store(heard_client: "AsyncIOMotorClient[dict[str, Any]]") -> AsyncIterator[Store]:
    store = Store(heard_client, f"test_{uuid4().hex[:12]}", SERVICE.aggregates)
    await Migrations(store, ()).apply(by="test")
    yield store
    await heard_client.drop_database(store.database.name)


@pytest_asyncio.fixture
async def store(indexed_store: Store) -> AsyncIterator[Store]:
    """An empty store of the library, with its indexes."""
    yield indexed_store
    for name in await indexed_store.database.list_collection_names():
        await indexed_store.database[name].delete_many({})


@pytest.fixture
def library(store: Store, clock: FixedClock) -> Library:
    kept = frozenset(keep.type_name for keep in SERVICE.kept)
    return Library(store, CommandBus(store, clock, SERVICE.source, kept), clock)
