"""compose.yaml against what it must agree with: settings, topics, images, .env.example, files of the repository."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from govkit.runtime.settings import ServiceSettings
from lanling_images.names import recipes
from lanling_local.parts import services
from lanling_local.paths import REPOSITORY
from new_employment_group.personal_data import NewEmploymentSettings
from points.settings import PointsSettings

DIRECTORY = REPOSITORY / "deploy" / "docker"
TEXT = (DIRECTORY / "compose.yaml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
NAMES = [part.name for part in services()]
SETTINGS: dict[str, type[ServiceSettings]] = {"points": PointsSettings, "new-employment-group": NewEmploymentSettings}
OBSERVERS = {"prometheus", "grafana", "collector", "traces"}


def test_runs_every_image_and_a_migration_of_every_service() -> None:
    jobs = {f"{name}-migration" for name in NAMES}

    assert set(SERVICES) == {"mongodb", "replica-set", "kafka", "topics", *NAMES, *jobs, "gateway", *OBSERVERS}
    for recipe in recipes():
        assert SERVICES[recipe.name]["image"].startswith(f"lanling/{recipe.name}:${{VERSION")
    for name in NAMES:
        job = SERVICES[f"{name}-migration"]
        assert job["image"] == SERVICES[name]["image"]
        assert job["environment"] == SERVICES[name]["environment"]
        assert job["command"] == ["migrate", "--apply"]


def test_everything_waits_for_what_it_needs() -> None:
    done, healthy = "service_completed_successfully", "service_healthy"
    for name in NAMES:
        assert _waits(name) == {f"{name}-migration": done, "topics": done}
        assert _waits(f"{name}-migration") == {"replica-set": done}
    assert _waits("replica-set") == {"mongodb": healthy}
    assert _waits("topics") == {"kafka": healthy}
    assert _waits("gateway") == dict.fromkeys(NAMES, healthy)
    assert all("healthcheck" in SERVICES[name] for name in ("mongodb", "kafka"))


def test_every_process_of_ours_is_confined() -> None:
    for name in [*NAMES, *(f"{name}-migration" for name in NAMES), "gateway"]:
        assert SERVICES[name]["read_only"] is True
        assert SERVICES[name]["cap_drop"] == ["ALL"]
        assert SERVICES[name]["security_opt"] == ["no-new-privileges:true"]


def test_the_outside_reaches_loopback_ports_only() -> None:
    ports = {name: port for name, service in SERVICES.items() for port in service.get("ports", ())}

    assert set(ports) == {"gateway", "prometheus", "grafana", "traces"}
    assert all(port.startswith("127.0.0.1:") for port in ports.values())


@pytest.mark.parametrize("name", NAMES)
def test_a_service_gets_every_setting_without_a_default(name: str) -> None:
    fields = SETTINGS.get(name, ServiceSettings).model_fields
    required = {field.upper() for field, info in fields.items() if info.is_required()}
    if name == "points":
        required.add("PICKUP_CODE_SECRET")  # has no default where the data are no demonstration
    by_image = {"SERVICE_PORT"}
    given = {variable.removesuffix("_FILE") for variable in SERVICES[name]["environment"]}

    assert required - by_image <= given
    assert {variable.lower() for variable in given} <= set(fields)


def test_the_gateway_asks_every_service_in_its_container() -> None:
    prefix = "GATEWAY_SUBGRAPH_URL_"
    urls = {name: url for name, url in SERVICES["gateway"]["environment"].items() if name.startswith(prefix)}

    assert urls == {f"{prefix}{part.package.upper()}": f"http://{part.name}:8000/graphql" for part in services()}


def test_every_service_answers_only_the_gateway() -> None:
    for name in (*NAMES, "gateway"):
        assert SERVICES[name]["environment"]["GATEWAY_KEY_FILE"] == "/run/secrets/gateway-key"
        assert "gateway-key" in SERVICES[name]["secrets"]


def test_the_topics_are_those_of_the_event_backbone() -> None:
    topics = tomllib.loads((REPOSITORY / "schemas" / "topics.toml").read_text())
    script = SERVICES["topics"]["command"][0]
    listed = re.search(r"for service in (.*); do", script)

    assert listed
    assert [f"lanling.{name}.events" for name in listed[1].split()] == list(topics["topics"])
    assert all(own == {} for own in topics["topics"].values())
    assert int(script.split("--partitions ")[1].split()[0]) == topics["defaults"]["partitions"]
    assert dict(re.findall(r"--config (\S+)=(\S+)", script)) == topics["defaults"]["config"]


def test_every_setting_is_explained_and_every_explained_one_is_used() -> None:
    example = (DIRECTORY / ".env.example").read_text()
    explained = set(re.findall(r"^#?([A-Z][A-Z0-9_]*)=", example, flags=re.MULTILINE))
    passed_on = {name for one in SERVICES.values() for name, value in _environment(one).items() if value is None}

    assert set(re.findall(r"\$\{([A-Z0-9_]+)", TEXT)) | passed_on == explained
    values = dict(re.findall(r"^([A-Z][A-Z0-9_]*)=(.*)$", example, flags=re.MULTILINE))
    defaults = dict(re.findall(r"\$\{([A-Z0-9_]+):-([^}]*)\}", TEXT))
    assert {name: values[name] for name in defaults} == defaults


def test_every_file_of_the_repository_that_is_mounted_exists() -> None:
    mounted = [volume for one in SERVICES.values() for volume in one.get("volumes", ()) if volume.startswith(".")]

    assert mounted
    assert [volume for volume in mounted if not Path(DIRECTORY, volume.split(":")[0]).exists()] == []


def test_prometheus_asks_everything_that_runs() -> None:
    config = yaml.safe_load((DIRECTORY / "observability" / "prometheus.yaml").read_text())
    targets = {one["targets"][0]: one["labels"]["service"] for one in config["scrape_configs"][0]["static_configs"]}

    assert targets == {"gateway:4000": "gateway", **{f"{name}:8000": name for name in NAMES}}


def _waits(name: str) -> dict[str, str]:
    return {other: how["condition"] for other, how in SERVICES[name]["depends_on"].items()}


def _environment(service: dict[str, Any]) -> dict[str, Any]:
    return dict(service.get("environment", {}))
