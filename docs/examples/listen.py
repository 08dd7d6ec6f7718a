"""Print the events of a service as they come: `python docs/examples/listen.py organization [--from-start]`.

A plain Kafka client is all that it takes: value = CloudEvents 1.0 JSON, key = the record's id. KAFKA_SASL_USERNAME,
KAFKA_SASL_PASSWORD_FILE and KAFKA_CA_FILE are set where the broker asks who connects.
"""

import asyncio
import json
import os
import ssl
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer


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
    consumer = AIOKafkaConsumer(
        f"lanling.{service}.events",
        auto_offset_reset="earliest" if from_start else "latest",
        isolation_level="read_committed",
        **connection(os.environ),
    )
    async with consumer:
        async for record in consumer:
            print(line(record.value), flush=True)


def line(value: bytes) -> str:
    try:
        event = json.loads(value)
        data = json.dumps(event["data"], ensure_ascii=False)
        return f"{event['type']} {event['subject']} #{event['sequence']} {data}"
    except (ValueError, KeyError, TypeError):
        return f"no event: {value!r}"


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    try:
        asyncio.run(listen(sys.argv[1], "--from-start" in sys.argv))
    except KeyboardInterrupt:
        pass
