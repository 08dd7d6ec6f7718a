"""Configuration by environment, with one clear line for each wrong or missing value."""

import sys
from ssl import create_default_context
from typing import Any, Literal, NoReturn, TypeVar

from pydantic import Field, FilePath, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from govkit.bus.kafka import Broker, SecuredBroker
from govkit.runtime.secret_files import SecretFiles

CONFIGURATION_ERROR = 2


class ServiceSettings(BaseSettings):
    """Environment of every service; the variable is the field's name in capitals, or this with `_FILE` and the path of
    a file that holds the value.

    A service subclasses this to add its own variables or to give defaults. A field that needs a value has an example;
    a field with `repr=False` can hold a password, so its value is never printed.
    """

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    service_host: str = Field("127.0.0.1", examples=["127.0.0.1"], min_length=1)
    service_port: int = Field(examples=["4001"], ge=1, le=65535)
    mongodb_uri: str = Field(
        examples=["mongodb://127.0.0.1:27117/?replicaSet=rs0"], pattern=r"^mongodb(\+srv)?://.", repr=False
    )
    mongodb_database: str = Field(examples=["lanling_organization"], pattern=r"^[A-Za-z0-9_-]{1,38}$")
    kafka_bootstrap_servers: str = Field(
        examples=["127.0.0.1:19092"], pattern=r"^[^\s:,]+:\d{1,5}(,[^\s:,]+:\d{1,5})*$"
    )
    kafka_security_protocol: Literal["PLAINTEXT", "SASL_SSL"] = Field("PLAINTEXT", examples=["SASL_SSL"])
    kafka_sasl_username: str | None = Field(None, examples=["organization"], min_length=1)
    kafka_sasl_password_file: FilePath | None = Field(None, examples=["/run/secrets/kafka-password"])
    kafka_ca_file: FilePath | None = Field(None, examples=["/run/secrets/kafka-ca.pem"])
    topic_prefix: str = Field("lanling", examples=["lanling"], pattern=r"^[A-Za-z0-9._-]{1,100}$")
    jwks_url: str = Field(examples=["https://issuer.example/jwks.json"], pattern=r"^(https?|file)://.")
    jwt_issuer: str = Field(examples=["https://issuer.example"], min_length=1)
    jwt_audience: str = Field(examples=["lanling"], min_length=1)
    gateway_key: str | None = Field(None, examples=["32 characters or more"], min_length=32, repr=False)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", examples=["INFO"])
    otel_exporter_otlp_endpoint: str | None = Field(None, examples=["http://127.0.0.1:4318"], pattern=r"^https?://.")
    otel_traces_sampler_arg: float = Field(1.0, examples=["0.1"], ge=0, le=1)
    demo_data: bool = Field(False, examples=["1"])

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, SecretFiles(settings_cls)

    @model_validator(mode="after")
    def _secured_broker_is_complete(self) -> "ServiceSettings":
        if self.kafka_security_protocol == "SASL_SSL":
            if not (self.kafka_sasl_username and self.kafka_sasl_password_file):
                raise ValueError("SASL_SSL needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD_FILE")
            try:
                self.broker  # noqa: B018
            except OSError as error:
                raise ValueError(f"KAFKA_CA_FILE or KAFKA_SASL_PASSWORD_FILE: {error}") from error
        return self

    @property
    def broker(self) -> Broker:
        """Where and as whom clients of the broker connect. Raises OSError when a file of its is unreadable."""
        if self.kafka_security_protocol == "PLAINTEXT":
            return self.kafka_bootstrap_servers
        assert self.kafka_sasl_username is not None
        assert self.kafka_sasl_password_file is not None
        return SecuredBroker(
            bootstrap_servers=self.kafka_bootstrap_servers,
            username=self.kafka_sasl_username,
            password=self.kafka_sasl_password_file.read_text().strip(),
            ssl_context=create_default_context(cafile=self.kafka_ca_file),
        )


S = TypeVar("S", bound=BaseSettings)


def load_settings(cls: type[S]) -> S:
    """Read `cls` from the environment, or end the process.

    Every wrong or missing variable gets one line on stderr: its name, what is wrong and an example. Exit code 2.
    """
    try:
        return cls()
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False)
        _refuse([_problem(cls, dict(problem)) for problem in problems])
    except SettingsError as error:
        _refuse([str(error)])


def _refuse(lines: list[str]) -> NoReturn:
    for line in lines:
        print(f"configuration: {line}", file=sys.stderr)
    raise SystemExit(CONFIGURATION_ERROR)


def _problem(cls: type[BaseSettings], problem: dict[str, Any]) -> str:
    location = problem["loc"]
    if not location:
        return str(problem["msg"])
    name = str(location[0])
    variable = name.upper()
    field = _field(cls, name)
    example = f"; for example {variable}={field.examples[0]}" if field is not None and field.examples else ""
    if problem["type"] == "missing":
        return f"{variable} is missing{example}"
    shown = f" {problem['input']!r}" if field is None or field.repr else ""
    return f"{variable} has a wrong value{shown}: {problem['msg']}{example}"


def _field(cls: type[BaseSettings], name: str) -> FieldInfo | None:
    # The location of a problem carries the spelling of the environment, not of the class.
    return cls.model_fields.get(name) or cls.model_fields.get(name.lower())
