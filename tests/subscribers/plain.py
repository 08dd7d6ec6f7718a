"""Plain Kafka clients, and events as services publish them."""

from datetime import date
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Producer

from govkit.bus.envelope import Envelope
from govkit.domain.ports import new_id
from lanling_local.secured_kafka import SecuredKafka

SECONDS = 60.0
ORGANIZATION = "lanling.organization.events"
SUBSCRIBER = "bidding-platform"
FROM, TO = date(2026, 2, 1), date(2026, 7, 31)


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


def envelope(service: str, type: str, subject: str, sequence: int, data: dict[str, Any]) -> bytes:
    return Envelope(
        id=new_id(),
        source=f"/lanling/{service}",
        type=f"cn.lanling.{type}.v1",
        subject=subject,
        time="2026-01-31T16:00:00Z",
        sequence=sequence,
        aggregateversion=sequence,
        correlationid="test",
        causationid="test",
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        data=data,
    ).to_json()


def activated(consequence: str, enterprise: str) -> bytes:
    data = {"subjectId": enterprise, "kind": "BIDDING_RESTRICTED", "startOn": str(FROM), "endOn": str(TO)}
    return envelope("organization", "consequence.activated", consequence, 1, data)
