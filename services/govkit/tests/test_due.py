"""What falls due: once, in order, by one process, whatever fails."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any
from uuid import uuid4

import pytest
import pytest_asyncio

from govkit.domain import SYSTEM, Aggregate, Doc, FixedClock, Id, LabelEnum, StateTable, at, due, end_of
from govkit.due import TRIES, DueContext, DueWork, due_handler
from govkit.operations.journal import Order, noted
from govkit.operations.set_aside import Chosen, bring_back
from govkit.operations.set_aside import set_aside as seen
from govkit.store.migrations import Migrations
from govkit.store.store import Store
from govkit.store.unit_of_work import Cause, UnitOfWork


class TicketState(LabelEnum):
    """票 State of a ticket"""

    VALID = "有效 Valid"
    OVER = "过期 Over"


@dataclass(kw_only=True)
class Ticket(Aggregate):
    """票 A ticket."""

    TABLE = StateTable()
    DUE = (
        due("remindTicket", TicketState.VALID, None, at("remind_at"), "提醒 Remind", does="remind"),
        due("endTicket", TicketState.VALID, TicketState.OVER, end_of("end_on"), "过期 Ends"),
    )

    remind_at: Annotated[datetime | None, Doc("提醒 Remind")] = None
    end_on: Annotated[date | None, Doc("截止 End")] = None
    reminded: Annotated[int, Doc("次数 Times")] = 0
    poison: Annotated[Id, Doc("坏 Fails")] = ""
    state: Annotated[TicketState, Doc("状态 State")] = TicketState.VALID

    def remind(self) -> None:
        if self.poison:
            raise ValueError(self.poison)
        self.reminded += 1


@due_handler(Ticket, "endTicket")
async def follow(context: DueContext, ticket: Ticket) -> None:
    context.add(Ticket(id=context.new_id()))


START = datetime(2026, 3, 1, 8, tzinfo=UTC)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(START)


@pytest_asyncio.fixture
async def tickets(heard_client: Any) -> AsyncIterator[Store]:
    store = Store(heard_client, f"test_{uuid4().hex[:12]}", [Ticket])
    await Migrations(store, ()).apply(by="test")
    yield store
    await heard_client.drop_database(store.database.name)


def work_of(store: Store, clock: FixedClock, instance: str = "one") -> DueWork:
    return DueWork(store, [follow], clock, "/lanling/test", instance)


def unit_of(store: Store) -> UnitOfWork:
    cause = Cause(
        action="test", actor=SYSTEM, now=START, source="t", correlation_id="t", causation_id="t", traceparent="t"
    )
    return UnitOfWork(store, cause)


async def keep(store: Store, *kept: Ticket) -> None:
    work = unit_of(store)
    for ticket in kept:
        work.add(ticket)
    await work.commit()


async def drained(work: DueWork) -> int:
    total = 0
    while done := await work.work_off():
        total += done
    return total


async def rows(store: Store) -> list[Any]:
    query = {"action": {"$ne": "test"}, "aggregate_id": {"$regex": "^t"}}
    return [row async for row in store.database["audit"].find(query, sort=[("_id", 1)])]


async def test_what_fell_due_in_a_standstill_happens_once_in_order_and_tells_both_moments(
    tickets: Store, clock: FixedClock
) -> None:
    reminder = START + timedelta(days=3)
    await keep(
        tickets,
        Ticket(id="t1", remind_at=reminder, end_on=date(2026, 3, 5)),
        Ticket(id="t2", end_on=date(2026, 3, 1)),
        Ticket(id="t3"),
    )
    work = work_of(tickets, clock)
    assert await drained(work) == 0
    clock.advance(timedelta(days=7))
    assert await drained(work) == 3
    told = [(row["aggregate_id"], row["action"], row["due_for"], row["at"]) for row in await rows(tickets)]
    zone_ends = [datetime(2026, 3, day, 16, tzinfo=UTC) for day in (1, 5)]
    assert told == [
        ("t2", "endTicket", zone_ends[0], clock.now()),
        ("t1", "remindTicket", reminder, clock.now()),
        ("t1", "endTicket", zone_ends[1], clock.now()),
    ]
    assert await tickets.count(Ticket, {}) == 5, "the handler's two are there"
    clock.advance(timedelta(days=-5))
    clock.advance(timedelta(days=9))
    assert await drained(work_of(tickets, clock)) == 0


async def test_a_paused_process_does_nothing_more_when_another_has_taken_over(
    tickets: Store, clock: FixedClock
) -> None:
    await keep(tickets, Ticket(id="t1", remind_at=START + timedelta(days=1)))
    paused, other = work_of(tickets, clock, "one"), work_of(tickets, clock, "two")
    await paused.work_off()
    assert await other.work_off() == 0
    await tickets.database["leases"].update_one({"_id": "due"}, {"$set": {"expires_at": START - timedelta(days=9999)}})
    await other.work_off()
    clock.advance(timedelta(days=2))
    assert await paused.work_off() == 0, "its lease's row is another's"
    assert await other.work_off() == 1
    assert [row["action"] for row in await rows(tickets)] == ["remindTicket"]


async def test_what_fails_is_tried_again_then_set_aside_and_holds_up_nobody(tickets: Store, clock: FixedClock) -> None:
    moment = START + timedelta(days=1)
    await keep(tickets, Ticket(id="t1", remind_at=moment, poison="x"), Ticket(id="t2", remind_at=moment))
    clock.advance(timedelta(days=2))
    work = work_of(tickets, clock)
    assert await drained(work) == 1
    for tries in range(2, 6):
        clock.advance(timedelta(hours=1))
        assert await drained(work) == 0
        (failure,) = [row async for row in tickets.database["due_failures"].find()]
        assert (failure["tries"], failure["set_aside"]) == (tries, tries == 5)
    assert failure["error"] == "ValueError"
    assert (await tickets.collection(Ticket).find_one({"_id": "t1"}))["falls_due_at"] is None  # type: ignore[index]


async def set_aside(tickets: Store, clock: FixedClock, **values: Any) -> DueWork:
    """A service whose ticket t1 failed to be reminded until nobody tried any more."""
    await keep(tickets, Ticket(id="t1", remind_at=START + timedelta(days=1), poison="x", **values))
    clock.advance(timedelta(days=2))
    work = work_of(tickets, clock)
    for _ in range(TRIES):
        await work.work_off()
        clock.advance(timedelta(hours=1))
    return work


async def test_the_other_rules_of_a_record_go_on_when_one_is_set_aside(tickets: Store, clock: FixedClock) -> None:
    work = await set_aside(tickets, clock, end_on=date(2026, 3, 5))
    clock.advance(timedelta(days=3))
    assert await drained(work) == 1
    assert [row["action"] for row in await rows(tickets)] == ["endTicket"]


async def test_a_commit_of_the_record_brings_back_what_was_set_aside(tickets: Store, clock: FixedClock) -> None:
    work = await set_aside(tickets, clock)
    unit = unit_of(tickets)
    ticket = await unit.get(Ticket, "t1")
    assert ticket is not None
    ticket.poison = ""
    await unit.commit()
    assert await drained(work) == 1
    assert await tickets.database["due_failures"].count_documents({}) == 0


async def test_an_operator_brings_back_what_was_set_aside(tickets: Store, clock: FixedClock) -> None:
    work = await set_aside(tickets, clock)
    chosen = Chosen(rule="remindTicket")
    assert await seen(tickets, Chosen(record="t2")) == []
    (row,) = await seen(tickets, chosen)
    assert (row["record"], row["due_for"]) == ("t1", START + timedelta(days=1))
    await tickets.collection(Ticket).update_one({"_id": "t1"}, {"$set": {"poison": ""}})
    assert await drained(work) == 0, "nobody tries by himself"
    async with noted(tickets.database, Order(run="r", command="due retry", by="op")) as run:
        await bring_back(tickets, run, [row, row])
    assert run.counts == {"rows": 1}
    assert await drained(work) == 1
    assert await seen(tickets, chosen) == []


async def test_records_stored_before_the_rule_are_found(tickets: Store, clock: FixedClock) -> None:
    await keep(tickets, Ticket(id="t1", remind_at=START + timedelta(days=1)))
    await tickets.collection(Ticket).update_one({}, {"$unset": {"falls_due_at": 1, "fell_due": 1}})
    clock.advance(timedelta(days=2))
    assert await drained(work_of(tickets, clock)) == 1


def test_a_record_cannot_declare_what_the_kit_keeps() -> None:
    with pytest.raises(TypeError, match="falls_due_at belongs to the kit"):

        class Claim(Aggregate):
            falls_due_at: Annotated[datetime | None, Doc("期限 Due")] = None
