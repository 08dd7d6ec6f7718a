"""Builds an image from a revision, through the engine's API: neither the docker command nor BuildKit is needed."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError

from lanling_images import source
from lanling_images.errors import ImageError
from lanling_images.names import Recipe
from lanling_local.paths import REPOSITORY

# A machine's way to the packages; they reach the build only, never the image.
PASSED_ON = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "PIP_INDEX_URL", "UV_DEFAULT_INDEX")
_LAST_LINES = 15


@dataclass(frozen=True, kw_only=True)
class BuildOptions:
    """`base_image` empty: the one that the Dockerfile names. `network` is the engine's word: host, default, a name."""

    version: str
    revision: str = "HEAD"
    base_image: str = ""
    network: str = "default"
    repository: Path = REPOSITORY


@dataclass(frozen=True)
class Built:
    tag: str
    id: str
    revision: str
    bytes: int
    seconds: float


def build(client: docker.DockerClient, recipe: Recipe, options: BuildOptions) -> Built:
    """Build and tag one image. Raises ImageError, with the end of the build's output when a step of it failed."""
    started = time.monotonic()
    tag = recipe.tag(options.version)
    commit = source.full_revision(options.repository, options.revision)
    try:
        output = client.api.build(
            fileobj=source.archive(options.repository, commit),
            custom_context=True,
            dockerfile=source.DOCKERFILE,
            tag=tag,
            buildargs=arguments(recipe, options, commit, os.environ),
            network_mode=options.network,
            rm=True,
            forcerm=True,
            decode=True,
        )
        _follow(tag, output)
        image = client.images.get(tag)
    except APIError as error:
        raise ImageError(f"cannot build {tag}: {error.explanation}") from error
    return Built(tag, image.id, commit, image.attrs["Size"], time.monotonic() - started)


def arguments(recipe: Recipe, options: BuildOptions, commit: str, environment: Mapping[str, str]) -> dict[str, str]:
    """The build arguments of the Dockerfile."""
    passed_on = {name: environment[name] for name in PASSED_ON if environment.get(name)}
    base = {"BASE_IMAGE": options.base_image} if options.base_image else {}
    return {
        "PACKAGE": recipe.package,
        "NAME": recipe.name,
        "DIRECTORY": recipe.directory,
        "FOUNDATION": recipe.foundation,
        "PORT_VARIABLE": recipe.port_variable,
        "VERSION": options.version,
        "REVISION": commit,
        "SOURCE": source.remote(options.repository),
        **base,
        **passed_on,
    }


def _follow(tag: str, output: Iterable[dict[str, Any]]) -> None:
    lines: list[str] = []
    for part in output:
        lines += str(part.get("stream", "")).splitlines()
        if "error" in part:
            raise ImageError(f"cannot build {tag}: {part['error']}", [line for line in lines if line][-_LAST_LINES:])
