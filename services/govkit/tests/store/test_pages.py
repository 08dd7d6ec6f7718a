"""Pages by key: whatever the order, walking gives exactly the sorted list, forward and backward."""

import base64
from datetime import UTC, date, datetime
from functools import cmp_to_key
from typing import Any
from uuid import uuid4

import orjson
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from govkit.domain import GovError
from govkit.domain.aggregate import matches
from govkit.store.conditions import both, from_filter, from_where
from govkit.store.pages import PageRequest, Sort, order
from govkit.store.store import Store

from ..library.domain import Branch, BranchKind, Loan

FIELDS = ("_id", "name", "kind", "copies", "rating", "mobile", "opened_on", "inspected_at", "shelf_number")
BRANCHES = [
    Branch(
        id=f"b{(number * 7) % 23:02}",
        code=f"c{number}",
        name=("东馆", "西馆", "a.b", "A*B")[number % 4],
        kind=list(BranchKind)[number % 3],
        copies=number % 4,
        rating=None if number % 3 else number % 5 / 2,
        mobile=number % 2 == 0,
        opened_on=None if number % 4 == 0 else date(2020, 1, 1 + number % 3),
        inspected_at=None if number % 5 == 0 else datetime(2021, 1, 1, number % 2, tzinfo=UTC),
        shelf_number=number if number % 2 else None,
        subjects=["art"] * (number % 2) + ["law"] * (number % 3),
        version=1,
    )
    for number in range(23)
]


@pytest_asyncio.fixture(scope="module")
async def filled(mongo: Any) -> Any:
    name = f"test_{uuid4().hex[:12]}"
    store = Store(mongo, name, [Branch, Loan])
    await store.insert_batch("all", BRANCHES, [])
    yield store
    await mongo.drop_database(name)


def compare(keys: list[tuple[str, int]]) -> Any:
    """MongoDB's order: null before everything else."""

    def rank(branch: Branch, name: str) -> Any:
        value = branch.id if name == "_id" else getattr(branch, name)
        plain = value.name if isinstance(value, BranchKind) else value.isoformat() if type(value) is date else value
        return (value is not None, plain)

    def by_keys(left: Branch, right: Branch) -> int:
        for name, direction in keys:
            one, other = rank(left, name), rank(right, name)
            if one != other:
                return direction * (-1 if one[0] < other[0] or (one[0] and other[0] and one[1] < other[1]) else 1)
        return 0

    return cmp_to_key(by_keys)


SORTS = st.lists(st.tuples(st.sampled_from(FIELDS), st.sampled_from([1, -1])), max_size=4)


@given(sort=SORTS, size=st.integers(1, 9))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_walking_forward_and_backward_gives_the_sorted_list(filled: Store, sort: Sort, size: int) -> None:
    expected = [branch.id for branch in sorted(BRANCHES, key=compare(order(sort)))]
    forward: list[str] = []
    after = None
    while True:
        page = await filled.page(Branch, {}, sort, PageRequest(first=size, after=after))
        assert page.has_previous is (after is not None)
        forward += [document["_id"] for document in page.documents]
        if not page.has_next:
            break
        after = page.cursors[-1]
    assert forward == expected
    backward: list[str] = []
    before = None
    while True:
        page = await filled.page(Branch, {}, sort, PageRequest(last=size, before=before))
        backward = [document["_id"] for document in page.documents] + backward
        if not page.has_previous:
            break
        before = page.cursors[0]
    assert backward == expected


def test_a_field_sorts_where_it_stands_first_and_the_id_ends_every_order() -> None:
    assert order([("name", -1), ("name", 1)]) == [("name", -1), ("_id", 1)]
    assert order([("_id", -1), ("name", 1)]) == [("_id", -1), ("name", 1)]
    assert order([("name", -1)], backward=True) == [("name", 1), ("_id", -1)]


