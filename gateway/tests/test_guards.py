"""What is refused by its head: requests of other sites' pages, and clients that ask too often."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from gateway.errors import RequestError
from gateway.http import rate
from gateway.http.rate import RateLimit
from gateway.serving import Application
from gateway.settings import Settings

from .federation import FIXTURES, Federation
from .serving import serving

QUERY = {"query": "{ products { name } }"}
SUPERGRAPH = FIXTURES / "shop" / "supergraph.graphql"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "none"}, 200),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "https://evil.example"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "https://front.example"}, 200),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://{host}"}, 200),
    ],
)
async def test_pages_of_other_sites(shop: Federation, headers: dict[str, str], status: int) -> None:
    application = Application(Settings(supergraph=SUPERGRAPH, cors_origins=("https://front.example",)), shop.urls)
    async with serving(application) as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        sent = {name: value.format(host=f"127.0.0.1:{port}") for name, value in headers.items()}
        for response in (
            await client.get("/graphql", params=QUERY, headers=sent | {"accept": "application/json"}),
            await client.post("/graphql", json=QUERY, headers=sent),
        ):
            assert response.status_code == status
            if status == 403:
                assert response.json()["errors"][0]["extensions"]["code"] == "CROSS_SITE_REQUEST"


async def test_a_client_that_asks_too_often_is_told_when_to_come_back(shop: Federation) -> None:
    settings = Settings(supergraph=SUPERGRAPH, rate=0.5, rate_burst=3, client_header="X-Real-IP")
    application = Application(settings, shop.urls)
    async with serving(application) as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        answers = [await client.post("/graphql", json=QUERY, headers={"x-real-ip": "a"}) for _ in range(5)]
        assert [one.status_code for one in answers] == [200, 200, 200, 429, 429]
        assert answers[-1].headers["retry-after"] == "2"
        assert answers[-1].json()["errors"][0]["extensions"] == {
            "code": "RATE_LIMITED",
            "retryable": True,
            "retryAfter": 2,
        }
        other = await client.post("/graphql", json=QUERY, headers={"x-real-ip": "b"})
        assert other.status_code == 200


def test_buckets_fill_again_up_to_the_burst_and_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate, "MAX_CLIENTS", 2)
    clock = [0.0]
    limit = RateLimit(rate=2, burst=2, header=None, now=lambda: clock[0])

    def takes(address: str, times: int) -> int:
        done = 0
        for _ in range(times):
            try:
                limit.take(_scope(address))
            except RequestError:
                continue
            done += 1
        return done

    assert takes("a", 5) == 2
    clock[0] += 0.5
    assert takes("a", 5) == 1
    clock[0] += 100
    assert takes("a", 5) == 2
    assert [takes(address, 1) for address in "bc"] == [1, 1]
    assert len(limit) == 2


def _scope(address: str) -> dict[str, Any]:
    return {"headers": [], "client": (address, 1)}
