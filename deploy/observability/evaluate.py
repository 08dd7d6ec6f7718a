"""Evaluate every expression of dashboards and rules with Prometheus, on the county of `make run`.

    python deploy/observability/evaluate.py

Prometheus runs for the while with prometheus.yaml and its rules. An expression must parse; each series that it selects
must be told by a process, with the labels that are asked for; and when all are there, it must come to something, with
the labels of its legend. What nobody tells because it has not happened (a defect) is listed at the end.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lanling_local import issuer
from lanling_local.configuration import Configuration
from lanling_local.parts import GATEWAY, services
from lanling_local.ports import HOST, free_ports

HERE = Path(__file__).parent
INTERVAL = "1s"  # in the place of 15 s, so that rates are there soon
SETTLE_SECONDS = 40  # gauges of the county are counted every 30 s
START_SECONDS = 60

SELECTOR = re.compile(r"([a-zA-Z_:][\w:]*)(\{[^}]*\})?")
LABELS = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")
LIMIT = re.compile(r"\s(?:==|>|<)\s-?[\d.e]+")
WORDS = {"and", "or", "unless", "offset"}
# Of pods: on one machine nobody has them.
ELSEWHERE = {"pod", "namespace"}
# Answered, refused by a rule, and refused by the schema.
QUESTIONS = (
    "{ organizationStatistics { communities } petitionStatistics { petitionsResolved } }",
    'mutation { createPerson(input: {name: "演练 Drill"}) { id } }',
    'mutation { updatePerson(input: {id: "nobody", name: "演练 Drill"}) { id } }',
    "{ nothing }",
)


class Unusable(Exception):
    """Why the check cannot be made, in one line."""


@dataclass(frozen=True)
class Expression:
    where: str
    text: str
    legend: str = ""
    is_alert: bool = False

    @property
    def selectors(self) -> set[str]:
        """The series that it selects, as written."""
        bare = re.sub(r"\b(?:by|on|ignoring|without)\s*\([^)]*\)|\[\w+\]|offset \w+", " ", self.text)
        found = ((match, bare[match.end() :].lstrip()[:1]) for match in SELECTOR.finditer(_outside_numbers(bare)))
        return {match[0] for match, follows in found if follows != "(" and match[1] not in WORDS}

    @property
    def unlimited(self) -> str:
        """Without what an alert compares with: it comes to something even while all is well."""
        return LIMIT.sub("", self.text)


def _outside_numbers(text: str) -> str:
    return re.sub(r"\b\d[\w.]*", lambda match: " " * len(match[0]), text)


def expressions() -> Iterator[Expression]:
    for file in ("recording.yaml", "alerts.yaml"):
        for group in yaml.safe_load((HERE / "rules" / file).read_text())["groups"]:
            for one in group["rules"]:
                yield Expression(one.get("record") or one["alert"], one["expr"], is_alert="alert" in one)
    for dashboard in sorted((HERE / "dashboards").glob("*.json")):
        for panel in json.loads(dashboard.read_text())["panels"]:
            for target in panel["targets"]:
                yield Expression(f"{dashboard.stem}: {panel['title']}", target["expr"], target["legendFormat"])


class Prometheus:
    def __init__(self, port: int) -> None:
        self._url = f"http://{HOST}:{port}"

    def ask(self, path: str, **parameters: str) -> Any:
        """Raises ValueError with the reason for what it refuses, OSError without an answer."""
        url = f"{self._url}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=30) as response:
                return json.load(response)["data"]
        except urllib.error.HTTPError as error:
            raise ValueError(json.load(error)["error"]) from error

    def result(self, expression: str) -> list[dict[str, str]]:
        """The labels of each series that it comes to."""
        answer = self.ask("query", query=expression)
        return [one["metric"] for one in answer["result"]] if answer["resultType"] == "vector" else [{}]

    def broken_rules(self) -> list[str]:
        """Of the rules that it evaluates, those that it cannot."""
        rules = [rule for group in self.ask("rules")["groups"] for rule in group["rules"]]
        return [f"{one['name']}: {one.get('lastError')}" for one in rules if one["health"] != "ok"]

    def has(self, selector: str) -> bool:
        return bool(self.ask("series", **{"match[]": selector}))


@contextmanager
def prometheus() -> Iterator[Prometheus]:
    """With the configuration of this directory, but for Kubernetes, and the targets of this machine."""
    (port,) = free_ports(1)
    with tempfile.TemporaryDirectory(prefix="lanling-") as name:
        directory = Path(name)
        shutil.copytree(HERE / "rules", directory / "rules")
        settings = yaml.safe_load((HERE / "prometheus.yaml").read_text())
        settings["global"] = dict.fromkeys(settings["global"], INTERVAL)
        jobs = settings["scrape_configs"]
        settings["scrape_configs"] = [one for one in jobs if "kubernetes_sd_configs" not in one]
        (directory / "prometheus.yaml").write_text(yaml.safe_dump(settings))
        targets = [
            {"targets": [f"{HOST}:{part.port}"], "labels": {"service": part.name}} for part in (GATEWAY, *services())
        ]
        (directory / "targets").mkdir()
        (directory / "targets" / "here.yaml").write_text(yaml.safe_dump(targets))
        command = [
            *("prometheus", f"--config.file={directory}/prometheus.yaml", f"--storage.tsdb.path={directory}/data"),
            *(f"--web.listen-address={HOST}:{port}", "--log.level=warn"),
        ]
        with (directory / "log").open("w") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            found = Prometheus(port)
            _wait_until_up(found, process, directory / "log")
            yield found
        finally:
            process.terminate()
            process.wait()


def _wait_until_up(found: Prometheus, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until each part of the county has been asked."""
    deadline, wanted = time.monotonic() + START_SECONDS, {part.name for part in (GATEWAY, *services())}
    missing = wanted
    while missing:
        if process.poll() is not None:
            raise Unusable(f"prometheus has ended: {log.read_text().strip().splitlines()[-1]}")
        if time.monotonic() > deadline:
            raise Unusable(f"no answer from {', '.join(sorted(missing))}: is `make run` running?")
        time.sleep(0.5)
        try:
            missing = wanted - {one["service"] for one in found.result("up == 1")}
        except OSError:
            continue


