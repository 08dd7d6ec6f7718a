"""What events of other services do here: once each, in order, a batch whole or not at all."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from govkit.bus.envelope import Envelope
from govkit.bus.failures import NotApplied, Reason
from govkit.bus.inbox import Inbox
from govkit.domain import FixedClock, GovError
from govkit.store.store import Store
from govkit.testing.bus import make_envelope

from ..library.domain import Branch
from ..library.service import SERVICE


@pytest.fixture
def inbox(store: Store) -> Inbox:
    return Inbox(store, SERVICE.all_consumers, SERVICE.source, FixedClock(datetime(2026, 3, 1, tzinfo=UTC)))


def venue(id: str, sequence: int = 1, type: str = "venue.registered", version: int = 1, **data: Any) -> Envelope:
    return make_envelope(id, sequence, f"cn.lanling.{type}.v{version}", venueId=id, **data)


async def rows(store: Store, name: str) -> list[dict[str, Any]]:
    return [row async for row in store.database[name].find({}, sort=[("_id", 1)])]


async def test_duplicates_and_older_events_take_no_effect(store: Store, inbox: Inbox) -> None:
    first, second = venue("v", 1, communityId="c"), venue("v", 2)
    assert await inbox.apply([first, first, second]) == 2
    assert await inbox.apply([second, first]) == 0
    assert [(row["_id"], row["community_id"]) for row in await rows(store, "venues")] == [("v", None)]
    assert (await rows(store, "venue_count"))[0]["venues"] == 2
    assert (await rows(store, "inbox"))[0]["sequence"] == 2


async def test_unknown_types_and_newer_versions_are_passed_over(store: Store, inbox: Inbox) -> None:
    assert not inbox.handles("cn.lanling.venue.registered.v2")
    assert await inbox.apply([venue("v", 1, version=2), venue("w", 1, "venue.painted")]) == 0
    assert await rows(store, "venues") == []
    # They count: what follows them is no gap.
    assert await inbox.apply([venue("v", 2, extra={"from": "later"})]) == 1
    assert [row["sequence"] for row in await rows(store, "inbox") if "sequence" in row] == [2, 1]


async def test_a_batch_happens_whole_or_not_at_all(store: Store, inbox: Inbox) -> None:
    batch = [venue("v", communityId="c"), venue("w", poison=True)]
    with pytest.raises(NotApplied) as failed:
        await inbox.apply(batch)
    assert (failed.value.envelope, failed.value.reason) == (batch[1], Reason.EFFECT_FAILED)
    assert isinstance(failed.value.__cause__, GovError)
    for name in ("venues", "venue_count", "inbox", "outbox", "branch"):
        assert await rows(store, name) == [], name
    with pytest.raises(NotApplied, match="DATA_UNFIT") as unfit:
        await inbox.apply([venue("v"), make_envelope("x", 1, "cn.lanling.venue.registered.v1")])
    assert "VenueSeen" in str(unfit.value.__cause__)
    assert await rows(store, "venues") == []


async def test_later_events_of_a_batch_see_what_earlier_ones_did(store: Store, inbox: Inbox) -> None:
    batch = [venue(f"v{number}", communityId="c", copies=number) for number in range(1, 5)]
    assert await inbox.apply(batch) == 4
    (branch,) = await store.find(Branch, {})
    assert (branch.copies, branch.version, branch.sequence) == (10, 1, 4)
    envelopes = [Envelope.from_json(row["envelope"]) for row in await rows(store, "outbox")]
    assert [event.sequence for event in envelopes] == [1, 2, 3, 4]
    # Each event names the one that caused it, though all are one commit.
    assert [event.causationid for event in envelopes] == [event.id for event in batch]
    assert {event.correlationid for event in envelopes} == {"cor"}
    assert [event.data["copies"] for event in envelopes] == [1, 3, 6, 10]
    assert await inbox.apply([venue("v9", communityId="c", copies=1)]) == 1
    (branch,) = await store.find(Branch, {})
    assert (branch.copies, branch.version) == (11, 2)


async def test_two_processes_with_the_same_events_apply_them_once(store: Store, inbox: Inbox) -> None:
    events = [venue(f"v{number}", copies=1) for number in range(10)]
    results = await asyncio.gather(*(inbox.apply(events) for _ in range(4)))
    assert sorted(results) == [0, 0, 0, 10]
    assert (await rows(store, "venue_count"))[0]["venues"] == 10


async def test_rows_of_read_models_are_set_counted_and_forgotten(store: Store, inbox: Inbox) -> None:
    await inbox.apply([venue("v", 1, communityId=None), venue("w", 1)])
    await inbox.apply([venue("v", 2, "venue.closed")])
    assert [row["_id"] for row in await rows(store, "venues")] == ["w"]


async def test_kept_references_merge_what_events_tell(store: Store, inbox: Inbox) -> None:
    async def hear(sequence: int, verb: str, **data: Any) -> None:
        event = make_envelope("c", sequence, f"cn.lanling.community.{verb}.v1", communityId="c", **data)
        await inbox.apply([event])

    assert await store.reference("Community", "id", "c") is None
    await hear(1, "established", code="371", streetId="s", status="ACTIVE")
    await hear(2, "changed", status="DISSOLVED")
    known = await store.reference("Community", "code", "371")
    assert known == await store.reference("Community", "id", "c")
    assert known is not None
    assert (known["data"]["streetId"], known["data"]["status"]) == ("s", "DISSOLVED")
    assert await store.streets_of(["c", "unknown"]) == {"c": "s"}


async def test_a_batch_of_two_hundred_events_is_settled_in_linear_time(store: Store, inbox: Inbox) -> None:
    batch = [venue(f"v{number:03}", communityId=f"c{number}") for number in range(200)]
    assert await asyncio.wait_for(inbox.apply(batch), 10) == 200
    assert await store.count(Branch, {}) == 200
