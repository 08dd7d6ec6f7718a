"""The endpoint over real HTTP: parameters, status codes, media types, limits, headers, the explorer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

from gateway.serving import Application
from gateway.settings import Settings

from .federation import FIXTURES, Federation
from .serving import serving

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"


@dataclass
class Served:
    client: httpx.AsyncClient
    application: Application
    port: int

    async def post(self, body: Any, accept: str = GRAPHQL, **headers: str) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"content-type": JSON, "accept": accept} | {name.replace("_", "-"): one for name, one in headers.items()}
        return await self.client.post("/graphql", content=content, headers=sent)

    async def code(self, body: Any, accept: str = GRAPHQL, **headers: str) -> tuple[int, str]:
        response = await self.post(body, accept, **headers)
        return response.status_code, response.json()["errors"][0]["extensions"]["code"]


@pytest.fixture(scope="module")
async def served(shop: Federation, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    tmp_path = tmp_path_factory.mktemp("examples")
    (tmp_path / "one.graphql").write_text("# All products\n{ products { name } }", "utf-8")
    settings = Settings(
        supergraph=FIXTURES / "shop" / "supergraph.graphql", examples=tmp_path, cors_origins=("https://front.example",)
    )
    application = Application(settings, shop.urls)
    async with serving(application) as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        yield Served(client, application, port)


async def test_post(served: Served) -> None:
    response = await served.post({"query": "query P($n: Int!) { products(first: $n) { id } }", "variables": {"n": 1}})
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{GRAPHQL}; charset=utf-8"
    assert response.json() == {"data": {"products": [{"id": "1"}]}}


async def test_get_is_for_queries(served: Served) -> None:
    parameters = {"query": "query P($n: Int!) { products(first: $n) { id } }", "variables": '{"n": 1}'}
    response = await served.client.get("/graphql", params=parameters, headers={"accept": JSON})
    assert (response.status_code, response.json()) == (200, {"data": {"products": [{"id": "1"}]}})
    mutation = {"query": 'mutation { rename(id: "1", name: "x") { id } }'}
    response = await served.client.get("/graphql", params=mutation, headers={"accept": JSON})
    assert (response.status_code, response.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("application/json", JSON),
        ("*/*", JSON),
        ("application/graphql-response+json, application/json;q=0.9", GRAPHQL),
        ("application/json, application/graphql-response+json;q=0.1", JSON),
        ("text/html;q=0.5, application/graphql-response+json", GRAPHQL),
        ("*/*, application/json;q=0", GRAPHQL),
        ("application/*, application/graphql-response+json;q=0", JSON),
        ("application/json, application/*;q=0", JSON),
    ],
)
async def test_media_type_of_the_answer(served: Served, accept: str, content_type: str) -> None:
    response = await served.post({"query": "{ __typename }"}, accept)
    assert response.headers["content-type"].startswith(content_type)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ products { id ", "GRAPHQL_PARSE_FAILED"),
        ("{ products { } }", "GRAPHQL_PARSE_FAILED"),
        ("{ products { nothing } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ products { internalNote } }", "GRAPHQL_VALIDATION_FAILED"),
        ("query ($n: Int!) { products(first: $n) { id } }", "BAD_USER_INPUT"),
        ("query A { __typename } query B { __typename }", "OPERATION_RESOLUTION_FAILURE"),
        ("fragment A on Product { id }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ a" * 1000, "DOCUMENT_TOO_DEEP"),
        ("{ products" + " { maker" * 31 + "}" * 32, "DOCUMENT_TOO_DEEP"),
        ("{ products(first: " + "[" * 1000, "DOCUMENT_TOO_DEEP"),
        ("{" + " id" * 20_000 + "}", "DOCUMENT_TOO_LONG"),
        ("{ products { id" + " @skip(if: false)" * 500 + "} }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ products { id" + " @skip(if: false)" * 501 + "} }", "TOO_MANY_DIRECTIVES"),
        ("query " + " @a" * 4_900 + "{ products { id } }", "TOO_MANY_DIRECTIVES"),
        ("{ products {" + " id @include(if: true)" * 501 + "} }", "TOO_MANY_DIRECTIVES"),
        (
            "query ($a: Boolean!, $b: Boolean!) { products {"
            + " ... @include(if: $a) { ... @skip(if: $b) { id } }" * 201
            + "} }",
            "TOO_MANY_REPEATED_FIELDS",
        ),
        ("{ products {" + " ".join(f"a{one}: id" for one in range(101)) + "} }", "TOO_MANY_ALIASES"),
        ("{" + " products { id }" * 51 + "}", "TOO_MANY_ROOT_FIELDS"),
        ("{ products {" + " id" * 202 + "} }", "TOO_MANY_REPEATED_FIELDS"),
        ("{ products {" + " ... { maker { id } }" * 202 + "} }", "TOO_MANY_REPEATED_FIELDS"),
        (
            "{ products { ...f0 } } fragment f12 on Product { id }"
            + "".join(
                f" fragment f{one} on Product {{ maker {{ ...g{one} }} size {{ ...g{one} }} }}"
                f" fragment g{one} on Maker {{ a {{ ...f{one + 1} }} b {{ ...f{one + 1} }} }}"
                for one in range(12)
            ),
            "TOO_MANY_FIELDS",
        ),
        (
            "{ ...f0 } " + " ".join(f"fragment f{one} on Query {{ ...f{one + 1} }}" for one in range(900)),
            "TOO_MANY_FRAGMENTS",
        ),
        ("{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { x }", "GRAPHQL_VALIDATION_FAILED"),
        ('"""\\u{110000}', "GRAPHQL_PARSE_FAILED"),
    ],
)
async def test_refused_documents(served: Served, query: str, code: str) -> None:
    assert await served.code({"query": query}) == (400, code)
    assert await served.code({"query": query}, JSON) == (200, code)


