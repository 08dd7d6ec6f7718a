"""Print the events of a service as they come.

A plain Kafka client is all that it takes: value = CloudEvents 1.0 JSON, key = the record's id. KAFKA_SASL_USERNAME,
KAFKA_SASL_PASSWORD_FILE and KAFKA_CA_FILE are set where the broker asks who connects.
"""

import argparse
import asyncio
import json
import os
import ssl
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError


def connection(environment: Mapping[str, str]) -> dict[str, Any]:
    options: dict[str, Any] = {"bootstrap_servers": environment.get("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:19092")}
    if username := environment.get("KAFKA_SASL_USERNAME"):
        options |= {
            "security_protocol": "SASL_SSL",
            "ssl_context": ssl.create_default_context(cafile=environment["KAFKA_CA_FILE"]),
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": username,
            "sasl_plain_password": Path(environment["KAFKA_SASL_PASSWORD_FILE"]).read_text().strip(),
        }
    return options


async def listen(service: str, from_start: bool) -> None:
    topic = f"lanling.{service}.events"
    consumer = AIOKafkaConsumer(
        auto_offset_reset="earliest" if from_start else "latest",
        isolation_level="read_committed",
        **connection(os.environ),
    )
    try:
        await consumer.start()
        if topic not in await consumer.topics():
            sys.exit(f"there is no topic {topic}, or you may not read it")
        consumer.subscribe([topic])
        async for record in consumer:
            print(line(record.value), flush=True)
    except KafkaError as error:
        sys.exit(f"cannot read events: {error}")
    finally:
        await consumer.stop()


def line(value: bytes) -> str:
    try:
        event = json.loads(value)
        data = json.dumps(event["data"], ensure_ascii=False)
        return f"{event['type']} {event['subject']} #{event['sequence']} {data}"
    except (ValueError, KeyError, TypeError, RecursionError):
        return f"no event: {value!r}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("service", help="as in the topic lanling.SERVICE.events")
    parser.add_argument(
        "--from-start", action="store_true", help="from the first event on, else what comes from now on"
    )
    given = parser.parse_args()
    try:
        asyncio.run(listen(given.service, given.from_start))
    except KeyboardInterrupt:
        pass
