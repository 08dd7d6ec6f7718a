"""`rebuild`: read models from offset 0 beside the live ones, compared, switched, with events arriving all the time."""

import asyncio
from typing import Any

import pytest

from govkit.bus import gate as gate_module
from govkit.bus.envelope import Envelope
from govkit.bus.gate import Gate
from govkit.operations import rebuild as rebuilding
from govkit.operations import replay as replaying
from govkit.operations.shadow import Shadow
from govkit.operations.target import OperationError
from govkit.testing.bus import PATIENCE_SECONDS, until

from .conftest import SOURCE, Desk, venue

PROJECTIONS = ["references", "venue_count", "venues"]


def lines(said: str) -> dict[str, str]:
    """Outcome by projection."""
    found = [line.split() for line in said.splitlines() if line.startswith("projection ") and " rows " in line]
    return {words[1]: words[-1] for words in found}


def community(id: str, sequence: int, **data: Any) -> Envelope:
    return venue(id, sequence, "community.established", communityId=id, **data)


async def test_what_is_live_equals_what_is_rebuilt(desk: Desk) -> None:
    await desk.apply(*(venue(f"v{number}", 1, communityId="c") for number in range(20)))
    await desk.apply(venue("v1", 2), venue("v2", 2, "venue.closed"), community("c", 1, code="37"))
    before = await desk.contents()
    said = await desk.done("rebuild")
    assert lines(said) == dict.fromkeys(PROJECTIONS, "equal")
    assert "projection venues rows 19 hash " in said
    assert await desk.contents() == before
    # Effects do not run again.
    assert {row["_id"]: row["times"] for row in await desk.rows("greetings")}["v1"] == 2


async def test_duplicates_and_what_is_no_event_change_nothing(desk: Desk) -> None:
    first, second = venue("v", 1), venue("v", 2)
    await desk.apply(first, second)
    await desk.hear(first, second, venue("v", 3, "venue.painted"))
    await desk.producer.send_and_wait(next(iter(desk.target.heard)), b"\xff", key=b"v")
    assert lines(await desk.done("rebuild")) == dict.fromkeys(PROJECTIONS, "equal")


async def test_events_of_a_subject_count_in_their_order(desk: Desk) -> None:
    """Missing ones that were published again come behind later ones; the service has waited for them."""
    events = [venue("v", number, communityId=f"c{number}") for number in (1, 2, 3, 4)]
    await desk.hear(events[0], events[3], *events)
    await desk.target.inbox.apply(events)
    # Of these the beginning never came: the service was told to go on.
    await desk.hear(venue("w", 3, communityId="c3"), venue("w", 5, communityId="c5"))
    await desk.database["venues"].insert_one({"_id": "w", "community_id": "c5"})
    await desk.database["venue_count"].update_one({"_id": "all"}, {"$inc": {"venues": 2}})
    await desk.database["inbox"].insert_one({"_id": f"{SOURCE}|w", "sequence": 5})
    assert lines(await desk.done("rebuild")) == dict.fromkeys(PROJECTIONS, "equal")
    assert {row["_id"]: row["community_id"] for row in await desk.rows("venues")} == {"v": "c4", "w": "c5"}


async def test_events_that_were_not_applied_are_left_out(desk: Desk) -> None:
    await desk.apply(venue("v", 1))
    await desk.park(venue("v", 2), venue("v", 3))
    await desk.park(venue("w", 1))
    await desk.hear(venue("x", 1))
    assert lines(await desk.done("rebuild")) == dict.fromkeys(PROJECTIONS, "equal")
    await desk.done("drop", "--subject", "w", "--reason", "tested", "--apply")
    assert lines(await desk.done("rebuild")) == dict.fromkeys(PROJECTIONS, "equal")
    await desk.done("retry", "--subject", "v", "--apply")
    assert lines(await desk.done("rebuild")) == dict.fromkeys(PROJECTIONS, "equal")
    assert (await desk.rows("venue_count"))[0]["venues"] == 3


