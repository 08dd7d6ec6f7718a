"""What waits is told while the broker is away, and by processes that stand by: that is when somebody looks."""

from functools import partial
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase

from govkit.bus import backlog as backlog_module
from govkit.bus import relay as relay_module
from govkit.bus.outbox import INDEXES
from govkit.bus.relay import OutboxRelay
from govkit.runtime.metrics import OUTBOX_BACKLOG, OUTBOX_OLDEST_SECONDS
from govkit.testing.bus import make_envelope, outbox_row, until

Database = AsyncIOMotorDatabase[dict[str, Any]]


async def test_waiting_events_are_counted_while_the_broker_is_away(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog_module, "COUNT_SECONDS", 0.1)
    monkeypatch.setattr(relay_module, "BACK_OFF_SECONDS", 0.1)
    await database["outbox"].create_indexes(INDEXES)
    relay = OutboxRelay(database, "127.0.0.1:1", "away.events")

    async def are_told(count: int) -> bool:
        return bool(OUTBOX_BACKLOG.labels("away.events")._value.get() == count)

    await relay.start()
    try:
        for count in (1, 2, 3):
            await database["outbox"].insert_one(outbox_row(make_envelope("thing-1", count)))
            await until(partial(are_told, count))
        assert OUTBOX_OLDEST_SECONDS.labels("away.events")._value.get() > 0
    finally:
        await relay.stop()
