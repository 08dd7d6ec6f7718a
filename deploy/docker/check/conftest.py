"""Images of HEAD, built on the engine that answers, and a county's broker and database on this machine.

`make deploy-check` runs this inside `lanling_local broker-and-database`. Containers use the machine's own network, so
that it works on engines without a bridge, too.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from lanling_images.build import BuildOptions, build
from lanling_images.engine import connect
from lanling_images.names import recipes
from lanling_images.source import full_revision
from lanling_local import issuer
from lanling_local.paths import REPOSITORY
from lanling_local.topics import create_topics

from .running import County, Runner

HERE = Path(__file__).parent
BUILD_SECONDS = 900


@pytest.fixture(scope="session")
def engine() -> Iterator[docker.DockerClient]:
    client = connect()
    yield client
    client.close()


@pytest.fixture(scope="session")
def revision() -> str:
    return full_revision(REPOSITORY, "HEAD")


@pytest.fixture(scope="session")
def version(engine: docker.DockerClient, revision: str) -> str:
    """The tag of the images under check: made of HEAD, once; layers of earlier runs are used again."""
    options = BuildOptions(
        version=f"check-{revision[:12]}",
        revision=revision,
        base_image=os.environ.get("BASE_IMAGE", ""),
        network=os.environ.get("BUILD_NETWORK") or "default",
    )
    for recipe in recipes():
        made = build(engine, recipe, options)
        print(f"{made.tag}  {made.bytes / 1e6:.0f} MB  {made.seconds:.1f} s")
    return options.version


@pytest.fixture(scope="session")
def county(tmp_path_factory: pytest.TempPathFactory) -> County:
    """Topics, and files that a container may read as another user."""
    directory = tmp_path_factory.mktemp("county")
    issuer.environment(directory / "issuer")
    shutil.copy(REPOSITORY / "schemas" / "supergraph.graphql", directory / "supergraph.graphql")
    shutil.copy(directory / "issuer" / "jwks.json", directory / "jwks.json")
    for file in directory.iterdir():
        file.chmod(0o700 if file.is_dir() else 0o644)
    county = County(directory, os.environ["KAFKA_BOOTSTRAP_SERVERS"], os.environ["MONGODB_URI"])
    asyncio.run(create_topics(county.kafka))
    return county


@pytest.fixture
def runner(engine: docker.DockerClient, version: str, county: County) -> Iterator[Runner]:
    """Containers of the images; removed when the test is over."""
    runner = Runner(engine, version, county)
    yield runner
    runner.remove_all()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # The first test waits for the build of seven images, which takes minutes where nothing is there yet.
    for item in items:
        if item.path.parent == HERE:
            item.add_marker(pytest.mark.timeout(BUILD_SECONDS))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "recipe" in metafunc.fixturenames:
        metafunc.parametrize("recipe", recipes(), ids=[one.name for one in recipes()])
