"""How long an answer may be kept: as long as the shortest of its parts, if all of them say that they may be."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from gateway.execution.cache_control import joined, policy_of
from gateway.serving import Application
from gateway.settings import Settings
from gateway.supergraph import read_supergraph

from .autoworld import AutoWorld
from .federation import FIXTURES, Federation, federation
from .serving import serving

BOTH = {"query": "{ products { name inStock } }"}
ONE = {"query": "{ products { name } }"}


@pytest.mark.parametrize(
    ("header", "kept"),
    [
        (b"max-age=60", b"max-age=60"),
        (b"public, max-age=60, s-maxage=30", b"public, max-age=30"),
        (b"Private , MAX-AGE = 5", None),  # no blanks around the sign (RFC 9110, 5.6.6)
        (b"Private , MAX-AGE=5", b"private, max-age=5"),
        (b'max-age="7", must-revalidate', b"max-age=7"),
        (b"public, private, max-age=9", b"private, max-age=9"),
        (b"max-age=0", None),
        (b"max-age=-1", None),
        (b"max-age=1e3", None),
        (b"max-age=99999999999999999999", None),
        (b"max-age", None),
        (b"public", None),
        (b"no-store, max-age=60", None),
        (b"no-cache, max-age=60", None),
        (b"", None),
        (None, None),
    ],
)
def test_one_answer(header: bytes | None, kept: bytes | None) -> None:
    policy = policy_of(header)
    assert (policy.header() if policy else None) == kept


@pytest.mark.parametrize(
    ("one", "other", "kept"),
    [
        (b"public, max-age=60", b"public, max-age=5", b"public, max-age=5"),
        (b"public, max-age=60", b"max-age=90", b"max-age=60"),
        (b"public, max-age=60", b"private, max-age=90", b"private, max-age=60"),
        (b"public, max-age=60", None, None),
    ],
)
def test_two_parts(one: bytes, other: bytes | None, kept: bytes | None) -> None:
    for first, second in ((one, other), (other, one)):
        policy = joined(policy_of(first), policy_of(second))
        assert (policy.header() if policy else None) == kept


@pytest.fixture(scope="module")
async def client(shop: Federation) -> AsyncIterator[httpx.AsyncClient]:
    application = Application(Settings(supergraph=FIXTURES / "shop" / "supergraph.graphql"), shop.urls)
    async with serving(application) as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as one:
        yield one


Says = dict[str, list[tuple[bytes, bytes]]]


@pytest.fixture
def says(shop: Federation) -> Iterator[Says]:
    """What the subgraphs' answers say besides, to be filled in."""
    yield {name: one.answer_headers for name, one in shop.subgraphs.items()}
    for one in shop.subgraphs.values():
        one.answer_headers.clear()


async def test_the_header_of_the_answer(client: httpx.AsyncClient, says: Says) -> None:
    says["catalog"].append((b"cache-control", b"public, max-age=60"))
    answer = await client.post("/graphql", json=ONE)
    assert answer.headers["cache-control"] == "public, max-age=60"
    assert answer.headers["vary"] == "accept, accept-language, authorization, x-request-id"
    answer = await client.post("/graphql", json=BOTH)
    assert answer.headers["cache-control"] == "no-store"  # the stock says nothing
    assert "vary" not in answer.headers
    says["stock"].append((b"cache-control", b"max-age=10"))
    assert (await client.post("/graphql", json=BOTH)).headers["cache-control"] == "max-age=10"
    says["stock"].append((b"cache-control", b"no-store"))  # a second line belongs to the first
    assert (await client.post("/graphql", json=BOTH)).headers["cache-control"] == "no-store"


async def test_what_is_never_kept(client: httpx.AsyncClient, says: Says, shop: Federation) -> None:
    for headers in says.values():
        headers.append((b"cache-control", b"public, max-age=60"))
    mutation = {"query": 'mutation { rename(id: "1", name: "x") { id } }'}
    for body in (mutation, {"query": "{ __typename }"}, {"query": "{ nothing }"}):
        assert (await client.post("/graphql", json=body)).headers["cache-control"] == "no-store"

    async def fails(_request: object) -> tuple[int, bytes]:
        return 200, b'{"data":{"products":null},"errors":[{"message":"no"}]}'

    shop.subgraphs["catalog"].intercept = fails
    try:
        answer = await client.post("/graphql", json=ONE)
        assert answer.json()["errors"]
        assert answer.headers["cache-control"] == "no-store"
    finally:
        shop.subgraphs["catalog"].intercept = None


async def test_what_only_some_may_see_is_not_for_caches_that_all_share() -> None:
    sdl = (FIXTURES / "access" / "supergraph.graphql").read_text("utf-8")
    async with federation("access", AutoWorld(read_supergraph(sdl)).world) as records:
        for one in records.subgraphs.values():
            one.answer_headers.append((b"cache-control", b"public, max-age=60"))
        for query, header in (("{ count }", b"public, max-age=60"), ("{ me { name } }", b"private, max-age=60")):
            policy = (await records.outcome(query)).cache
            assert policy is not None
            assert policy.header() == header