@pytest.mark.parametrize("command", ["skip", "drop"])
async def test_missing_events_that_come_after_they_were_given_up_are_left_out(desk: Desk, command: str) -> None:
    events = [venue("v", number, communityId=f"c{number}") for number in (1, 2, 3, 4, 5)]
    await desk.apply(events[0])
    await desk.park(*events[3:])
    await desk.database["parked"].update_one({"sequence": 4}, {"$set": {"reason": "GAP", "expected": 2}})
    await desk.done(command, "--subject", "v", "--reason", "tested", "--apply")
    await desk.done("retry", "--subject", "v", "--apply")
    # The service drops them as seen.
    await desk.apply(*events[1:3])
    assert (await desk.rows("venue_count"))[0]["venues"] == (3 if command == "skip" else 1)
    assert lines(await desk.done("rebuild")) == dict.fromkeys(PROJECTIONS, "equal")


async def test_differences_are_told_and_switched_when_asked(desk: Desk) -> None:
    await desk.apply(*(venue(f"v{number}", 1) for number in range(10)))
    await desk.database["venues"].create_index("community_id", name="by_community")
    await desk.database["venues"].delete_one({"_id": "v3"})
    await desk.database["venues"].update_one({"_id": "v4"}, {"$set": {"community_id": "wrong"}})
    before = await desk.contents()
    result = await desk.operate("rebuild")
    assert result.exit_code == 3
    assert lines(result.stdout) == {"references": "equal", "venue_count": "equal", "venues": "different"}
    assert await desk.contents() == before

    said = await desk.done("rebuild", "--apply", "--by", "officer")
    assert "projection venues switched" in said
    assert "venue_count switched" not in said
    assert {row["_id"]: row["community_id"] for row in await desk.rows("venues")} == dict.fromkeys(
        (f"v{number}" for number in range(10)), None
    )
    assert "by_community" in await desk.database["venues"].index_information()
    (run,) = await desk.rows("operations")
    assert (run["command"], run["by"], run["state"]) == ("rebuild", "officer", "DONE")
    assert run["counts"].pop("milliseconds") < 15_000
    assert run["counts"] == {"events": 10, "projections": 3, "different": 1, "switched": 1}
    assert lines(await desk.done("rebuild")) == dict.fromkeys(PROJECTIONS, "equal")
    assert [name for name in await desk.database.list_collection_names() if "rebuild" in name] == []


async def test_a_new_projection_is_filled(desk: Desk) -> None:
    """A consumer that was added later finds the positions of the subjects beyond its events."""
    await desk.apply(venue("v", 1), venue("w", 1))
    for name in ("venues", "venue_count"):
        await desk.database.drop_collection(name)
    assert (await desk.operate("rebuild", "venues")).exit_code == 3
    await desk.done("rebuild", "venues", "--apply")
    assert [row["_id"] for row in await desk.rows("venues")] == ["v", "w"]
    assert await desk.rows("venue_count") == []
    refused = await desk.operate("rebuild", "nonsense")
    assert (refused.exit_code, "there are references, venue_count, venues" in refused.stderr) == (2, True)


async def test_no_event_is_lost_while_it_switches(desk: Desk) -> None:
    """The running consumer goes on all the time; whatever it applies before, during and after is in the new rows."""
    await desk.hear(*(venue(f"v{number}", 1) for number in range(50)))
    consumer = desk.consumer()
    await consumer.start()

    async def began() -> bool:
        return await desk.position("v0") is not None

    await until(began)
    stop = asyncio.Event()
    sent = 1

    async def load() -> None:
        nonlocal sent
        while not stop.is_set():
            sent += 1
            await desk.hear(*(venue(f"v{number}", sent, communityId=f"c{sent}") for number in range(50)))
            await asyncio.sleep(0.05)

    loading = asyncio.create_task(load())
    try:
        for round in range(3):
            await asyncio.sleep(0.3)
            await desk.database["venue_count"].update_one({"_id": "all"}, {"$inc": {"venues": 1000 + round}})
            await desk.database["venues"].insert_one({"_id": f"stray-{round}"})
            said = await desk.done("rebuild", "--apply")
            assert "projection venue_count switched" in said
            assert "projection venues switched" in said
    finally:
        stop.set()
        await loading

    async def caught_up() -> bool:
        return bool(await desk.database["inbox"].count_documents({"sequence": sent}) == 50)

    await until(caught_up)
    await consumer.stop()
    assert (await desk.rows("venue_count"))[0]["venues"] == 50 * sent
    assert {row["community_id"] for row in await desk.rows("venues")} == {f"c{sent}"}
    assert await desk.rows("parked") == []
    assert lines(await desk.done("rebuild")) == dict.fromkeys(PROJECTIONS, "equal")


