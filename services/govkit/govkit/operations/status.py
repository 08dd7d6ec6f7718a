"""Where the events of a service stand: what waits to go out, what waits to come in, what is parked."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError, KafkaError
from motor.motor_asyncio import AsyncIOMotorDatabase

from govkit.bus.failures import Reason
from govkit.bus.kafka import connection_options
from govkit.bus.outbox import Outbox
from govkit.bus.parking import Parking
from govkit.operations.given_up import DROPPED, given_up_unseen
from govkit.operations.parked import PARKED
from govkit.operations.replay import observer
from govkit.operations.target import OperationError, Target

LATE_SECONDS = 60
COORDINATOR_TRIES = 20
COORDINATOR_SECONDS = 0.5

Database = AsyncIOMotorDatabase[dict[str, Any]]


@dataclass(frozen=True)
class Figure:
    """One line of the table. `attention`: an operator should look at it."""

    name: str
    of: str
    value: int
    attention: bool = False


async def status(target: Target) -> tuple[list[Figure], Exception | None]:
    """Counts, and the age of the oldest unpublished event in whole seconds; without what only the broker knows, and
    why, when it does not answer."""
    database = target.store.database
    found, why = dict[str, int](), None
    try:
        found = await lags(target)
    except (KafkaError, OSError, OperationError) as error:
        why = error
    return [
        *await _outgoing(database, target.topic),
        *[Figure("consumer lag", topic, lag) for topic, lag in found.items()],
        *await _parked(database, target.group),
        *await _due(database, target.name),
    ], why


async def _due(database: Database, service: str) -> list[Figure]:
    aside = await database["due_failures"].count_documents({"set_aside": True})
    return [Figure("due, set aside", service, aside, attention=True)] if aside else []


async def _outgoing(database: Database, topic: str) -> list[Figure]:
    backlog = await Outbox(database).backlog()
    age = int((datetime.now(UTC) - backlog.oldest).total_seconds()) if backlog.oldest else 0
    return [
        Figure("outbox backlog", topic, backlog.rows),
        Figure("oldest unpublished, seconds", topic, age, attention=age > LATE_SECONDS),
    ]


async def _parked(database: Database, group: str) -> list[Figure]:
    counts = await Parking(database).counts()
    gaps = counts.pop(Reason.GAP.name)
    keys = [key for key in await database[PARKED].distinct("key") if key is not None]
    return [
        Figure("parked aggregates", group, len(keys), attention=bool(keys)),
        *[Figure(f"parked {reason}", group, rows, attention=True) for reason, rows in counts.items() if rows],
        Figure("gaps", group, gaps, attention=bool(gaps)),
        Figure("dropped", group, await database[DROPPED].count_documents({"from": None})),
        Figure("missing, given up", group, await given_up_unseen(database)),
    ]


async def lags(target: Target) -> dict[str, int]:
    """For each topic that the service listens to, how many records its group has not taken up."""
    found = dict.fromkeys(target.heard, 0)
    if not found:
        return found
    async with observer(target.broker, target.heard) as consumer:
        ends = await consumer.end_offsets(consumer.assignment())
    known = await committed(target)
    for partition, end in ends.items():
        found[partition.topic] += max(0, end - known.get(partition, 0))
    return found


async def committed(target: Target) -> dict[Any, int]:
    """Where the group stands, by partition; without what it never committed."""
    admin = AIOKafkaAdminClient(**connection_options(target.broker))
    try:
        await admin.start()
        offsets = await _group_offsets(admin, target.group)
    finally:
        await admin.close()
    return {partition: found.offset for partition, found in offsets.items() if found.offset >= 0}


async def _group_offsets(admin: AIOKafkaAdminClient, group: str) -> dict[Any, Any]:
    for _ in range(COORDINATOR_TRIES):
        try:
            found: dict[Any, Any] = await admin.list_consumer_group_offsets(group)
        except GroupCoordinatorNotAvailableError:
            # A broker that nobody has asked for a group before makes room for groups first.
            await asyncio.sleep(COORDINATOR_SECONDS)
        else:
            return found
    raise OperationError(f"the broker names no coordinator of the group {group}")