async def test_operation_names(served: Served) -> None:
    query = "query A { a: __typename } query B { b: __typename }"
    response = await served.post({"query": query, "operationName": "B"})
    assert response.json() == {"data": {"b": "Query"}}
    assert await served.code({"query": query, "operationName": "C"}) == (400, "OPERATION_RESOLUTION_FAILURE")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "INVALID_JSON"),
        (b"{", 400, "INVALID_JSON"),
        (b'{"query": "\xff"}', 400, "INVALID_UTF8"),
        (b'{"query": "\\ud800"}', 400, "INVALID_JSON"),
        (b"[" * 5000, 400, "INVALID_JSON"),
        (b'[{"query": "{ __typename }"}]', 400, "BAD_REQUEST"),
        (b"1", 400, "BAD_REQUEST"),
        (b"{}", 400, "BAD_REQUEST"),
        (b'{"query": 1}', 400, "BAD_REQUEST"),
        (b'{"query": "{ __typename }", "variables": []}', 400, "BAD_REQUEST"),
        (b'{"query": "{ __typename }", "operationName": 1}', 400, "BAD_REQUEST"),
        (b'{"query": "{ __typename }", "extensions": "x"}', 400, "BAD_REQUEST"),
        (b" " * (1024 * 1024 + 1), 413, "BODY_TOO_LARGE"),
    ],
)
async def test_refused_bodies(served: Served, body: bytes, status: int, code: str) -> None:
    assert await served.code(body) == (status, code)
    assert await served.code(body, JSON) == (status, code)


async def test_a_large_body_without_length_is_cut(served: Served) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(50):
            yield b" " * 65536

    response = await served.client.post("/graphql", content=chunks(), headers={"content-type": JSON})
    assert response.status_code == 413


async def test_a_client_that_asks_first_need_not_send(served: Served) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(
        b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
        b"content-length: 52428800\r\nexpect: 100-continue\r\n\r\n"
    )
    answer = await asyncio.wait_for(reader.read(), 30)
    writer.close()
    assert answer.startswith(b"HTTP/1.1 413 ")


async def test_wrong_methods_and_types(served: Served) -> None:
    response = await served.client.put("/graphql", content=b"{}")
    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")
    assert await served.code(b"query=x", content_type="application/x-www-form-urlencoded") == (
        415,
        "UNSUPPORTED_MEDIA_TYPE",
    )
    assert await served.code(b"x", content_encoding="gzip") == (415, "UNSUPPORTED_MEDIA_TYPE")
    refusals = ("text/plain", "application/json;q=0", "*/*, application/*;q=0", "*/*;q=0", "application/json;q=nan")
    for accept in refusals:
        assert (await served.post({"query": "{ __typename }"}, accept)).status_code == 406
    assert (await served.client.get("/nothing")).status_code == 404


async def test_wrong_variables(served: Served) -> None:
    query = "query ($n: Int, $c: Currency) { products(first: $n) { price(currency: $c) } }"
    for variables in ({"n": "x"}, {"n": 2**40}, {"c": "NOPE"}, {"c": "XXX"}, {"n": {"a": 1}}):
        assert await served.code({"query": query, "variables": variables}) == (400, "BAD_USER_INPUT")


