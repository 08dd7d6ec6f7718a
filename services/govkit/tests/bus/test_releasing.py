"""Parked events whose turn comes: applied by themselves, tried again when that fails, and never in anybody's way."""

from collections.abc import Sequence
from typing import Any

import orjson
import pytest
from prometheus_client import REGISTRY
from pymongo.errors import AutoReconnect, OperationFailure

from govkit.bus import consumer as consumer_module
from govkit.bus.envelope import Envelope
from govkit.bus.failures import Reason
from govkit.bus.inbox import Inbox
from govkit.bus.parking import RELEASES, Parking
from govkit.store.commits import ConcurrentChange
from govkit.testing.bus import SOURCE, make_envelope, until

from .conftest import Publish, Start
from .things import Database, seen, skip, until_parked, until_seen


class Failing:
    """The real inbox, but the second event of `thing-1` meets `error` while it is set."""

    def __init__(self, inbox: Inbox, error: Exception | None):
        self.inbox = inbox
        self.error = error
        self.failed = 0

    def handles(self, type: str) -> bool:
        return self.inbox.handles(type)

    async def apply(self, envelopes: Sequence[Envelope]) -> int:
        its_turn = {"_id": f"{SOURCE}|thing-1", "sequence": 1}
        concerned = any((event.subject, event.sequence) == ("thing-1", 2) for event in envelopes)
        if self.error and concerned and await self.inbox.store.database["inbox"].find_one(its_turn):
            self.failed += 1
            raise self.error
        return await self.inbox.apply(envelopes)


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer_module, "WATCH_SECONDS", 0.1)


def restarts(topic: str) -> float:
    return sum(
        sample.value
        for metric in REGISTRY.collect()
        for sample in metric.samples
        if sample.name == "inbox_restarts_total" and sample.labels["group"] == f"{topic}.group"
    )


async def parked_row(database: Database, sequence: int) -> dict[str, Any]:
    return await database["parked"].find_one({"sequence": sequence}) or {}


@pytest.mark.parametrize("error", [ConcurrentChange(), RuntimeError("not now")])
async def test_one_that_fails_when_it_is_released_is_tried_again(
    error: Exception, database: Database, publish: Publish, start: Start, inbox: Inbox, topic: str
) -> None:
    failing = Failing(inbox, error)
    await publish(make_envelope("thing-1", 2))
    await start(failing).start()
    await until_parked(database, "GAP")
    await publish(make_envelope("thing-1", 1), make_envelope("thing-2", 1))

    async def tried() -> bool:
        return failing.failed >= 2

    await until(tried)
    assert await seen(database) == {"thing-1": [1], "thing-2": [1]}
    failing.error = None
    await until_seen(database, {"thing-1": [1, 2], "thing-2": [1]})
    assert restarts(topic) == 0


@pytest.mark.parametrize(
    ("error", "reason"), [(ConcurrentChange(), "CONTENDED"), (RuntimeError("never"), "EFFECT_FAILED")]
)
async def test_one_that_keeps_failing_waits_for_an_operator(
    error: Exception, reason: str, database: Database, publish: Publish, start: Start, inbox: Inbox, topic: str
) -> None:
    failing = Failing(inbox, error)
    await publish(make_envelope("thing-1", 2))
    await start(failing).start()
    await until_parked(database, "GAP")
    await publish(make_envelope("thing-1", 1), make_envelope("thing-1", 3), make_envelope("thing-2", 1))

    async def given_up() -> bool:
        return bool((await parked_row(database, 2))["reason"] == reason)

    await until(given_up)
    # With the one that found the gap.
    assert ((await parked_row(database, 2))["attempts"], failing.failed) == (RELEASES, RELEASES - 1)
    await until_parked(database, reason, "BEHIND")
    assert await seen(database) == {"thing-1": [1], "thing-2": [1]}
    assert restarts(topic) == 0


async def test_what_has_taken_effect_holds_nothing_back(
    database: Database, publish: Publish, start: Start, inbox: Inbox
) -> None:
    """A process ended between the parking and the offset, and the next one had no trouble with the event."""
    event = make_envelope("thing-1", 1)
    await Parking(database).park(event, event.to_json(), Reason.EFFECT_FAILED, attempts=5)
    await inbox.apply([event])
    await publish(make_envelope("thing-1", 2))
    await start().start()
    await until_seen(database, {"thing-1": [1, 2]})
    await until_parked(database)


async def test_a_database_that_is_away_leaves_the_consumer_in_its_group(
    database: Database, publish: Publish, start: Start, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = {"counts": 3, "load": 3}
    for name in gone:
        ask = getattr(Parking, name)

        async def asked(self: Parking, ask: Any = ask, name: str = name) -> Any:
            if gone[name]:
                gone[name] -= 1
                raise AutoReconnect("connection closed")
            return await ask(self)

        monkeypatch.setattr(Parking, name, asked)
    await publish(make_envelope("thing-1", 1))
    await start().start()
    await until_seen(database, {"thing-1": [1]})

    async def looked() -> bool:
        return not gone["counts"]

    await until(looked)
    assert restarts(topic) == 0


async def test_an_event_that_cannot_be_written_again_is_kept_as_it_came(
    database: Database, publish: Publish, start: Start, topic: str
) -> None:
    """JSON may be read more deeply nested than it may be written."""
    shallow = orjson.loads(make_envelope("thing-1", 2, deep=0).to_json())
    deep = orjson.dumps(shallow).replace(b'"deep":0', b'"deep":' + b"[" * 600 + b"]" * 600)
    await publish.raw(topic, deep, key=b"thing-1")
    await publish(make_envelope("thing-2", 1))
    await start().start()
    (row,) = await until_parked(database, "GAP")
    assert row["body"] == deep
    await publish(make_envelope("thing-1", 1))
    await until_seen(database, {"thing-1": [1, 2], "thing-2": [1]})
    await until_parked(database)
    assert restarts(topic) == 0


async def test_one_whose_turn_came_while_nobody_worked_waits_for_no_other_event(
    database: Database, publish: Publish, start: Start, topic: str
) -> None:
    await publish(make_envelope("thing-1", 1), make_envelope("thing-1", 3))
    first = start()
    await first.start()
    await until_parked(database, "GAP")

    async def committed() -> bool:
        return REGISTRY.get_sample_value("inbox_lag", {"group": f"{topic}.group", "topic": topic}) == 0

    await until(committed)
    await first.stop()
    await skip(database, f"{SOURCE}|thing-1", 2)
    await start().start()
    await until_seen(database, {"thing-1": [1, 3]})


async def test_a_refusal_to_keep_a_parked_row_is_noticed_on_a_quiet_topic(
    database: Database, publish: Publish, start: Start, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    park = Parking.park

    async def refuse(*arguments: Any, **options: Any) -> bool:
        monkeypatch.setattr(Parking, "park", park)
        raise OperationFailure("no space left on the device", 14031)

    monkeypatch.setattr(Parking, "park", refuse)
    await publish(make_envelope("thing-1", 1), make_envelope("thing-1", 2, poison=True))
    await start().start()
    await until_parked(database, "EFFECT_FAILED")
    assert restarts(topic) == 1
