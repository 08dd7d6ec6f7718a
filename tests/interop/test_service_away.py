"""A service is away: every router answers the same part of the question, and says that something is missing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from county import County, eventually
from interop.ask import Asker
from interop.compare import data_difference
from interop.corpus import Question, questions
from interop.deviations import WITH_A_SERVICE_AWAY, unexpected
from interop.peer import Peer
from interop.supergraph import service_urls, supergraph_of
from lanling_local.paths import REPOSITORY
from lanling_local.ports import free_ports
from lanling_local.processes import guarded

pytestmark = pytest.mark.timeout(600)  # the first test installs the routers and starts the county

AWAY = "points"
ASKED = ("example-01", "example-02", "example-03", "04", "14", "15", "16")


@pytest.fixture(scope="module")
def urls(county: County, peers: list[Peer]) -> Iterator[dict[str, str]]:
    """Of every router, ours the first. Nobody listens where they look for one of the services."""
    nobody, port = free_ports(2)
    addresses = service_urls(county) | {AWAY: f"http://127.0.0.1:{nobody}/graphql"}
    supergraph = supergraph_of(addresses)
    for peer in peers:
        peer.serve(supergraph)
    variables = {f"GATEWAY_SUBGRAPH_URL_{name.upper().replace('-', '_')}": url for name, url in addresses.items()}
    file = REPOSITORY / "schemas" / "supergraph.graphql"
    command = [sys.executable, "-m", "gateway", "serve", "--supergraph", str(file), "--port", str(port)]
    process = subprocess.Popen(guarded(command), env=os.environ | variables, stderr=subprocess.DEVNULL)
    try:
        eventually(lambda: _is_ready(port), 60)
        yield {"ours": f"http://127.0.0.1:{port}/graphql"} | {peer.name: peer.url for peer in peers}
    finally:
        process.terminate()
        process.wait(30)


def _is_ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.parametrize(
    "question", [one for one in questions() if one.name.startswith(ASKED)], ids=lambda question: question.name
)
def test_the_same_part_of_the_answer(urls: dict[str, str], asker: Asker, question: Question) -> None:
    answers = {name: asker.ask(url, question) for name, url in urls.items()}
    ours = answers.pop("ours")
    assert ours["errors"]
    assert all(answer["errors"] for answer in answers.values())
    differences = {name: data_difference(ours, answer) for name, answer in answers.items()}
    assert unexpected(question.name, differences, WITH_A_SERVICE_AWAY) == {}