@pytest.mark.parametrize(
    "value",
    [[1] * 300_000, "9" * 1_000_000, {f"k{one}": one for one in range(60_000)}],
    ids=["list", "text", "object"],
)
async def test_huge_variables_are_not_told_back(served: Served, value: Any) -> None:
    query = "query ($n: Int) { products(first: $n) { id } again: products(first: $n) { id } }"
    response = await served.post({"query": query, "variables": {"n": value}})
    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert len(response.content) < 2_000


async def test_a_variable_as_deep_as_json_may_be(served: Served) -> None:
    body = b'{"query": "query ($n: Int) { products(first: $n) { id } }", "variables": {"n": %b1%b}}'
    for depth in (500, 1_000, 50_000):
        response = await served.post(body % (b"[" * depth, b"]" * depth))
        assert response.status_code == 400
        assert response.json()["errors"][0]["extensions"]["code"] in ("BAD_USER_INPUT", "INVALID_JSON")


async def test_without_introspection_nothing_of_the_schema_is_told(shop: Federation) -> None:
    settings = Settings(supergraph=FIXTURES / "shop" / "supergraph.graphql", introspection=False)
    application = Application(settings, shop.urls)
    async with serving(application) as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        one = Served(client, application, port)
        for query in (
            "{ __schema { types { name } } }",
            '{ ...f } fragment f on Query { a: __type(name: "User") { name } }',
        ):
            assert await one.code({"query": query}) == (400, "INTROSPECTION_DISABLED")
        assert (await one.post({"query": "{ __typename }"})).json() == {"data": {"__typename": "Query"}}
        response = await one.post({"query": "{ product { nam } }"})
        assert "name" not in response.json()["errors"][0]["message"]


async def test_probes_and_metrics(served: Served) -> None:
    def value(name: str, **labels: str) -> float:
        return served.application.metrics.registry.get_sample_value(name, labels) or 0.0

    def figures() -> list[float]:
        return [
            value("gateway_requests_total", kind="query", outcome="ok"),
            value("gateway_subgraph_requests_total", subgraph="catalog", outcome="answered"),
            value("gateway_operations_prepared_total", result="planned"),
            value("gateway_operations_prepared_total", result="cached"),
        ]

    before = figures()
    for _ in range(3):
        await served.post({"query": "{ products { id id id } }"})
    assert [new - old for new, old in zip(figures(), before, strict=True)] == [3, 3, 1, 2]
    for path in ("/livez", "/readyz"):
        assert (await served.client.get(path)).status_code == 200
    text = (await served.client.get("/metrics")).text
    assert 'gateway_subgraph_duration_seconds_count{subgraph="catalog"}' in text


async def test_headers_reach_subgraphs(served: Served, shop: Federation) -> None:
    shop.forget()
    trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"
    sent = {"authorization": "Bearer t", "traceparent": f"00-{trace_id}-00f067aa0ba902b7-01", "cookie": "secret=1"}
    response = await served.post({"query": "{ products { id inStock } }"}, **sent)
    assert response.headers["x-trace-id"] == trace_id
    for name in ("catalog", "stock"):
        [headers] = shop.subgraphs[name].headers
        assert headers[b"authorization"] == b"Bearer t"
        assert headers[b"traceparent"].startswith(f"00-{trace_id}-".encode())
        assert b"00f067aa0ba902b7" not in headers[b"traceparent"]
        assert b"cookie" not in headers
    await served.post({"query": "{ products { name } }"})
    made = shop.subgraphs["catalog"].headers[-1][b"traceparent"].decode()
    assert len(made) == 55
    assert trace_id not in made


async def test_cors(served: Served) -> None:
    response = await served.post({"query": "{ __typename }"}, origin="https://front.example")
    assert response.headers["access-control-allow-origin"] == "https://front.example"
    assert "access-control-allow-origin" not in (await served.post({"query": "{ a }"}, origin="https://x")).headers
    preflight = await served.client.options("/graphql", headers={"origin": "https://front.example"})
    assert preflight.status_code == 204
    offered = set(preflight.headers["access-control-allow-headers"].split(", "))
    assert offered >= {"authorization", "accept-language", "last-event-id", "x-report-cost", "content-type"}


async def test_every_answer_depends_on_its_origin(served: Served) -> None:
    """Or a cache gives the answer to a request without one to a page, which may then not read it."""
    for headers in ({}, {"origin": "https://front.example"}, {"origin": "https://x"}):
        response = await served.client.get("/graphql?query={__typename}", headers={"accept": JSON, **headers})
        assert "origin" in response.headers["vary"].split(", ")


