"""Whatever lies on a topic: parked or passed over by rule, seen in a metric, and never in the way of other events."""

from collections import Counter
from dataclasses import replace
from typing import Any, NamedTuple

import orjson
import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import MessageSizeTooLargeError
from prometheus_client import REGISTRY

from govkit.bus.kafka import new_producer
from govkit.bus.parking import Parking
from govkit.bus.records import BadRecord, read_record
from govkit.testing.bus import SOURCE, make_envelope, until
from lanling_local.stack import Infrastructure

from .conftest import Publish, Start
from .things import Database, until_parked, until_seen

Body = dict[str, Any]


class Record(NamedTuple):
    """What is read of a record from the broker."""

    value: bytes | None
    key: bytes


def event(**changes: Any) -> Body:
    """The first event of `bad` as JSON with some attributes changed; None removes one."""
    body = orjson.loads(make_envelope("bad", 1).to_json()) | changes
    return {name: value for name, value in body.items() if value is not None}


BAD: dict[str, tuple[str, bytes | None, bytes]] = {
    "undecodable": ("UNREADABLE", b"\xff\xfe not JSON", b"bad"),
    "json-but-no-event": ("NOT_CLOUDEVENT", b'{"hello": "world"}', b"bad"),
    "no-object": ("NOT_CLOUDEVENT", b"[1, 2]", b"bad"),
    "newer-cloudevents": ("NOT_CLOUDEVENT", orjson.dumps(event(specversion="2.0")), b"bad"),
    "tombstone": ("EMPTY", None, b"bad"),
    "missing-id": ("ATTRIBUTE_MISSING", orjson.dumps(event(id=None)), b"bad"),
    "missing-source": ("ATTRIBUTE_MISSING", orjson.dumps(event(source=None)), b"bad"),
    "missing-sequence": ("ATTRIBUTE_MISSING", orjson.dumps(event(sequence=None)), b"bad"),
    "missing-data": ("ATTRIBUTE_MISSING", orjson.dumps(event(data=None)), b"bad"),
    "number-as-type": ("ATTRIBUTE_WRONG", orjson.dumps(event(type=5)), b"bad"),
    "sequence-of-letters": ("ATTRIBUTE_WRONG", orjson.dumps(event(sequence="first")), b"bad"),
    "sequence-zero": ("ATTRIBUTE_WRONG", orjson.dumps(event(sequence="0")), b"bad"),
    "sequence-huge": ("ATTRIBUTE_WRONG", orjson.dumps(event(sequence="9" * 30)), b"bad"),
    "time-without-zone": ("ATTRIBUTE_WRONG", orjson.dumps(event(time="2026-11-23T08:00:00")), b"bad"),
    "data-as-text": ("ATTRIBUTE_WRONG", orjson.dumps(event(data="text")), b"bad"),
    "foreign": ("FOREIGN", orjson.dumps(event(source="/other/system")), b"bad"),
    "wrong-key": ("WRONG_KEY", orjson.dumps(event()), b"somebody-else"),
}


@pytest.mark.parametrize("kind", list(BAD))
def test_a_record_breaks_one_rule(kind: str) -> None:
    reason, body, key = BAD[kind]
    with pytest.raises(BadRecord) as bad:
        read_record(Record(body, key), SOURCE)
    assert bad.value.reason.name == reason


async def test_records_that_are_no_events_of_ours(
    database: Database, publish: Publish, start: Start, topic: str
) -> None:
    sent = {kind: await publish.raw(topic, body, key=key) for kind, (_, body, key) in BAD.items()}
    # On the same partition as they, and on others.
    await publish(make_envelope("bad", 1), *(make_envelope(f"good-{number}", 1) for number in range(5)))
    await start().start()
    await until_seen(database, {"bad": [1]} | {f"good-{number}": [1] for number in range(5)})

    async def all_kept() -> bool:
        return await database["parked"].count_documents({}) == len(BAD)

    await until(all_kept)
    for kind, (reason, body, _) in BAD.items():
        place = sent[kind]
        row = await database["parked"].find_one({"_id": f"{topic}/{place.partition}/{place.offset}"})
        assert row is not None, kind
        assert (row["reason"], row["key"], row["body"], row["size"]) == (reason, None, body or b"", len(body or b""))
        assert (row["topic"], row["partition"], row["offset"]) == (topic, place.partition, place.offset)
    counted = Counter(reason for reason, *_ in BAD.values())
    labels = {"group": f"{topic}.group"}
    for reason, times in counted.items():
        assert REGISTRY.get_sample_value("inbox_parkings_total", labels | {"reason": reason}) == times
    rows_by_reason = await Parking(database).counts()
    assert {reason: rows for reason, rows in rows_by_reason.items() if rows} == counted


