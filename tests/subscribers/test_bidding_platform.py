"""The example subscriber by itself: what its table says after any delivery of the same events."""

import json
import random
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bidding_platform.eligibility import Answer, Eligibility
from bidding_platform.event import Event
from bidding_platform.inbox import Outcome
from bidding_platform.listener import TOPIC, receive

SOURCE = "/lanling/organization"
ENTERPRISE = "enterprise-1"
MARCH = date(2026, 3, 1)


def event(type: str, sequence: int, subject: str = "consequence-1", **data: Any) -> Event:
    body = {
        "specversion": "1.0",
        "id": f"{subject}-{sequence}",
        "source": SOURCE,
        "type": f"cn.lanling.{type}",
        "subject": subject,
        "time": "2026-03-20T16:30:00.000Z",
        "sequence": str(sequence),
        "data": {
            "linkedConsequenceId": subject,
            "subjectType": "PROPERTY_ENTERPRISE",
            "subjectId": ENTERPRISE,
            "kind": "BIDDING_RESTRICTED",
        }
        | data,
    }
    return Event.from_record(json.dumps(body).encode())


def activated(sequence: int = 1, **other: Any) -> Event:
    return event("consequence.activated.v1", sequence, **{"startOn": "2026-02-01", "endOn": "2026-07-31"} | other)


def lifted(sequence: int = 2, **other: Any) -> Event:
    return event("consequence.lifted.v1", sequence, **{"liftedOn": "2026-03-15"} | other)


def snapshot(sequence: int, **other: Any) -> Event:
    state = {"startOn": "2026-02-01", "endOn": "2026-07-31", "liftedOn": "2026-03-15", "state": "LIFTED"}
    return event("linked_consequence.snapshot.v1", sequence, **state | other)


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Eligibility]:
    """That has read what there was."""
    opened = Eligibility(tmp_path / "bidding.sqlite3")
    opened.inbox.note_read_to_end()
    yield opened
    opened.close()


def table_after(file: Path, events: Sequence[Event]) -> list[Any]:
    platform = Eligibility(file)
    try:
        for each in events:
            platform.receive(each)
        return platform.restrictions()
    finally:
        platform.close()


@pytest.mark.parametrize(
    ("on", "answer"),
    [
        ("2026-01-31", Answer.YES),
        ("2026-02-01", Answer.NO),
        ("2026-07-31", Answer.NO),
        ("2026-08-01", Answer.YES),
    ],
)
def test_a_restriction_holds_from_its_first_to_its_last_day(platform: Eligibility, on: str, answer: Answer) -> None:
    assert platform.receive(activated()) is Outcome.APPLIED
    assert platform.may_bid(ENTERPRISE, date.fromisoformat(on)) is answer
    assert platform.may_bid("another", date.fromisoformat(on)) is Answer.YES


def test_a_lifted_restriction_no_longer_holds_from_that_day(platform: Eligibility) -> None:
    platform.receive(activated())
    platform.receive(lifted())
    assert platform.may_bid(ENTERPRISE, date(2026, 3, 14)) is Answer.NO
    assert platform.may_bid(ENTERPRISE, date(2026, 3, 15)) is Answer.YES


@pytest.mark.parametrize("other", [{"liftedOn": None}, {"liftedOn": "2026-03-21"}, {}])
def test_one_lifted_by_an_older_event_ends_on_the_day_on_which_it_was_told(
    platform: Eligibility, other: dict[str, Any]
) -> None:
    """In the county it was the 21st already."""
    platform.receive(activated())
    assert platform.receive(event("consequence.lifted.v1", 2, **other)) is Outcome.APPLIED
    assert platform.may_bid(ENTERPRISE, date(2026, 3, 20)) is Answer.NO
    assert platform.may_bid(ENTERPRISE, date(2026, 3, 21)) is Answer.YES


def test_an_older_snapshot_of_a_lifted_one_does_not_restrict(platform: Eligibility) -> None:
    platform.receive(snapshot(3, liftedOn=None))
    assert platform.may_bid(ENTERPRISE, date(2026, 3, 21)) is Answer.YES
    platform.receive(snapshot(4, liftedOn=None, state="ACTIVE"))
    assert platform.may_bid(ENTERPRISE, date(2026, 3, 21)) is Answer.NO


def test_nothing_is_known_before_all_events_have_been_read(tmp_path: Path) -> None:
    platform = Eligibility(tmp_path / "file")
    assert platform.may_bid(ENTERPRISE, MARCH) is Answer.UNKNOWN
    platform.receive(activated())
    assert platform.may_bid("another", MARCH) is Answer.UNKNOWN
    platform.inbox.note_read_to_end()
    assert platform.may_bid("another", MARCH) is Answer.YES
    assert platform.may_bid(ENTERPRISE, MARCH) is Answer.NO
    platform.close()


def test_consequences_of_other_kinds_restrict_nobody(platform: Eligibility) -> None:
    platform.receive(activated(kind="AWARD_INELIGIBLE"))
    platform.receive(lifted(kind="AWARD_INELIGIBLE"))
    assert platform.receive(event("community.changed.v1", 7, "community")) is None
    assert platform.restrictions() == []
    assert platform.inbox.waiting() == []


def test_a_duplicate_changes_nothing(platform: Eligibility) -> None:
    platform.receive(activated())
    platform.receive(lifted())
    before = platform.restrictions()
    assert platform.receive(activated()) is Outcome.DUPLICATE
    assert platform.receive(lifted()) is Outcome.DUPLICATE
    assert (
        platform.restrictions() == before == [("consequence-1", ENTERPRISE, "2026-02-01", "2026-07-31", "2026-03-15")]
    )


