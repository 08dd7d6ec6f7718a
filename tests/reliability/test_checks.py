"""The checker's rules one by one: facts in which nothing is wrong, and each thing that can be wrong with them.

What the seeded bugs do not do, because the kit has but one way to do it wrong, is done to the facts here.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from reliability.checker import findings_of
from reliability.commands_check import ALWAYS_REFUSED
from reliability.facts import Carried, Event, Facts, Receipt, Saved, ServiceFacts, receipt_id
from reliability.findings import Kind
from reliability.ledger import Asked
from reliability.place import ServicePlace

AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
LATER = AT + timedelta(milliseconds=250)
STREET, GRID = "street", "grid"


def asked(id: str, service: str, command: str, record: str, *, loud: bool = True) -> Asked:
    return Asked(
        id=id, service=service, command=command, actor="staff", loud=loud, at=0.0, accepted=True, record=record, tries=1
    )


def event(request: Asked, type: str, sequence: int = 1, subject: str = "") -> Event:
    return Event(
        id=f"{request.id}-{sequence}",
        type=f"cn.lanling.{type}.v1",
        subject=subject or request.record,
        sequence=sequence,
        aggregateversion=sequence,
        cause=receipt_id(request),
        data={},
        body=request.id.encode(),
        partition=0,
        offset=sequence,
        published=True,
        at=AT,
    )


def service(name: str, requests: list[Asked], events: list[Event], *listens_to: str) -> ServiceFacts:
    """Which has carried these requests out, one record each."""
    place = ServicePlace(name=name, package=name, url="", database=name, listens_to=listens_to, environment={})
    return ServiceFacts(
        place,
        receipts={receipt_id(one): Receipt(one.record, AT) for one in requests},
        carried={Carried(one.command, one.actor, AT) for one in requests},
        outbox=list(events),
        topic=list(events),
        saved=[Saved("Record", one.record, 1, int(one.loud), frozenset({1})) for one in requests],
    )


def sound() -> Facts:
    """A street that the grid service has heard of, a silent command, and a grid that the petition service counted."""
    street = asked("1", "organization", "createStreet", STREET)
    silent = asked("2", "organization", "createPerson", "person", loud=False)
    grid = asked("3", "grid", "createBaseGrid", GRID)
    services = {
        "organization": service("organization", [street, silent], [event(street, "street.created")]),
        "grid": service("grid", [grid], [event(grid, "grid.created")], "organization"),
        "petition": service("petition", [], [], "grid"),
    }
    services["grid"].positions = {f"/lanling/organization|{STREET}": 1}
    services["petition"].positions = {f"/lanling/grid|{GRID}": 1}
    return Facts({one.id: one for one in (street, silent, grid)}, services, None, 1, [])


def test_sound_facts_break_no_promise() -> None:
    assert findings_of(sound()) == []


# --- what can be wrong -----------------------------------------------------------------------------------------------


def the_record_was_not_saved(facts: Facts) -> None:
    organization(facts).saved[1] = Saved("Record", "person", 0, 0, frozenset({1}))


def the_audit_row_is_missing(facts: Facts) -> None:
    organization(facts).saved[1] = Saved("Record", "person", 1, 0, frozenset())


def a_receipt_without_its_effect(facts: Facts) -> None:
    organization(facts).saved.pop()
    organization(facts).carried.discard(Carried("createPerson", "staff", AT))


def the_receipt_is_missing(facts: Facts) -> None:
    del organization(facts).receipts[receipt_id(facts.asked["2"])]


def a_silent_command_ran_twice(facts: Facts) -> None:
    """Its first receipt was lost; each run made a record of its own."""
    organization(facts).carried.add(Carried("createPerson", "staff", LATER))
    organization(facts).saved.append(Saved("Record", "person-2", 1, 0, frozenset({1})))


def a_loud_command_ran_twice(facts: Facts) -> None:
    again = replace(event(facts.asked["1"], "street.created", subject="street-2"), id="again", at=LATER)
    organization(facts).outbox.append(again)
    organization(facts).topic.append(again)
    organization(facts).saved.append(Saved("Record", "street-2", 1, 1, frozenset({1})))


def an_event_took_effect_twice(facts: Facts) -> None:
    grid = facts.services["grid"]
    for number, at in enumerate((AT, LATER)):
        made = replace(
            event(facts.asked["3"], "grid.updated", subject=f"made-{number}"),
            id=f"effect-{number}", cause="1-1", at=at,
        )  # fmt: skip
        grid.outbox.append(made)
        grid.topic.append(made)
        grid.saved.append(Saved("Record", made.subject, 1, 1, frozenset({1})))
    facts.services["petition"].positions |= {f"/lanling/grid|made-{number}": 1 for number in range(2)}
    facts.net_changes = 3


def a_row_was_dropped(facts: Facts) -> None:
    organization(facts).topic.clear()


def a_row_was_deleted_unsent(facts: Facts) -> None:
    organization(facts).outbox.clear()
    organization(facts).topic.clear()


def an_event_outside_the_commit(facts: Facts) -> None:
    """Its commit was undone and tried again under the same cause; the event stayed."""
    stray = replace(event(facts.asked["1"], "street.renamed", 2), aggregateversion=1)
    organization(facts).outbox.append(stray)
    organization(facts).topic.append(stray)


def two_events_of_one_number(facts: Facts) -> None:
    twin = replace(event(facts.asked["1"], "street.created"), id="twin", aggregateversion=1)
    organization(facts).outbox.append(twin)
    organization(facts).topic.append(twin)


def a_later_event_came_first(facts: Facts) -> None:
    second = replace(event(facts.asked["1"], "street.renamed", 2), aggregateversion=1)
    organization(facts).outbox.append(second)
    organization(facts).topic.insert(0, second)
    organization(facts).saved[0] = Saved("Record", STREET, 1, 2, frozenset({1}))
    facts.services["grid"].positions[f"/lanling/organization|{STREET}"] = 2


def a_number_is_missing(facts: Facts) -> None:
    for events in (organization(facts).outbox, organization(facts).topic):
        events[0] = replace(events[0], sequence=2)


def an_event_was_not_applied(facts: Facts) -> None:
    facts.services["petition"].positions.clear()


def a_position_ran_ahead(facts: Facts) -> None:
    """What comes next would be dropped as seen."""
    facts.services["petition"].positions[f"/lanling/grid|{GRID}"] = 2


def an_event_was_counted_twice(facts: Facts) -> None:
    facts.net_changes = 2


def a_refused_command_took_effect(facts: Facts) -> None:
    facts.asked["2"].accepted = False


def nothing_was_accepted(facts: Facts) -> None:
    """Of such a run nothing is proved."""
    for id in map(str, range(4, 4 + ALWAYS_REFUSED)):
        facts.asked[id] = replace(facts.asked["1"], id=id, command="updateStreet", accepted=False, code="GEN_NOT_FOUND")


def organization(facts: Facts) -> ServiceFacts:
    return facts.services["organization"]


WRONG: list[tuple[Callable[[Facts], None], Kind]] = [
    (the_record_was_not_saved, Kind.LOST),
    (the_audit_row_is_missing, Kind.PHANTOM),
    (a_receipt_without_its_effect, Kind.LOST),
    (the_receipt_is_missing, Kind.LOST),
    (a_silent_command_ran_twice, Kind.PHANTOM),
    (a_loud_command_ran_twice, Kind.DUPLICATED),
    (an_event_took_effect_twice, Kind.DUPLICATED),
    (a_row_was_dropped, Kind.LOST),
    (a_row_was_deleted_unsent, Kind.LOST),
    (an_event_outside_the_commit, Kind.PHANTOM),
    (two_events_of_one_number, Kind.DUPLICATED),
    (a_later_event_came_first, Kind.INVERSIONS),
    (a_number_is_missing, Kind.GAPS),
    (an_event_was_not_applied, Kind.LOST),
    (a_position_ran_ahead, Kind.LOST),
    (an_event_was_counted_twice, Kind.DUPLICATED),
    (a_refused_command_took_effect, Kind.PHANTOM),
    (nothing_was_accepted, Kind.LOST),
]


@pytest.mark.parametrize(("spoil", "kind"), WRONG, ids=[spoil.__name__ for spoil, _ in WRONG])
def test_what_is_wrong_is_found(spoil: Callable[[Facts], None], kind: Kind) -> None:
    facts = sound()
    spoil(facts)
    assert kind in {finding.kind for finding in findings_of(facts)}
