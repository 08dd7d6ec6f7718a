"""`list`, `show`, `retry`, `drop`: what is parked leaves the parking in order, or for good."""

import json
from typing import Any

import pytest

from govkit.bus.failures import Reason
from govkit.bus.inbox import Inbox
from govkit.bus.parking import WAITING, Parking, Place
from govkit.domain.ports import SystemClock
from govkit.operations import drop as dropping
from govkit.operations import retry as retrying
from govkit.operations.drop import Part, drop_part
from govkit.operations.journal import Order, noted
from govkit.operations.retry import retry_subject
from govkit.store.commits import Commit
from govkit.store.store import Store

from .conftest import BROKEN, SOURCE, Desk, venue


async def test_list_groups_by_aggregate_and_filters(desk: Desk) -> None:
    await desk.park(venue("v", 1), venue("v", 2), venue("v", 3, "venue.closed"))
    await desk.park(venue("w", 1))
    await Parking(desk.database).park_record(Place("t", 0, 7), b"\xff", Reason.UNREADABLE)
    found = {row["key"]: row for row in json.loads(await desk.done("list", "--json"))}
    assert found.keys() == {f"{SOURCE}|v", f"{SOURCE}|w", None}
    first = found[f"{SOURCE}|v"]
    assert (first["rows"], first["fromSequence"], first["toSequence"], first["reason"]) == (3, 1, 3, "EFFECT_FAILED")
    assert first["error"] == "RuntimeError: nobody is at home"
    table = await desk.done("list")
    assert f"{SOURCE}|v" in table
    assert "4 events of 2 aggregates, 1 records that are no events" in table

    async def chosen(*options: str) -> list[tuple[str, int]]:
        return [(row["key"], row["rows"]) for row in json.loads(await desk.done("list", "--json", *options))]

    assert await chosen("--code", "BEHIND") == [(f"{SOURCE}|v", 2)]
    assert await chosen("--type", "venue.closed") == [(f"{SOURCE}|v", 1)]
    assert await chosen("--subject", "w") == [(f"{SOURCE}|w", 1)]
    assert await chosen("--subject", "other") == []
    refused = await desk.operate("list", "--code", "NONSENSE")
    assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)