def test_behind_a_gap_nothing_is_applied_and_the_answer_is_unknown(platform: Eligibility) -> None:
    other = "consequence-2"
    assert platform.receive(lifted()) is Outcome.WAITING
    assert platform.receive(activated(subject=other, subjectId="another")) is Outcome.APPLIED
    assert platform.may_bid(ENTERPRISE, MARCH) is Answer.UNKNOWN
    assert platform.may_bid("another", MARCH) is Answer.NO
    assert platform.receive(activated()) is Outcome.APPLIED
    assert platform.may_bid(ENTERPRISE, MARCH) is Answer.NO
    assert platform.may_bid(ENTERPRISE, date(2026, 3, 15)) is Answer.YES
    assert platform.inbox.waiting() == []


def test_a_snapshot_makes_up_for_what_is_missing(platform: Eligibility) -> None:
    assert platform.receive(lifted()) is Outcome.WAITING
    assert platform.receive(snapshot(3)) is Outcome.APPLIED
    assert platform.inbox.waiting() == []
    assert platform.may_bid(ENTERPRISE, MARCH) is Answer.NO
    assert platform.receive(activated()) is Outcome.DUPLICATE
    assert platform.may_bid(ENTERPRISE, date(2026, 3, 15)) is Answer.YES


def test_that_a_consequence_expired_is_no_news(platform: Eligibility, caplog: pytest.LogCaptureFixture) -> None:
    platform.receive(activated())
    assert platform.receive(event("consequence.expired.v1", 2, endOn="2026-07-31")) is Outcome.APPLIED
    assert platform.may_bid(ENTERPRISE, MARCH) is Answer.NO
    assert "not known" not in caplog.text


@pytest.mark.parametrize("type", ["consequence.activated.v2", "consequence.suspended.v1"])
def test_what_is_not_known_counts_and_changes_nothing(
    platform: Eligibility, type: str, caplog: pytest.LogCaptureFixture
) -> None:
    platform.receive(activated())
    assert platform.receive(event(type, 2, somethingNew=[1])) is Outcome.APPLIED
    assert f"{type} is not known here" in caplog.text
    assert platform.receive(lifted(3)) is Outcome.APPLIED
    assert platform.may_bid(ENTERPRISE, date(2026, 3, 15)) is Answer.YES


def test_what_cannot_be_read_waits_until_the_program_can(tmp_path: Path) -> None:
    platform = Eligibility(tmp_path / "file")
    assert platform.receive(activated(startOn="spring")) is Outcome.WAITING
    assert platform.receive(lifted()) is Outcome.WAITING
    assert platform.may_bid(ENTERPRISE, MARCH) is Answer.UNKNOWN
    platform.inbox.retry()
    assert len(platform.inbox.waiting()) == 2
    platform.inbox._effect = lambda event: None  # the newer version
    platform.inbox.retry()
    assert platform.inbox.waiting() == []
    platform.close()


def test_an_enterprise_that_is_no_text_waits(platform: Eligibility) -> None:
    for number, enterprise in enumerate(([ENTERPRISE], 5, "\ud800")):
        assert platform.receive(activated(subject=f"c-{number}", subjectId=enterprise)) is Outcome.WAITING


@pytest.mark.parametrize(
    "wrong", [{"type": 5}, {"source": ["x"]}, {"subject": "\ud800"}, {"sequence": str(2**63)}, {"sequence": "-1"}]
)
def test_an_attribute_that_no_table_takes_makes_it_no_event(wrong: dict[str, Any]) -> None:
    body = json.loads(activated().body) | wrong
    with pytest.raises(ValueError, match="not an event"):
        Event.from_record(json.dumps(body).encode())


@pytest.mark.parametrize(
    "value",
    [b"", None, b"\xff\xfe", b"null", b"[]", b'{"source": "/x"}', b'{"sequence": "a"}', b"[" * 100_000],
    ids=range(8),
)
def test_what_is_no_event_is_refused(value: bytes | None) -> None:
    with pytest.raises(ValueError, match="not an event"):
        Event.from_record(value)


def test_an_event_of_another_source_than_the_topics_changes_nothing(
    platform: Eligibility, caplog: pytest.LogCaptureFixture
) -> None:
    class Record:
        error, topic, partition, offset = (lambda _, told=told: told for told in (None, TOPIC, 0, 7))

        def value(self) -> bytes:
            return json.dumps(json.loads(activated().body) | {"source": "/lanling/points"}).encode()

    receive(Record(), platform)  # type: ignore[arg-type]
    assert f"{TOPIC}/0/7: an event of /lanling/points" in caplog.text
    assert platform.may_bid(ENTERPRISE, MARCH) is Answer.YES


def test_any_delivery_of_the_same_events_gives_the_same_table(tmp_path: Path) -> None:
    chance = random.Random(7)
    events = [
        made
        for number in range(20)
        for made in (
            activated(subject=f"c-{number}", subjectId=f"e-{number % 5}"),
            event("consequence.noted.v1", 2, f"c-{number}"),
            lifted(3, subject=f"c-{number}"),
            snapshot(4, subject=f"c-{number}", subjectId=f"e-{number % 5}", endOn="2026-12-31"),
        )
    ]
    expected = table_after(tmp_path / "in-order", events)
    assert len(expected) == 20
    for number in range(20):
        delivered = events * 2
        chance.shuffle(delivered)
        assert table_after(tmp_path / str(number), delivered) == expected
    assert table_after(tmp_path / "0", events) == expected
