"""What the gateway signs is what services with the key accept; they accept nothing else."""

from collections.abc import Mapping

import httpx
import pytest
import strawberry
from starlette.requests import Request

from gateway.transport.signature import Signer
from govkit.runtime.app import create_app
from govkit.runtime.gateway_signature import GatewaySignature

KEY, NEXT = "k" * 32, "n" * 40
NOW = 1790000000
BODY = b'{"query":"{ hello }"}'
TOKEN = "Bearer a.b.c"
HELLO = {"data": {"hello": "hello"}}


@strawberry.type
class Query:
    @strawberry.field
    def hello(self) -> str:
        return "hello"


async def context(_request: Request) -> None:
    return None


async def code_of(headers: Mapping[str, str], body: bytes = BODY, path: str = "/graphql") -> str | None:
    """The code that the service refuses a call with; None when it answers."""
    check = GatewaySignature(f"{KEY}\n{NEXT}\n", lambda: NOW).check
    app = create_app("things", strawberry.Schema(Query), context, check=check)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        answer = await client.post(path, content=body, headers={"content-type": "application/json", **headers})
        if answer.json() == HELLO:
            return None
        [error] = answer.json()["errors"]
        assert answer.status_code == 401
        return str(error["extensions"]["code"])


def signed(key: str = KEY, token: str | None = TOKEN, body: bytes = BODY, at: float = NOW) -> dict[str, str]:
    headers = [(b"authorization", token.encode())] if token else []
    lines = Signer(key.encode(), b"/graphql", lambda: at).lines(body, headers).decode().splitlines()
    return dict(one.split(": ", 1) for one in lines) | ({"authorization": token} if token else {})


@pytest.mark.parametrize(
    "headers", [signed(), signed(token=None), signed(NEXT), signed(at=NOW - 59), signed(at=NOW + 59)]
)
async def test_accepted(headers: dict[str, str]) -> None:
    assert await code_of(headers) is None


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": TOKEN},
        signed("x" * 32),
        signed(at=NOW - 61),
        signed(at=NOW + 61),
        signed(body=BODY + b" "),
        signed() | {"authorization": "Bearer d.e.f"},
        signed(token=None) | {"authorization": TOKEN},
        {name: value for name, value in signed().items() if name != "authorization"},
        {name: value for name, value in signed().items() if name != "content-digest"},
        {name: value for name, value in signed().items() if name != "signature"},
        signed() | {"signature": "gateway=::"},
        signed() | {"signature-input": signed()["signature-input"].replace(' "content-digest"', "")},
        signed() | {"signature-input": signed()["signature-input"].replace(str(NOW), str(NOW + 1))},
        signed() | {"signature-input": signed()["signature-input"] + ', other=("@method")'},
    ],
)
async def test_refused(headers: dict[str, str]) -> None:
    assert await code_of(headers) == "GATEWAY_SIGNATURE_INVALID"


async def test_a_body_that_was_changed_with_its_digest_is_refused() -> None:
    other = b'{"query":"{ __typename }"}'
    headers = signed() | {"content-digest": signed(body=other)["content-digest"]}
    assert await code_of(headers, other) == "GATEWAY_SIGNATURE_INVALID"


async def test_without_a_key_everybody_is_answered() -> None:
    app = create_app("things", strawberry.Schema(Query), context)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        assert (await client.post("/graphql", json={"query": "{ hello }"})).json() == HELLO
