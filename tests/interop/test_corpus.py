"""Whatever a front end asks the county, it gets the same answer from another Federation 2 router."""

import pytest

from county import County
from interop.ask import Asker
from interop.compare import code, difference
from interop.corpus import Question, questions
from interop.deviations import IN_CORPUS, unexpected
from interop.peer import Peer
from interop.supergraph import service_urls, supergraph_of

pytestmark = pytest.mark.timeout(600)  # the first test installs the routers and starts the county


@pytest.fixture(scope="module")
def urls(county: County, peers: list[Peer]) -> dict[str, str]:
    """Of each peer, which serves the county's services."""
    supergraph = supergraph_of(service_urls(county))
    for peer in peers:
        peer.serve(supergraph)
    return {peer.name: peer.url for peer in peers}


@pytest.mark.parametrize("question", questions(), ids=lambda question: question.name)
def test_the_same_answer(county: County, urls: dict[str, str], asker: Asker, question: Question) -> None:
    differences = {}
    for name, url in urls.items():
        ours = asker.ask(county.url, question)
        assert {code(one) for one in ours.get("errors", ())} == question.codes, ours
        differences[name] = difference(ours, asker.ask(url, question))
    assert unexpected(question.name, differences, IN_CORPUS) == {}