async def test_unknown_types_and_newer_versions_are_passed_over(
    database: Database, publish: Publish, start: Start, topic: str
) -> None:
    await publish(
        make_envelope("thing-1", 1, type="cn.lanling.thing.vanished.v1"),
        make_envelope("thing-1", 2, type="cn.lanling.thing.changed.v2"),
        make_envelope("thing-1", 3),
        make_envelope("thing-2", 1, type="cn.lanling.thing.vanished.v1"),
    )
    await start().start()
    await until_seen(database, {"thing-1": [3]})

    async def positions() -> bool:
        rows = database["inbox"].find({"sequence": {"$gt": 0}}, sort=[("_id", 1)])
        return [(row["_id"], row["sequence"]) async for row in rows] == [
            (f"{SOURCE}|thing-1", 3),
            (f"{SOURCE}|thing-2", 1),
        ]

    await until(positions)
    assert await database["parked"].count_documents({}) == 0
    assert REGISTRY.get_sample_value("inbox_events_total", {"group": f"{topic}.group", "result": "SKIPPED"}) == 3.0


async def test_a_sequence_that_goes_back_is_a_duplicate(
    database: Database, publish: Publish, start: Start, topic: str
) -> None:
    await publish(*(make_envelope("thing-1", sequence) for sequence in (1, 2, 3, 2, 1, 3, 4)))
    await start().start()
    await until_seen(database, {"thing-1": [1, 2, 3, 4]})
    group = {"group": f"{topic}.group"}

    async def counted() -> bool:
        return REGISTRY.get_sample_value("inbox_events_total", group | {"result": "DUPLICATE"}) == 3.0

    await until(counted)
    assert await database["parked"].count_documents({}) == 0


async def test_data_that_do_not_fit_hold_their_subject_at_once(
    database: Database, publish: Publish, start: Start
) -> None:
    await publish(
        make_envelope("thing-1", 1),
        replace(make_envelope("thing-1", 2), data={"thingId": "thing-1", "sequence": "two"}),
        make_envelope("thing-1", 3),
        make_envelope("thing-2", 1),
    )
    await start().start()
    await until_seen(database, {"thing-1": [1], "thing-2": [1]})
    unfit, behind = await until_parked(database, "DATA_UNFIT", "BEHIND")
    assert (unfit["sequence"], unfit["attempts"], behind["sequence"]) == (2, 1, 3)
    assert unfit["error"]["type"] == "govkit.bus.inbox.DataUnfit"


async def test_an_event_beyond_the_limit(
    database: Database, publish: Publish, start: Start, topic: str, infrastructure: Infrastructure
) -> None:
    """Our producer refuses it. Where a topic lets it in, it is parked, and the gap that it leaves holds its subject."""
    large = make_envelope("thing-1", 1, padding="x" * (2 << 20))
    with pytest.raises(MessageSizeTooLargeError):
        await publish(large)
    wide = f"{topic}-wide"
    admin = AIOKafkaAdminClient(bootstrap_servers=infrastructure.kafka_bootstrap_servers)
    await admin.start()
    await admin.create_topics([NewTopic(wide, 1, 1, topic_configs={"max.message.bytes": str(4 << 20)})])
    producer = new_producer(infrastructure.kafka_bootstrap_servers)
    producer._max_request_size = 4 << 20
    await producer.start()
    try:
        await producer.send_and_wait(wide, large.to_json(), key=b"thing-1")
        for good in (make_envelope("thing-1", 2), make_envelope("thing-2", 1)):
            await producer.send_and_wait(wide, good.to_json(), key=good.subject.encode())
        await start(topic=wide).start()
        await until_seen(database, {"thing-2": [1]})
        gap, too_large = await until_parked(database, "GAP", "TOO_LARGE")
        assert (gap["sequence"], gap["expected"]) == (2, 1)
        assert (len(too_large["body"]), too_large["size"]) == (64 * 1024, len(large.to_json()))
    finally:
        await producer.stop()
        await admin.delete_topics([wide])
        await admin.close()
