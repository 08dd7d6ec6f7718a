"""Offsets on the broker as rows: where a group stands, where topics begin and end, and a group set back."""

from collections.abc import Iterable, Sequence
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from govkit.bus.kafka import close_consumer, new_consumer
from govkit.operations.replay import observer
from govkit.operations.status import committed
from govkit.operations.target import OperationError, Target

Place = dict[str, Any]


async def group_places(target: Target) -> list[Place]:
    """Of every partition that the service listens to; 0 where its group has committed nothing."""
    if not target.heard:
        return []
    known = await committed(target)
    async with observer(target.broker, target.heard) as consumer:
        return [_place(part, known.get(part, 0)) for part in sorted(consumer.assignment())]


async def ends(target: Target, topics: Iterable[str]) -> list[Place]:
    async with observer(target.broker, topics) as consumer:
        found = await consumer.end_offsets(consumer.assignment())
    return [_place(part, offset) for part, offset in sorted(found.items())]


async def gone(target: Target, places: Sequence[Place]) -> list[Place]:
    """Those of the places before which the broker has thrown records away, with `first`, what it still has."""
    if not places:
        return []
    async with observer(target.broker, {place["topic"] for place in places}) as consumer:
        first = await consumer.beginning_offsets(list(offsets(places)))
    return [
        place | {"first": first[part]}
        for part, place in zip(offsets(places), places, strict=True)
        if first[part] > place["offset"]
    ]


async def set_back(target: Target, places: Sequence[Place]) -> None:
    """Raises OperationError while a member of the group runs."""
    if not places:
        return
    consumer = new_consumer(target.broker, target.group, f"{target.name} operations")
    consumer.assign(list(offsets(places)))
    try:
        await consumer.start()
        await consumer.commit(offsets(places))
    except KafkaError as error:
        why = f"{type(error).__name__}; stop every process of the service first"
        raise OperationError(f"the offsets of {target.group} could not be set: {why}") from error
    finally:
        await close_consumer(consumer)


def offsets(places: Sequence[Place]) -> dict[TopicPartition, int]:
    return {TopicPartition(place["topic"], place["partition"]): place["offset"] for place in places}


def _place(part: Any, offset: int) -> Place:
    return {"topic": part.topic, "partition": part.partition, "offset": offset}
