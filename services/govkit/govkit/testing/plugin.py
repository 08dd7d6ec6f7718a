"""Fixtures over the real broker and database.

What `KAFKA_BOOTSTRAP_SERVERS` and `MONGODB_URI` name is used as it is; else both are started once, when the first test
needs them. Names of databases and topics are new in each run, so that tests go beside a running stack.
"""

import os
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

if TYPE_CHECKING:
    from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase

    from govkit.testing.tokens import Issuer
    from lanling_local.stack import Infrastructure

# Imports stand in the fixtures: this module is loaded by every test run, also of distributions that need none of it.

TopicMaker = Callable[[str, int], Awaitable[str]]
_SHARED = pytest.StashKey[ExitStack]()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(config: pytest.Config) -> None:
    """With several workers: start broker and database once, here, and let the workers find them by environment."""
    from lanling_local.stack import infrastructure

    stack = config.stash[_SHARED] = ExitStack()
    directory = stack.enter_context(TemporaryDirectory(prefix="lanling-test-", ignore_cleanup_errors=True))
    os.environ |= stack.enter_context(infrastructure(Path(directory))).environment


def pytest_configure() -> None:
    """Show our log entries with the test that fails, and not every local variable with each exception."""
    import structlog

    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["event"]),
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash.get(_SHARED, ExitStack()).close()


@pytest.fixture(scope="session")
def infrastructure(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Infrastructure]":
    """`kafka_bootstrap_servers` and `mongodb_uri` of a broker and a database that run."""
    from lanling_local.stack import infrastructure

    with infrastructure(tmp_path_factory.mktemp("infrastructure")) as running:
        yield running


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> "Issuer":
    """Signs tokens; see `govkit.testing.tokens`."""
    from govkit.testing.tokens import Issuer

    return Issuer(tmp_path_factory.mktemp("issuer"))


@pytest_asyncio.fixture(scope="session")
async def mongo(infrastructure: "Infrastructure") -> "AsyncIterator[AsyncIOMotorClient[dict[str, Any]]]":
    from motor.motor_asyncio import AsyncIOMotorClient

    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(infrastructure.mongodb_uri, tz_aware=True)
    yield client
    client.close()


@pytest_asyncio.fixture
async def database(
    mongo: "AsyncIOMotorClient[dict[str, Any]]",
) -> "AsyncIterator[AsyncIOMotorDatabase[dict[str, Any]]]":
    """An empty database for one test, dropped after it."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    yield mongo[name]
    await mongo.drop_database(name)


@pytest.fixture(scope="module")
def topic_prefix() -> str:
    """A prefix of topics and consumer groups for one test module, in the place of `lanling`."""
    return f"test-{uuid.uuid4().hex[:12]}"


@pytest_asyncio.fixture
async def make_topic(infrastructure: "Infrastructure") -> AsyncIterator[TopicMaker]:
    """`await make_topic(name, partitions)` creates a topic, deleted after the test; returns the name."""
    from aiokafka.admin import AIOKafkaAdminClient, NewTopic

    admin = AIOKafkaAdminClient(bootstrap_servers=infrastructure.kafka_bootstrap_servers)
    await admin.start()
    made: list[str] = []

    async def make(name: str, partitions: int = 3) -> str:
        await admin.create_topics([NewTopic(name, partitions, 1)])
        made.append(name)
        return name

    yield make
    if made:
        await admin.delete_topics(made)
    await admin.close()
