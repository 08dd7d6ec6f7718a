"""Lists, single records, edges and entities: who sees what, by which filter, at the cost of how many queries."""

from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio

from govkit.domain import ANONYMOUS, Actor, Role
from govkit.domain.fields import fields_of
from govkit.graphql.lists import filterable

from ..conftest import ADMIN, COMMANDS, Library, officer, resident
from ..library.domain import Branch, BranchKind, Loan, LoanState, Reader

ENTITIES = "query($r: [_Any!]!) { _entities(representations: $r) { __typename %s } }"
NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest_asyncio.fixture
async def filled(library: Library) -> Library:
    """Twelve branches in two communities, six readers, twelve loans."""
    branches = [
        Branch(
            id=f"b{n:02}",
            code=f"code-{n:02}",
            name=("东馆", "西馆", "a.b")[n % 3],
            kind=list(BranchKind)[n % 3],
            copies=n,
            community_id=f"c{n % 2}",
            parent_id="b00" if n else None,
            partner_ids=["b01", "b02", "gone"] if n == 5 else [],
            version=1,
            created_at=NOW,
            updated_at=NOW,
        )
        for n in range(12)
    ]
    readers = [
        Reader(
            id=f"r{n}",
            resident_id=f"resident-{n}",
            name=f"张三{n}",
            phone="13812348000",
            birth_year=1961,
            secret="x",
            community_id=f"c{n % 2}",
            version=1,
        )
        for n in range(6)
    ]
    loans = [
        Loan(
            id=f"l{n:02}",
            branch_id=f"b{n % 4:02}",
            reader_id=f"r{n % 6}",
            resident_id=f"resident-{n % 6}",
            state=list(LoanState)[n % 4],
            version=1,
        )
        for n in range(12)
    ]
    await library.store.insert_batch("all", [*branches, *readers, *loans], [])
    return library


async def ids(library: Library, arguments: str, actor: Actor = ADMIN, root: str = "branches") -> list[str]:
    listed = (await library.data(f"{{ {root}({arguments}) {{ totalCount edges {{ node {{ id }} }} }} }}", None, actor))[
        root
    ]
    found = [edge["node"]["id"] for edge in listed["edges"]]
    assert listed["totalCount"] == len(found)
    return found


async def test_filters_sorts_and_counts(filled: Library) -> None:
    assert await ids(filled, 'filter: {name: {contains: "a.b"}}') == ["b02", "b05", "b08", "b11"]
    assert await ids(filled, 'filter: {name: {contains: ".*"}}') == []
    assert await ids(filled, "filter: {kind: {in: [MAIN]}, copies: {gte: 3, lte: 9}}") == ["b03", "b06", "b09"]
    assert await ids(filled, "filter: {parentId: {eq: null}}") == ["b00"]
    assert (await ids(filled, "sort: [{field: NAME, direction: ASC}, {field: COPIES, direction: DESC}]"))[:2] == [
        "b11",
        "b08",
    ]
    assert (await ids(filled, "sort: [{field: ID, direction: DESC}]"))[0] == "b11"


@pytest.mark.parametrize("text", ["a", "", "x" * 201, "a\\u0000b"])
async def test_a_search_needs_a_reasonable_text(filled: Library, text: str) -> None:
    error = await filled.error(f'{{ branches(filter: {{name: {{contains: "{text}"}}}}) {{ totalCount }} }}')
    assert (error["code"], error["field"]) == ("GEN_VALIDATION", "filter.name.contains")


@pytest.mark.parametrize(
    ("filter", "field"),
    [
        ('inspectedAt: {gte: "2021-05-01T09:00:00"}', "inspectedAt.gte"),
        ('inspectedAt: {lte: "2021-05-01"}', "inspectedAt.lte"),
        ('inspectedAt: {in: ["2021-05-01T09:00:00Z", "0001-01-01T00:00:00+14:00"]}', "inspectedAt.in[1]"),
        ('inspectedAt: {eq: "9999-12-31T23:59:59-12:00"}', "inspectedAt.eq"),
        ('openedOn: {lte: "9999-12-31"}', "openedOn.lte"),
        ("rating: {gte: 1e999}", "rating.gte"),
        ('name: {eq: "a\\u0000b"}', "name.eq"),
        ('communityId: {in: ["张三"]}', "communityId.in[0]"),
        (f"id: {{in: [{'1,' * 1_001}]}}", "id.in"),
    ],
)
async def test_a_filter_takes_what_an_input_takes(library: Library, filter: str, field: str) -> None:
    error = await library.error(f"{{ branches(filter: {{{filter}}}) {{ totalCount }} }}")
    assert (error["code"], error["field"]) == ("GEN_VALIDATION", f"filter.{field}")


