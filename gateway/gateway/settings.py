"""Configuration: environment variables with the prefix ``GATEWAY_``, each with a default except the supergraph."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field, FilePath, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from .errors import GatewayError
from .guards.documents import Mode
from .guards.limits import Limits

URL_PREFIX = "GATEWAY_SUBGRAPH_URL_"
MIN_KEY = 32


class SettingsError(GatewayError):
    """A setting is missing or wrong; the message has one line for each."""


class Settings(BaseSettings):
    """Times are seconds, sizes bytes."""

    model_config = SettingsConfigDict(env_prefix="GATEWAY_", extra="ignore", populate_by_name=True)

    supergraph: str | Path
    supergraph_poll: Annotated[float, Field(gt=0)] = 2.0
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 4000
    workers: Annotated[int, Field(gt=0, le=128)] = 1
    log_level: str = "INFO"
    documents: Path | None = None
    documents_mode: Mode = Mode.OPEN
    apq: bool = True
    examples: Path | None = None
    graphiql: Path | None = None
    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()
    key_file: FilePath | None = None
    # Named as in the services, which verify the same tokens: one configuration for all processes.
    jwks: Annotated[str | None, Field(validation_alias="JWKS_URL")] = None
    jwt_issuer: Annotated[str | None, Field(validation_alias="JWT_ISSUER")] = None
    jwt_audience: Annotated[str | None, Field(validation_alias="JWT_AUDIENCE")] = None
    rate: Annotated[float, Field(ge=0)] = 0.0
    rate_burst: Annotated[int, Field(gt=0)] = 100
    client_header: str | None = None
    forward_headers: Annotated[tuple[str, ...], NoDecode] = ("authorization", "accept-language", "x-request-id")
    override_labels: Annotated[tuple[str, ...], NoDecode] = ()
    introspection: bool = True
    explorer: bool = True

    max_body: Annotated[int, Field(gt=0)] = 1024 * 1024
    body_timeout: Annotated[float, Field(gt=0)] = 10.0
    max_tokens: Annotated[int, Field(gt=0)] = 10_000
    max_depth: Annotated[int, Field(gt=0, le=100)] = 30
    max_aliases: Annotated[int, Field(ge=0)] = 100
    max_root_fields: Annotated[int, Field(gt=0)] = 50
    max_directives: Annotated[int, Field(gt=0)] = 500
    max_cost: Annotated[int, Field(gt=0)] = 1_000_000
    list_size: Annotated[int, Field(gt=0)] = 10
    operation_cache_size: Annotated[int, Field(gt=0)] = 1000

    subscriptions: Annotated[int, Field(ge=0)] = 20_000
    connections_per_client: Annotated[int, Field(gt=0)] = 200
    subscription_queue: Annotated[int, Field(gt=0)] = 100

    request_timeout: Annotated[float, Field(gt=0)] = 30.0
    subgraph_timeout: Annotated[float, Field(gt=0)] = 10.0
    subgraph_connect_timeout: Annotated[float, Field(gt=0)] = 2.0
    subgraph_retries: Annotated[int, Field(ge=0)] = 1
    subgraph_failures: Annotated[int, Field(ge=0)] = 10
    subgraph_pause: Annotated[float, Field(gt=0)] = 1.0
    share_subgraph_requests: bool = True
    share_requests: bool = False
    subgraph_connections: Annotated[int, Field(gt=0)] = 64
    subgraph_max_response: Annotated[int, Field(gt=0)] = 64 * 1024 * 1024

    @field_validator("cors_origins", "forward_headers", "override_labels", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("key_file")
    @classmethod
    def _has_key(cls, file: Path | None) -> Path | None:
        if file is not None and len(_first_word(file)) < MIN_KEY:
            raise ValueError(f"{file} must begin with a key of {MIN_KEY} characters or more")
        return file

    @property
    def key(self) -> bytes | None:
        """What requests to subgraphs are signed with. Raises OSError when the file has gone."""
        return _first_word(self.key_file) if self.key_file else None

    @property
    def limits(self) -> Limits:
        return Limits(
            max_body=self.max_body,
            body_timeout=self.body_timeout,
            max_tokens=self.max_tokens,
            max_depth=self.max_depth,
            max_aliases=self.max_aliases,
            max_root_fields=self.max_root_fields,
            max_directives=self.max_directives,
            max_cost=self.max_cost,
        )


def _first_word(file: Path) -> bytes:
    return next(iter(file.read_bytes().split(maxsplit=1)), b"")


def load_settings(**given: object) -> Settings:
    """Settings from the environment; `given` values that are not None win. Raises `SettingsError`."""
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        lines = []
        for one in error.errors():
            name = "GATEWAY_" + "_".join(str(part) for part in one["loc"][:1]).upper()
            lines.append(f"{name}: {one['msg']}")
        raise SettingsError("\n".join(lines)) from None


def subgraph_urls(environment: Mapping[str, str]) -> dict[str, str]:
    """URL overrides by ``join__Graph`` value, from ``GATEWAY_SUBGRAPH_URL_<VALUE>``."""
    return {
        name.removeprefix(URL_PREFIX): value
        for name, value in environment.items()
        if name.startswith(URL_PREFIX) and value
    }