async def test_list_shows_ids_whole_on_a_narrow_terminal(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    id = "01a22370-843f-7392-ada6-52c71c374d03"
    await desk.park(venue(id, 1))
    await desk.database["parked"].update_one({}, {"$set": {"error.message": "why " * 100}})
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    assert f"{SOURCE}|{id}|0000000001" in await desk.done("list")


async def test_show_by_the_id_of_the_row_or_the_event(desk: Desk) -> None:
    event = venue("v", 1)
    await desk.park(event)
    await Parking(desk.database).park_record(Place("t", 0, 7), b"\xff\x00", Reason.UNREADABLE)
    by_event = json.loads(await desk.done("show", event.id))
    assert by_event == json.loads(await desk.done("show", f"{SOURCE}|v|0000000001"))
    assert by_event["body"]["data"]["venueId"] == "v"
    assert json.loads(await desk.done("show", "t/0/7"))["body"] == "ff00"
    deep = '{"a":' * 600 + "1" + "}" * 600
    await Parking(desk.database).park_record(Place("t", 0, 8), deep.encode(), Reason.NOT_CLOUDEVENT)
    assert json.loads(await desk.done("show", "t/0/8"))["body"] == deep
    assert (await desk.operate("show", "nothing")).exit_code == 1


async def test_retry_applies_in_order_and_stops_at_a_failure(desk: Desk) -> None:
    await desk.park(venue("v", 1), venue("v", 2), venue("v", 3, poison=True), venue("v", 4))
    await desk.park(venue("w", 1))
    before = await desk.contents()
    said = await desk.done("retry", "--all")
    assert "from sequence 1 to 4" in said
    assert await desk.contents() == before

    result = await desk.operate("retry", "--all", "--apply", "--by", "officer")
    assert result.exit_code == 1
    assert f"{SOURCE}|v: 2 events applied, stopped at sequence 3: GovError: GEN_CONFLICT" in result.stdout
    assert [row["sequence"] for row in await desk.rows("parked")] == [3, 4]
    assert (await desk.rows("parked"))[0]["attempts"] == 6
    assert (await desk.position("v"), await desk.position("w")) == (2, 1)
    assert {row["_id"]: row["times"] for row in await desk.rows("greetings")} == {"v": 2, "w": 1}
    (run,) = await desk.rows("operations")
    assert (run["command"], run["by"], run["state"]) == ("retry", "officer", "DONE")
    assert run["counts"] == {"events": 3, "stopped": 1, "subjects": 1}


async def test_retry_tells_for_which_events_one_waits(desk: Desk) -> None:
    await desk.apply(venue("v", 1))
    await desk.park(venue("v", 4))
    result = await desk.operate("retry", "--subject", "v", "--apply")
    assert result.exit_code == 1
    assert "stopped at sequence 4: it waits for 2 to 3, which have not come" in result.stdout


async def test_retry_needs_a_choice_and_repairs_after_a_crash(desk: Desk) -> None:
    assert (await desk.operate("retry", "--apply")).exit_code == 2
    events = [venue("v", number) for number in (1, 2, 3)]
    await desk.park(*events)
    # A run was killed between the effect of the first event and the removal of its row.
    await desk.target.inbox.apply(events[:1])
    await desk.done("retry", "--subject", "v", "--apply")
    assert await desk.rows("parked") == []
    assert [row["times"] for row in await desk.rows("greetings")] == [3]
    await desk.done("retry", "--subject", "v", "--apply")
    assert [row["times"] for row in await desk.rows("greetings")] == [3]


async def test_an_interrupted_retry_is_noted_and_goes_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.park(venue("v", 1))
    await desk.park(venue("w", 1))
    done: list[str] = []

    async def interrupted(*arguments: object) -> object:
        if done:
            raise KeyboardInterrupt
        done.append("one")
        return await retry_subject(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("govkit.operations.commands.retry_subject", interrupted)
    result = await desk.operate("retry", "--all", "--apply")
    assert result.exit_code == 130
    assert result.stderr.strip() == "interrupted; the same command may be given again"
    assert [row["state"] for row in await desk.rows("operations")] == ["INTERRUPTED"]
    monkeypatch.undo()
    await desk.done("retry", "--all", "--apply")
    assert (await desk.rows("parked"), len(await desk.rows("greetings"))) == ([], 2)


async def test_retry_waits_for_commits_of_others_without_giving_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "CONTENDED_SECONDS", 0.01)
    await desk.park(venue("v", 1))
    BROKEN.add("v")
    assert (await desk.operate("retry", "--subject", "v", "--apply")).exit_code == 1
    BROKEN.clear()
    assert "1 events applied" in await desk.done("retry", "--subject", f"{SOURCE}|v", "--apply")


async def test_drop_moves_the_position_and_keeps_what_was_dropped(desk: Desk) -> None:
    await desk.park(venue("v", 1, poison=True), venue("v", 2), venue("v", 3))
    row_id = f"{SOURCE}|v|0000000001"
    before = await desk.contents()
    assert (await desk.operate("drop", "--id", row_id)).exit_code == 2
    assert (await desk.operate("drop", "--reason", "no choice")).exit_code == 2
    assert f"would drop {row_id}" in await desk.done("drop", "--id", row_id, "--reason", "tested")
    assert await desk.contents() == before

    said = await desk.done("drop", "--id", row_id, "--reason", "a venue of a test", "--apply", "--by", "officer")
    assert "1 dropped; 2 events are parked behind" in said
    assert await desk.position("v") == 1
    (dropped,) = await desk.rows("dropped")
    assert (dropped["_id"], dropped["by"], dropped["why"]) == (row_id, "officer", "a venue of a test")
    (run,) = await desk.rows("operations")
    assert (run["command"], run["reason"], run["counts"]) == ("drop", "a venue of a test", {"rows": 1})
    await desk.done("retry", "--subject", "v", "--apply")
    assert await desk.position("v") == 3
    assert [row["times"] for row in await desk.rows("greetings")] == [2]
    # Again, and what was applied by then: nothing happens.
    assert "nothing that is parked fits" in await desk.done("drop", "--id", row_id, "--reason", "again", "--apply")


async def test_drop_names_the_options_that_it_has(desk: Desk) -> None:
    refused = await desk.operate("drop", "--reason", "why")
    assert refused.exit_code == 2
    assert "--subject" in refused.stderr
    assert "--all" not in refused.stderr


async def test_drop_takes_no_event_from_behind_another(desk: Desk) -> None:
    await desk.park(venue("v", 1), venue("v", 2))
    refused = await desk.operate("drop", "--id", f"{SOURCE}|v|0000000002", "--reason", "x", "--apply")
    assert refused.exit_code == 1
    assert "1 parked events before these are not selected" in refused.stderr
    assert len(await desk.rows("parked")) == 2
    assert await desk.rows("operations") == []


async def test_drop_after_the_effect_only_removes_the_row(desk: Desk) -> None:
    """A process died between the effect and the removal of the row."""
    first, second = venue("v", 1), venue("v", 2)
    await desk.park(first, second)
    await desk.target.inbox.apply([first])
    options = ["drop", "--subject", "v", "--reason", "came late"]
    said = await desk.done(*options)
    assert f"would remove {SOURCE}|v|0000000001 cn.lanling.venue.registered.v1: it has taken effect already" in said
    assert f"would drop {SOURCE}|v|0000000002" in said
    said = await desk.done(*options, "--apply")
    assert "1 dropped; 0 events are parked behind" in said
    assert "1 had taken effect already: only their rows were removed" in said
    assert await desk.rows("parked") == []
    assert await desk.position("v") == 2
    assert [row["sequence"] for row in await desk.rows("dropped")] == [2]
    assert (await desk.rows("operations"))[0]["counts"] == {"rows": 1, "applied": 1}


@pytest.mark.parametrize("batch", [1, 500])
async def test_drop_of_an_aggregate_leaves_none_of_it_to_the_running_service(
    desk: Desk, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dropping, "BATCH", batch)
    await desk.park(venue("v", 1), venue("v", 2), venue("v", 3))
    await desk.park(venue("w", 1), venue("w", 2))
    commit = Store.commit
    busy: list[bool] = []

    async def with_the_service(store: Store, work: Commit) -> None:
        """After every commit the service looks whose turn has come, as it does every ten seconds."""
        await commit(store, work)
        if busy:
            return
        busy.append(True)
        parking = Parking(store.database)
        await parking.load()
        inbox = Inbox(store, desk.target.consumers, desk.target.source, SystemClock())
        for key in await parking.due():
            await parking.release(key, inbox.apply, WAITING)
        busy.clear()

    monkeypatch.setattr(Store, "commit", with_the_service)
    assert "5 dropped" in await desk.done("drop", "--type", "venue.registered", "--reason", "no such venue", "--apply")
    assert await desk.rows("greetings") == []
    assert len(await desk.rows("dropped")) == 5
    assert (await desk.position("v"), await desk.position("w")) == (3, 2)


async def test_an_interrupted_drop_of_very_many_holds_what_is_left(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dropping, "BATCH", 2)
    await desk.park(*(venue("v", number) for number in range(1, 6)))
    commit = Store.commit
    done: list[bool] = []

    async def interrupted(store: Store, work: Commit) -> None:
        if done:
            raise KeyboardInterrupt
        await commit(store, work)
        done.append(True)

    monkeypatch.setattr(Store, "commit", interrupted)
    options = ["drop", "--subject", "v", "--reason", "no such venue", "--apply"]
    assert (await desk.operate(*options)).exit_code == 130
    monkeypatch.setattr(Store, "commit", commit)
    (run,) = await desk.rows("operations")
    (left,) = json.loads(await desk.done("list", "--json"))
    assert (left["rows"], left["error"]) == (3, f"Interrupted: run {run['_id']} was about to drop it")
    parking = Parking(desk.database)
    await parking.load()
    assert await parking.due() == []
    assert "3 dropped" in await desk.done(*options)
    assert (await desk.rows("parked"), await desk.position("v")) == ([], 5)


async def test_drop_beside_a_retry_drops_what_is_left(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another operator's retry came first: what has taken effect is not called dropped."""
    events = [venue("v", number) for number in (1, 2, 3)]
    await desk.park(*events)
    commit = Store.commit
    interfered: list[bool] = []

    async def beside(store: Store, work: Commit) -> None:
        if not interfered:
            interfered.append(True)
            await Inbox(store, desk.target.consumers, desk.target.source, SystemClock()).apply(events[:1])
        await commit(store, work)

    monkeypatch.setattr(Store, "commit", beside)
    said = await desk.done("drop", "--subject", "v", "--reason", "no such venue", "--apply")
    assert "2 dropped" in said
    assert "1 had taken effect already" in said
    assert [row["sequence"] for row in await desk.rows("dropped")] == [2, 3]
    assert [row["times"] for row in await desk.rows("greetings")] == [1]


async def test_drop_of_what_waits_for_missing_events_says_that_it_gives_them_up(desk: Desk) -> None:
    await desk.apply(venue("v", 1))
    await desk.park(venue("v", 4), venue("v", 5), venue("v", 8))
    await desk.database["parked"].update_one({"sequence": 4}, {"$set": {"reason": "GAP", "expected": 2}})
    options = ["drop", "--id", f"{SOURCE}|v|0000000004", "--reason", "of a test"]
    assert f"would give up {SOURCE}|v: events 2 to 3 are missing" in await desk.done(*options)
    said = await desk.done(*options, "--apply", "--by", "officer")
    assert "1 dropped; 2 events are parked behind" in said
    assert "2 missing events before them given up, too" in said
    assert (await desk.rows("operations"))[0]["counts"] == {"rows": 1, "missing": 2}
    given_up = {row["_id"]: row for row in await desk.rows("dropped")}
    row = given_up[f"{SOURCE}|v|0000000002-0000000003"]
    assert (row["key"], row["from"], row["to"], row["by"], row["why"]) == (f"{SOURCE}|v", 2, 3, "officer", "of a test")
    assert await desk.position("v") == 4

    # The next one that waits for others shows it.
    await desk.done("drop", "--id", f"{SOURCE}|v|0000000005", "--reason", "of a test", "--apply")
    (left,) = await desk.rows("parked")
    assert (left["sequence"], left["reason"], left["expected"]) == (8, "GAP", 6)
    assert "2 missing events given up" in await desk.done("skip", "--subject", "v", "--reason", "of a test", "--apply")
    figures = {row["name"]: row["value"] for row in json.loads(await desk.done("status", "--json"))}
    assert (figures["dropped"], figures["missing, given up"]) == (2, 4)


async def test_records_that_are_no_events_can_only_be_dropped(desk: Desk) -> None:
    await Parking(desk.database).park_record(Place("t", 0, 7), b"\xff", Reason.UNREADABLE)
    assert "can only be dropped" in await desk.done("retry", "--all", "--apply")
    await desk.done("drop", "--code", "UNREADABLE", "--reason", "noise", "--apply")
    assert (await desk.rows("parked"), len(await desk.rows("dropped"))) == ([], 1)


async def test_a_record_that_two_drop_at_once_is_dropped_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await Parking(desk.database).park_record(Place("t", 0, 7), b"\xff", Reason.UNREADABLE)
    part = dropping._part

    async def beside_another(*arguments: Any, **options: Any) -> Part:
        found = await part(*arguments, **options)
        monkeypatch.setattr(dropping, "_part", part)
        await desk.done("drop", "--code", "UNREADABLE", "--reason", "noise", "--by", "first", "--apply")
        return found

    monkeypatch.setattr(dropping, "_part", beside_another)
    async with noted(desk.database, Order(run="2", command="drop", by="second", reason="noise")) as run:
        await drop_part(desk.target, run, Part(key=None, ids=["t/0/7"]), lambda step: None)
        assert run.counts == {}
    (dropped,) = await desk.rows("dropped")
    assert dropped["by"] == "first"


@pytest.mark.parametrize("command", ["retry", "drop --reason typo", "skip --reason typo"])
@pytest.mark.parametrize("apply", [[], ["--apply"]])
async def test_a_choice_that_nothing_fits_is_told(desk: Desk, command: str, apply: list[str]) -> None:
    await desk.park(venue("v", 1))
    said = await desk.done(*command.split(), "--subject", "mistyped", *apply)
    assert "fits" in said
    assert await desk.rows("operations") == []


async def test_skip_gives_up_missing_events(desk: Desk) -> None:
    await desk.apply(venue("v", 1))
    await desk.park(venue("v", 4), venue("v", 5))
    await desk.database["parked"].update_one({"sequence": 4}, {"$set": {"reason": "GAP", "expected": 2}})
    before = await desk.contents()
    assert (await desk.operate("skip", "--subject", "v")).exit_code == 2
    assert "events 2 to 3 are missing" in await desk.done("skip", "--subject", "v", "--reason", "lost by a restore")
    assert await desk.contents() == before
    for outcome in ("2 missing events given up", "no parked event that fits waits for missing ones"):
        said = await desk.done("skip", "--subject", "v", "--reason", "lost by a restore", "--apply", "--by", "officer")
        assert outcome in said
    assert await desk.position("v") == 3
    run = (await desk.rows("operations"))[0]
    assert (run["command"], run["by"], run["reason"], run["counts"]) == (
        "skip",
        "officer",
        "lost by a restore",
        {"events": 2},
    )
    await desk.done("retry", "--subject", "v", "--apply")
    assert await desk.position("v") == 5
