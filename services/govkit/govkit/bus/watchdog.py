"""Whether a member of a consumer group makes progress: aiokafka can stop delivering without an error, for instance
after a restart of the broker.

A member is stuck when the broker answers and for STUCK_SECONDS events wait but none arrives, the group has not let it
in, or nothing asks for events. A broker that does not answer, and a database that lets effects wait, are no reason: a
new consumer would find them as they are.
"""

import asyncio
from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from govkit.runtime import metrics

ANSWER_SECONDS = 10.0
STUCK_SECONDS = 60.0


class Stuck(Exception):
    """The consumer must be replaced."""


class Watchdog:
    """Watches one consumer. The reader calls `polled`, `joined` and `left`; `look` measures and judges."""

    def __init__(self, group: str, topics: Sequence[str]):
        self._group = group
        self._topics = topics
        self.is_member = False
        self.stuck = False
        self._began()

    def polled(self, events: int) -> None:
        self._polled_at = monotonic()
        if events:
            self._delivered_at = self._polled_at
            self.stuck = False

    def joined(self) -> None:
        self.is_member = True
        self._began()

    def left(self) -> None:
        self.is_member = False
        self._began()

    def _began(self) -> None:
        self._changed_at = self._polled_at = self._delivered_at = self._quiet_at = monotonic()
        self._answered_at = self._changed_at

    async def look(self, consumer: Any, unfinished: Mapping[str, int], working: bool) -> None:
        """Measure the lag: what was not delivered and, by topic, what was and is `unfinished`. Raises Stuck.

        `working`: effects are under way, so that polls may pause.
        """
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                lag = await self._lag(consumer, unfinished)
        except (KafkaError, OSError, TimeoutError) as error:
            # A broker that is away answers nobody. But a client that never finds it again must be replaced, too.
            if self._silent_for(self._answered_at):
                raise Stuck("the broker does not answer") from error
            return
        self._answered_at = monotonic()
        if lag == 0:
            self._quiet_at = self._answered_at
        if reason := None if working else self._reason(lag):
            self.stuck = True
            raise Stuck(reason)
        if self.is_member and lag == 0:
            self.stuck = False

    def _reason(self, lag: int) -> str | None:
        if not self.is_member and self._silent_for(self._changed_at):
            return "not let into the group"
        if self._silent_for(self._polled_at):
            return "no poll"
        if lag and self._silent_for(max(self._delivered_at, self._quiet_at)):
            return "events wait and none arrives"
        return None

    def _silent_for(self, since: float) -> bool:
        return monotonic() - since > STUCK_SECONDS

    async def _lag(self, consumer: Any, unfinished: Mapping[str, int]) -> int:
        """Events that wait in this member's partitions; asks the broker also while there are none."""
        mine = set(consumer.assignment())
        ends = await consumer.end_offsets(mine or self._any_partitions(consumer))
        lags = {topic: unfinished.get(topic, 0) for topic in self._topics}
        for partition, end in ends.items():
            if partition in mine and partition in consumer.assignment():
                lags[partition.topic] += max(0, end - await consumer.position(partition))
        for topic, lag in lags.items():
            metrics.INBOX_LAG.labels(self._group, topic).set(lag)
        return sum(lags.values())

    def _any_partitions(self, consumer: Any) -> set[Any]:
        return {TopicPartition(topic, 0) for topic in self._topics if consumer.partitions_for_topic(topic)}
