"""Automatic persisted queries, manifests and their modes, over real HTTP."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.errors import RequestError
from gateway.guards import documents
from gateway.guards.documents import Documents, ManifestError, Mode
from gateway.serving import Application
from gateway.settings import Settings

from .federation import FIXTURES, Federation
from .serving import serving

NAMES = "query Names { products { name } }"
STOCK = "query Stock { products { inStock } }"
OTHER = "{ products { id } }"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def persisted(text: str) -> dict[str, Any]:
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": sha256(text)}}}


@asynccontextmanager
async def client_of(shop: Federation, **settings: Any) -> AsyncIterator[httpx.AsyncClient]:
    application = Application(Settings(supergraph=FIXTURES / "shop" / "supergraph.graphql", **settings), shop.urls)
    async with serving(application) as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        yield client


async def outcome(client: httpx.AsyncClient, **body: Any) -> str:
    """The error's code, or the fields of the first product."""
    response = await client.post("/graphql", json=body)
    assert response.status_code == 200
    answer = response.json()
    return (
        str(answer["errors"][0]["extensions"]["code"])
        if "errors" in answer
        else ",".join(answer["data"]["products"][0])
    )


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    file = tmp_path / "manifest.json"
    operations = [{"id": "names-1", "name": "Names", "type": "query", "body": NAMES}]
    content = {"format": "apollo-persisted-query-manifest", "version": 1, "operations": operations}
    file.write_text(json.dumps(content))
    return file


async def test_a_text_sent_once_is_asked_for_by_its_hash(shop: Federation) -> None:
    async with client_of(shop) as client:
        assert await outcome(client, **persisted(NAMES)) == "PERSISTED_QUERY_NOT_FOUND"
        assert await outcome(client, query=NAMES, **persisted(NAMES)) == "name"
        assert await outcome(client, **persisted(NAMES)) == "name"
        parameters = {"extensions": json.dumps(persisted(NAMES)["extensions"])}
        response = await client.get("/graphql", params=parameters, headers={"accept": "application/json"})
        assert response.json()["data"]["products"]
        assert await outcome(client, query=NAMES, **persisted(STOCK)) == "PERSISTED_QUERY_HASH_MISMATCH"
        assert await outcome(client, **persisted(STOCK)) == "PERSISTED_QUERY_NOT_FOUND"
    async with client_of(shop, apq=False) as client:
        assert await outcome(client, query=NAMES, **persisted(NAMES)) == "PERSISTED_QUERY_NOT_SUPPORTED"


@pytest.mark.parametrize(
    "extensions",
    [{"persistedQuery": 1}, {"persistedQuery": {"version": 2}}, {"persistedQuery": {"version": 1, "sha256Hash": 1}}],
)
async def test_malformed_hashes(shop: Federation, extensions: dict[str, Any]) -> None:
    async with client_of(shop) as client:
        response = await client.post("/graphql", json={"query": NAMES, "extensions": extensions})
        assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")


def test_kept_texts_are_bounded_by_their_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "APQ_BYTES", 100)
    kept = Documents(None, Mode.OPEN, is_automatic=True)
    texts = [f"{{ a{number:030} }}" for number in range(4)]
    for text in texts:
        kept.text(text, None, sha256(text))
    with pytest.raises(RequestError, match="NotFound"):
        kept.text(None, None, sha256(texts[0]))
    assert kept.text(None, None, sha256(texts[3])) == texts[3]


async def test_a_manifest_gives_documents_by_id_and_leaves_others_alone(shop: Federation, manifest: Path) -> None:
    async with client_of(shop, documents=manifest) as client:
        assert await outcome(client, documentId="names-1") == "name"
        assert await outcome(client, documentId="nothing") == "PERSISTED_QUERY_NOT_IN_LIST"
        assert await outcome(client, query=OTHER) == "id"


async def test_only_what_the_manifest_lists(shop: Federation, manifest: Path) -> None:
    async with client_of(shop, documents=manifest, documents_mode=Mode.ONLY) as client:
        assert await outcome(client, documentId="names-1") == "name"
        assert await outcome(client, query=NAMES) == "name"
        assert await outcome(client, query=OTHER) == "QUERY_NOT_IN_SAFELIST"
        assert await outcome(client, query=OTHER, documentId="names-1") == "PERSISTED_QUERY_NOT_IN_LIST"
        assert await outcome(client, query=OTHER, **persisted(OTHER)) == "PERSISTED_QUERY_NOT_SUPPORTED"


async def test_strangers_are_logged_by_their_hash(
    shop: Federation, manifest: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with client_of(shop, documents=manifest, documents_mode=Mode.LOG) as client:
        with caplog.at_level(logging.WARNING, "gateway.guards.documents"):
            assert await outcome(client, query=NAMES) == "name"
            assert await outcome(client, query=OTHER) == "id"
    assert [vars(one)["hash"] for one in caplog.records] == [sha256(OTHER)[:16]]


async def test_a_changed_manifest_is_taken_and_a_broken_one_is_not(manifest: Path) -> None:
    kept = Documents(manifest, Mode.ONLY, is_automatic=False)
    assert not await kept.look()
    _write(manifest, json.dumps({"stock-1": STOCK}))
    assert await kept.look()
    assert kept.text(None, "stock-1", None) == STOCK
    _write(manifest, "[1]")
    assert not await kept.look()
    assert kept.text(STOCK, None, None) == STOCK


@pytest.mark.parametrize("content", ["", "[1]", '{"a": 1}', '{"operations": [{"id": "a"}]}'])
def test_a_manifest_that_cannot_be_used_stops_the_start(manifest: Path, content: str) -> None:
    manifest.write_text(content)
    with pytest.raises(ManifestError, match=r"manifest\.json"):
        Documents(manifest, Mode.OPEN, is_automatic=True)


def test_a_mode_without_a_manifest_stops_the_start() -> None:
    with pytest.raises(ManifestError, match="needs a manifest"):
        Documents(None, Mode.ONLY, is_automatic=True)


def _write(file: Path, content: str) -> None:
    stamp = file.stat().st_mtime_ns + 1_000_000
    file.write_text(content)
    os.utime(file, ns=(stamp, stamp))
