"""Gauges: what they count, where they show, and when they disappear."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from pymongo.errors import AutoReconnect

from govkit.domain import FixedClock
from govkit.gauges import Gauge, Gauges
from govkit.runtime.metrics import COUNTY, exposition
from govkit.store.store import Store
from govkit.testing.bus import until

from .library.domain import Branch, BranchKind, Loan, LoanState

NOW = datetime.fromisoformat("2026-03-01T08:00:00+00:00")


async def insert(store: Store, collection: str, **fields: object) -> None:
    await store.database[collection].insert_one({"_id": uuid4().hex, **fields})


async def test_a_gauge_counts_sums_and_compares_times_with_now(store: Store) -> None:
    await insert(store, "branch", code="a", kind="MAIN", copies=3, created_at=NOW - timedelta(days=2))
    await insert(store, "branch", code="b", kind="MAIN", copies=4, created_at=NOW + timedelta(days=2))
    await insert(store, "branch", code="c", kind="MOBILE", copies=5, created_at=NOW - timedelta(days=2))
    main = {"kind": BranchKind.MAIN}
    assert await Gauge("branches", "", Branch).value(store, NOW) == 3
    assert await Gauge("copies", "", Branch, main, total="copies").value(store, NOW) == 7
    assert await Gauge("old", "", Branch, main, past="created_at").value(store, NOW) == 1
    assert await Gauge("none", "", Loan, {"state": (LoanState.REQUESTED,)}).value(store, NOW) == 0


async def test_only_the_process_that_counts_shows_them(store: Store, clock: FixedClock) -> None:
    await insert(store, "branch", code="a")
    counting = False
    gauges = Gauges(store, [Gauge("library_branches", "Branches", Branch)], clock, lambda: counting)
    await gauges.start()
    try:
        counting = True
        await until(lambda: shown("county_library_branches 1.0"))
        assert "county_gauges_timestamp_seconds 1.772352000125e+09" in exposition().decode()
        counting = False
        await until(lambda: gone("county_library_branches"))
    finally:
        await gauges.stop()


async def test_they_go_with_the_process_that_stops(store: Store, clock: FixedClock) -> None:
    gauges = Gauges(store, [Gauge("library_branches", "Branches", Branch)], clock, lambda: True)
    await gauges.start()
    await until(lambda: shown("county_library_branches 0.0"))
    await gauges.stop()
    assert "county_library_branches" not in exposition().decode()


async def test_a_database_that_is_away_leaves_the_last_values(
    store: Store, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("govkit.gauges.EVERY_SECONDS", 0.0)
    asked = 0

    async def count(_self: object, *_arguments: object) -> int:
        nonlocal asked
        asked += 1
        if asked > 1:
            raise AutoReconnect("away")
        return 7

    monkeypatch.setattr(Store, "count", count)
    gauges = Gauges(store, [Gauge("library_branches", "Branches", Branch)], clock, lambda: True)
    await gauges.start()

    async def asked_again() -> bool:
        return asked > 1

    await until(asked_again)
    assert "county_library_branches 7.0" in exposition().decode()
    await gauges.stop()
    assert list(COUNTY.collect()) == []


async def shown(line: str) -> bool:
    return line in exposition().decode()


async def gone(name: str) -> bool:
    return name not in exposition().decode()