async def test_an_interrupted_switch_loses_nothing_and_is_repeated(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.apply(venue("v", 1), venue("w", 1))
    await desk.database["venues"].delete_many({})
    await desk.database["venue_count"].delete_many({})
    place = Shadow.take_place

    async def interrupted(shadow: Shadow, name: str) -> None:
        if name == "venues":
            raise KeyboardInterrupt
        await place(shadow, name)

    monkeypatch.setattr(Shadow, "take_place", interrupted)
    result = await desk.operate("rebuild", "--apply")
    assert result.exit_code == 130
    assert (await desk.rows("venue_count"))[0]["venues"] == 2
    assert await desk.rows("venues") == []
    assert [row["state"] for row in await desk.rows("operations")] == ["INTERRUPTED"]
    # The gate is open again.
    await asyncio.wait_for(desk.apply(venue("v", 2)), PATIENCE_SECONDS)
    monkeypatch.undo()
    await desk.done("rebuild", "--apply")
    assert [row["_id"] for row in await desk.rows("venues")] == ["v", "w"]
    assert lines(await desk.done("rebuild")) == dict.fromkeys(PROJECTIONS, "equal")


async def test_a_switch_waits_for_one_that_was_killed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.apply(venue("v", 1))
    await desk.database["venues"].delete_many({})
    killed = Gate(desk.database, "killed")
    assert await killed.close()
    with monkeypatch.context() as soon:
        soon.setattr(gate_module, "CLOSED_SECONDS", 3)
        await killed.close()  # from now on for so long
    assert "projection venues switched" in await desk.done("rebuild", "--apply")
    assert [row["_id"] for row in await desk.rows("venues")] == ["v"]


async def test_a_switch_that_was_stopped_too_long_switches_nothing_more(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.apply(venue("v", 1))
    await desk.database["venues"].delete_many({})
    read = rebuilding.Rebuild._read

    async def too_long(self: Any, replay: Any, positions: Any, advance: Any) -> None:
        await read(self, replay, positions, advance)
        passed = [{"$set": {"closed_until": "$$NOW"}}]
        await self._database["inbox"].update_many({"closed_by": {"$exists": True}}, passed)

    monkeypatch.setattr(rebuilding.Rebuild, "_read", too_long)
    result = await desk.operate("rebuild", "--apply")
    assert result.exit_code == 1
    assert result.stderr.strip() == "events: no time left to switch venues and what follows; rebuild again"
    assert await desk.rows("venues") == []


async def test_a_topic_without_its_beginning_is_refused(desk: Desk) -> None:
    from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
    from aiokafka.structs import TopicPartition

    await desk.apply(*(venue(f"v{number}", 1) for number in range(10)))
    topic = next(iter(desk.target.heard))
    admin = AIOKafkaAdminClient(bootstrap_servers=desk.settings.kafka_bootstrap_servers)
    await admin.start()
    await admin.delete_records({TopicPartition(topic, number): RecordsToDelete(before_offset=1) for number in range(3)})
    await admin.close()
    result = await desk.operate("rebuild")
    assert (result.exit_code, "its first events are gone" in result.stderr) == (1, True)


async def test_a_broker_that_falls_silent_ends_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replaying, "SILENT_SECONDS", 0.5)
    await desk.hear(venue("v", 1), venue("w", 1))
    async with replaying.from_offset_zero(desk.target.broker, desk.target.heard) as replay:
        # As when the broker goes away: there is something left, and nothing comes.
        replay._consumer.pause(*replay._partitions)
        with pytest.raises(OperationError, match="the broker has sent nothing"):
            await asyncio.wait_for(anext(replay.to_end()), PATIENCE_SECONDS)
        monkeypatch.undo()
        replay._consumer.resume(*replay._partitions)
        assert sum([len(records) async for records in replay.to_end()]) == 2


async def test_an_event_that_the_code_no_longer_reads_is_named(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.apply(venue("v", 1))
    odd = venue("w", 1)
    odd.data.pop("venueId")
    await desk.hear(odd)
    await desk.database["inbox"].insert_one({"_id": f"{SOURCE}|w", "sequence": 1})
    result = await desk.operate("rebuild")
    assert result.exit_code == 1
    assert f"event {odd.id} (cn.lanling.venue.registered.v1) cannot be projected" in result.stderr
