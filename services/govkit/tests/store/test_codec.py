"""Documents and event data: there and back without a loss."""

from datetime import UTC, date, datetime
from typing import Any

import bson
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from govkit.contract.schemas import event_schema
from govkit.domain import Event, GeoPoint
from govkit.store.codec import from_document, from_event_data, to_document, to_event_data

from ..library.domain import Branch, BranchKind, BranchMoved, Loan, LoanDecided, LoanState, OpeningHours
from ..library.service import SERVICE

CODES = st.text("abc019-_.", min_size=1, max_size=8)
MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)
)
POINTS = st.builds(GeoPoint, longitude=st.floats(-180, 180), latitude=st.floats(-90, 90))
SHAPES = st.builds(lambda point: {"type": "Point", "coordinates": point}, st.lists(st.floats(-180, 180), max_size=2))
BRANCHES = st.builds(
    Branch,
    id=CODES,
    code=CODES,
    name=st.text(max_size=10),
    kind=st.sampled_from(BranchKind),
    copies=st.integers(0, 2**31),
    rating=st.none() | st.floats(0, 5),
    mobile=st.booleans(),
    opened_on=st.none() | st.dates(),
    inspected_at=st.none() | MOMENTS,
    subjects=st.lists(CODES, max_size=3),
    location=st.none() | POINTS,
    hours=st.none()
    | st.builds(OpeningHours, opens=CODES, days=st.lists(st.integers(1, 7)), since=st.none() | st.dates()),
    area=st.none() | SHAPES,
    remark=st.none() | st.text(max_size=10),
    version=st.integers(0, 9),
    created_at=MOMENTS,
)


@given(BRANCHES)
def test_a_record_comes_back_from_the_database_as_it_was(branch: Branch) -> None:
    options = bson.CodecOptions[dict[str, Any]](tz_aware=True, tzinfo=UTC)
    stored = bson.decode(bson.encode(to_document(branch)), options)
    assert from_document(Branch, stored) == branch
    assert "_pending" not in stored
    assert stored["_id"] == branch.id


def test_a_document_holds_names_of_enums_and_iso_dates() -> None:
    branch = Branch(id="b", code="x", name="x", kind=BranchKind.MOBILE, opened_on=date(2020, 2, 29))
    document = to_document(branch)
    assert (document["kind"], document["opened_on"], document["parent_id"]) == ("MOBILE", "2020-02-29", None)


def test_an_older_document_gets_the_defaults_of_newer_fields_and_unknown_ones_are_ignored() -> None:
    document = {"_id": "b", "code": "x", "name": "x", "of_old": 1}
    assert from_document(Branch, document) == Branch(id="b", code="x", name="x")


def checked(event: Event) -> Any:
    """The event's data as JSON, valid against its schema."""
    data = orjson.loads(orjson.dumps(to_event_data(event)))
    Draft202012Validator(event_schema(type(event))).validate(data)
    return data


@given(BRANCHES)
def test_every_event_validates_against_its_schema(branch: Branch) -> None:
    branch.registered()
    branch.registered("changed")
    branch.record(branch.snapshot_event())
    branch.record(BranchMoved, moved_at=branch.created_at, subjects=None)
    for event in branch.take_events():
        data = checked(event)
        assert from_event_data(type(event), data) == event
        assert data["branchId"] == branch.id


def test_events_of_a_service_are_those_of_its_registers_snapshots_and_modules() -> None:
    types = [cls.TYPE.removeprefix("cn.lanling.").removesuffix(".v1") for cls in SERVICE.events]
    assert types == [
        "branch.changed",
        "branch.opened",
        "branch.snapshot",
        "library.moved",
        "loan.decided",
        "loan.requested",
        "loan.snapshot",
        "reader.joined",
        "reader.snapshot",
    ]


def test_a_schema_says_what_is_required_and_what_may_be_null() -> None:
    schema = event_schema(LoanDecided)
    assert schema["title"] == "cn.lanling.loan.decided.v1"
    assert schema["required"] == ["loanId", "state"]
    assert schema["properties"]["state"]["enum"] == [state.name for state in LoanState]
    moved = event_schema(BranchMoved)["properties"]
    assert {"type": "null"} in moved["location"]["anyOf"]
    assert moved["movedAt"]["format"] == "date-time"
    for cls in SERVICE.events:
        Draft202012Validator.check_schema(event_schema(cls))
    validator = Draft202012Validator(event_schema(LoanDecided))
    assert not validator.is_valid({"loanId": "l", "state": "BORROWED"})
    assert not validator.is_valid({"state": "LENT"})


def test_a_consumer_ignores_what_it_does_not_know() -> None:
    assert from_event_data(LoanDecided, {"loanId": "l", "state": "LENT", "newer": {}}).state is LoanState.LENT
    with pytest.raises(Exception, match="LoanDecided"):
        from_event_data(LoanDecided, {"loanId": "l"})
    assert Loan(id="l", branch_id="b").snapshot_event() is Loan.snapshot_event()