async def test_a_cursor_of_another_list_or_order_and_made_up_ones_are_refused(filled: Store) -> None:
    by_name: Sort = [("name", 1)]
    page = await filled.page(Branch, {}, by_name, PageRequest(first=2))
    cursor = page.cursors[-1]
    values = orjson.loads(base64.urlsafe_b64decode(cursor))

    def forged(*replaced: Any) -> str:
        return base64.urlsafe_b64encode(orjson.dumps([values[0], *replaced])).decode()

    cases: list[tuple[type, Sort, str]] = [
        (Loan, by_name, cursor),
        (Branch, [("code", 1)], cursor),
        (Branch, [("name", -1)], cursor),
        (Branch, [], cursor),
        (Branch, by_name, "nonsense"),
        (Branch, by_name, "!"),
        (Branch, by_name, base64.urlsafe_b64encode(b'{"a":1}').decode()),
        (Branch, by_name, base64.urlsafe_b64encode(b"[]").decode()),
        (Branch, by_name, forged("x")),
        (Branch, by_name, forged({"$gt": ""}, "b01")),
        (Branch, by_name, forged({"at": 5}, "b01")),
        (Branch, by_name, forged({"at": "0001-01-01T00:00:00+14:00"}, "b01")),
        (Branch, by_name, forged({"at": "9999-12-31T23:59:59-12:00"}, "b01")),
        (Branch, by_name, forged({"at": "2021-01-01T00:00:00"}, "b01")),
        (Branch, by_name, forged({"at": "2021-01-01T00:00:00+00:00", "$gt": ""}, "b01")),
        (Branch, by_name, forged(["x"], "b01")),
        (Branch, by_name, forged(2**63, "b01")),
    ]
    for cls, sort, given_cursor in cases:
        with pytest.raises(GovError, match="GEN_CURSOR_INVALID"):
            await filled.page(cls, {}, sort, PageRequest(first=2, after=given_cursor))


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"first": 101}, "GEN_PAGE_TOO_LARGE"),
        ({"last": 100_000}, "GEN_PAGE_TOO_LARGE"),
        ({"first": 0}, "GEN_VALIDATION"),
        ({"last": -1}, "GEN_VALIDATION"),
        ({"first": 1, "last": 1}, "GEN_VALIDATION"),
        ({"first": 1, "before": "x"}, "GEN_VALIDATION"),
        ({"after": "x", "before": "x"}, "GEN_VALIDATION"),
    ],
)
def test_page_arguments_that_make_no_sense(arguments: dict[str, Any], code: str) -> None:
    with pytest.raises(GovError, match=code):
        PageRequest(**arguments)


DAY = date(2020, 1, 2)
FILTERS: list[tuple[dict[str, dict[str, Any]], Any]] = [
    ({"name": {"eq": "东馆"}}, lambda b: b.name == "东馆"),
    ({"name": {"in": ["东馆", "a.b"]}}, lambda b: b.name in ("东馆", "a.b")),
    ({"name": {"contains": "a.b"}}, lambda b: b.name == "a.b"),
    ({"name": {"contains": "a*"}}, lambda b: b.name == "A*B"),
    ({"name": {"contains": "^a"}}, lambda b: False),
    ({"kind": {"eq": BranchKind.MAIN}}, lambda b: b.kind is BranchKind.MAIN),
    ({"kind": {"in": [BranchKind.MAIN, BranchKind.MOBILE]}}, lambda b: b.kind is not BranchKind.VILLAGE),
    ({"copies": {"gte": 1, "lte": 2}}, lambda b: 1 <= b.copies <= 2),
    ({"copies": {"eq": 1, "gte": 2}}, lambda b: False),
    ({"opened_on": {"gte": DAY}}, lambda b: b.opened_on is not None and b.opened_on >= DAY),
    ({"opened_on": {"eq": None}}, lambda b: b.opened_on is None),
    ({"inspected_at": {"lte": datetime(2021, 1, 1, tzinfo=UTC)}}, lambda b: b.inspected_at and not b.inspected_at.hour),
    ({"mobile": {"eq": True}}, lambda b: b.mobile),
    ({"rating": {"gte": 1.5}}, lambda b: (b.rating or 0) >= 1.5),
    ({"subjects": {"eq": "law"}}, lambda b: "law" in b.subjects),
    ({"subjects": {"in": []}}, lambda b: False),
    ({"id": {"in": ["b01", "b02", "zz"]}}, lambda b: b.id in ("b01", "b02")),
    ({"mobile": {"eq": True}, "copies": {"eq": 0}}, lambda b: b.mobile and b.copies == 0),
    ({}, lambda b: True),
]


@pytest.mark.parametrize(("filters", "met"), FILTERS)
async def test_filters_find_exactly_what_they_say(filled: Store, filters: Any, met: Any) -> None:
    page = await filled.page(Branch, from_filter(filters), [], PageRequest(first=100))
    assert [document["_id"] for document in page.documents] == sorted(b.id for b in BRANCHES if met(b))
    assert await filled.count(Branch, from_filter(filters)) == len(page.documents)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "kind": st.sampled_from(BranchKind) | st.sets(st.sampled_from(BranchKind)),
            "subjects": st.sampled_from(["art", "law", "x"]) | st.frozensets(st.sampled_from(["art", "law"])),
            "opened_on": st.none() | st.just(DAY) | st.just(frozenset({DAY, None})),
            "copies": st.integers(0, 4),
            "rating": st.none() | st.sampled_from([0.0, 1.5]),
        },
    )
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_conditions_mean_the_same_in_memory_and_in_the_database(filled: Store, where: dict[str, Any]) -> None:
    found = await filled.find(Branch, where)
    assert [branch.id for branch in found] == sorted(branch.id for branch in BRANCHES if matches(branch, where))
    assert await filled.count(Branch, both(from_where(where), {"_id": {"$ne": ""}})) == len(found)


async def test_totals(filled: Store) -> None:
    assert await filled.total(Branch, {"kind": "MAIN"}, "copies") == sum(
        branch.copies for branch in BRANCHES if branch.kind is BranchKind.MAIN
    )
    assert await filled.total(Branch, {"_id": "nobody"}, "copies") == 0
