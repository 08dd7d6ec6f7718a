"""What the builder tells the engine, and what it refuses; with the real repository and without an engine."""

from __future__ import annotations

import subprocess
import tarfile
from pathlib import Path

import pytest

from lanling_images.build import BuildOptions, arguments
from lanling_images.engine import connect
from lanling_images.errors import ImageError
from lanling_images.names import recipe, recipes
from lanling_images.source import archive, full_revision, remote
from lanling_local.paths import REPOSITORY


def test_there_is_an_image_of_every_service_and_of_the_gateway() -> None:
    assert [one.tag("1.4.0") for one in recipes()] == [
        "lanling/organization:1.4.0",
        "lanling/grid:1.4.0",
        "lanling/petition:1.4.0",
        "lanling/points:1.4.0",
        "lanling/red-partner:1.4.0",
        "lanling/new-employment-group:1.4.0",
        "lanling/gateway:1.4.0",
    ]
    assert recipe("red_partner") == recipe("red-partner")


@pytest.mark.parametrize("version", ["", "1 4", "-1", "1.4.0/2", "1.4.0:latest", "a" * 129])
def test_refuses_a_version_that_is_no_tag(version: str) -> None:
    with pytest.raises(ImageError, match="is no tag"):
        recipe("points").tag(version)


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ImageError, match=r"no image 'pints'; there are: organization, .*gateway"):
        recipe("pints")


def test_the_way_to_the_packages_comes_from_the_environment_only() -> None:
    options = BuildOptions(version="1.4.0")
    given = arguments(recipe("points"), options, "c0ffee", {"HTTPS_PROXY": "http://proxy:3128", "HOME": "/root"})

    assert given["HTTPS_PROXY"] == "http://proxy:3128"
    assert not {"HOME", "BASE_IMAGE", "HTTP_PROXY"} & set(given)
    assert (given["PACKAGE"], given["DIRECTORY"], given["REVISION"]) == ("points", "services/points", "c0ffee")


def test_every_build_argument_is_one_of_the_dockerfile() -> None:
    text = (REPOSITORY / "deploy" / "docker" / "Dockerfile").read_text()
    declared = {line.split()[1].partition("=")[0] for line in text.splitlines() if line.startswith("ARG ")}
    given = arguments(recipe("points"), BuildOptions(version="1", base_image="base"), "c0ffee", {})

    assert set(given) <= declared


def test_no_engine_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")

    with pytest.raises(ImageError, match="no Docker engine answers") as told:
        connect()
    assert "\n" not in str(told.value)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit, and edits that are not committed."""
    for name in ("requirements/all.txt", "services/points/a.py", "services/points/tests/b.py", "gateway/c.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("committed")
    (tmp_path / "deploy" / "docker").mkdir(parents=True)
    (tmp_path / "deploy" / "docker" / "Dockerfile").write_text("FROM scratch")
    git = [
        "git",
        "-C",
        str(tmp_path),
        "-c",
        "user.name=x",
        "-c",
        "user.email=x@example.org",
        "-c",
        "commit.gpgsign=false",
    ]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "all"]):
        subprocess.run([*git, *command], check=True)
    (tmp_path / "services" / "points" / "a.py").write_text("edited")
    (tmp_path / "services" / "points" / "new.py").write_text("not committed")
    return tmp_path


def test_an_image_is_made_of_the_revision_without_tests(repository: Path) -> None:
    commit = full_revision(repository, "HEAD")
    with tarfile.open(fileobj=archive(repository, commit)) as tar:
        names = {member.name for member in tar.getmembers() if member.isfile()}
        content = tar.extractfile("services/points/a.py")
        assert content is not None
        assert content.read() == b"committed"

    assert names == {"requirements/all.txt", "services/points/a.py", "gateway/c.py", "deploy/docker/Dockerfile"}


def test_a_revision_that_does_not_exist_is_refused(repository: Path) -> None:
    with pytest.raises(ImageError, match="no such thing: v9"):
        full_revision(repository, "v9")


def test_the_source_label_carries_no_credentials(repository: Path) -> None:
    assert remote(repository) == ""
    url = "https://somebody:token@git.example.org/lanling.git"
    subprocess.run(["git", "-C", str(repository), "config", "remote.origin.url", url], check=True)

    assert remote(repository) == "https://git.example.org/lanling.git"
