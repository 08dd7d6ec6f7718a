"""GraphiQL at the endpoint, from the operator's files."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from gateway.errors import GatewayError
from gateway.http.graphiql import FILES, PREFIX
from gateway.serving import Application
from gateway.settings import Settings

from .federation import FIXTURES


def provided(directory: Path) -> Path:
    for name in FILES:
        (directory / name).write_text(f"// {name}")
    return directory


def settings(directory: Path, examples: Path | None = None) -> Settings:
    return Settings(supergraph=FIXTURES / "shop" / "supergraph.graphql", graphiql=directory, examples=examples)


async def test_browsers_get_graphiql_with_the_examples_and_its_files_from_here(tmp_path: Path) -> None:
    examples = tmp_path / "examples"
    examples.mkdir()
    (examples / "a.graphql").write_text("# first\n{ __typename }")
    application = Application(settings(provided(tmp_path), examples))
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        page = await client.get("/graphql", headers={"accept": "text/html"})
        assert page.status_code == 200
        assert "GraphiQL.createFetcher" in page.text
        assert "{ __typename }" in page.text
        assert "https://" not in page.text
        assert "script-src 'self'" in page.headers["content-security-policy"]
        for name, media_type in FILES.items():
            file = await client.get(PREFIX + name)
            assert file.text == f"// {name}"
            assert file.headers["content-type"].startswith(media_type)
        assert (await client.get(f"{PREFIX}../settings.py")).status_code == 404
        assert (await client.get(f"{PREFIX}other.js")).status_code == 404


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    (provided(tmp_path) / "graphiql.min.css").unlink()
    with pytest.raises(GatewayError, match=r"GATEWAY_GRAPHIQL: .*graphiql\.min\.css: No such file"):
        Application(settings(tmp_path))
