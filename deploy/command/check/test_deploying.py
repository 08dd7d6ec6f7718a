"""On a real engine, under load: no request fails, no command is lost or done twice, and what is not well goes back."""

from __future__ import annotations

import os
import re
import signal
import time
from uuid import uuid4

import httpx
import pymongo
import pytest

from .host import Host, build_bad
from .load import Load

REQUESTS = int(os.environ.get("DEPLOY_CHECK_REQUESTS") or 5000)


@pytest.fixture
def load(host: Host) -> Load:
    """Its commands carry a mark of their own, by which they are found again."""
    return Load(host.gateway, host.token(), f"LOAD_{uuid4().hex[:12].upper()}")


def check_commands(load: Load) -> None:
    """Each command that was answered is there once, and nothing else: an edition 2 would be one done twice."""
    with pymongo.MongoClient[dict[str, object]](os.environ["MONGODB_URI"]) as client:
        rows = list(client["deploy_points"]["earning_rule"].find({"code": {"$regex": f"^{load.mark}_"}}))
    assert sorted(str(row["code"]) for row in rows) == sorted(load.commands)
    assert {row["edition"] for row in rows} == {1}


@pytest.mark.timeout(900)
def test_no_request_fails_while_services_are_deployed(host: Host, load: Load) -> None:
    with load:
        host.deploy("points")
        host.deploy("organization")
        code, output = host.command("rollback", "points")
        assert code == 0, output
        load.wait_for(REQUESTS)
    print(f"figure deploy_load_requests {load.answered}\nfigure deploy_load_failed {len(load.failures)}")
    assert not load.failures, load.failures[:5]
    assert load.answered >= REQUESTS
    check_commands(load)


@pytest.mark.timeout(400)
def test_no_request_fails_while_the_gateway_is_deployed(host: Host, load: Load) -> None:
    before, next_version = host.gateway(), f"{host.version}-next"
    host.engine.images.get(f"lanling/gateway:{host.version}").tag("lanling/gateway", next_version)
    with load:
        load.wait_for(100)
        host.deploy("gateway", next_version)
        load.wait_for(load.answered + 100)
    print(f"figure deploy_gateway_requests {load.answered}\nfigure deploy_gateway_failed {len(load.failures)}")
    assert not load.failures, load.failures[:5]
    assert load.asked == {before, host.gateway()}
    assert len(load.asked) == 2
    assert host.live()["gateway"]["version"] == next_version
    assert len(host.running("gateway")) == 1
    check_commands(load)


@pytest.mark.timeout(400)
def test_a_gateway_that_never_becomes_ready_is_taken_back(host: Host, load: Load) -> None:
    before, running, url = host.live()["gateway"], host.running("gateway"), host.gateway()
    with load:
        code, output = host.command(
            "deploy", "gateway", build_bad(host.engine, host.version, "unready-gateway", "gateway")
        )
    assert code == 1
    told = "rolled back, gateway .* serves: .* never became ready in 40 s: "
    assert re.search(rf"^error: .*{told}", output, re.MULTILINE), output
    assert not load.failures, load.failures[:5]
    assert (host.live()["gateway"], host.running("gateway"), load.asked) == (before, running, {url})
    check_commands(load)


def test_a_deployed_service_answers_only_the_gateway(host: Host) -> None:
    url = f"http://127.0.0.1:{host.live()['points']['ports'][0]}/graphql"
    entities = "query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }"
    body = {"query": entities, "variables": {"r": [{"__typename": "EarningRule", "id": "1"}]}}
    answer = httpx.post(url, json=body, headers={"authorization": f"Bearer {host.token()}"})
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["extensions"]["code"] == "GATEWAY_SIGNATURE_INVALID"


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("unready", "rolled back, points .* serves: .* never became ready in 40 s: "),
        ("schema", "the schema breaks 1 known operations: rules.graphql: Cannot query field 'earningRules'"),
        ("event", "an event is broken for its subscribers: cn.lanling.points.granted.v1: a type is published until"),
    ],
)
def test_a_bad_version_does_not_come_to_serve(host: Host, load: Load, kind: str, told: str) -> None:
    before, running = host.live()["points"], host.running("points")
    with load:
        code, output = host.command("deploy", "points", build_bad(host.engine, host.version, kind))
    assert code == 1
    assert re.search(rf"^error: .*{told}", output, re.MULTILINE), output
    assert not load.failures, load.failures[:5]
    assert (host.live()["points"], host.running("points")) == (before, running)
    check_commands(load)


@pytest.mark.timeout(400)
def test_a_version_that_answers_errors_goes_back_by_itself(host: Host, load: Load) -> None:
    before, running = host.live()["points"], host.running("points")
    with load:
        code, output = host.command("deploy", "points", build_bad(host.engine, host.version, "errors"))
        failed = len(load.failures)
        answered = load.answered
        load.wait_for(answered + failed + 100)
    assert code == 1
    assert re.search(r"^error: .*is not well: \d+ of \d+ answers were errors", output, re.MULTILINE), output
    assert len(load.failures) == failed, "the version before answers all again"
    assert (host.live()["points"], host.running("points")) == (before, running)


@pytest.mark.timeout(400)
def test_of_two_at_once_the_second_is_refused(host: Host) -> None:
    first = host.start("deploy", "points", host.version)
    wait_for_line(first, "database")
    code, output = host.command("deploy", "organization", host.version)
    rest, _ = first.communicate(timeout=200)
    assert code == 1
    assert re.search(rf"^error: refused: deploy of points \S+ \(pid {first.pid}\) is at work", output, re.MULTILINE)
    assert first.returncode == 0, rest


@pytest.mark.timeout(400)
@pytest.mark.parametrize(("line", "told"), [("start ", "undo"), ("served ", "go on")])
def test_a_killed_command_is_finished_by_the_next(host: Host, load: Load, line: str, told: str) -> None:
    number = host.live()["points"]["number"]
    with load:
        process = host.start("deploy", "points", host.version)
        wait_for_line(process, line)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        code, output = host.command("scale", "points", "2")
    assert code == 0, output
    assert f"died while it deployed points {host.version}: {told}" in output
    assert not load.failures, load.failures[:5]
    live = host.live()["points"]
    assert (live["number"] > number) == (told == "go on")
    assert len(host.running("points")) == 2
    check_commands(load)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("deploy", "pints", "1.0"), "no service 'pints'; there are: organization,"),
        (("deploy", "points", "9.9.9"), "there is no image lanling/points:9.9.9"),
        (("deploy", "grid", "{version}"), "there is no image|the configuration of grid is missing"),
        (("deploy", "points", "1 0"), "'1 0' is no version"),
    ],
)
def test_bad_input_is_one_line(host: Host, arguments: tuple[str, ...], told: str) -> None:
    code, output = host.command(*(one.format(version=host.version) for one in arguments))
    assert code == 1
    assert re.search(rf"^error: .*({told})", output, re.MULTILINE), output


def test_an_engine_that_is_away_is_one_line(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere.sock")
    code, output = host.command("deploy", "points", host.version)
    assert code == 1
    assert output.startswith("error: the engine does not answer: ")
    assert output.count("\n") == 1


def wait_for_line(process: object, start: str) -> None:
    """Until the command has said that it did this."""
    output = process.stdout  # type: ignore[attr-defined]
    deadline = time.monotonic() + 120
    for text in output:
        if re.match(rf" *[\d.]+ s  {start}", text):
            return
        assert time.monotonic() < deadline
    raise AssertionError(f"the command ended before {start!r}")
