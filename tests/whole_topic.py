"""All that a topic holds."""

from collections.abc import AsyncIterator
from typing import Any

from aiokafka import AIOKafkaConsumer


async def whole_topic(bootstrap_servers: str, topic: str) -> AsyncIterator[Any]:
    """Every record of the topic from the first to the last of this moment, in the order of each partition."""
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=bootstrap_servers,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        max_partition_fetch_bytes=4 << 20,
    )
    await consumer.start()
    try:
        # Without a group it is given every partition.
        partitions = sorted(consumer.assignment())
        ends = await consumer.end_offsets(partitions)
        while any([await consumer.position(partition) < end for partition, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=500)).values():
                for record in records:
                    yield record
    finally:
        await consumer.stop()
