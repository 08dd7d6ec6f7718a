"""What is in an image, and what is not."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import docker
import pytest

from lanling_images.names import Recipe, recipes
from lanling_images.sbom import write_sbom
from lanling_local.paths import REPOSITORY

from .running import Runner

# Of the base image with Python, 124 MB of it here, the packages and our own two megabytes.
LARGEST_MB = 350
DISTRIBUTIONS = r"""
import importlib.metadata, importlib.util, json, shutil, sys
print(json.dumps({
    "packages": {d.metadata["Name"]: d.version for d in importlib.metadata.distributions()},
    "found": [name for name in sys.argv[1:] if importlib.util.find_spec(name)],
    "tools": [name for name in ("gcc", "cc", "make", "git", "uv", "pip3.11") if shutil.which(name)],
}))
"""


@pytest.fixture
def contents(engine: docker.DockerClient, recipe: Recipe, version: str) -> dict[str, Any]:
    """What the Python of the image finds of all that is ours, and what else it could run."""
    ours = [*(one.package for one in recipes()), "govkit", "lanling_demo", "lanling_local", "pytest"]
    output = engine.containers.run(
        recipe.tag(version), ["-c", DISTRIBUTIONS, *ours], entrypoint="python", remove=True, network_mode="none"
    )
    return dict(json.loads(output))


def test_holds_the_kit_and_its_own_package_only(recipe: Recipe, contents: dict[str, Any]) -> None:
    kit = [] if recipe.name == "gateway" else ["govkit"]

    assert sorted(contents["found"]) == sorted([recipe.package, *kit])
    assert contents["tools"] == []


def test_labels_user_and_health(engine: docker.DockerClient, recipe: Recipe, version: str, revision: str) -> None:
    image = engine.images.get(recipe.tag(version))
    config = image.attrs["Config"]
    labels = {name.removeprefix("org.opencontainers.image."): text for name, text in config["Labels"].items()}

    assert config["User"] == "10001:10001"
    assert config["Healthcheck"]["Test"][0] == "CMD"
    assert (labels["title"], labels["version"]) == (f"lanling/{recipe.name}", version)
    assert labels["revision"] == revision
    assert "source" in labels
    assert image.attrs["Size"] / 1e6 <= LARGEST_MB


def test_six_services_share_the_layer_with_the_packages(engine: docker.DockerClient, version: str) -> None:
    layers = [engine.images.get(one.tag(version)).attrs["RootFS"]["Layers"] for one in recipes()[:-1]]

    assert len({tuple(one[:2]) for one in layers}) == 1


def test_the_bill_of_materials_lists_what_is_installed_as_it_is_locked(
    engine: docker.DockerClient, recipe: Recipe, version: str, contents: dict[str, Any], tmp_path: Path
) -> None:
    write_sbom(engine, recipe.tag(version), tmp_path / "sbom.json")

    document = json.loads((tmp_path / "sbom.json").read_text())
    listed = {_normal(one["name"]): one["version"] for one in document["components"]}
    assert listed == {_normal(name): number for name, number in contents["packages"].items()}
    lock = (REPOSITORY / "requirements" / "all.txt").read_text()
    own = {"govkit", recipe.package, f"lanling-{recipe.name}"}
    assert [name for name, number in listed.items() if name not in own and f"{name}=={number} " not in lock] == []


def _normal(name: str) -> str:
    return re.sub("[-_.]+", "-", name).lower()


def test_prints_its_contracts_without_configuration(runner: Runner, recipe: Recipe) -> None:
    if recipe.name == "gateway":
        pytest.skip("the gateway has no subgraph schema and no events")
    schema = (REPOSITORY / "schemas" / "subgraphs" / f"{recipe.name}.graphql").read_text()

    assert runner.output(recipe, "schema", environment={}) == (0, schema)
    code, contract = runner.output(recipe, "event-contract", environment={})
    assert code == 0
    assert json.loads(contract)
