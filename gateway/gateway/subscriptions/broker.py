"""Where the events are: the same environment variables as those of services that publish them.

`KAFKA_BOOTSTRAP_SERVERS` (none: no subscriptions), `KAFKA_SECURITY_PROTOCOL` PLAINTEXT or SASL_SSL with
`KAFKA_SASL_USERNAME`, `KAFKA_SASL_PASSWORD_FILE` and `KAFKA_CA_FILE`; `TOPIC_PREFIX` stands before the topics of the
schema. The user needs the right to read the topics and no consumer group: each gateway reads everything itself.
"""

from __future__ import annotations

from ssl import create_default_context
from typing import Any, Literal

from pydantic import FilePath, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from ..settings import SettingsError


class BrokerSettings(BaseSettings):
    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    kafka_bootstrap_servers: str | None = None
    kafka_security_protocol: Literal["PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    kafka_sasl_username: str | None = None
    kafka_sasl_password_file: FilePath | None = None
    kafka_ca_file: FilePath | None = None
    topic_prefix: str = ""

    @model_validator(mode="after")
    def _is_complete(self) -> BrokerSettings:
        if self.kafka_security_protocol == "SASL_SSL":
            if not (self.kafka_sasl_username and self.kafka_sasl_password_file):
                raise ValueError("SASL_SSL needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD_FILE")
            try:
                self.connection_options()
            except OSError as error:
                raise ValueError(f"KAFKA_CA_FILE or KAFKA_SASL_PASSWORD_FILE: {error}") from error
        return self

    def connection_options(self) -> dict[str, Any]:
        """What aiokafka is told. Raises OSError when a file cannot be read."""
        options: dict[str, Any] = {"bootstrap_servers": self.kafka_bootstrap_servers}
        if self.kafka_security_protocol == "SASL_SSL":
            assert self.kafka_sasl_password_file is not None
            options |= {
                "security_protocol": "SASL_SSL",
                "ssl_context": create_default_context(cafile=self.kafka_ca_file),
                "sasl_mechanism": "SCRAM-SHA-512",
                "sasl_plain_username": self.kafka_sasl_username,
                "sasl_plain_password": self.kafka_sasl_password_file.read_text().strip(),
            }
        return options

    def topic(self, name: str) -> str:
        return f"{self.topic_prefix}.{name}" if self.topic_prefix else name


def load_broker_settings() -> BrokerSettings:
    """Raises `SettingsError` with one line for each wrong variable."""
    try:
        return BrokerSettings()
    except ValidationError as error:
        lines = [f"{'_'.join(map(str, one['loc'])).upper() or 'KAFKA'}: {one['msg']}" for one in error.errors()]
        raise SettingsError("\n".join(lines)) from None
