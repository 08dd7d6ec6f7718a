"""Print the events of a service as they come: `python docs/examples/listen.py organization [--from-start]`.

A plain Kafka client is all that it takes: value = CloudEvents 1.0 JSON, key = the aggregate's id.
"""

import asyncio
import json
import os
import sys

from aiokafka import AIOKafkaConsumer

BOOTSTRAP = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:19092")


async def listen(service: str, from_start: bool) -> None:
    consumer = AIOKafkaConsumer(
        f"lanling.{service}.events",
        bootstrap_servers=BOOTSTRAP,
        auto_offset_reset="earliest" if from_start else "latest",
        isolation_level="read_committed",
    )
    async with consumer:
        async for record in consumer:
            event = json.loads(record.value)
            print(
                event["type"], event["subject"], f"#{event['sequence']}", json.dumps(event["data"], ensure_ascii=False)
            )


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    try:
        asyncio.run(listen(sys.argv[1], "--from-start" in sys.argv))
    except KeyboardInterrupt:
        pass
