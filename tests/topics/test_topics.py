"""What the running county has published, read from the topics' first event after all scenarios: whole, in order, by
its schemas, and without a word about a person."""

import asyncio
import re
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import pytest_asyncio
from jsonschema import Draft202012Validator
from pymongo import AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection
from whole_topic import whole_topic

from county import County
from lanling_demo import new_employment_facts, organization_facts, petition_facts
from lanling_local.parts import services
from planted import MARKS, NAME, TEXT, id_number
from planted import PHONE as PLANTED_PHONE

pytestmark = pytest.mark.timeout(300)

SCHEMAS = Path(__file__).parents[2] / "schemas"
EVENT_SCHEMAS, ENVELOPE = SCHEMAS / "events", SCHEMAS / "envelope.json"
SERVICES = [part.name for part in services()]
# Whole words: identifiers and fractions have such digits by chance.
PHONE = re.compile(r"(?<![\w.])1[3-9]\d{9}(?!\w)")
IDENTITY_NUMBER = re.compile(r"(?<![\w.])\d{6}(?:18|19|20)\d{9}[\dXx](?!\w)")
CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True)
class Published:
    """One record of a topic; `event` is its value read as JSON."""

    service: str
    partition: int
    offset: int
    key: bytes | None
    headers: dict[str, bytes]
    event: dict[str, Any]

    @property
    def label(self) -> str:
        return f"{self.service}/{self.partition}@{self.offset} {self.event.get('type')}"


@pytest_asyncio.fixture(scope="module")
async def published(county: County) -> list[Published]:
    """Everything that the six topics hold, in the order of each partition."""
    await all_is_published(f"mongodb://127.0.0.1:{county.ports['MONGODB_PORT']}/?directConnection=true")
    broker = f"127.0.0.1:{county.ports['KAFKA_PORT']}"
    found = [read(record) for name in SERVICES async for record in whole_topic(broker, topic(name))]
    assert {one.service for one in found} == set(SERVICES)
    return found


def topic(service: str) -> str:
    return f"lanling.{service}.events"


async def all_is_published(uri: str) -> None:
    """Returns when nothing waits in an outbox."""
    deadline = time.monotonic() + 120
    client: AsyncMongoClient[dict[str, Any]]
    async with AsyncMongoClient(uri) as client:
        for name in SERVICES:
            outbox: AsyncCollection[dict[str, Any]] = client[f"lanling_{name.replace('-', '_')}"]["outbox"]
            assert await outbox.count_documents({}) > 0, name
            while await outbox.count_documents({"published": False}):
                assert time.monotonic() < deadline, "the county never came to rest"
                await asyncio.sleep(0.2)


def read(record: Any) -> Published:
    service = record.topic.removeprefix("lanling.").removesuffix(".events")
    headers = dict(record.headers)
    return Published(service, record.partition, record.offset, record.key, headers, orjson.loads(record.value))


def test_every_service_has_published(published: list[Published]) -> None:
    assert {item.service for item in published} == set(SERVICES)


def test_every_envelope_is_complete(published: list[Published]) -> None:
    attributes = orjson.loads(ENVELOPE.read_bytes())["properties"].keys()
    envelope = validator(ENVELOPE)
    for item in published:
        event = item.event
        error = next(envelope.iter_errors(event), None)
        assert error is None, f"{item.label}: {error}"
        assert event.keys() == attributes, item.label
        assert datetime.fromisoformat(event["time"]).utcoffset() == timedelta(0), item.label
        assert all(event[name] for name in ("correlationid", "causationid", "data")), item.label


def test_the_source_fits_the_topic_and_the_headers_repeat_the_envelope(published: list[Published]) -> None:
    for item in published:
        event = item.event
        assert event["source"] == f"/lanling/{item.service}", item.label
        repeated = {f"ce_{name}": str(event[name]).encode() for name in ("id", "type", "source", "subject", "sequence")}
        assert repeated.items() <= item.headers.items(), item.label


def test_the_key_is_the_subject(published: list[Published]) -> None:
    for item in published:
        assert item.key == item.event["subject"].encode(), item.label
        assert item.event["partitionkey"] == item.event["subject"], item.label


def test_events_of_a_subject_are_numbered_without_gaps(published: list[Published]) -> None:
    """From 1, in the order of the partition, versions never falling. The same event may come twice: a relay that died
    before it noted the broker's acknowledgement sends it again."""
    last: dict[tuple[str, str], Published] = {}
    seen: dict[str, Published] = {}
    for item in published:
        event = item.event
        if (before := seen.setdefault(event["id"], item)) is not item:
            assert (before.partition, before.event) == (item.partition, event), item.label
            continue
        subject = (item.service, event["subject"])
        previous = last.get(subject)
        assert int(event["sequence"]) == (int(previous.event["sequence"]) + 1 if previous else 1), item.label
        if previous:
            assert previous.partition == item.partition, item.label
            assert previous.event["aggregateversion"] <= event["aggregateversion"], item.label
        last[subject] = item


def test_every_event_fits_the_committed_schema_of_its_type(published: list[Published]) -> None:
    validators: dict[str, Draft202012Validator] = {}
    for item in published:
        schema = item.event["dataschema"]
        assert schema == f"{item.service}/{item.event['type']}.json", item.label
        if schema not in validators:
            validators[schema] = validator(EVENT_SCHEMAS / schema)
        error = next(validators[schema].iter_errors(item.event["data"]), None)
        assert error is None, f"{item.label}: {error}"


def validator(path: Path) -> Draft202012Validator:
    """Raises FileNotFoundError: an event without a committed schema."""
    return Draft202012Validator(orjson.loads(path.read_bytes()), format_checker=Draft202012Validator.FORMAT_CHECKER)


def words_about_people(text: str) -> list[str]:
    """Chinese, telephone and identity numbers, and what the scenarios planted."""
    found = [match.group() for form in (CJK, PHONE, IDENTITY_NUMBER) for match in form.finditer(text)]
    return found + [mark for mark in MARKS if mark in text]


def test_the_planted_personal_data_would_be_found() -> None:
    """Those of the demonstration county, and those of the scenarios."""
    residents, workers = petition_facts.residents(), new_employment_facts.workers()
    people = [worker.person for worker in organization_facts.community_workers()]
    texts = [item.phone for item in residents] + [item.phone for item in workers] + [item.phone for item in people]
    texts += [item.display_name for item in residents] + [item.name for item in people]
    texts += [worker.display_name for worker in workers] + [worker.identity_number for worker in workers]
    texts += [NAME, TEXT, PLANTED_PHONE, id_number(1)]
    assert [text for text in texts if not words_about_people(f'{{"text":"{text}"}}')] == []


def test_the_topics_hold_what_the_scenarios_wrote(
    county: County, published: list[Published], request: pytest.FixtureRequest
) -> None:
    """Else nothing was looked for: events tell of records into which personal data were written, in every service."""
    if not any("scenarios" in item.path.parts for item in request.session.items):
        pytest.skip("without the scenarios there is only the demonstration data")
    assert {service for service, _ in county.planted} == set(SERVICES), "some scenario did not run before this"
    told = {(item.service, item.event["subject"]) for item in published}
    assert [record for record in county.planted if record not in told] == []


def test_no_event_holds_personal_data(published: list[Published]) -> None:
    """Neither phones nor identity numbers, and no Chinese at all: no name, no text that someone wrote."""
    for item in published:
        headers = " ".join(value.decode() for value in item.headers.values())
        assert words_about_people(f"{orjson.dumps(item.event).decode()} {headers}") == [], item.label
