"""The example subscriber beside the whole county: its table says what the API says."""

import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bidding_platform.eligibility import Answer, Eligibility
from county import County, eventually
from lanling_local.paths import REPOSITORY
from lanling_local.processes import Child, stop

pytestmark = pytest.mark.timeout(400)  # the whole county may start with it
CONSEQUENCES = """{
  linkedConsequences(filter: {kind: {eq: BIDDING_RESTRICTED}}, first: 100) {
    edges { node { id subjectId startOn endOn liftedOn } }
  }
}"""


def test_the_platform_knows_from_events_what_the_api_answers(county: County, tmp_path: Path) -> None:
    edges = county.data(CONSEQUENCES, token=county.token("AUDITOR"))["linkedConsequences"]["edges"]
    expected = sorted(tuple(edge["node"].values()) for edge in edges)
    assert len(expected) >= 5
    assert any(lifted for *_, lifted in expected)
    database = tmp_path / "bidding.sqlite3"
    platform = Child(
        "platform",
        [sys.executable, "-m", "bidding_platform", "--database", str(database), "listen"],
        log=tmp_path / "platform.log",
        environment={
            "KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{county.ports['KAFKA_PORT']}",
            "PYTHONPATH": str(REPOSITORY / "docs" / "examples"),
        },
    )
    eligibility = Eligibility(database)
    try:
        eventually(lambda: eligibility.inbox.was_read_to_end() and eligibility.restrictions() == expected, 60)
        _, enterprise, start_on, end_on, _ = next(row for row in expected if row[4] is None)
        assert answer(eligibility, enterprise, start_on) is answer(eligibility, enterprise, end_on) is Answer.NO
        assert eligibility.inbox.waiting() == []
    finally:
        eligibility.close()
        stop([platform])


def answer(eligibility: Eligibility, enterprise: Any, on: Any) -> Answer:
    return eligibility.may_bid(enterprise, date.fromisoformat(on))
