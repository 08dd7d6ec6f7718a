"""Rules, dashboards and runbooks against the code: what they name is there, and each alert says what to do."""

import importlib
import json
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.telemetry.metrics import Metrics
from lanling_local.parts import GATEWAY, SERVICES

REPOSITORY = Path(__file__).parents[3]
HERE = REPOSITORY / "deploy" / "observability"
RUNBOOKS = REPOSITORY / "docs" / "runbooks"
WORDS = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
# Of PromQL, of Prometheus itself, and of the process that a client library looks at.
LANGUAGE = {
    "sum",
    "max",
    "count",
    "rate",
    "increase",
    "histogram_quantile",
    "time",
    "absent",
    "by",
    "and",
    "or",
    "unless",
}
OUTSIDE = {"up", "process_resident_memory_bytes", "process_cpu_seconds_total", "process_open_fds"}
LABELS = {"service", "pod", "namespace", "instance", "job", "le", "worker"}


def rules(file: str) -> list[dict[str, Any]]:
    return [one for group in yaml.safe_load((HERE / "rules" / file).read_text())["groups"] for one in group["rules"]]


ALERTS = rules("alerts.yaml")
RECORDED = {one["record"] for one in rules("recording.yaml")}


@cache
def metrics() -> dict[str, set[str]]:
    """Every series that the processes can tell: name → its labels."""
    from govkit.runtime import metrics as service

    own = [value for value in vars(service).values() if hasattr(value, "_labelnames")]
    own += [value for value in vars(Metrics()).values() if hasattr(value, "_labelnames")]
    found: dict[str, set[str]] = {}
    for metric in own:
        name, labels = metric._name, set(metric._labelnames)
        if metric._type == "counter":
            found[f"{name}_total"] = labels
        elif metric._type == "histogram":
            found |= {f"{name}_{end}": labels | {"le"} for end in ("bucket", "count", "sum")}
        else:
            found[name] = labels
    for part in SERVICES:
        for gauge in importlib.import_module(f"{part.package}.projections.gauges").GAUGES:
            found[f"county_{gauge.name}"] = set()
    found["county_gauges_timestamp_seconds"] = set()
    # It has labels of its own that it makes when it is asked.
    found["gateway_build_info"] = {"version", "revision"}
    return found


def expressions() -> Iterator[tuple[str, str]]:
    for one in (*ALERTS, *rules("recording.yaml")):
        yield str(one.get("alert") or one["record"]), one["expr"]
    for file in sorted((HERE / "dashboards").glob("*.json")):
        for panel in json.loads(file.read_text())["panels"]:
            for target in panel["targets"]:
                yield f"{file.stem}: {panel['title']}", target["expr"]


@pytest.mark.parametrize(("where", "expression"), list(expressions()))
def test_what_an_expression_names_is_told_by_the_processes(where: str, expression: str) -> None:
    known = metrics()
    bare = re.sub(r'"[^"]*"', "", expression)
    bare = re.sub(r"\[\w+\]|offset \w+", "", bare)
    used = {word for word in WORDS.findall(bare) if not re.fullmatch(r"\d.*|e\d+", word)} - LANGUAGE
    series = {word for word in used if word in known or word in OUTSIDE or word in RECORDED}
    assert series, f"{where}: nothing is measured"
    labels = LABELS.union(*(known.get(word, set()) for word in series), *(labels_of(word) for word in series))
    assert used - series <= labels, f"{where}: {used - series - labels} is told by nobody"


def labels_of(recorded: str) -> set[str]:
    for one in rules("recording.yaml"):
        if one["record"] == recorded:
            return {label.strip() for match in re.findall(r"by \(([^)]*)\)", one["expr"]) for label in match.split(",")}
    return set()


def test_every_county_gauge_is_on_the_dashboard() -> None:
    shown = (HERE / "dashboards" / "county.json").read_text()
    missing = {name for name in metrics() if name.startswith("county_") and name not in shown}
    assert not missing


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: str(alert["alert"]))
def test_every_alert_has_its_runbook(alert: dict[str, Any]) -> None:
    name = alert["alert"]
    assert alert["labels"]["severity"] in ("page", "ticket")
    assert alert["annotations"]["runbook"] == f"docs/runbooks/{name}.md"
    text = (RUNBOOKS / f"{name}.md").read_text()
    assert re.findall(r"^##? (.+)$", text, re.MULTILINE) == [name, "Meaning", "Look", "Mend"]
    assert f"[{name}]({name}.md)" in (RUNBOOKS / "README.md").read_text()
    for label in re.findall(r"\$labels\.(\w+)", alert["annotations"]["summary"]):
        assert label in alert["expr"], f"{label} is not kept by the expression"


def test_no_runbook_is_left_of_an_alert_that_is_gone() -> None:
    assert {file.stem for file in RUNBOOKS.glob("*.md")} - {"README"} == {one["alert"] for one in ALERTS}


def test_links_of_runbooks_lead_somewhere() -> None:
    for file in RUNBOOKS.glob("*.md"):
        for target in re.findall(r"\]\(([^)#]+)", file.read_text()):
            assert (file.parent / target).exists(), f"{file.name}: {target}"


def test_dashboards_are_what_their_tables_make(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(HERE))
    monkeypatch.delitem(sys.modules, "dashboards", raising=False)
    made = importlib.import_module("dashboards")
    for name in made.DASHBOARDS:
        assert (HERE / "dashboards" / f"{name}.json").read_text() == made.text(name), "run dashboards.py"


def test_local_targets_are_the_processes_of_the_local_stack() -> None:
    targets = yaml.safe_load((HERE / "targets" / "local.yaml").read_text())
    told = {one["labels"]["service"]: one["targets"] for one in targets}
    assert told == {part.name: [f"127.0.0.1:{part.default_port}"] for part in (GATEWAY, *SERVICES)}


def test_the_collector_uses_what_it_declares() -> None:
    settings = yaml.safe_load((HERE / "collector.yaml").read_text())
    for pipeline in settings["service"]["pipelines"].values():
        for kind in ("receivers", "processors", "exporters"):
            assert set(pipeline[kind]) <= settings[kind].keys()
    assert settings["receivers"]["otlp"]["protocols"]["http"]["endpoint"].endswith(":4318")
