"""Whatever a front end asks the county, it gets the same answer from another Federation 2 router."""

import pytest

from county import County
from interop.ask import Asker
from interop.compare import code, difference
from interop.corpus import Question, questions

pytestmark = pytest.mark.timeout(600)  # the first test installs the routers and starts the county

# What a peer does otherwise than the specification asks; when it no longer does, the test says so.
DEVIATIONS = {
    # Errors of one batch of entities all get the path of the first entity.
    ("43-bad-cursor", "hive"),
}


@pytest.mark.parametrize("question", questions(), ids=lambda question: question.name)
def test_the_same_answer(county: County, peers: dict[str, str], asker: Asker, question: Question) -> None:
    wrong = {}
    for name, url in peers.items():
        ours = asker.ask(county.url, question)
        assert {code(one) for one in ours.get("errors", ())} == question.codes, ours["errors"]
        differs = difference(ours, asker.ask(url, question))
        if (differs is not None) is not ((question.name, name) in DEVIATIONS):
            wrong[name] = differs or "answers as we do, though it is listed among the deviations"
    assert wrong == {}
