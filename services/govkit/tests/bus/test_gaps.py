"""A lost event shows, holds its subject and nothing else, and is healed by the event or by an operator's word."""

from typing import Any

import pytest

from govkit.bus import consumer as consumer_module
from govkit.bus.failures import NotApplied, Reason
from govkit.bus.inbox import Inbox
from govkit.bus.parking import Place
from govkit.bus.positions import note_start
from govkit.testing.bus import SOURCE, make_envelope, until

from .conftest import Publish, Start
from .things import Database, seen, skip, until_parked, until_seen

SNAPSHOT = "cn.lanling.thing.snapshot.v1"


async def until_none_parked(database: Database) -> None:
    async def none_parked() -> bool:
        return await database["parked"].count_documents({}) == 0

    await until(none_parked)


async def test_a_gap_holds_its_subject_until_the_missing_event_comes(
    database: Database, publish: Publish, start: Start
) -> None:
    await publish(make_envelope("thing-1", 1), make_envelope("thing-1", 4), make_envelope("thing-1", 5))
    await publish(make_envelope("thing-2", 2))
    await publish(*(make_envelope("thing-3", sequence) for sequence in range(1, 6)))
    await start().start()
    await until_seen(database, {"thing-1": [1], "thing-3": [1, 2, 3, 4, 5]})
    gap, behind, beginning = await until_parked(database, "GAP", "BEHIND", "GAP")
    assert (gap["_id"], gap["expected"]) == (f"{SOURCE}|thing-1|0000000004", 2)
    assert (behind["sequence"], beginning["sequence"], beginning["expected"]) == (5, 2, 1)
    # The operator republishes what is there: the missing ones among what was seen.
    await publish(*(make_envelope("thing-1", sequence) for sequence in (1, 2)), make_envelope("thing-2", 1))
    await until_seen(database, {"thing-1": [1, 2], "thing-2": [1, 2], "thing-3": [1, 2, 3, 4, 5]})
    await publish(*(make_envelope("thing-1", sequence) for sequence in (3, 4, 5, 6)))
    expected = {"thing-1": [1, 2, 3, 4, 5, 6], "thing-2": [1, 2], "thing-3": [1, 2, 3, 4, 5]}
    await until_seen(database, expected)
    await until_none_parked(database)


async def test_an_operator_says_that_the_missing_event_never_comes(
    database: Database, publish: Publish, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer_module, "WATCH_SECONDS", 0.1)
    await publish(make_envelope("thing-1", 1), make_envelope("thing-1", 4), make_envelope("thing-1", 5))
    await start().start()
    await until_parked(database, "GAP", "BEHIND")
    await skip(database, f"{SOURCE}|thing-1", 3)
    await until_seen(database, {"thing-1": [1, 4, 5]})
    await publish(make_envelope("thing-1", 6))
    await until_seen(database, {"thing-1": [1, 4, 5, 6]})
    await until_none_parked(database)


async def test_what_a_killed_process_left_half_released_is_finished(
    database: Database, publish: Publish, start: Start, monkeypatch: pytest.MonkeyPatch, inbox: Inbox
) -> None:
    """It died between the effect of a parked event and the removal of its row."""
    monkeypatch.setattr(consumer_module, "WATCH_SECONDS", 0.1)
    await publish(make_envelope("thing-1", 2), make_envelope("thing-1", 3))
    member = start()
    await member.start()
    await until_parked(database, "GAP", "BEHIND")
    await member.stop()
    await inbox.apply([make_envelope("thing-1", 1), make_envelope("thing-1", 2)])
    await start().start()
    await publish(make_envelope("thing-2", 1))
    await until_seen(database, {"thing-1": [1, 2, 3], "thing-2": [1]})
    await until_none_parked(database)


async def test_a_snapshot_stands_for_all_before_it(inbox: Inbox, database: Database) -> None:
    assert await inbox.apply([make_envelope("thing-1", 7, SNAPSHOT), make_envelope("thing-1", 8)]) == 1
    assert await seen(database) == {"thing-1": [8]}
    # Not for events that were lost: what they should have done is not in it.
    with pytest.raises(NotApplied, match="GAP"):
        await inbox.apply([make_envelope("thing-1", 10, SNAPSHOT)])


async def test_a_gap_within_a_batch(inbox: Inbox, database: Database) -> None:
    early = make_envelope("thing-1", 3)
    with pytest.raises(NotApplied) as failed:
        await inbox.apply([make_envelope("thing-1", 1), early])
    assert (failed.value.envelope, failed.value.reason, failed.value.expected) == (early, Reason.GAP, 2)
    assert await seen(database) == {}


async def test_a_topic_without_its_beginning_tells_no_first_events(inbox: Inbox, database: Database) -> None:
    """The broker dropped it by retention, or an older release had passed it before positions were whole."""
    await note_start(database, Place("things", 0, 500), SOURCE)
    assert await inbox.apply([make_envelope("thing-1", 7)]) == 1
    with pytest.raises(NotApplied, match="GAP"):
        await inbox.apply([make_envelope("thing-1", 9)])
    # Rewound to the very beginning, the history is whole.
    await note_start(database, Place("things", 0, 0), SOURCE)
    with pytest.raises(NotApplied, match="GAP"):
        await inbox.apply([make_envelope("thing-2", 2)])


async def test_positions_of_an_older_release_may_have_holes(inbox: Inbox, database: Database) -> None:
    """It kept positions only for the types that it consumed."""
    old: dict[str, Any] = {"_id": f"{SOURCE}|thing-1", "sequence": 3}
    await database["inbox"].insert_one(old)
    assert await inbox.apply([make_envelope("thing-1", 6), make_envelope("thing-1", 7)]) == 2
    with pytest.raises(NotApplied, match="GAP"):
        await inbox.apply([make_envelope("thing-1", 9)])
