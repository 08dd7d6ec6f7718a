"""One commit: all of it or nothing, each version once, and an audit trail that holds no personal data."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from govkit.commands import CommandBus, Context
from govkit.domain import ANONYMOUS, SYSTEM, Actor, FixedClock, Gen, GovError, Id, Scope
from govkit.registers import register_commands
from govkit.store.codec import Document
from govkit.store.commits import ConcurrentChange
from govkit.store.store import Store, index_models
from govkit.store.unit_of_work import Cause, UnitOfWork

from ..library.domain import Branch, BranchKind, Loan, LoanState, OpeningHours, Reader


def cause(clock: FixedClock, action: str = "test") -> Cause:
    return Cause(
        action=action,
        actor=SYSTEM,
        now=clock.now(),
        source="/lanling/library",
        correlation_id="correlation",
        causation_id="causation",
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    )


def branch(id: Id, **values: Any) -> Branch:
    made = Branch(id=id, code=f"code-{id}", name="总馆", **values)
    made.registered()
    return made


async def stored(store: Store, clock: FixedClock, *aggregates: Any) -> None:
    work = UnitOfWork(store, cause(clock))
    for aggregate in aggregates:
        work.add(aggregate)
    await work.commit()


async def rows(store: Store, name: str) -> list[Document]:
    return [row async for row in store.database[name].find({}, sort=[("_id", 1)])]


async def test_a_commit_writes_record_events_and_audit_together(store: Store, clock: FixedClock) -> None:
    await stored(store, clock, branch("b"))
    found = await store.get(Branch, "b")
    assert found is not None
    assert (found.version, found.sequence, found.created_at, found.created_by) == (1, 1, clock.now(), "system")
    (event,) = await rows(store, "outbox")
    assert (event["subject"], event["sequence"], event["published"]) == ("b", 1, False)
    (entry,) = await rows(store, "audit")
    assert (entry["action"], entry["aggregate_id"], entry["version"]) == ("test", "b", 1)


async def test_nothing_is_written_when_nothing_changed(store: Store, clock: FixedClock) -> None:
    await stored(store, clock, branch("b"))
    work = UnitOfWork(store, cause(clock))
    found = await work.get(Branch, "b")
    assert found is await work.get(Branch, "b")
    await work.commit()
    assert len(await rows(store, "audit")) == 1


async def test_the_second_of_two_changes_to_one_version_is_refused_whole(store: Store, clock: FixedClock) -> None:
    await stored(store, clock, branch("b"), branch("c"))
    first, second = UnitOfWork(store, cause(clock)), UnitOfWork(store, cause(clock))
    for work, copies in ((first, 1), (second, 2)):
        for id in ("b", "c") if work is second else ("b",):
            found = await work.get(Branch, id)
            assert found is not None
            found.copies = copies
            found.registered("changed")
        work.project("seen", "row", copies=copies)
    await first.commit()
    with pytest.raises(ConcurrentChange) as lost:
        await second.commit()
    assert lost.value.records == {"Branch/b", "Branch/c"}
    assert [item.copies for item in await store.find(Branch, {})] == [1, 0]
    assert [row["copies"] for row in await rows(store, "seen")] == [1]
    assert len(await rows(store, "outbox")) == 3


async def test_unique_invariants_name_their_error_and_field(store: Store, clock: FixedClock) -> None:
    await stored(store, clock, branch("b", shelf_number=7), branch("no-number-1"), branch("no-number-2"))
    with pytest.raises(GovError) as caught:
        await stored(store, clock, branch("c", shelf_number=7))
    assert (caught.value.code, caught.value.field) == ("LIB_DUPLICATE_CODE", "shelfNumber")
    assert await store.get(Branch, "c") is None


def test_an_index_over_an_optional_field_skips_records_without_it() -> None:
    index = next(model.document for model in index_models(Branch) if model.document["name"] == "unique_shelf_number")
    assert index["partialFilterExpression"] == {"shelf_number": {"$type": "number"}}
    named = {model.document["name"] for model in index_models(Loan)}
    assert {"state_1", "branch_id_1", "resident_id_1"} <= named


async def test_several_causes_on_one_record_are_one_version_with_the_stamps_of_the_last(
    store: Store, clock: FixedClock
) -> None:
    work = UnitOfWork(store, cause(clock, "first"))
    work.add(branch("b"))
    clock.advance(timedelta(seconds=1))
    work = work.continued(cause(clock, "second"))
    found = await work.get(Branch, "b")
    assert found is not None
    found.copies = 5
    found.registered("changed")
    work = work.continued(cause(clock, "third"))
    await work.get(Branch, "b")
    await work.commit()
    after = await store.get(Branch, "b")
    assert after is not None
    assert (after.version, after.sequence, after.copies) == (1, 2, 5)
    assert after.updated_at - after.created_at == timedelta(seconds=1)
    entries = await rows(store, "audit")
    assert [entry["action"] for entry in entries] == ["first", "second"]
    assert entries[1]["changes"] == [{"field": "copies", "before": "0", "after": "5"}]
    assert [row["sequence"] for row in await rows(store, "outbox")] == [1, 2]


async def test_a_search_sees_what_the_unit_itself_added_and_changed(store: Store, clock: FixedClock) -> None:
    await stored(store, clock, branch("b"), branch("c"), branch("d", kind=BranchKind.MOBILE))
    work = UnitOfWork(store, cause(clock))
    changed = await work.get(Branch, "b")
    assert changed is not None
    changed.kind = BranchKind.MOBILE
    work.add(branch("a"))
    assert [item.id for item in await work.find(Branch, kind=BranchKind.MAIN)] == ["a", "c"]
    assert [item.id for item in await work.find(Branch, kind=BranchKind.MOBILE)] == ["b", "d"]
    assert [item.id for item in await work.find(Branch, 1, kind=BranchKind.MAIN)] == ["a"]
    assert (await work.find(Branch, kind=BranchKind.MOBILE))[0] is changed
    assert await work.unknown(Branch, "id", ["a", "b", "x", "c"]) == ["x"]
    assert await work.unknown(Branch, "code", ["code-a", "code-d", "y"]) == ["y"]


async def test_the_audit_trail_names_changed_fields_and_shows_only_closed_vocabularies(
    store: Store, clock: FixedClock
) -> None:
    reader = Reader(id="r", resident_id="resident-1", name="张三", phone="13812348000", birth_year=1961, secret="内情")
    loan = Loan(id="l", branch_id="b", wish="想看《论语》", state=LoanState.LENT)
    place = branch("b", hours=OpeningHours(opens="08:00", days=[1]), remark="老人多", subjects=["art"])
    await stored(store, clock, reader, loan, place)
    entries = {row["aggregate_id"]: row for row in await rows(store, "audit")}
    assert entries["r"]["changes"] == [
        {"field": "residentId", "before": None, "after": "resident-1"},
        {"field": "name"},
        {"field": "phone"},
        {"field": "birthYear"},
    ]
    assert (entries["l"]["from_state"], entries["l"]["to_state"]) == (None, "LENT")
    assert {"field": "wish"} in entries["l"]["changes"]
    named = {change["field"]: change for change in entries["b"]["changes"]}
    assert named["kind"]["after"] == "MAIN"
    assert named["remark"] == {"field": "remark"}
    assert named["hours"] == {"field": "hours"}
    text = repr(entries)
    for private in ("张三", "13812348000", "1961", "内情", "论语", "老人"):
        assert private not in text


async def test_a_change_inside_a_value_object_is_a_change(store: Store, clock: FixedClock) -> None:
    await stored(store, clock, branch("b", hours=OpeningHours(opens="08:00", days=[1]), subjects=["art"]))
    work = UnitOfWork(store, cause(clock))
    found = await work.get(Branch, "b")
    assert found is not None
    assert found.hours is not None
    found.hours.days.append(2)
    found.subjects.append("law")
    await work.commit()
    after = await store.get(Branch, "b")
    assert after is not None
    assert after.version == 2
    assert after.hours == OpeningHours(opens="08:00", days=[1, 2])
    assert {change["field"] for change in (await rows(store, "audit"))[-1]["changes"]} == {"hours", "subjects"}


def test_who_is_nobody_stays_nobody() -> None:
    assert not ANONYMOUS.authenticated
    assert SYSTEM.authenticated


async def test_a_unit_of_work_knows_which_of_its_records_others_have_changed(store: Store, clock: FixedClock) -> None:
    await stored(store, clock, branch("b1"), branch("b2"))
    mine, other = UnitOfWork(store, cause(clock)), UnitOfWork(store, cause(clock))
    for id in ("b1", "b2"):
        assert await mine.get(Branch, id)
    mine.add(branch("b3"))
    assert await mine.outdated() == frozenset()
    changed = await other.get(Branch, "b2")
    assert changed is not None
    changed.name = "分馆"
    await other.commit()
    assert await mine.outdated() == {"Branch/b2"}


async def test_a_refusal_on_outdated_records_is_decided_again(store: Store, clock: FixedClock) -> None:
    await stored(store, clock, branch("b1"))
    decisions: list[str] = []

    async def rename(context: Context, values: dict[str, Any]) -> Branch:
        found = await context.load(Branch, "b1")
        decisions.append(found.name)
        if len(decisions) == 1:
            rival = UnitOfWork(store, cause(clock))
            record = await rival.get(Branch, "b1")
            assert record is not None
            record.name = "对手"
            await rival.commit()
            raise Gen.VALIDATION(rule="seen half of another commit")
        return found

    create, _ = register_commands(Branch)
    command = replace(create, name="rename", handler=rename, fields=(), required=frozenset())
    bus = CommandBus(store, clock, "/lanling/library", frozenset())
    await bus.run(command, Actor(id="admin", roles=command.roles, scope=Scope(county_wide=True)), {})
    assert decisions == ["总馆", "对手"]


async def test_a_request_given_again_is_not_refused_for_its_own_effect(store: Store, clock: FixedClock) -> None:
    await stored(store, clock, branch("b1"))
    decisions: list[str] = []

    async def rename_once(context: Context, values: dict[str, Any]) -> Branch:
        decisions.append("begun")
        if len(decisions) == 1:
            await give()  # while this one decides, the same request is carried out for the client's second try
        found = await context.load(Branch, "b1")
        if found.name == "新馆":
            raise Gen.VALIDATION(rule="has that name already")
        found.name = "新馆"
        return found

    create, _ = register_commands(Branch)
    command = replace(create, name="renameOnce", handler=rename_once, fields=(), required=frozenset())
    bus = CommandBus(store, clock, "/lanling/library", frozenset())

    async def give() -> Any:
        return await bus.run(
            command, Actor(id="a", roles=command.roles, scope=Scope(county_wide=True)), {}, mutation_id="m"
        )

    assert (await give()).version == 2
    assert len(decisions) == 2