def ask_the_county(configuration: Configuration) -> None:
    """Of what nobody asks, nothing is counted. The last one is no request."""
    roles, scope = ["ORG_ADMIN", "AUDITOR"], {"countyWide": True}
    token = issuer.issue(roles, subject="dashboards", scope=scope, directory=configuration.directory / "issuer")
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    asked = [(GATEWAY.url, json.dumps({"query": question}).encode()) for question in QUESTIONS]
    for url, body in [*asked, (services()[0].url, b"{")]:
        try:
            urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=30).close()
        except urllib.error.HTTPError as refused:
            refused.close()


def faults_of(one: Expression, found: Prometheus) -> tuple[list[str], set[str]]:
    """What is wrong with it, and what of it has not happened yet."""
    try:
        result = found.result(one.unlimited if one.is_alert else one.text)
    except ValueError as error:
        return [f"it is refused: {error}"], set()
    faults, unseen = [], set()
    for selector in one.selectors:
        match = SELECTOR.fullmatch(selector)
        assert match is not None, selector
        name, labels = match[1], LABELS.findall(match[2] or "")
        if found.has(selector):
            continue
        if not found.has(name) and not _is_told(name, found):
            faults.append(f"no process tells {name}")
        elif found.has(name) and (strange := [label for label in labels if not found.has(f'{name}{{{label}!=""}}')]):
            faults.append(f"{name} has no label {', '.join(strange)}")
        else:
            unseen.add(selector)
    if not faults and not unseen:
        if not result:
            faults.append("its series are there and it comes to nothing")
        shown = {label for labels in result for label in labels} | ELSEWHERE
        faults += [
            f"nothing has the label {label}" for label in re.findall(r"{{(\w+)}}", one.legend) if label not in shown
        ]
    return faults, unseen


def _is_told(name: str, found: Prometheus) -> bool:
    """A process has announced the metric, though nothing has been counted; or a rule of ours makes it."""
    if ":" in name:
        return True
    families = {name, *(name.removesuffix(end) for end in ("_total", "_bucket", "_count", "_sum"))}
    return any(found.ask("metadata", metric=one) for one in families)


def main() -> int:
    if not shutil.which("prometheus"):
        print("skipped: prometheus is not on PATH")
        return 0
    configuration = Configuration()
    everything = list(expressions())
    wrong, unseen = 0, set()
    try:
        with prometheus() as found:
            end = time.monotonic() + SETTLE_SECONDS
            while time.monotonic() < end:
                ask_the_county(configuration)
                time.sleep(1)
            for rule in found.broken_rules():
                print(rule)
                wrong += 1
            for one in everything:
                faults, not_yet = faults_of(one, found)
                unseen |= not_yet
                wrong += bool(faults)
                for fault in faults:
                    print(f"{one.where}: {fault}: {one.text}")
    except (Unusable, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"{len(everything)} expressions, {wrong} wrong; has not happened: {', '.join(sorted(unseen)) or 'nothing'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
