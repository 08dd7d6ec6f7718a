"""One consumer for a topic, whatever the number of subscribers: it reads each event once and offers it to those that
wait for it.

The consumer belongs to no group: every gateway process sees every event. It begins at the end of the topic when its
first subscriber comes. What a returning subscriber has missed is read again by `missed`, up to where the subscriber
began to listen, so that between both nothing is lost and nothing comes twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any, Protocol

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError, OffsetOutOfRangeError

from ..errors import RequestError
from ..supergraph.feeds import Event, Feed
from .positions import position_text, read_position

logger = logging.getLogger(__name__)

RETRY_SECONDS = 1.0
MAX_MISSED = 100_000  # records that are read again for one subscriber
MISSED_SECONDS = 30.0
MAX_REPLAYS = 4  # at a time
UNAVAILABLE = "SUBSCRIPTIONS_UNAVAILABLE"


class Happening:
    """An event with the position after it. Subscribers share one object for one event."""

    __slots__ = ("_positions", "_text", "_topic", "event")

    def __init__(self, event: Event, topic: str, positions: dict[int, int]):
        self.event = event
        self._topic = topic
        self._positions: dict[int, int] | None = dict(positions)
        self._text = ""

    @property
    def position(self) -> str:
        if self._positions is not None:
            self._text, self._positions = position_text(self._topic, self._positions), None
        return self._text


class Listener(Protocol):
    def offer(self, happening: Happening) -> None: ...

    def lose(self) -> None:
        """Events are gone that could not be offered."""


class _Listeners:
    def __init__(self, feed: Feed):
        self.feed = feed
        self.by_values: dict[tuple[str, ...], dict[Listener, None]] = {}


class Topic:
    """`new_consumer` makes a consumer, not yet started and of no topic."""

    def __init__(self, name: str, new_consumer: Callable[[], AIOKafkaConsumer]):
        self.name = name
        self._new_consumer = new_consumer
        self._positions: dict[int, int] = {}
        self._listeners: dict[int, _Listeners] = {}
        self._starting = asyncio.Lock()
        self._replays = asyncio.Semaphore(MAX_REPLAYS)
        self._consumer: AIOKafkaConsumer | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Raises `RequestError` (SUBSCRIPTIONS_UNAVAILABLE, 503) when the broker or the topic is not there."""
        async with self._starting:
            if self._task is not None:
                return
            try:
                consumer = await self._started()
            except (KafkaError, OSError) as error:
                logger.warning("a topic cannot be read", extra={"topic": self.name, "reason": repr(error)})
                raise RequestError.of(
                    UNAVAILABLE, "The events cannot be read at this time.", 503, retryable=True
                ) from None
            self._consumer = consumer
            self._task = asyncio.create_task(self._run(consumer), name=f"topic {self.name}")

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self._consumer:
            await _stop(self._consumer)

    @property
    def position(self) -> str:
        return position_text(self.name, self._positions)

    def listen(self, feed: Feed, values: tuple[str, ...], listener: Listener) -> dict[int, int]:
        """From now on the listener is offered what `feed` says of these values. The positions where it begins."""
        listeners = self._listeners.setdefault(id(feed), _Listeners(feed))
        listeners.by_values.setdefault(values, {})[listener] = None
        return dict(self._positions)

    def leave(self, feed: Feed, values: tuple[str, ...], listener: Listener) -> None:
        listeners = self._listeners.get(id(feed))
        if listeners is None:
            return
        equal = listeners.by_values.get(values, {})
        equal.pop(listener, None)
        if not equal:
            listeners.by_values.pop(values, None)
        if not listeners.by_values:
            self._listeners.pop(id(feed), None)

    async def missed(
        self, feed: Feed, values: tuple[str, ...], last: str, begin: dict[int, int]
    ) -> AsyncIterator[Happening]:
        """What the feed says of these values from the position `last` up to `begin`.

        Raises `RequestError`: INVALID_LAST_EVENT_ID, or RESUMPTION_NOT_POSSIBLE when it is too long ago.
        """
        positions = read_position(self.name, last, len(begin))
        count = sum(begin[one] - positions[one] for one in begin)
        if count > MAX_MISSED or any(positions[one] > begin[one] for one in begin):
            raise _not_possible()
        if positions == begin:
            return
        async with self._replays:
            try:
                async with asyncio.timeout(MISSED_SECONDS), self._replay(dict(positions)) as consumer:
                    async for record in _records(consumer, begin):
                        positions[record.partition] = record.offset + 1
                        event = _event(record.value)
                        if event and event["type"] in feed.types and feed.values_of(event) == values:
                            yield Happening(event, self.name, positions)
            except (TimeoutError, KafkaError) as error:
                logger.warning("missed events cannot be read", extra={"topic": self.name, "reason": repr(error)})
                raise _not_possible() from None

    @contextlib.asynccontextmanager
    async def _replay(self, positions: dict[int, int]) -> AsyncIterator[AIOKafkaConsumer]:
        consumer = self._new_consumer()
        try:
            await consumer.start()
            first = await consumer.beginning_offsets([TopicPartition(self.name, one) for one in positions])
            if any(positions[one.partition] < offset for one, offset in first.items()):
                raise _not_possible()
            _assign(consumer, self.name, positions)
            yield consumer
        finally:
            await _stop(consumer)

    async def _started(self) -> AIOKafkaConsumer:
        consumer = self._new_consumer()
        try:
            await consumer.start()
            await consumer.end_offsets([TopicPartition(self.name, 0)])  # a client knows topics that it was asked about
            partitions = consumer.partitions_for_topic(self.name) or ()
            ends = await consumer.end_offsets([TopicPartition(self.name, one) for one in partitions])
            self._positions = {one.partition: offset for one, offset in ends.items()}
            _assign(consumer, self.name, self._positions)
        except BaseException:
            await _stop(consumer)
            raise
        return consumer

    async def _run(self, consumer: AIOKafkaConsumer) -> None:
        while True:
            try:
                batches = await consumer.getmany(timeout_ms=60_000)
            except OffsetOutOfRangeError:
                await self._skip_to_end(consumer)
                continue
            except KafkaError as error:
                logger.warning("reading a topic failed", extra={"topic": self.name, "reason": repr(error)})
                await asyncio.sleep(RETRY_SECONDS)
                continue
            for records in batches.values():
                for record in records:
                    self._positions[record.partition] = record.offset + 1
                    if self._listeners:
                        self._tell(record.value)
            await asyncio.sleep(0)

    def _tell(self, value: bytes | None) -> None:
        event = _event(value)
        if event is None:
            return
        happening: Happening | None = None
        for listeners in list(self._listeners.values()):
            if event["type"] not in listeners.feed.types:
                continue
            values = listeners.feed.values_of(event)
            found = listeners.by_values.get(values) if values is not None else None
            if not found:
                continue
            happening = happening or Happening(event, self.name, self._positions)
            for listener in list(found):
                listener.offer(happening)

    async def _skip_to_end(self, consumer: AIOKafkaConsumer) -> None:
        """Records were deleted before they were read: say so to everyone, and go on."""
        logger.error("events were deleted before they were read", extra={"topic": self.name})
        ends = await consumer.end_offsets(sorted(consumer.assignment()))
        for one, offset in ends.items():
            consumer.seek(one, offset)
            self._positions[one.partition] = offset
        for listeners in list(self._listeners.values()):
            for equal in list(listeners.by_values.values()):
                for listener in list(equal):
                    listener.lose()


