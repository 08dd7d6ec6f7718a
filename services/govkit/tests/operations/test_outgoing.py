"""`republish`, `snapshot`, `status`: what this service tells others, once more."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from govkit.bus.envelope import Envelope
from govkit.bus.relay import OutboxRelay
from govkit.operations import republish as republishing
from govkit.operations import snapshot as snapshotting
from govkit.seeding import Seeder
from govkit.store.commits import Commit
from govkit.store.store import Store
from govkit.testing.bus import read_topic, until

from ..library.domain import Branch, Reader
from .conftest import Desk, venue


def branch(number: int) -> Branch:
    made = Branch(id=f"branch-{number:03}", code=f"B{number:03}", name="分馆")
    for _ in range(3):
        made.registered("changed")
    return made


async def load(desk: Desk, count: int) -> None:
    """`count` branches with three events each, published."""
    seeder = Seeder(desk.target.store, desk.target.source, datetime(2026, 3, 1, tzinfo=UTC))
    await seeder.load("branches", (branch(number) for number in range(count)))
    await publish_all(desk)


async def publish_all(desk: Desk) -> None:
    relay = OutboxRelay(desk.database, desk.settings.broker, desk.target.topic, "test")
    await relay.start()

    async def drained() -> bool:
        return bool(await desk.database["outbox"].count_documents({"published": False}) == 0)

    await until(drained)
    await relay.stop()


async def topic(desk: Desk, count: int) -> list[Envelope]:
    records = await read_topic(desk.settings.kafka_bootstrap_servers, desk.target.topic, count)
    assert len(records) == count
    assert all(record.key.decode() == Envelope.from_json(record.value).subject for record in records)
    return [Envelope.from_json(record.value) for record in records]


def by_subject(events: list[Envelope]) -> dict[str, list[tuple[str, int]]]:
    found: dict[str, list[tuple[str, int]]] = {}
    for event in events:
        found.setdefault(event.subject, []).append((event.id, event.sequence))
    return found


async def test_republish_sends_the_same_events_again_in_order(desk: Desk) -> None:
    await load(desk, 10)
    once = by_subject(await topic(desk, 30))
    before = await desk.contents()
    assert "30 published events of 10 aggregates" in await desk.done("republish", "--all")
    assert await desk.contents() == before

    said = await desk.done("republish", "--all", "--apply", "--by", "officer")
    assert "30 events published again" in said
    twice = by_subject(await topic(desk, 60))
    assert twice == {subject: events * 2 for subject, events in once.items()}
    (run,) = await desk.rows("operations")
    assert (run["command"], run["by"], run["counts"]) == ("republish", "officer", {"events": 30})
    assert await desk.database["outbox"].count_documents({"published": True}) == 30

    await desk.done("republish", "--subject", "branch-003", "--apply")
    assert len(by_subject(await topic(desk, 63))["branch-003"]) == 9


async def test_republish_by_time_leaves_waiting_events_to_the_relay(desk: Desk) -> None:
    await load(desk, 2)
    late = {"$set": {"created_at": datetime(2026, 5, 1, 4, tzinfo=UTC)}}
    await desk.database["outbox"].update_one({"subject": "branch-001", "sequence": 3}, late)
    await desk.database["outbox"].update_one({"subject": "branch-000", "sequence": 3}, {"$set": {"published": False}})
    assert "1 published events of 1 aggregates" in await desk.done("republish", "--since", "2026-05-01")
    # Without an offset: Beijing time.
    assert "1 published events" in await desk.done("republish", "--since", "2026-05-01T12:00:00")
    assert "0 published events" in await desk.done("republish", "--since", "2026-05-01T12:00:01")
    assert "4 published events" in await desk.done("republish", "--before", "2026-05-01T04:00:00Z")
    for wrong in (["republish"], ["republish", "--all", "--subject", "x"], ["republish", "--since", "yesterday"]):
        assert (await desk.operate(*wrong)).exit_code == 2


async def test_a_time_range_that_ends_before_it_begins_is_refused(desk: Desk) -> None:
    refused = await desk.operate("republish", "--since", "2026-03-02", "--before", "2026-03-01")
    assert refused.exit_code == 2


async def test_republish_tells_what_the_outbox_no_longer_keeps(desk: Desk) -> None:
    await load(desk, 3)
    await desk.database["outbox"].delete_many({"subject": "branch-001", "sequence": {"$lt": 3}})
    said = await desk.done("republish", "--all")
    assert "7 published events of 3 aggregates" in said
    assert "of 1 aggregates the first events are no longer kept" in said
    assert "no longer kept" not in await desk.done("republish", "--subject", "branch-000")


async def test_an_interrupted_republish_goes_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await load(desk, 10)
    await topic(desk, 30)
    monkeypatch.setattr(republishing, "BATCH", 7)
    send = republishing._send
    sent: list[Any] = []

    async def interrupted(producer: Any, name: str, rows: list[Any]) -> None:
        if len(sent) == 2:
            raise KeyboardInterrupt
        sent.append(rows)
        await send(producer, name, rows)

    monkeypatch.setattr(republishing, "_send", interrupted)
    assert (await desk.operate("republish", "--all", "--apply")).exit_code == 130
    (run,) = await desk.rows("operations")
    assert (run["state"], run["counts"]) == ("INTERRUPTED", {"events": 14})
    monkeypatch.setattr(republishing, "_send", send)
    assert (await desk.operate("republish", "--subject", "x", "--apply", "--run", run["_id"])).exit_code == 1
    await desk.done("republish", "--all", "--apply", "--run", run["_id"])
    again = by_subject(await topic(desk, 60))
    assert {len(events) for events in again.values()} == {6}
    assert (await desk.rows("operations"))[0]["state"] == "DONE"


async def test_who_goes_on_with_a_run_is_noted(desk: Desk) -> None:
    await load(desk, 2)
    await desk.done("republish", "--all", "--apply", "--by", "officer")
    (run,) = await desk.rows("operations")
    assert (run["by"], run["resumed"]) == ("officer", [])
    await desk.database["operations"].update_one({}, {"$set": {"state": "RUNNING"}})
    await desk.done("republish", "--all", "--apply", "--by", "deputy", "--run", run["_id"])
    (run,) = await desk.rows("operations")
    assert (run["by"], run["state"], [again["by"] for again in run["resumed"]]) == ("officer", "DONE", ["deputy"])
    assert run["started_at"] < run["resumed"][0]["at"] <= run["finished_at"]


async def test_a_run_that_is_not_this_command_stays_as_it_is(desk: Desk) -> None:
    await load(desk, 2)
    await desk.done("republish", "--all", "--apply")
    (run,) = before = await desk.rows("operations")
    for command in (["republish", "--subject", "x"], ["snapshot", "--all"]):
        refused = await desk.operate(*command, "--apply", "--run", run["_id"])
        assert (refused.exit_code, refused.stderr.strip()) == (
            1,
            f"events: run {run['_id']} was `republish` of everything",
        )
    refused = await desk.operate("republish", "--all", "--apply", "--run", "mistyped")
    assert (refused.exit_code, refused.stderr.startswith("events: there is no run mistyped")) == (1, True)
    assert await desk.rows("operations") == before
    assert len(await topic(desk, 12)) == 12


@pytest.mark.parametrize("command", ["republish", "snapshot"])
async def test_how_far_a_run_is_is_told_before_it_goes_on(desk: Desk, command: str) -> None:
    await load(desk, 2)
    refused = await desk.operate(command, "--all", "--run", "mistyped")
    assert (refused.exit_code, refused.stderr.startswith("events: there is no run mistyped")) == (1, True)
    await desk.done(command, "--all", "--apply")
    (run,) = before = await desk.rows("operations")
    again = [command, "--all", "--run", run["_id"]]
    assert f"run {run['_id']} is done: nothing is left of it" in await desk.done(*again, "--apply")
    assert await desk.rows("operations") == before
    await desk.database["operations"].update_one({}, {"$set": {"state": "RUNNING", "counts.events": 1}})
    assert f"run {run['_id']} goes on behind 1 of them" in await desk.done(*again)


async def test_republish_takes_an_aggregate_as_subscribers_name_it(desk: Desk) -> None:
    await load(desk, 2)
    whole = f"{desk.target.source}|branch-001"
    assert "3 published events of 1 aggregates" in await desk.done("republish", "--subject", whole, "--apply")
    (run,) = await desk.rows("operations")
    assert run["selection"] == {"subject": "branch-001"}
    refused = await desk.operate("republish", "--subject", "/lanling/organization|branch-001", "--apply")
    assert refused.exit_code == 1
    assert "is of /lanling/organization: republish it there, not in /lanling/library" in refused.stderr


async def test_snapshot_tells_the_present_state_once(desk: Desk) -> None:
    await load(desk, 5)
    before = await desk.contents()
    assert "5 records of Branch" in await desk.done("snapshot", "Branch")
    assert await desk.contents() == before
    records = {row["_id"]: row for row in await desk.rows("branch")}

    said = await desk.done("snapshot", "Branch", "--apply", "--by", "officer")
    assert "5 snapshots committed" in said
    await publish_all(desk)
    told = [event for event in await topic(desk, 20) if event.type == "cn.lanling.branch.snapshot.v1"]
    assert {event.subject: event.sequence for event in told} == dict.fromkeys(records, 4)
    assert {event.data["code"] for event in told} == {row["code"] for row in records.values()}
    for row in await desk.rows("branch"):
        expected = records[row["_id"]]
        assert row == {**expected, "version": expected["version"] + 1, "sequence": 4}
    assert await desk.rows("audit") == []
    (run,) = await desk.rows("operations")
    assert (run["command"], run["by"], run["counts"]) == ("snapshot", "officer", {"events": 5})
    assert {event.causationid for event in told} == {run["_id"]}


async def test_an_interrupted_snapshot_goes_on_and_tells_each_record_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await load(desk, 10)
    await desk.target.store.insert_batch("r", [Reader(id="r", version=1, resident_id="x", name="张三")], [])
    monkeypatch.setattr(snapshotting, "BATCH", 3)
    batch = snapshotting._batch
    done: list[int] = []

    async def interrupted(*arguments: Any) -> int:
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(1)
        return await batch(*arguments)

    monkeypatch.setattr(snapshotting, "_batch", interrupted)
    assert (await desk.operate("snapshot", "--all", "--apply")).exit_code == 130
    monkeypatch.setattr(snapshotting, "_batch", batch)
    (run,) = await desk.rows("operations")
    assert (run["state"], run["place"]) == ("INTERRUPTED", ["Branch", "branch-005"])
    for _ in range(2):
        await desk.done("snapshot", "--all", "--apply", "--run", run["_id"])
        assert {row["sequence"] for row in await desk.rows("branch")} == {4}
    assert [row["sequence"] for row in await desk.rows("reader")] == [1]
    assert (await desk.operate("snapshot", "Nonsense")).exit_code == 2
    assert (await desk.operate("snapshot")).exit_code == 2


@pytest.mark.parametrize("committed", [False, True])
async def test_a_snapshot_interrupted_in_its_commit(
    desk: Desk, committed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await load(desk, 6)
    monkeypatch.setattr(snapshotting, "BATCH", 3)
    commit = Store.commit

    async def interrupted(store: Store, work: Commit) -> None:
        if committed:
            await commit(store, work)
        raise KeyboardInterrupt

    monkeypatch.setattr(Store, "commit", interrupted)
    assert (await desk.operate("snapshot", "Branch", "--apply")).exit_code == 130
    (run,) = await desk.rows("operations")
    assert run["place"] == (["Branch", "branch-002"] if committed else None)
    monkeypatch.setattr(Store, "commit", commit)
    await desk.done("snapshot", "Branch", "--apply", "--run", run["_id"])
    assert {row["sequence"] for row in await desk.rows("branch")} == {4}
    assert (await desk.rows("operations"))[0]["counts"] == {"events": 6}


async def test_a_snapshot_beside_a_command_is_decided_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await load(desk, 2)
    commit = Store.commit
    interfered: list[int] = []

    async def beside(store: Store, work: Commit) -> None:
        if not interfered:
            interfered.append(1)
            change = {"$inc": {"version": 1}, "$set": {"copies": 7}}
            await store.database["branch"].update_one({"_id": "branch-000"}, change)
        await commit(store, work)

    monkeypatch.setattr(Store, "commit", beside)
    await desk.done("snapshot", "Branch", "--apply")
    monkeypatch.undo()
    await publish_all(desk)
    told = {event.subject: event for event in await topic(desk, 8) if "snapshot" in event.type}
    assert told["branch-000"].data["copies"] == 7
    assert (await desk.rows("operations"))[0]["counts"] == {"events": 2}


async def test_status_shows_what_waits(desk: Desk) -> None:
    async def figures() -> dict[str, int]:
        return {row["name"]: row["value"] for row in json.loads(await desk.done("status", "--json"))}

    assert set((await figures()).values()) == {0}
    seeder = Seeder(desk.target.store, desk.target.source, datetime.now(UTC) - timedelta(seconds=90))
    await seeder.load("branches", [branch(1)])
    await desk.hear(venue("x", 1), venue("x", 2))
    await desk.park(venue("v", 1), venue("v", 2))
    await desk.database["parked"].update_one({"sequence": 2}, {"$set": {"reason": "GAP"}})
    found = await figures()
    assert (found["outbox backlog"], found["oldest unpublished, seconds"] >= 90) == (3, True)
    assert found["consumer lag"] == 4
    assert (found["parked aggregates"], found["parked EFFECT_FAILED"], found["gaps"]) == (1, 1, 1)
    table = await desk.done("status")
    assert desk.target.topic in table
    consumer = desk.consumer()
    await consumer.start()

    async def caught_up() -> bool:
        return (await figures())["consumer lag"] == 0

    await until(caught_up)
    await consumer.stop()


@pytest.mark.parametrize("command", ["list", "republish --all --apply", "rebuild"])
async def test_a_database_that_is_not_the_services_is_refused(desk: Desk, command: str) -> None:
    other = desk.settings.mongodb_database + "_x"
    desk.settings = desk.settings.model_copy(update={"mongodb_database": other})
    await desk.done("status", "--json")
    refused = await desk.operate(*command.split())
    assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1)
    assert f"{other} is not migrated" in refused.stderr
    assert "is it the database of library (MONGODB_DATABASE)?" in refused.stderr


async def test_one_clear_line_when_the_broker_or_the_database_is_away(desk: Desk) -> None:
    await load(desk, 1)
    away = desk.settings.model_copy(update={"kafka_bootstrap_servers": "127.0.0.1:1"})
    desk.settings = away
    for command in (["status"], ["rebuild"], ["republish", "--all", "--apply"]):
        result = await desk.operate(*command)
        assert result.exit_code == 1
        assert result.stderr.startswith("events: no answer from the broker or the database: ")
        assert len(result.stderr.splitlines()) == 1
    assert {row["state"] for row in await desk.rows("operations")} == {"FAILED"}
    # What waits in the database is told all the same.
    told = json.loads((await desk.operate("status", "--json")).stdout)
    assert {"outbox backlog", "parked aggregates"} < {row["name"] for row in told}
