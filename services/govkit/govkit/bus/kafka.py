"""Names on the broker, and clients with every default that could lose, reorder or skip events replaced."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from ssl import SSLContext
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.abc import ConsumerRebalanceListener

from govkit.runtime.logs import get_logger

SESSION_MILLISECONDS = 10_000
CLOSE_SECONDS = 10.0
# Of consumers with a group and without.
COORDINATOR_TASKS = ("_coordination_task", "_heartbeat_task", "_commit_refresh_task", "_reset_committed_task")
MAX_EVENT_BYTES = 1 << 20

log = get_logger(__name__)


def events_topic(prefix: str, service: str) -> str:
    """The topic of a service's events; `prefix` is `lanling`, or a name of its own for each test."""
    return f"{prefix}.{service}.events"


def consumer_group(prefix: str, service: str) -> str:
    return f"{prefix}.{service}"


@dataclass(frozen=True, kw_only=True)
class SecuredBroker:
    """A broker behind TLS that asks by SCRAM-SHA-512 who connects: profile in `deploy/kafka`."""

    bootstrap_servers: str
    username: str
    password: str = field(repr=False)
    ssl_context: SSLContext


Broker = str | SecuredBroker
"""Where clients connect. An address alone means plaintext: the local stack and tests."""


def connection_options(broker: Broker) -> dict[str, Any]:
    """What every client of aiokafka is told about the connection."""
    if isinstance(broker, str):
        return {"bootstrap_servers": broker}
    return {
        "bootstrap_servers": broker.bootstrap_servers,
        "security_protocol": "SASL_SSL",
        "ssl_context": broker.ssl_context,
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": broker.username,
        "sasl_plain_password": broker.password,
    }


def new_producer(broker: Broker) -> Any:
    """An idempotent producer: the broker keeps one copy of each send, in the order of sends for each key.

    A send never expires: the caller's timeout means that its outcome is unknown.
    """
    return AIOKafkaProducer(
        **connection_options(broker),
        enable_idempotence=True,
        acks="all",
        max_batch_size=128 * 1024,
        max_request_size=MAX_EVENT_BYTES,
        linger_ms=0,
        request_timeout_ms=10_000,
        metadata_max_age_ms=60_000,
    )


def new_consumer(broker: Broker, group: str, name: str) -> Any:
    """A consumer that starts at the first event, commits only what it is told to, and sees no aborted transaction.

    `name` is what the broker knows the client by.
    """
    return AIOKafkaConsumer(
        **connection_options(broker),
        client_id=name,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        session_timeout_ms=SESSION_MILLISECONDS,
        heartbeat_interval_ms=SESSION_MILLISECONDS // 4,
        max_poll_interval_ms=300_000,
        request_timeout_ms=40_000,
        # A topic that is created later is noticed within this time.
        metadata_max_age_ms=30_000,
        # What is fetched ahead: of all partitions together, and of each. A larger event comes alone all the same.
        fetch_max_bytes=8 * MAX_EVENT_BYTES,
        max_partition_fetch_bytes=MAX_EVENT_BYTES // 2,
    )


async def close_consumer(consumer: Any, seconds: float = CLOSE_SECONDS) -> None:
    """Leave the group and end all that the consumer runs, whether the broker answers or not. Never fails.

    aiokafka's `stop` waits for the broker, one part after the other: cut off, it leaves the rest running for ever. And
    what it cancels inside may come out of it as if its caller had been cancelled.
    """
    if await ended(consumer.stop(), seconds):
        return
    tasks = [getattr(consumer._coordinator, name, None) for name in COORDINATOR_TASKS]
    tasks += [getattr(consumer._fetcher, "_fetch_task", None), *getattr(consumer._fetcher, "_pending_tasks", ())]
    for task in tasks:
        if task is not None:
            task.cancel()
    await ended(consumer._client.close(), seconds)


async def ended(work: Coroutine[Any, Any, Any], seconds: float) -> bool:
    """Whether it came to its end in this time, without an error; it is cancelled when it takes longer."""
    task = asyncio.create_task(work)
    await asyncio.wait({task}, timeout=seconds)
    if not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=seconds)
    if not task.done() or task.cancelled():
        return False
    if error := task.exception():
        log.info("what was to be closed ended with an error", exc_info=error)
    return error is None


class Rebalances(ConsumerRebalanceListener):  # type: ignore[misc]
    """Calls `revoked` before partitions go to another member, and `assigned` after new ones came."""

    def __init__(self, revoked: Any, assigned: Any):
        self._revoked = revoked
        self._assigned = assigned

    async def on_partitions_revoked(self, revoked: Any) -> None:
        await self._revoked(revoked)

    async def on_partitions_assigned(self, assigned: Any) -> None:
        await self._assigned(assigned)
