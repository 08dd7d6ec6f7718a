"""What the broker may do with a topic's batches, by the topic's `compression.type`."""

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from govkit.testing.bus import make_envelope as envelope
from lanling_local.stack import Infrastructure

from .conftest import Publish, Start
from .things import Database, until_seen


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
async def test_a_topic_may_be_compressed(
    infrastructure: Infrastructure, database: Database, publish: Publish, start: Start, topic: str, codec: str
) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=infrastructure.kafka_bootstrap_servers)
    await admin.start()
    compressed = {"compression.type": codec}
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, compressed)])
    await admin.close()
    await publish(*(envelope("thing-1", sequence, pad="x" * 2000) for sequence in range(1, 6)))
    await start().start()
    await until_seen(database, {"thing-1": [1, 2, 3, 4, 5]})
