import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
import strawberry
from starlette.requests import Request

from govkit.domain.errors import Auth
from govkit.runtime.app import create_app
from govkit.runtime.tracing import current_trace_id

TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, name: str = "world") -> str:
        return f"hello {name}"

    @strawberry.field
    def trace(self) -> str | None:
        return current_trace_id()

    @strawberry.field
    def caller(self, info: strawberry.Info[dict[str, str], None]) -> str:
        return info.context["caller"]


async def context(request: Request) -> dict[str, str]:
    caller = request.headers.get("authorization", "nobody")
    if caller == "forged":
        raise Auth.UNAUTHENTICATED(reason="SIGNATURE")
    if caller == "defect":
        raise RuntimeError("secret")
    return {"caller": caller}


class Recorder:
    def __init__(self, name: str, events: list[str]):
        self.name = name
        self.events = events

    async def start(self) -> None:
        self.events.append(f"start {self.name}")

    async def stop(self) -> None:
        self.events.append(f"stop {self.name}")


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = create_app("things", strawberry.Schema(Query), context)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


Ask = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
def ask(client: httpx.AsyncClient) -> Ask:
    async def ask(body: Any, **headers: str) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await client.post("/graphql", content=content, headers={"content-type": "application/json"} | headers)

    return ask


async def test_operation_with_variables_and_context(ask: Ask) -> None:
    query = "query Greet($n: String!) { hello(name: $n) caller } query Other { hello }"
    answer = await ask({"query": query, "variables": {"n": "兰陵"}, "operationName": "Greet"}, authorization="me")
    assert answer.status_code == 200
    assert answer.json() == {"data": {"hello": "hello 兰陵", "caller": "me"}}


async def test_errors_of_the_document(ask: Ask) -> None:
    answer = await ask({"query": "{ nothing }"})
    assert answer.status_code == 200
    assert answer.json()["data"] is None
    assert "nothing" in answer.json()["errors"][0]["message"]


async def test_trace_of_the_caller_is_continued(ask: Ask) -> None:
    answer = await ask({"query": "{ trace }"}, traceparent=TRACEPARENT)
    assert answer.json()["data"]["trace"] == TRACEPARENT.split("-")[1]


async def test_refused_token(ask: Ask) -> None:
    answer = await ask({"query": "{ hello }"}, authorization="forged", traceparent=TRACEPARENT)
    (error,) = answer.json()["errors"]
    assert error["extensions"] == {
        "code": "AUTH_UNAUTHENTICATED",
        "service": "things",
        "retryable": False,
        "traceId": TRACEPARENT.split("-")[1],
        "details": {"reason": "SIGNATURE"},
    }


async def test_a_defect_is_masked(ask: Ask) -> None:
    answer = await ask({"query": "{ hello }"}, authorization="defect")
    assert answer.status_code == 500
    assert code(answer) == "GEN_INTERNAL"
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"query": "{ hello }\xff"}',
        b'{"query": "\\ud800"}',
        b"[" * 100_000,
        b"[]",
        b"{}",
        {"query": ""},
        {"query": 7},
        {"query": "{ hello }", "variables": []},
        {"query": "{ hello }", "operationName": 1},
    ],
)
async def test_bad_requests(ask: Ask, body: Any) -> None:
    answer = await ask(body)
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "BAD_REQUEST"


async def test_other_media_type_and_method(client: httpx.AsyncClient) -> None:
    answer = await client.post("/graphql", content=b'{"query":"{ hello }"}', headers={"content-type": "text/plain"})
    assert (answer.status_code, code(answer)) == (415, "UNSUPPORTED_MEDIA_TYPE")
    answer = await client.get("/graphql", params={"query": "{ hello }"})
    assert (answer.status_code, code(answer)) == (405, "METHOD_NOT_ALLOWED")


async def test_body_over_the_limit_with_and_without_a_length(client: httpx.AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(50):
            yield b" " * (1 << 20)

    for content in (b" " * ((1 << 20) + 1), chunks()):
        answer = await client.post("/graphql", content=content, headers={"content-type": "application/json"})
        assert (answer.status_code, code(answer)) == (413, "PAYLOAD_TOO_LARGE")
    exactly = b'{"query":"{ hello }"}'.ljust(1 << 20)
    answer = await client.post("/graphql", content=exactly, headers={"content-type": "application/json"})
    assert answer.status_code == 200


def code(answer: httpx.Response) -> str:
    return str(answer.json()["errors"][0]["extensions"]["code"])


async def test_health_and_metrics() -> None:
    async def works() -> bool:
        return True

    async def says_no() -> bool:
        return False

    async def raises() -> bool:
        raise ConnectionError

    async def hangs() -> bool:
        await asyncio.sleep(60)
        return True

    checks = {"works": works, "database": says_no, "broker": raises, "slow": hangs}
    app = create_app("things", strawberry.Schema(Query), context, readiness=checks)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        assert (await client.get("/livez")).json() == {"status": "live"}
        answer = await client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json() == {"status": "not ready", "notReady": ["database", "broker", "slow"]}
        assert "graphql_request_seconds" in (await client.get("/metrics")).text
    ready = create_app("things", strawberry.Schema(Query), context, readiness={"works": works})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(ready), base_url="http://test") as client:
        assert (await client.get("/readyz")).status_code == 200


async def test_background_tasks_start_in_order_and_stop_in_reverse() -> None:
    events: list[str] = []
    tasks = [Recorder("relay", events), Recorder("consumer", events)]
    app = create_app("things", strawberry.Schema(Query), context, background=tasks)
    async with app.router.lifespan_context(app):
        assert events == ["start relay", "start consumer"]
    assert events[2:] == ["stop consumer", "stop relay"]
