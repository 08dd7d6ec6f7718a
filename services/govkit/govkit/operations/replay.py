"""Whole topics, read from offset 0 by a consumer of its own that belongs to no group and commits nothing."""

import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer

from govkit.bus.kafka import MAX_EVENT_BYTES, Broker, close_consumer, connection_options
from govkit.operations.target import OperationError

POLL_MILLISECONDS = 500
POLL_RECORDS = 5_000
SILENT_SECONDS = 60.0


class Replay:
    """`to_end` may be called again: it goes on where it was, to what is the end then."""

    def __init__(self, consumer: Any, partitions: Sequence[Any]):
        self._consumer = consumer
        self._partitions = partitions

    async def left(self) -> int:
        """How many offsets there are to the present end."""
        ends = await self._consumer.end_offsets(self._partitions)
        return sum([max(0, ends[partition] - await self._consumer.position(partition)) for partition in ends])

    async def to_end(self) -> AsyncIterator[list[Any]]:
        """All records that are there now, each partition in order, in batches.

        Raises OperationError when none comes for `SILENT_SECONDS`: the client waits for a broker without saying so.
        """
        ends = await self._consumer.end_offsets(self._partitions)
        heard_at = time.monotonic()
        while behind := [part for part in ends if await self._consumer.position(part) < ends[part]]:
            polled = await self._consumer.getmany(*behind, timeout_ms=POLL_MILLISECONDS, max_records=POLL_RECORDS)
            if polled:
                yield [record for records in polled.values() for record in records]
                heard_at = time.monotonic()
            elif time.monotonic() - heard_at > SILENT_SECONDS:
                raise OperationError(f"the broker has sent nothing for {SILENT_SECONDS:g} s; give the command again")


@asynccontextmanager
async def from_offset_zero(broker: Broker, topics: Iterable[str]) -> AsyncIterator[Replay]:
    """Raises OperationError when a topic is missing, or does not keep its first events any more."""
    async with observer(broker, topics) as consumer:
        partitions = sorted(consumer.assignment())
        for partition, first in (await consumer.beginning_offsets(partitions)).items():
            if first > 0:
                place = f"{partition.topic}/{partition.partition}"
                raise OperationError(f"{place} begins at offset {first}: its first events are gone")
            consumer.seek(partition, 0)
        yield Replay(consumer, partitions)


@asynccontextmanager
async def observer(broker: Broker, topics: Iterable[str]) -> AsyncIterator[Any]:
    """A consumer that has all partitions of the topics, whoever else reads them. Raises OperationError when one of the
    topics does not exist."""
    wanted = set(topics)
    consumer = AIOKafkaConsumer(
        *wanted,
        **connection_options(broker),
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        max_partition_fetch_bytes=2 * MAX_EVENT_BYTES,
    )
    try:
        await consumer.start()
        if missing := wanted - {partition.topic for partition in consumer.assignment()}:
            raise OperationError(f"the broker has no topic {', '.join(sorted(missing))}")
        yield consumer
    finally:
        await close_consumer(consumer)
