"""When a consumer counts as stuck: only while the broker answers, and only when something waits for it."""

from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError

from govkit.bus import watchdog
from govkit.bus.watchdog import Stuck, Watchdog

PARTITION = TopicPartition("things", 0)


class Broker:
    """What a watchdog asks of a consumer."""

    end = 5
    at = 5
    answers = True

    def assignment(self) -> set[TopicPartition]:
        return {PARTITION}

    def partitions_for_topic(self, topic: str) -> set[int]:
        return {0}

    async def end_offsets(self, partitions: Any) -> dict[TopicPartition, int]:
        if not self.answers:
            raise KafkaConnectionError("away")
        return dict.fromkeys(partitions, self.end)

    async def position(self, partition: TopicPartition) -> int:
        return self.at


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    clock = SimpleNamespace(seconds=1_000.0)
    monkeypatch.setattr(watchdog, "monotonic", lambda: clock.seconds)
    return clock


@pytest.fixture
def dog(now: SimpleNamespace) -> Watchdog:
    dog = Watchdog("group", ["things"])
    dog.joined()
    return dog


async def pass_time(dog: Watchdog, broker: Broker, now: SimpleNamespace, *, polls: bool = True, **look: Any) -> None:
    for _ in range(8):
        now.seconds += 10
        if polls:
            dog.polled(0)
        await dog.look(broker, {}, look.get("working", False))


async def test_silence_with_nothing_to_say_is_no_fault(dog: Watchdog, now: SimpleNamespace) -> None:
    broker = Broker()
    await pass_time(dog, broker, now)
    # The first event after a long silence has just come: it has waited for no time at all.
    broker.end = 6
    await dog.look(broker, {}, False)
    assert not dog.stuck


async def test_events_that_wait_and_do_not_arrive(dog: Watchdog, now: SimpleNamespace) -> None:
    broker = Broker()
    broker.end = 9
    with pytest.raises(Stuck, match="none arrives"):
        await pass_time(dog, broker, now)
    assert dog.stuck
    # The consumer that took its place receives them.
    dog.joined()
    assert dog.stuck
    dog.polled(4)
    assert not dog.stuck


async def test_effects_under_way_are_progress(dog: Watchdog, now: SimpleNamespace) -> None:
    broker = Broker()
    broker.end = 9
    await pass_time(dog, broker, now, polls=False, working=True)
    assert not dog.stuck


async def test_a_broker_that_is_away_makes_nobody_stuck(dog: Watchdog, now: SimpleNamespace) -> None:
    broker = Broker()
    broker.answers = False
    with pytest.raises(Stuck, match="does not answer"):
        await pass_time(dog, broker, now)
    assert not dog.stuck


async def test_a_group_that_lets_nobody_in(dog: Watchdog, now: SimpleNamespace) -> None:
    dog.left()
    with pytest.raises(Stuck, match="group"):
        await pass_time(dog, Broker(), now)
    assert dog.stuck


async def test_a_poll_that_never_returns(dog: Watchdog, now: SimpleNamespace) -> None:
    with pytest.raises(Stuck, match="no poll"):
        await pass_time(dog, Broker(), now, polls=False)