async def test_a_filter_may_ask_for_what_no_record_can_have(filled: Library) -> None:
    assert await ids(filled, 'filter: {code: {eq: ""}}') == []
    assert await ids(filled, "filter: {copies: {lte: -1}}") == []
    assert await ids(filled, 'filter: {code: {in: ["ｃode－０３"]}}') == ["b03"]


async def test_keys_come_in_the_form_of_inputs(filled: Library) -> None:
    assert (await filled.data('{ branch(code: "ｃｏｄｅ-03") { id } }'))["branch"] == {"id": "b03"}
    for arguments in ('code: "张三"', f'id: "{"x" * 100_000}"', "id: " + "9" * 3_000):
        assert await filled.refusal(f"{{ branch({arguments}) {{ id }} }}") == "GEN_VALIDATION"
    statistics = '{ libraryStatistics(communityId: "a\\u0000") { libraryBranches } }'
    assert await filled.refusal(statistics) == "GEN_VALIDATION"


async def test_sort_keys_are_few(filled: Library) -> None:
    keys = "{field: ID, direction: ASC}," * 9
    assert await filled.refusal(f"{{ branches(sort: [{keys}]) {{ totalCount }} }}") == "GEN_VALIDATION"


async def test_a_list_that_is_null_or_absent_in_a_document_is_empty(filled: Library) -> None:
    branches = filled.store.database["branch"]
    await branches.update_one({"_id": "b01"}, {"$set": {"partner_ids": None, "subjects": None}})
    await branches.update_one({"_id": "b02"}, {"$unset": {"partner_ids": 1, "subjects": 1}})
    read = await filled.data("{ branches(first: 3) { edges { node { subjects partners { id } } } } }")
    assert [edge["node"] for edge in read["branches"]["edges"]] == [{"subjects": [], "partners": []}] * 3


