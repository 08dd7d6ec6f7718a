"""The checker finds every kind of what the load plants, where an event holds it."""

import asyncio
from pathlib import Path
from uuid import uuid4

import pytest

from lanling_local.stack import Infrastructure
from lanling_local.topics import create_topics
from planted import MARKS, NAME, PHONE, TEXT, id_number
from reliability.facts import read_facts
from reliability.place import Place, ServicePlace
from subscribers.plain import envelope, write

pytestmark = pytest.mark.timeout(240)


def test_names_phones_identity_numbers_and_texts_are_found(servers: Infrastructure, tmp_path: Path) -> None:
    prefix = f"planted-{uuid4().hex[:8]}"
    asyncio.run(create_topics(servers.kafka_bootstrap_servers, prefix=prefix))
    service = ServicePlace(name="grid", package="grid", url="", database=prefix, listens_to=(), environment={})
    place = Place(
        directory=tmp_path,
        kafka=servers.kafka_bootstrap_servers,
        mongodb=servers.mongodb_uri,
        prefix=prefix,
        gateway="",
        services=(service,),
        stories=(),
    )
    place.ledger.touch()
    planted = (NAME, PHONE, id_number(0), id_number(335_999), f"{TEXT}路面")
    events = [envelope("grid", "grid.updated", "one", number, {"code": text}) for number, text in enumerate(planted, 1)]
    harmless = envelope("grid", "grid.updated", "one", 6, {"code": "371324001001"})
    write({"bootstrap.servers": servers.kafka_bootstrap_servers}, place.topic("grid"), *events, harmless)
    assert len(read_facts(place, MARKS).marked) == len(planted)
