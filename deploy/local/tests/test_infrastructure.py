"""Broker and database: real ones, on free ports, with their data in a temporary directory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from pymongo import MongoClient

from lanling_local.ports import is_free
from lanling_local.stack import Infrastructure, InfrastructurePorts, infrastructure
from lanling_local.topics import create_topics


@pytest.fixture(autouse=True, scope="module")
def own_servers() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
        environment.delenv("MONGODB_URI", raising=False)
        yield


@pytest.fixture(scope="module")
def infra(own_servers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Infrastructure]:
    with infrastructure(tmp_path_factory.mktemp("infrastructure")) as started:
        yield started


def write_and_read_back(uri: str) -> int:
    with MongoClient[dict[str, object]](uri) as client, client.start_session() as session, session.start_transaction():
        collection = client["lanling_test"]["things"]
        collection.insert_one({"name": "砂锅"}, session=session)
        return collection.count_documents({}, session=session)


def test_database_has_transactions(infra: Infrastructure) -> None:
    assert write_and_read_back(infra.mongodb_uri) == 1


async def test_broker_has_the_topics_of_the_file_and_keeps_order(infra: Infrastructure) -> None:
    servers = infra.kafka_bootstrap_servers
    created = await create_topics(servers, prefix="spring")
    assert "spring.red-partner.events" in created
    assert len(created) == 6
    assert await create_topics(servers, prefix="spring") == []

    async with AIOKafkaProducer(bootstrap_servers=servers, acks="all", enable_idempotence=True) as producer:
        for number in range(5):
            await producer.send_and_wait("spring.points.events", str(number).encode(), key=b"one")
    async with AIOKafkaConsumer(
        "spring.points.events", bootstrap_servers=servers, group_id="spring.reader", auto_offset_reset="earliest"
    ) as consumer:
        values = [(await consumer.getone()).value for _ in range(5)]
    assert values == [b"0", b"1", b"2", b"3", b"4"]


def test_data_survive_a_restart_on_other_ports_and_nothing_is_left(tmp_path: Path) -> None:
    for count in (1, 2):
        ports = InfrastructurePorts.free()
        with infrastructure(tmp_path, ports=ports) as infra:
            assert write_and_read_back(infra.mongodb_uri) == count
            pids = [child.pid for child in infra.children]
        assert all(is_free(port) for port in (ports.kafka, ports.kafka_controller, ports.mongodb))
        assert not any(Path("/proc", str(pid)).exists() for pid in pids)


def test_servers_of_the_environment_are_used_and_not_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "broker.example:9092")
    monkeypatch.setenv("MONGODB_URI", "mongodb://database.example")
    with infrastructure(tmp_path) as infra:
        assert infra == Infrastructure("broker.example:9092", "mongodb://database.example")
        assert infra.environment.items() <= os.environ.items()
    assert list(tmp_path.iterdir()) == []