async def test_explorer(served: Served) -> None:
    response = await served.client.get("/graphql", headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert response.headers["content-type"].startswith("text/html")
    page = response.text
    assert '"title": "All products"' in page
    assert "src=" not in page
    assert "https://" not in page
    assert "http://" not in page
    assert "script-src 'sha256-" in response.headers["content-security-policy"]


async def test_unexpected_failures_are_masked(
    served: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any) -> None:
        raise ZeroDivisionError("inner detail")

    monkeypatch.setattr(served.application.router.snapshot.operations, "coerce", fail, raising=False)
    response = await served.post({"query": "{ __typename }"})
    assert response.status_code == 500
    [error] = response.json()["errors"]
    assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert error["extensions"]["traceId"] == response.headers["x-trace-id"]
    assert "inner detail" not in response.text
    assert "inner detail" in caplog.text


async def test_a_deeply_nested_value_breaks_nothing(served: Served, shop: Federation) -> None:
    async def intercept(_request: dict[str, Any]) -> tuple[int, bytes]:
        return 200, b'{"data":{"products":[{"name":' + b"[" * 1000 + b"]" * 1000 + b"}]}}"

    shop.subgraphs["catalog"].intercept = intercept
    try:
        assert (await served.post({"query": "{ products { name } }"})).status_code == 200
    finally:
        shop.subgraphs["catalog"].intercept = None


async def test_a_slow_body_is_given_up(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    router = served.application.router
    monkeypatch.setattr(router, "limits", replace(router.limits, body_timeout=0.1))
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{")
    answer = await asyncio.wait_for(reader.read(), 30)
    writer.close()
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'"REQUEST_TIMEOUT"' in answer


async def test_an_idle_connection_is_the_clients_to_close(served: Served) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    for pause in (6, 0):  # longer than uvicorn's default
        writer.write(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n")
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)
        assert head.startswith(b"HTTP/1.1 200 ")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(int(length.partition(b":")[2]))
        await asyncio.sleep(pause)
    writer.close()


@pytest.mark.parametrize("flood", [b"a: b\r\n" * 1000, b"b" * 6000], ids=["many headers", "one long header"])
async def test_a_head_without_end_is_refused(served: Served, flood: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(b"POST /graphql HTTP/1.1\r\nhost: x\r\nx: ")
    status = asyncio.create_task(reader.readline())
    sent = 0
    while not status.done() and sent < 1_000_000:
        writer.write(flood)
        sent += len(flood)
        await asyncio.sleep(0.01)
    writer.close()
    assert await status == b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    assert sent < 200_000
    assert (await served.post({"query": "{ products { inStock } }"})).status_code == 200


async def test_access_log(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", logger="gateway.access"):
        await served.post({"query": "query Q { products { inStock } }"})
    [record] = [one for one in caplog.records if one.name == "gateway.access"]
    fields = vars(record)
    assert (fields["operation"], fields["kind"], fields["status"], fields["result"]) == ("Q", "query", 200, "ok")
    assert fields["subgraph_requests"] == 2
    assert len(fields["hash"]) == 16


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (b"host: x\r\nauthorization: Bearer x\x01y\r\n", ""),
        (b"host: x\r\nhost: y\r\n", "INVALID_HOST"),
        (b"", "INVALID_HOST"),
        (b"host: x\r\nauthorization: Bearer x\ry: z\r\n", ""),
        (b"host: x\r\nauthorization: Bearer x\0y\r\n", ""),
    ],
)
async def test_a_head_that_could_mean_two_things_is_refused(served: Served, lines: bytes, code: str) -> None:
    """By the server itself where `code` is empty."""
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(b"GET /graphql?query={__typename} HTTP/1.1\r\nconnection: close\r\n" + lines + b"\r\n")
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert code.encode() in answer


@pytest.mark.parametrize("name", ["authorization", "content-type", "last-event-id"])
async def test_a_header_that_may_be_there_once(served: Served, name: str) -> None:
    sent = [("accept", JSON), ("content-type", JSON), (name, JSON), (name, JSON)]
    response = await served.client.post("/graphql", content=b'{"query":"{ __typename }"}', headers=sent)
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (400, "INVALID_HEADER")


async def test_lines_of_accept_are_one_list(served: Served) -> None:
    sent = [("content-type", JSON), ("accept", "text/plain"), ("accept", GRAPHQL)]
    response = await served.client.post("/graphql", content=b'{"query":"{ __typename }"}', headers=sent)
    assert response.headers["content-type"].startswith(GRAPHQL)