async def test_pages_walk_through_a_list(filled: Library) -> None:
    document = """query($after: String) { branches(first: 5, after: $after, sort: [{field: NAME, direction: DESC}]) {
        edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
    seen, after = [], None
    for size, more in ((5, True), (5, True), (2, False)):
        page = (await filled.data(document, {"after": after}))["branches"]
        seen += [edge["node"]["id"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        assert after == page["edges"][-1]["cursor"]
        assert (len(page["edges"]), page["pageInfo"]["hasNextPage"]) == (size, more)
    assert len(set(seen)) == 12
    assert await filled.refusal(f'{{ loans(after: "{after}") {{ totalCount }} }}') == "GEN_CURSOR_INVALID"
    assert await filled.refusal(f'{{ branches(after: "{after}") {{ totalCount }} }}') == "GEN_CURSOR_INVALID"


def test_personal_and_hidden_fields_are_neither_filters_nor_sorts() -> None:
    shown = {item.name for item in filterable(Reader)}
    assert shown == {
        "id",
        "version",
        "created_at",
        "created_by",
        "updated_at",
        "updated_by",
        "resident_id",
        "community_id",
    }
    personal = {"name", "phone", "birth_year"}
    hidden = {"secret", "sequence", "falls_due_at", "fell_due"}
    assert {item.name for item in fields_of(Reader)} - shown == personal | hidden


async def test_personal_fields_are_masked_and_the_rest_of_them_is_not_there(filled: Library) -> None:
    read = await filled.data('{ reader(id: "r1") { nameMasked phoneMasked } }')
    assert read["reader"] == {"nameMasked": "张**", "phoneMasked": "138****8000"}
    for name in ("name", "phone", "birthYear", "birthYearMasked", "secret", "secretMasked", "sequence"):
        assert await filled.refusal(f'{{ reader(id: "r1") {{ {name} }} }}') == "GRAPHQL_VALIDATION_FAILED"
    assert await filled.refusal('{ readers(filter: {phone: {eq: "1"}}) { totalCount } }') == "GRAPHQL_VALIDATION_FAILED"


SEEN_BY = [
    (ADMIN, ["r0", "r1", "r2", "r3", "r4", "r5"]),
    (officer(Role.COMMUNITY_SECRETARY, county_wide=False, community_ids=frozenset({"c1"})), ["r1", "r3", "r5"]),
    (resident("resident-2"), ["r2"]),
    (officer(Role.PARTNER), []),
]


@pytest.mark.parametrize(("actor", "seen"), SEEN_BY)
async def test_lists_records_edges_and_entities_show_the_same(filled: Library, actor: Actor, seen: list[str]) -> None:
    assert await ids(filled, "first: 50", actor, "readers") == seen
    every = [f"r{n}" for n in range(6)]
    for id in every:
        answer = await filled.data(f'{{ reader(id: "{id}") {{ id }} }}', None, actor)
        assert answer["reader"] == ({"id": id} if id in seen else None)
    representations = [{"__typename": "Reader", "id": id} for id in every]
    answer = await filled.data(ENTITIES % "... on Reader { id }", {"r": representations}, actor)
    assert [item and item["id"] for item in answer["_entities"]] == [id if id in seen else None for id in every]
    loans = (await filled.data("{ loans(first: 6) { edges { node { reader { id } } } } }", None, actor))["loans"][
        "edges"
    ]
    assert [edge["node"]["reader"] for edge in loans] == [{"id": id} if id in seen else None for id in every]
    residents = [{"__typename": "Resident", "id": f"resident-{n}"} for n in range(6)]
    back = await filled.data(ENTITIES % "... on Resident { libraryReader { id } }", {"r": residents}, actor)
    assert [item["libraryReader"] and item["libraryReader"]["id"] for item in back["_entities"]] == [
        id if id in seen else None for id in every
    ]


@pytest.mark.parametrize(
    "document",
    [
        "{ branches { totalCount } }",
        '{ branch(id: "b00") { id } }',
        '{ countWords(text: "a b") { words } }',
        "{ libraryStatistics { libraryBranches } }",
        '{ _entities(representations: [{__typename: "Community", id: "c0"}]) { ... on Community { readingRooms } } }',
    ],
)
async def test_nobody_reads_without_signing_in(filled: Library, document: str) -> None:
    assert await filled.refusal(document, None, ANONYMOUS) == "AUTH_UNAUTHENTICATED"


async def test_a_record_is_found_by_exactly_one_key(filled: Library) -> None:
    assert (await filled.data('{ branch(code: "code-03") { id } }'))["branch"] == {"id": "b03"}
    assert (await filled.data('{ branch(code: "none") { id } }'))["branch"] is None
    for arguments in ('code: "code-03", id: "b03"', "id: null"):
        assert await filled.refusal(f"{{ branch({arguments}) {{ id }} }}") == "GEN_VALIDATION"


# --- what it costs ----------------------------------------------------------------------------------------------------


async def test_representations_of_one_type_and_key_are_one_query(filled: Library) -> None:
    by_id: list[dict[str, Any]] = [{"__typename": "Branch", "id": f"b{n:02}"} for n in (3, 1, 3, 11)]
    by_code = [{"__typename": "Branch", "code": f"code-{n:02}"} for n in (2, 0)]
    unknown = [{"__typename": "Branch", "id": "none"}, {"__typename": "Branch"}]
    with COMMANDS.reads() as reads:
        answer = await filled.data(ENTITIES % "... on Branch { id }", {"r": by_id + unknown})
    assert [item and item["id"] for item in answer["_entities"]] == ["b03", "b01", "b03", "b11", None, None]
    assert reads == ["find"]
    with COMMANDS.reads() as reads:
        await filled.data(ENTITIES % "... on Branch { id }", {"r": by_id + by_code})
    assert reads == ["find", "find"]


@pytest.mark.parametrize("value", [{"$ne": None}, ["b01"], 5, True, None])
async def test_a_representation_is_never_a_condition(filled: Library, value: Any) -> None:
    for type_name, selection in (
        ("Branch", "... on Branch { id }"),
        ("Community", "... on Community { libraryBranches { totalCount } }"),
    ):
        answer = await filled.data(ENTITIES % selection, {"r": [{"__typename": type_name, "id": value}]})
        assert answer["_entities"] == [None]


async def test_an_edge_is_one_query_a_level_however_many_records(filled: Library) -> None:
    document = """{ loans(first: 12) { edges { node { branch { code parent { code parent { code } } } reader { id }
        resident { id } community { id } } } } }"""
    with COMMANDS.reads() as reads:
        answer = await filled.data(document)
    assert len(answer["loans"]["edges"]) == 12
    assert answer["loans"]["edges"][1]["node"]["branch"] == {
        "code": "code-01",
        "parent": {"code": "code-00", "parent": None},
    }
    # The page, then branches and readers, then what of the parents is not loaded yet: all four branches are.
    assert reads == ["find", "find", "find"]
    many = await filled.data('{ branch(id: "b05") { partners { id } } }')
    assert many["branch"]["partners"] == [{"id": "b01"}, {"id": "b02"}]


async def test_inverse_lists_of_many_parents_are_one_query(filled: Library) -> None:
    document = """{ branches(first: 4) { edges { node { id
        loans(first: 2, filter: {state: {in: [REQUESTED, LENT, RETURNED]}}, sort: [{field: ID, direction: DESC}]) {
            totalCount pageInfo { hasNextPage } edges { cursor node { id } } } } } } }"""
    with COMMANDS.reads() as reads:
        answer = await filled.data(document)
    got = {edge["node"]["id"]: edge["node"]["loans"] for edge in answer["branches"]["edges"]}
    assert [[edge["node"]["id"] for edge in loans["edges"]] for loans in got.values()] == [
        ["l08", "l04"],
        ["l09", "l05"],
        ["l10", "l06"],
        [],
    ]
    assert [loans["totalCount"] for loans in got.values()] == [3, 3, 3, 0]
    assert [loans["pageInfo"]["hasNextPage"] for loans in got.values()] == [True, True, True, False]
    assert len(reads) == 3, reads
    cursor = got["b01"]["edges"][-1]["cursor"]
    after = f"""{{ branch(id: "b01") {{ loans(after: "{cursor}", sort: [{{field: ID, direction: DESC}}]) {{
        edges {{ node {{ id }} }} }} }} }}"""
    assert (await filled.data(after))["branch"]["loans"]["edges"] == [{"node": {"id": "l01"}}]


async def test_allowed_actions_of_a_page_ask_once_for_the_streets(filled: Library) -> None:
    await filled.store.database["loan"].update_many({}, {"$set": {"community_id": "c1"}})
    row = {"_id": "Community:c1", "type": "Community", "data": {"communityId": "c1", "streetId": "s1"}}
    await filled.store.database["references"].insert_one(row)
    actor = officer(Role.STREET_OFFICER, county_wide=False, street_ids=frozenset({"s1"}))
    with COMMANDS.reads() as reads:
        answer = await filled.data("{ loans { edges { node { allowedActions { action allowed } } } } }", None, actor)
    assert reads == ["find", "find"]
    hints = answer["loans"]["edges"][0]["node"]["allowedActions"]
    assert {"action": "lend", "allowed": True} in hints


async def test_figures_equal_the_lists_behind_them(filled: Library) -> None:
    document = """query($c: ID) { libraryStatistics(communityId: $c) {
        libraryBranches readingRooms openLoans libraryCopies asOf definitions { name list filter sum } } }"""
    figures = (await filled.data(document))["libraryStatistics"]
    assert [figures[name] for name in ("libraryBranches", "readingRooms", "openLoans", "libraryCopies")] == [
        12,
        8,
        3,
        18,
    ]
    for definition in figures["definitions"]:
        root = definition["list"]
        type_name = {"branches": "BranchFilter", "loans": "LoanFilter"}[root]
        listed = (
            await filled.data(
                f"query($f: {type_name}) {{ {root}(filter: $f) {{ totalCount edges {{ node {{ copies }} }} }} }}",
                {"f": definition["filter"]},
            )
        )[root]
        total = (
            sum(edge["node"][definition["sum"]] for edge in listed["edges"])
            if definition["sum"]
            else listed["totalCount"]
        )
        assert figures[definition["name"]] == total
    of_one = (await filled.data(document, {"c": "c1"}))["libraryStatistics"]
    assert (of_one["libraryBranches"], of_one["libraryCopies"]) == (6, 12)


async def test_contributed_fields_and_foreign_stubs(filled: Library) -> None:
    representations = [{"__typename": "Community", "id": "c1"}]
    answer = await filled.data(
        ENTITIES % "... on Community { id readingRooms libraryBranches(first: 2) { totalCount } }",
        {"r": representations},
    )
    assert answer["_entities"][0] == {
        "__typename": "Community",
        "id": "c1",
        "readingRooms": 6,
        "libraryBranches": {"totalCount": 6},
    }
    assert (await filled.data("{ firstResident { __typename id } }"))["firstResident"] == {
        "__typename": "Resident",
        "id": "resident-1",
    }
