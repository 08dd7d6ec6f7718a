"""What operators apply: the rendered overlays, object by object."""

import base64
import importlib.util
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from lanling_local.parts import SERVICES

REPOSITORY = Path(__file__).parents[3]
KUBERNETES = REPOSITORY / "deploy" / "kubernetes"
OVERLAYS = ("county", "province")
PROCESSES = (*(part.name for part in SERVICES), "gateway")
Manifest = dict[str, Any]

overlay = pytest.mark.parametrize("overlay", OVERLAYS)


@cache
def rendered(overlay: str) -> list[Manifest]:
    return list(yaml.load_all((KUBERNETES / "rendered" / f"{overlay}.yaml").read_text(), yaml.CSafeLoader))


def of_kind(overlay: str, kind: str) -> dict[str, Manifest]:
    return {one["metadata"]["name"]: one for one in rendered(overlay) if one["kind"] == kind}


def pods(overlay: str) -> Iterator[tuple[str, Manifest]]:
    for kind in ("Deployment", "Job"):
        for name, one in of_kind(overlay, kind).items():
            yield name, one["spec"]["template"]


def renderer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("render", KUBERNETES / "render.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@overlay
def test_the_rendering_is_of_these_sources(overlay: str) -> None:
    """Whoever changes base or overlays renders again; `make kubernetes-check` compares with what kustomize makes."""
    first = (KUBERNETES / "rendered" / f"{overlay}.yaml").read_text().split("\n", 1)[0]
    assert first + "\n" == renderer().heading(), "run .venv/bin/python deploy/kubernetes/render.py"


@overlay
@pytest.mark.parametrize("kind", ["Deployment", "Service", "PodDisruptionBudget", "HorizontalPodAutoscaler"])
def test_every_process_has_each_kind_once(overlay: str, kind: str) -> None:
    assert set(of_kind(overlay, kind)) == {f"lanling-{name}" for name in PROCESSES}


@overlay
def test_every_database_and_the_topics_are_prepared_by_jobs(overlay: str) -> None:
    jobs = of_kind(overlay, "Job")
    assert set(jobs) == {"topics", *(f"migrate-{part.name}" for part in SERVICES)}
    for part in SERVICES:
        (container,) = jobs[f"migrate-{part.name}"]["spec"]["template"]["spec"]["containers"]
        (server,) = of_kind(overlay, "Deployment")[f"lanling-{part.name}"]["spec"]["template"]["spec"]["containers"]
        assert container["args"] == ["migrate", "--apply"]
        assert (container["image"], container["envFrom"]) == (server["image"], server["envFrom"])


@overlay
def test_every_pod_is_restricted(overlay: str) -> None:
    """The restricted pod security standard, and more: a root that nobody writes, no token, bounded memory."""
    for name, pod in pods(overlay):
        spec = pod["spec"]
        assert spec["securityContext"]["runAsNonRoot"] is True, name
        assert spec["securityContext"]["runAsUser"] == 10001, name
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert spec["automountServiceAccountToken"] is False, name
        assert not {"hostNetwork", "hostPID", "hostIPC"} & spec.keys(), name
        assert all(volume.keys() & {"emptyDir", "secret", "configMap"} for volume in spec["volumes"]), name
        for container in spec["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, name
            resources = container["resources"]
            assert {"cpu", "memory"} <= resources["requests"].keys(), name
            assert "memory" in resources["limits"], name
            assert ":" in container["image"], f"{name} has no version"
            assert not container["image"].endswith(":latest"), name


@overlay
def test_probes_and_the_time_to_drain(overlay: str) -> None:
    from govkit.runtime.app import _DRAIN_SECONDS

    for name, deployment in of_kind(overlay, "Deployment").items():
        spec = deployment["spec"]["template"]["spec"]
        (container,) = spec["containers"]
        paths = {probe: container[f"{probe}Probe"]["httpGet"]["path"] for probe in ("startup", "liveness", "readiness")}
        assert paths == {"startup": "/livez", "liveness": "/livez", "readiness": "/readyz"}, name
        before = container["lifecycle"]["preStop"]["sleep"]["seconds"]
        assert before + _DRAIN_SECONDS < spec["terminationGracePeriodSeconds"], name
        assert deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0, name
        assert "replicas" not in deployment["spec"], f"{name}: the autoscaler's number would be overwritten"


@overlay
def test_each_selector_meets_the_servers_of_its_process_only(overlay: str) -> None:
    labels = {name: pod["metadata"]["labels"] for name, pod in pods(overlay)}
    for kind in ("Deployment", "Service", "PodDisruptionBudget"):
        for name, one in of_kind(overlay, kind).items():
            selector = one["spec"]["selector"]
            wanted = selector.get("matchLabels", selector)
            met = [pod for pod, own in labels.items() if wanted.items() <= own.items()]
            assert met == [name], kind


@overlay
def test_scaling_is_by_cpu_and_by_lag_up_to_the_number_of_partitions(overlay: str) -> None:
    for name, one in of_kind(overlay, "HorizontalPodAutoscaler").items():
        assert one["spec"]["scaleTargetRef"]["name"] == name
        assert one["spec"]["minReplicas"] >= 2, "one node may go at any time"
        metrics = [metric["resource" if metric["type"] == "Resource" else "pods"] for metric in one["spec"]["metrics"]]
        names = [metric.get("name") or metric["metric"]["name"] for metric in metrics]
        assert names == (["cpu"] if name == "lanling-gateway" else ["cpu", "inbox_lag"])


@overlay
def test_what_is_named_is_there_and_secrets_are_not(overlay: str) -> None:
    """Secrets and the supergraph are the operator's; everything else that a pod names is in the rendering."""
    assert not of_kind(overlay, "Secret")
    settings = of_kind(overlay, "ConfigMap")
    for name, pod in pods(overlay):
        (container,) = pod["spec"]["containers"]
        sources = [one["configMapRef"]["name"] for one in container.get("envFrom", [])]
        sources += [one["configMap"]["name"] for one in pod["spec"]["volumes"] if "configMap" in one]
        assert set(sources) <= settings.keys() | {"supergraph"}, name
        mounted = {mount["name"] for mount in container["volumeMounts"]}
        assert mounted == {volume["name"] for volume in pod["spec"]["volumes"]}, name
    for name, one in settings.items():
        for variable in one.get("data", {}):
            is_secret = {"PASSWORD", "SECRET", "URI", "KEY"} & set(variable.split("_"))
            assert not is_secret or variable.endswith("_FILE"), f"{name}: {variable}"


@overlay
def test_settings_are_those_that_the_processes_know(overlay: str) -> None:
    """Each service starts with its settings as they are rendered, secrets given by file."""
    known = {"OPERATOR_BOOTSTRAP_SERVERS", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_TRACES_SAMPLER_ARG"}
    for part in SERVICES:
        module = importlib.import_module(f"{part.package}.service")
        fields = {name.upper() for name in module.SERVICE.settings_class.model_fields}
        for variable in environment(overlay, f"lanling-{part.name}"):
            assert variable in known or variable.removesuffix("_FILE") in fields or variable in fields, variable


@overlay
def test_services_answer_only_the_gateway_which_is_one_process_a_pod(overlay: str) -> None:
    for name in PROCESSES:
        assert environment(overlay, f"lanling-{name}")["GATEWAY_KEY_FILE"] == "/run/secrets/gateway-key"
    assert environment(overlay, "lanling-gateway")["GATEWAY_WORKERS"] == "1"


def test_the_gateway_takes_its_settings_and_finds_every_service() -> None:
    from gateway.settings import Settings, subgraph_urls

    given = environment("county", "lanling-gateway")
    fields = {f"GATEWAY_{name.upper()}" for name in Settings.model_fields}
    urls = subgraph_urls(given)
    own = {name for name in given if name.startswith("GATEWAY_") and not name.startswith("GATEWAY_SUBGRAPH_URL_")}
    assert own <= fields
    ports = {name: one["spec"]["ports"][0]["port"] for name, one in of_kind("county", "Service").items()}
    names = {part.package.upper(): f"lanling-{part.name}" for part in SERVICES}
    assert urls == {graph: f"http://{name}:{ports[name]}/graphql" for graph, name in names.items()}


def environment(overlay: str, name: str) -> dict[str, str]:
    (container,) = of_kind(overlay, "Deployment")[name]["spec"]["template"]["spec"]["containers"]
    settings = of_kind(overlay, "ConfigMap")
    found: dict[str, str] = {}
    for one in container["envFrom"]:
        found |= settings[one["configMapRef"]["name"]]["data"]
    return found | {one["name"]: one["value"] for one in container.get("env", [])}


def test_topics_are_those_of_the_schemas() -> None:
    declared = tomllib.loads((REPOSITORY / "schemas" / "topics.toml").read_text())
    lines = [
        f"{name} {own.get('partitions', declared['defaults']['partitions'])}"
        for name, own in declared["topics"].items()
    ]
    topics = KUBERNETES / "base" / "topics"
    assert (topics / "topics.txt").read_text().splitlines() == lines
    for overlay in OVERLAYS:
        (given,) = (one for name, one in of_kind(overlay, "ConfigMap").items() if name.startswith("topics-"))
        assert [line.split()[0] for line in given["data"]["topics.txt"].splitlines()] == list(declared["topics"])
    script = (topics / "create.sh").read_text()
    for name, value in declared["defaults"]["config"].items():
        assert f"--config {name}={value}" in script
    assert not any("config" in own for own in declared["topics"].values())


def test_the_supergraph_fits_into_a_config_map() -> None:
    """1 MiB is the most that one holds; with its URL and name some more. Plain text would not fit for long."""
    import gzip

    packed = gzip.compress((REPOSITORY / "schemas" / "supergraph.graphql").read_bytes())
    assert len(base64.b64encode(packed)) < 256 * 1024, "`kubectl apply` keeps a copy of at most 256 KiB"
