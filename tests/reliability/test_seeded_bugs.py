"""The checker finds what it is there for: each bug alone, and nothing where there is none."""

import pytest

from govkit.steps import Step
from reliability.conftest import Small
from reliability.findings import Kind
from reliability.plan import Fault, Planned

pytestmark = pytest.mark.timeout(600)

ONE = ("organization",)
NET = ("organization", "grid", "petition")
# Only these are told to the petition service in the tests of its consumer: whichever batch a death meets, it counts.
CHANGES_OF_THE_NET = ("grid",)


def kill(part: str, step: Step, times: int = 3) -> Planned:
    return Planned(0.4, Fault.KILL, part, step, times)


LOSING = kill("organization", Step.RELAY_BEFORE_SEND)
SKIPPING = kill("petition", Step.CONSUMER_EFFECT_DECIDED)
REPEATING = kill("petition", Step.CONSUMER_COMMITTED)
TEARING = kill("organization", Step.COMMIT_AGGREGATES_WRITTEN)

BROKEN = [
    ("mark_before_ack", ONE, ONE, LOSING, Kind.LOST),
    ("offset_before_commit", NET, CHANGES_OF_THE_NET, SKIPPING, Kind.LOST),
    ("no_inbox", NET, CHANGES_OF_THE_NET, REPEATING, Kind.DUPLICATED),
    ("bare_commit", ONE, ONE, TEARING, Kind.PHANTOM),
]


@pytest.mark.parametrize(("bug", "services", "stories", "fault", "kind"), BROKEN, ids=[row[0] for row in BROKEN])
def test_a_seeded_bug_is_found(
    proof: Small, bug: str, services: tuple[str, ...], stories: tuple[str, ...], fault: Planned, kind: Kind
) -> None:
    verdict = proof(bug, services, stories, fault)
    assert verdict.code == 1, verdict.text
    assert verdict.figure("steps_not_reached") == 0, verdict.text
    assert verdict.figure(kind.name.lower()) > 0, verdict.text


def test_without_a_bug_the_same_deaths_break_no_promise(proof: Small) -> None:
    verdict = proof("", NET, NET, LOSING, SKIPPING, REPEATING, TEARING)
    assert verdict.code == 0, verdict.text
    assert verdict.figure("steps_not_reached") == 0, verdict.text
