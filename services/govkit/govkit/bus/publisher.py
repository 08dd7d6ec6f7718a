"""Rows to the broker: one batch a partition at a time, so that what a broker has of a subject never has a hole.

A record batch is appended whole or not at all, and the next one of its partition is built only when the broker has
acknowledged this one. So the first copy of each event comes after the first copy of the event before it, whatever
becomes of the sends: a batch that failed, one of unknown outcome that a closed producer still delivers, one that left
a process which was then stopped for an hour. All that can happen is that a batch arrives once more, later; consumers
drop what they have seen.

Sending each row by itself would not have this property, although aiokafka keeps the rows of a partition in order: it
fills the next batch while one is on its way, and when that one fails for good, the broker takes the next one of a
producer of which it knows nothing yet, whatever its sequence number.

A send never expires inside aiokafka, and cancelling it does not call it back. After an error or a timeout the producer
is replaced, because its numbers may no longer fit the broker's, and the rows go out again under their ids.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from aiokafka.errors import KafkaError, MessageSizeTooLargeError
from aiokafka.partitioner import murmur2

from govkit.bus.envelope import Envelope
from govkit.bus.kafka import MAX_EVENT_BYTES, Broker, ended, new_producer
from govkit.bus.outbox import Row
from govkit.bus.spans import record_sends
from govkit.runtime import metrics
from govkit.runtime.logs import get_logger
from govkit.steps import Step, reached

SEND_SECONDS = 5.0
CLOSE_SECONDS = 3.0
# Headers, key and the batch's own fields count as well.
LARGEST_ENVELOPE = MAX_EVENT_BYTES - 8 * 1024

Headers = list[tuple[str, bytes]]
log = get_logger(__name__)


class Publisher:
    """Sends rows to `topic` through a producer that it replaces when it must."""

    def __init__(self, broker: Broker, topic: str):
        self._broker = broker
        self._topic = topic
        self._producer: Any = None
        self.broken = False

    async def connect(self) -> None:
        """Reach the broker with a producer that works. Raises KafkaError, OSError, TimeoutError."""
        if self.broken:
            await self.close()
        if self._producer is None:
            producer = new_producer(self._broker)
            try:
                async with asyncio.timeout(SEND_SECONDS):
                    await producer.start()
            except BaseException:
                await _close(producer)
                raise
            self._producer, self.broken = producer, False

    async def send(self, rows: Sequence[Row], may_send: Callable[[], bool]) -> tuple[list[Row], list[Row]]:
        """Send rows that stand in order within each subject; returns those acknowledged and those that can never be.

        Of a subject the acknowledged ones are the first ones. `may_send` is asked before each batch.
        """
        async with asyncio.timeout(SEND_SECONDS):
            count = len(await self._producer.partitions_for(self._topic))
        partitions: dict[int, list[Row]] = {}
        for row in rows:
            partitions.setdefault(partition_of(row["subject"], count), []).append(row)
        outcomes = await asyncio.gather(*(self._send_partition(*item, may_send) for item in partitions.items()))
        return [row for sent, _ in outcomes for row in sent], [row for _, unfit in outcomes for row in unfit]

    async def _send_partition(
        self, partition: int, rows: Sequence[Row], may_send: Callable[[], bool]
    ) -> tuple[list[Row], list[Row]]:
        sent: list[Row] = []
        fit, unfit = _sorted_out(rows)
        for batch in self._batches(fit):
            if self.broken or not may_send():
                break
            started = time.time_ns()
            try:
                async with asyncio.timeout(SEND_SECONDS):
                    reached(Step.RELAY_BEFORE_SEND)
                    outcome = await self._producer.send_batch(batch.builder, self._topic, partition=partition)
                    reached(Step.RELAY_SENT)
                    await outcome
            except (KafkaError, TimeoutError) as error:
                self.broken = True
                metrics.OUTBOX_FAILURES.labels(self._topic, type(error).__name__).inc()
                log.warning("events not published", topic=self._topic, rows=len(batch.rows), exc_info=error)
                if isinstance(error, MessageSizeTooLargeError):
                    # The broker allows less than this kit does: the largest waits, the others go on without it.
                    unfit.append(max(batch.rows, key=lambda row: len(row["envelope"])))
                break
            sent.extend(batch.rows)
            record_sends(batch.rows, self._topic, started)
        return sent, unfit

    def _batches(self, rows: Sequence[tuple[Row, Headers]]) -> "Iterator[Batch]":
        """Each is built when the one before is acknowledged."""
        batch = Batch(self._producer.create_batch())
        for row, headers in rows:
            if not batch.add(row, headers):
                yield batch
                batch = Batch(self._producer.create_batch())
                batch.add(row, headers)
        if batch.rows:
            yield batch

    async def close(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await _close(producer)


class Batch:
    """Rows that one record batch holds."""

    def __init__(self, builder: Any):
        self.builder = builder
        self.rows: list[Row] = []

    def add(self, row: Row, headers: Headers) -> bool:
        """False when it is full. The first row always fits."""
        key = row["subject"].encode()
        added = self.builder.append(timestamp=None, key=key, value=row["envelope"], headers=headers)
        if added is None:
            return False
        self.rows.append(row)
        return True


@lru_cache(maxsize=50_000)
def partition_of(subject: str, count: int) -> int:
    """The partition of a key, as every client of Kafka chooses it by default."""
    return int(murmur2(subject.encode()) & 0x7FFFFFFF) % count


def _sorted_out(rows: Sequence[Row]) -> tuple[list[tuple[Row, Headers]], list[Row]]:
    """Rows to send, and the first of each subject that no broker takes; what follows one of these is in neither."""
    fit: list[tuple[Row, Headers]] = []
    unfit: dict[str, Row] = {}
    for row in rows:
        if row["subject"] in unfit:
            continue
        headers = _headers(row)
        if headers is None:
            unfit[row["subject"]] = row
        else:
            fit.append((row, headers))
    return fit, list(unfit.values())


def _headers(row: Row) -> Headers | None:
    """None for what is too large or no event."""
    if len(row["envelope"]) > LARGEST_ENVELOPE:
        return None
    try:
        return Envelope.from_json(row["envelope"]).headers()
    except ValueError:
        return None


async def _close(producer: Any) -> None:
    """Close a producer that may have sends which never end: aiokafka's `stop` waits for them without a limit."""
    if not await ended(producer.stop(), CLOSE_SECONDS):
        await ended(producer._sender.close(), CLOSE_SECONDS)
        # Of its own, whatever became of the sends: it would ask for metadata for ever.
        await ended(producer.client.close(), CLOSE_SECONDS)
