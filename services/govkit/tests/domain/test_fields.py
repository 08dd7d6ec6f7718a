"""Annotations taken apart, and what they forbid."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

import pytest

from govkit.domain import (
    Aggregate,
    Code,
    Doc,
    ErrorCode,
    Event,
    GeoJson,
    GeoPoint,
    Hidden,
    Id,
    LabelEnum,
    Managed,
    MaxLength,
    Month,
    Name,
    Privacy,
    Ref,
    Text,
    event,
)
from govkit.domain.fields import camel, describe, fields_of, plural, snake

from ..library.domain import Branch, BranchKind, Loan, Reader

DOC = Doc("字段 A field")


@pytest.mark.parametrize(
    ("annotation", "item", "optional", "many"),
    [
        (Annotated[int, DOC], int, False, False),
        (Annotated[int | None, DOC], int, True, False),
        (Annotated[list[int], DOC], int, False, True),
        (Annotated[list[int] | None, DOC], int, True, True),
        (Annotated[BranchKind | None, DOC], BranchKind, True, False),
        (Annotated[list[GeoPoint], DOC], GeoPoint, False, True),
    ],
)
def test_shape(annotation: Any, item: Any, optional: bool, many: bool) -> None:
    described = describe("x", annotation)
    assert (described.item, described.optional, described.many) == (item, optional, many)


def test_marks_are_found_at_every_depth_and_the_outermost_wins() -> None:
    described = describe("x", Annotated[list[Id] | None, DOC, Ref("Branch"), Managed, Hidden, Privacy.P2])
    assert (described.kind, described.managed, described.hidden, described.privacy) == ("ID", True, True, Privacy.P2)
    assert described.ref == Ref("Branch")
    assert describe("x", Annotated[Name, DOC]).max_length == 120
    assert describe("x", Annotated[Name, DOC, MaxLength(5)]).max_length == 5


def test_the_example_of_a_pattern_stands_in_the_description() -> None:
    assert describe("x", Annotated[Month, DOC]).doc == "字段 A field (例 e.g. 2023-07)"


def test_a_field_without_a_doc_and_a_union_are_refused() -> None:
    with pytest.raises(TypeError, match="no Doc"):
        describe("x", int)
    with pytest.raises(TypeError, match="union"):
        describe("x", Annotated[int | str, DOC])


@pytest.mark.parametrize(
    ("annotation", "safe"),
    [
        (Annotated[Id, DOC], True),
        (Annotated[Code, DOC], True),
        (Annotated[list[Id] | None, DOC], True),
        (Annotated[BranchKind, DOC], True),
        (Annotated[date | None, DOC], True),
        (Annotated[int, DOC], True),
        (Annotated[GeoPoint, DOC], True),
        (Annotated[GeoJson, DOC], True),
        (Annotated[str, DOC], False),
        (Annotated[Name, DOC], False),
        (Annotated[Text | None, DOC], False),
        (Annotated[list[str], DOC], False),
        (Annotated[Id, DOC, Privacy.P1], False),
        (Annotated[int, DOC, Privacy.P3], False),
        (Annotated[GeoPoint, DOC, Privacy.P3], False),
    ],
)
def test_event_safety(annotation: Any, safe: bool) -> None:
    assert describe("x", annotation).event_safe is safe


def test_a_value_object_is_as_unsafe_as_its_worst_part() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Contact:
        """联系 Contact"""

        code: Annotated[Code, DOC]
        note: Annotated[str, DOC]

    assert not describe("x", Annotated[list[Contact], DOC]).event_safe


@pytest.mark.parametrize(
    "annotation", [Annotated[Text, DOC], Annotated[Id, DOC, Privacy.P2], Annotated[list[str], DOC]]
)
def test_an_event_with_text_or_personal_data_cannot_be_defined(annotation: Any) -> None:
    made = type("Leak", (Event,), {"__annotations__": {"leak": annotation}, "__doc__": "泄漏 A leak."})
    with pytest.raises(TypeError, match="leak"):
        event("thing.leaked")(made)


def test_an_event_without_a_docstring_cannot_be_defined() -> None:
    made = type("Silent", (Event,), {"__annotations__": {"thing_id": Annotated[Id, DOC]}})
    with pytest.raises(TypeError, match="docstring"):
        event("thing.silent")(made)


def test_register_events_and_snapshots_carry_what_is_safe_and_nothing_else() -> None:
    assert Branch.REGISTER is not None
    names = {item.name for item in fields_of(Branch.REGISTER.created)}
    assert {"branch_id", "code", "kind", "location", "subjects", "partner_ids", "area"} <= names
    assert names.isdisjoint({"name", "remark", "version", "sequence", "created_by"})
    assert {item.name for item in fields_of(Reader.snapshot_event())} == {"reader_id", "resident_id", "community_id"}
    assert "wish" not in {item.name for item in fields_of(Loan.snapshot_event())}
    assert Branch.REGISTER.created.TYPE == "cn.lanling.branch.opened.v1"
    assert Loan.snapshot_event().TYPE == "cn.lanling.loan.snapshot.v1"


def test_labels_and_messages_are_unique() -> None:
    with pytest.raises(TypeError, match="B"):

        class Twice(LabelEnum):
            A = "同 Same"
            B = "同 Same"

    with pytest.raises(TypeError, match="B"):

        class TwiceError(ErrorCode, prefix="TWICE"):
            A = "同 Same"
            B = "同 Same"

    assert BranchKind.MOBILE.label == "流动书车"


def test_edges_are_named_after_their_fields() -> None:
    edges = {item.name: item.edge for item in fields_of(Branch) if item.ref}
    assert edges == {"community_id": "community", "parent_id": "parent", "partner_ids": "partners"}
    with pytest.raises(TypeError, match="name the edge"):
        _ = describe("grid", Annotated[Code, DOC, Ref("BaseGrid", key="code")]).edge


def test_names() -> None:
    assert camel("party_organization_id") == "partyOrganizationId"
    assert snake("PartyOrganization") == "party_organization"
    assert [plural(name) for name in ("community", "branch", "street", "box", "day")] == [
        "communities",
        "branches",
        "streets",
        "boxes",
        "days",
    ]


def test_own_fields_of_an_aggregate_leave_out_the_base() -> None:
    base = {item.name for item in fields_of(Aggregate)}
    audited = {"created_at", "created_by", "updated_at", "updated_by"}
    assert base == {"id", "version", "sequence", "falls_due_at", "fell_due"} | audited
    assert base.isdisjoint({item.name for item in Branch.declared()})
