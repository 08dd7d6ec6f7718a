"""Seeded bugs: mistakes that systems of this kind have been found with, planted into a test build one at a time.

Each must make the checker fail. They reach into the kit from outside, so that nothing of them is in the product.
"""

from collections.abc import Callable, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from govkit.bus.envelope import Envelope
from govkit.bus.inbox import Inbox
from govkit.bus.order import Order
from govkit.bus.outbox import Outbox, Row
from govkit.bus.publisher import Publisher
from govkit.bus.relay import OutboxRelay
from govkit.store.commits import Commits


def mark_before_ack() -> None:
    """The relay marks rows as published and then sends them."""
    send = Publisher.send
    publish = OutboxRelay._publish

    async def marked(self: OutboxRelay) -> int:
        async def mark_and_send(rows: Sequence[Row], may_send: Callable[[], bool]) -> Any:
            await self._outbox.mark_published([row["_id"] for row in rows], self._lease)
            return await send(self._publisher, rows, may_send)

        self._publisher.send = mark_and_send  # type: ignore[method-assign]
        return await publish(self)

    OutboxRelay._publish = marked  # type: ignore[method-assign]


def offset_before_commit() -> None:
    """The consumer commits its offsets when it polls, before anything took effect."""
    getmany = AIOKafkaConsumer.getmany

    async def committed(self: Any, *partitions: Any, **limits: Any) -> Any:
        polled = await getmany(self, *partitions, **limits)
        if polled and self._group_id:
            await self.commit({partition: records[-1].offset + 1 for partition, records in polled.items()})
        return polled

    AIOKafkaConsumer.getmany = committed


def no_inbox() -> None:
    """The consumer forgets what it has applied: whatever is delivered takes effect."""
    apply = Inbox.apply

    async def forgetful(self: Inbox, envelopes: Sequence[Envelope]) -> int:
        first: dict[str, int] = {}
        for envelope in envelopes:
            first.setdefault(f"{envelope.source}|{envelope.subject}", envelope.sequence)
        for key, sequence in first.items():
            before = {"_id": key, "sequence": {"$gte": sequence}}
            await self.store.database["inbox"].update_one(before, {"$set": {"sequence": sequence - 1}})
        return await apply(self, envelopes)

    Inbox.apply = forgetful  # type: ignore[method-assign]


def acknowledged_by_one() -> None:
    """The producer is content with the leader's word."""
    start = AIOKafkaProducer.__init__

    def careless(self: Any, *arguments: Any, **settings: Any) -> None:
        start(self, *arguments, **{**settings, "acks": 1, "enable_idempotence": False})

    AIOKafkaProducer.__init__ = careless


def order_by_id() -> None:
    """The relay publishes by the time of the ids, as an outbox that is a queue would."""
    unpublished = Outbox.unpublished

    async def by_id(self: Outbox, *arguments: Any) -> tuple[list[Row], bool]:
        rows, more = await unpublished(self, *arguments)
        return sorted(rows, key=lambda row: str(row["_id"])), more

    async def whatever_comes(self: Order, rows: Sequence[Row]) -> tuple[list[Row], set[str]]:
        return list(rows), set()

    Outbox.unpublished = by_id  # type: ignore[method-assign, assignment]
    Order.next = whatever_comes  # type: ignore[method-assign]


def bare_commit() -> None:
    """Aggregates are written outside the transaction, before it."""
    save = Commits._save

    async def bare(self: Commits, aggregates: Any, _session: Any) -> None:
        await save(self, aggregates, None)  # type: ignore[arg-type]

    Commits._save = bare  # type: ignore[method-assign, assignment]


BUGS: dict[str, Callable[[], None]] = {
    plant.__name__: plant
    for plant in (mark_before_ack, offset_before_commit, no_inbox, acknowledged_by_one, order_by_id, bare_commit)
}
