"""The schema as front ends read it, and the errors as they get them."""

import logging
import sys
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from govkit.commands import CommandBus
from govkit.domain import Aggregate, FixedClock, Gen
from govkit.graphql.edges import Graph
from govkit.graphql.request import RequestContext
from govkit.graphql.subscriptions import Feed, Subscription
from govkit.store.store import Store
from govkit.testing.conformance import _bilingual, descriptions

from ..conftest import ADMIN, Library
from ..library.domain import Branch, LibraryError
from ..library.service import SERVICE

COUNT = "query($text: String!, $fail: Boolean) { countWords(text: $text, fail: $fail) { words longest } }"


def test_everything_is_described_in_chinese_and_english() -> None:
    described = descriptions(SERVICE.schema_text())
    assert len(described) > 200
    assert [name for name, text in described if not _bilingual(text)] == []


def test_the_subgraph_has_keys_stubs_and_shared_values() -> None:
    sdl = SERVICE.schema_text()
    for line in (
        'type Branch @key(fields: "id", resolvable: true) @key(fields: "code", resolvable: true) {',
        'type Resident @key(fields: "id", resolvable: true) {',
        "type GeoPoint @shareable {",
        "enum LibraryErrorCode {",
    ):
        assert line in sdl, line
    assert "name: String!" in sdl.split("type Branch ")[1].split("\n}")[0]
    assert "phone:" not in sdl.split("type Reader ")[1].split("\n}")[0]


async def test_enum_labels_and_error_codes(library: Library) -> None:
    labels = await library.data('{ libraryEnumLabels(name: "BranchKind") { name label description } }')
    assert labels["libraryEnumLabels"][2] == {"name": "MOBILE", "label": "流动书车", "description": "流动书车 Book bus"}
    assert await library.refusal('{ libraryEnumLabels(name: "Planet") { name } }') == "GEN_VALIDATION"
    codes = await library.data("{ libraryErrorCodes }")
    names = set(codes["libraryErrorCodes"])
    assert {"GEN_NOT_FOUND", "AUTH_FORBIDDEN", *(member.code for member in LibraryError)} <= names


async def test_functions_are_fields_with_checked_arguments(library: Library) -> None:
    assert (await library.data(COUNT, {"text": "ab c"}))["countWords"] == {"words": 2, "longest": "ab"}
    error = await library.error(COUNT, {"text": "x" * 41})
    assert (error["code"], error["field"]) == ("GEN_VALIDATION", "text")


def test_a_foreign_type_has_one_key_and_a_type_each_field_once() -> None:
    graph = Graph([])
    graph.stub("BaseGrid", "code")
    with pytest.raises(ValueError, match="one key"):
        graph.stub("BaseGrid", "id")
    shape = graph.stub("BaseGrid", "code")
    with pytest.raises(ValueError, match="twice"):
        shape.add("code", None)  # type: ignore[arg-type]
    assert Aggregate.PLURAL is None


# --- errors -----------------------------------------------------------------------------------------------------------


async def test_a_refusal_carries_code_service_field_details_and_trace(library: Library) -> None:
    answer = await library.query('{ libraryEnumLabels(name: "Planet") { name } }')
    (error,) = answer["errors"]
    extensions = error["extensions"]
    assert error["message"] == Gen.VALIDATION.value
    assert error["path"] == ["libraryEnumLabels"]
    assert len(extensions.pop("traceId")) == 32
    assert extensions == {
        "code": "GEN_VALIDATION",
        "service": "library",
        "retryable": False,
        "field": "name",
        "details": {"rule": "one of", "names": ["BranchKind", "LoanState"]},
    }


async def test_a_defect_is_masked_for_the_client_and_logged_whole(
    library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = await library.query(COUNT, {"text": "a", "fail": True})
    (error,) = answer["errors"]
    assert error["message"] == Gen.INTERNAL.value
    assert (error["extensions"]["code"], error["extensions"]["service"]) == ("GEN_INTERNAL", "library")
    assert "13812348000" not in repr(answer)
    assert "details" not in error["extensions"]
    (entry,) = [record for record in caplog.records if "unexpected failure" in record.getMessage()]
    assert "in count_words" in entry.getMessage()


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("{ branches", "GRAPHQL_PARSE_FAILED"),
        ("", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ branches { edges } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ branches(first: true) { totalCount } }", "GRAPHQL_VALIDATION_FAILED"),
        ("query($x: Int!) { branches(first: $x) { totalCount } }", "GRAPHQL_VALIDATION_FAILED"),
        ("query A { __typename } query B { __typename }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ branch(id: 1) " + "{ parent " * 30 + "{ id }" + " }" * 31, "GRAPHQL_VALIDATION_FAILED"),
        ("fragment F on Branch { id }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { x }", "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_documents_that_cannot_run(library: Library, document: str, code: str) -> None:
    answer = await library.query(document)
    assert answer["data"] is None
    assert answer["errors"]
    assert {error["extensions"]["code"] for error in answer["errors"]} == {code}
    assert all(error["extensions"]["traceId"] for error in answer["errors"])


async def test_a_document_is_parsed_and_validated_once(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    document = "{ libraryStatistics { libraryBranches } } # seen before"
    await library.data(document)
    monkeypatch.setattr(sys.modules["graphql.validation.validate"], "visit", None)
    monkeypatch.setattr(sys.modules["graphql.language.parser"], "Parser", None)
    await library.data(document)
    assert (await library.query(document + "!"))["errors"]


async def test_of_several_operations_the_named_one_runs(library: Library) -> None:
    document = 'query A { __typename } query B { countWords(text: "a") { words } }'
    context = RequestContext(ADMIN, library.bus)
    result = await SERVICE.schema.execute(document, {}, context, operation_name="B")
    assert result.data == {"countWords": {"words": 1}}
    for name in ("C", None):
        result = await SERVICE.schema.execute(document, {}, context, operation_name=name)
        assert [error.extensions["code"] for error in result.errors] == ["GRAPHQL_VALIDATION_FAILED"]


async def test_a_database_that_is_away_is_told_as_such(clock: FixedClock, caplog: pytest.LogCaptureFixture) -> None:
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(
        "mongodb://127.0.0.1:9/", serverSelectionTimeoutMS=50, connectTimeoutMS=50
    )
    store = Store(client, "away", SERVICE.aggregates)
    bus = CommandBus(store, clock, SERVICE.source, frozenset())
    library = Library(store, bus, clock)
    for answer in (
        await library.query("{ branches { totalCount } __typename }"),
        await library.mutate("createBranch", "id", code="a1", name="馆"),
    ):
        (error,) = answer["errors"]
        assert error["extensions"]["code"] == "GEN_DEPENDENCY_UNAVAILABLE"
        assert error["extensions"]["retryable"] is True
        assert error["message"] == Gen.DEPENDENCY_UNAVAILABLE.value
    client.close()


def test_a_subscription_says_which_events_feed_it() -> None:
    registered = Branch.REGISTER.changed if Branch.REGISTER else None
    assert registered is not None
    subscription = Subscription(
        "branchChanged", Branch, "分馆 Branch", events=[registered], argument="id", argument_doc="分馆 Branch",
        equals="branch_id",
    )  # fmt: skip
    assert subscription.feed("library") == Feed(
        topic="library.events",
        types=["cn.lanling.branch.changed.v1"],
        where=["data.branchId = $id"],
        query="branch(id: $id)",
    )
    with pytest.raises(TypeError, match="has no field reader_id"):
        Subscription("x", Branch, "分馆 Branch", [registered], "id", "分馆 Branch", equals="reader_id")
