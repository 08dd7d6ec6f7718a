"""`deploy.toml` in the configuration directory, beside `<service>.env` for each service and the gateway."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lanling_deploy.errors import DeployError
from lanling_deploy.watching import Limits
from lanling_local.parts import GATEWAY, services

FILE = "deploy.toml"
MOUNTED_SECRETS = "/run/secrets"
KEY_FILE, KEY = KEY_SETTINGS = ("GATEWAY_KEY_FILE", "GATEWAY_KEY")
"""The key by which services know the gateway; the gateway has it by file only."""


class Configuration(BaseModel):
    """Paths are relative to the configuration directory. Every setting has a default that works."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    directory: Path
    state: Path = Path("state")
    """Journal, lock, and schema and contract of each release."""
    published: Path = Path("published")
    """The directory that gateways see: `supergraph.graphql`, and `gateway.address` for what stands in front of them."""
    secrets: Path = Path("secrets")
    """Mounted into every container as /run/secrets."""
    operations: tuple[Path, ...] = (Path("operations"),)
    """What clients are known to ask: directories of .graphql files, and manifests of persisted documents."""
    images: str = "lanling"
    network: str = "lanling"
    """The engine's network; `host`: none, every container has a port of this machine."""
    ports: tuple[int, int] = (4100, 4199)
    """First and last port of this machine, for the network `host`."""
    gateways: tuple[str, ...] = ()
    """Addresses of gateways that are not deployed by this command: http://host:port"""
    routes: dict[str, str] = Field(default_factory=dict)
    """Service → URL, for services that run without this command; their schema is the one of this checkout."""
    ready_seconds: float = Field(default=60.0, gt=0)
    served_seconds: float = Field(default=30.0, gt=0)
    """How long gateways may take to serve what is published."""
    drain_seconds: float = Field(default=45.0, gt=0)
    """How long the version before may still be asked; longer than a gateway's longest request."""
    quiet_seconds: float = Field(default=3.0, ge=0)
    """So long without a request, and nobody asks it any more."""
    minimum_free_mb: int = Field(default=500, ge=0)
    watch: Limits = Field(default_factory=Limits)

    def env_file(self, service: str) -> Path:
        return self.directory / f"{service}.env"


def read_configuration(directory: Path) -> Configuration:
    """Raises DeployError with a line for each wrong setting."""
    file = directory / FILE
    try:
        values = tomllib.loads(file.read_text("utf-8"))
        found = Configuration(directory=directory.absolute(), **values)
    except OSError as error:
        raise DeployError(f"no configuration: {file}: {error.strerror}; DEPLOY_CONFIG names its directory") from error
    except tomllib.TOMLDecodeError as error:
        raise DeployError(f"{file}: {error}") from error
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
        raise DeployError(f"{file}: {'; '.join(problems)}") from error
    base = found.directory
    return found.model_copy(
        update={
            "state": base / found.state,
            "published": base / found.published,
            "secrets": base / found.secrets,
            "operations": tuple(base / one for one in found.operations),
        }
    )


def names() -> tuple[str, ...]:
    """What can be deployed."""
    return (*(part.name for part in services()), GATEWAY.name)


def check_service(service: str) -> str:
    """Raises DeployError for a name that is none."""
    if service not in names():
        raise DeployError(f"no service {service!r}; there are: {', '.join(names())}")
    return service
