"""Plain Kafka clients on the secured broker: what any subscriber could write."""

from typing import Any

from confluent_kafka import KafkaError, KafkaException, Producer

from lanling_local.secured_kafka import SecuredKafka

SECONDS = 20.0
ORGANIZATION = "lanling.organization.events"
SUBSCRIBER = "bidding-platform"


def client(broker: SecuredKafka, principal: str, **other: Any) -> dict[str, Any]:
    """What a plain client of `principal` is told; `other` with underscores for dots."""
    return {
        "bootstrap.servers": broker.servers,
        "security.protocol": "sasl_ssl",
        "ssl.ca.location": str(broker.ca),
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": principal,
        "sasl.password": (broker.passwords / f"{principal}.password").read_text().strip(),
        "log_level": 0,
        **{name.replace("_", "."): value for name, value in other.items()},
    }


def write(config: dict[str, Any], topic: str, *values: bytes, key: str = "key") -> None:
    """Raises KafkaException when the broker refuses one of them."""
    refusals: list[KafkaError] = []

    def delivered(error: KafkaError | None, record: object) -> None:
        if error:
            refusals.append(error)

    producer = Producer(config)
    for value in values:
        producer.produce(topic, value=value, key=key, on_delivery=delivered)
    assert producer.flush(SECONDS) == 0
    if refusals:
        raise KafkaException(refusals[0])