def _assign(consumer: AIOKafkaConsumer, topic: str, positions: dict[int, int]) -> None:
    """Without a pause between both: a partition that has no position for a moment looks for one itself."""
    consumer.assign([TopicPartition(topic, one) for one in positions])
    for one, offset in positions.items():
        consumer.seek(TopicPartition(topic, one), offset)


async def _records(consumer: AIOKafkaConsumer, until: dict[int, int]) -> AsyncIterator[Any]:
    """Of each partition what lies before `until`; markers of transactions count as read with what follows them."""
    open_partitions = {one: until[one.partition] for one in consumer.assignment()}
    while True:
        for one, end in list(open_partitions.items()):
            if await consumer.position(one) >= end:
                consumer.pause(one)
                del open_partitions[one]
        if not open_partitions:
            return
        for one, records in (await consumer.getmany(timeout_ms=500)).items():
            for record in records:
                if one in open_partitions and record.offset < open_partitions[one]:
                    yield record


async def _stop(consumer: AIOKafkaConsumer) -> None:
    """Whatever comes of it. What aiokafka cancels inside may come out of it as if its caller had been cancelled."""
    await asyncio.gather(consumer.stop(), return_exceptions=True)


def _event(value: bytes | None) -> Event | None:
    try:
        event = orjson.loads(value or b"")
    except ValueError:
        return None
    return event if isinstance(event, dict) and isinstance(event.get("type"), str) else None


def _not_possible() -> RequestError:
    message = "What was missed cannot be told any more: ask for the state, and subscribe without an event id."
    return RequestError.of("RESUMPTION_NOT_POSSIBLE", message, 409)


def consumer_factory(options: dict[str, Any]) -> Callable[[], AIOKafkaConsumer]:
    def new_consumer() -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            **options,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="none",
            isolation_level="read_committed",
            metadata_max_age_ms=60_000,
            fetch_max_wait_ms=500,
            request_timeout_ms=10_000,
        )

    return new_consumer
