"""What the pure parts decide, on made-up figures and texts."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanling_deploy.configuration import check_service, read_configuration
from lanling_deploy.contracts import Contract, Subgraph, broken_events, broken_operations, compose, read_operations
from lanling_deploy.decisions import Resume, rest, resume
from lanling_deploy.errors import DeployError
from lanling_deploy.journal import Journal
from lanling_deploy.lock import only_one
from lanling_deploy.model import STEPS, Deployment, Open, Release, Step
from lanling_deploy.probe import counts_in, samples_in
from lanling_deploy.watching import Asked, Counts, Limits, reason_to_go_back
from lanling_local.paths import REPOSITORY

LIMITS = Limits()
NEW = Release("points", 2, "1.1", "sha256:b", "127.0.0.1", (4102, 4103))
DEPLOYMENT = Deployment("points-2", NEW, replace(NEW, number=1, ports=(4101,)), "before", "after")

counts = st.builds(
    lambda answers, errors, slow: Counts(answers, min(errors, answers), 0, {0.1: answers - slow, 5.0: answers}),
    st.integers(0, 1000),
    st.integers(0, 1000),
    st.integers(0, 5),
)


@given(counts)
def test_a_version_as_the_one_before_is_well(found: Counts) -> None:
    assert reason_to_go_back(found, found, found, Asked(found.answers, 0), LIMITS) == ""


@given(counts, st.integers(20, 1000))
def test_a_version_that_answers_only_errors_after_one_that_did_not_is_not_well(before: Counts, answers: int) -> None:
    well = replace(before, errors=0.0)
    wrong = Counts(answers, answers)
    assert "answers were errors" in reason_to_go_back(well, wrong, Counts(), Asked(answers), LIMITS)


@given(st.integers(0, 19))
def test_few_answers_say_nothing(answers: int) -> None:
    few = Counts(answers, answers, answers)
    assert reason_to_go_back(Counts(), few, few, Asked(answers), LIMITS) == ""


def test_requests_without_an_answer_and_defects_are_reasons() -> None:
    well = Counts(1000, 0, 0, {0.1: 1000})
    assert (
        reason_to_go_back(well, well, well, Asked(990, 10), LIMITS) == "10 of the gateway's 1000 requests had no answer"
    )
    with_defects = replace(well, defects=60)
    assert reason_to_go_back(well, with_defects, well, Asked(1000), LIMITS).startswith("60 commands ended in a")


@given(st.sets(st.sampled_from(STEPS)), st.sampled_from(["before", "after", "another"]), st.booleans(), st.booleans())
def test_what_is_left_open_goes_on_only_when_it_serves_whole(
    done: set[Step], published: str, runs: bool, fails: bool
) -> None:
    left = Open(DEPLOYMENT, frozenset(done), "not well" if fails else "")
    running = NEW.containers if runs else NEW.containers[:1]
    is_whole = Step.SWITCH in done and published == "after" and runs
    expected = Resume.GO_ON if not fails and (Step.WATCH in done or is_whole) else Resume.UNDO
    assert resume(left, published, running) is expected
    assert list(rest(left)) == [step for step in STEPS if step not in done]


def test_a_line_of_the_journal_that_was_cut_off_did_not_happen(tmp_path: Path) -> None:
    file = tmp_path / "journal.jsonl"
    journal = Journal(file)
    journal.begin(DEPLOYMENT)
    journal.step(Step.MIGRATE, 1)
    file.write_bytes(file.read_bytes()[:-3])
    again = Journal(file)
    assert again.county.open == Open(DEPLOYMENT)
    again.step(Step.MIGRATE, 2)
    assert Journal(file).county.open == Open(DEPLOYMENT, frozenset({Step.MIGRATE}))


def test_two_at_once_the_second_is_refused_and_a_dead_one_is_not_waited_for(tmp_path: Path) -> None:
    hold = (
        "import sys, time; from pathlib import Path; from lanling_deploy.lock import only_one\n"
        "with only_one(Path(sys.argv[1]), 'deploy of points 1.1'): print('held', flush=True); time.sleep(60)"
    )
    file = tmp_path / "lock"
    with subprocess.Popen([sys.executable, "-c", hold, str(file)], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with (
            pytest.raises(DeployError, match=rf"refused: deploy of points 1.1 \(pid {other.pid}\) is at work"),
            only_one(file, "another"),
        ):
            pass
        other.kill()
    with only_one(file, "another"):
        pass


def test_metrics_are_read_as_the_kit_writes_them() -> None:
    from govkit.runtime import metrics

    metrics.GRAPHQL_SECONDS.labels("ok").observe(0.01)
    metrics.GRAPHQL_SECONDS.labels("errors").observe(0.01)
    found = counts_in(samples_in(metrics.exposition().decode()))
    assert found.answers >= found.errors >= 1
    assert found.buckets[float("inf")] == found.answers


def test_a_gateway_counts_under_other_names() -> None:
    from gateway.telemetry.metrics import Metrics

    metrics = Metrics()
    for outcome in ("ok", "ok", "refused"):
        metrics.requests.labels("query", outcome).inc()
        metrics.duration.labels("query").observe(0.02)
    found = counts_in(samples_in(metrics.text().decode()))
    assert (found.answers, found.errors, found.p95) == (3, 1, 0.025)


# --- contracts --------------------------------------------------------------------------------------------------------

BEFORE = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
type Query { rules: [Rule!]! }
type Rule @key(fields: "id") { id: ID! code: String! }
"""


