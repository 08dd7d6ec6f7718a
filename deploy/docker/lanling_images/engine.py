"""The Docker engine of this machine, or the one that DOCKER_HOST names."""

from __future__ import annotations

import docker
from docker.errors import DockerException

from lanling_images.errors import ImageError


def connect(*, timeout_seconds: int = 600) -> docker.DockerClient:
    """A client whose engine has answered. Raises ImageError in one line when none does."""
    try:
        client = docker.from_env(timeout=timeout_seconds)
        client.ping()
    except DockerException as error:
        raise ImageError(f"no Docker engine answers (DOCKER_HOST, /var/run/docker.sock): {_reason(error)}") from error
    return client


def _reason(error: BaseException) -> str:
    """The innermost cause; the libraries between wrap it several times."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
    return str(error)