def supergraph(schema: str) -> str:
    return compose([Subgraph("points", "http://127.0.0.1:1/graphql", schema)])


def test_only_what_ran_before_can_be_broken() -> None:
    operations = {"good": "{ rules { id code } }", "never": "{ nothing }", "still": "{ rules { id } }"}
    before, after = supergraph(BEFORE), supergraph(BEFORE.replace("code", "sign"))
    assert broken_operations(before, before, operations) == []
    assert broken_operations(before, after, operations) == ["good: Cannot query field 'code' on type 'Rule'."]
    assert broken_operations("", after, operations) == []


def test_schemas_that_do_not_compose_are_refused_with_the_reason() -> None:
    with pytest.raises(DeployError, match=r"the schemas do not compose: .*points"):
        supergraph(BEFORE.replace('fields: "id"', 'fields: "nothing"'))


def test_operations_are_read_from_directories_and_manifests(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "one.graphql").write_text("{ rules { id } }")
    (tmp_path / "manifest.json").write_text(json.dumps({"ab12": "{ rules { code } }"}))
    found = read_operations([tmp_path / "folder", tmp_path / "manifest.json", tmp_path / "missing"])
    assert found == {"one.graphql": "{ rules { id } }", "manifest.json ab12": "{ rules { code } }"}


def test_the_events_of_this_checkout_are_as_promised_and_a_removed_one_is_not() -> None:
    from points.service import SERVICE

    contract, published = SERVICE.event_contract(), REPOSITORY / "schemas" / "published"
    assert broken_events(contract, published, {}, date(2026, 1, 1)) == []
    name = "cn.lanling.points.granted.v1"
    less = {**contract, "events": {key: value for key, value in contract["events"].items() if key != name}}
    (line,) = broken_events(less, published, {}, date(2026, 1, 1))
    assert line.startswith(f"{name}: a type is published until")


def test_what_a_running_service_consumes_must_stay_also_when_it_was_never_promised(tmp_path: Path) -> None:
    before: Contract = {"service": "points", "events": {"new.one": {}}, "consumes": {}}
    others: dict[str, Contract] = {"points": before, "grid": {"events": {}, "consumes": {"new.one": ["effect"]}}}
    now = {"service": "points", "events": {}, "consumes": {}}
    assert broken_events(now, tmp_path, others, date(2026, 1, 1)) == [
        "new.one: grid consumes it, and the new version has it no more"
    ]


# --- bad input --------------------------------------------------------------------------------------------------------


def test_an_unknown_service_is_told_the_known_ones() -> None:
    with pytest.raises(DeployError, match=r"no service 'pints'; there are: organization, .*gateway"):
        check_service("pints")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("stat = 1", "stat: Extra inputs are not permitted"),
        ("[watch]\nseconds = -1", "watch.seconds: Input should be greater than or equal to 0"),
        ("=", "deploy.toml: Invalid"),
    ],
)
def test_a_wrong_setting_is_one_line(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "deploy.toml").write_text(text)
    with pytest.raises(DeployError, match=told):
        read_configuration(tmp_path)


def test_no_engine_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "deploy.toml").write_text("")
    command = [sys.executable, "-m", "lanling_deploy", "deploy", "points", "1.0", "--config", str(tmp_path)]
    result = subprocess.run(command, env={"DOCKER_HOST": "unix:///nowhere.sock"}, capture_output=True, text=True)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("error: the engine does not answer: ")
    assert result.stderr.count("\n") == 1
