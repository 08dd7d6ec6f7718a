import orjson
import pytest

from govkit.bus.envelope import Envelope
from govkit.testing.bus import make_envelope


def test_round_trip_and_headers() -> None:
    event = make_envelope("thing-1", 7, note="兰陵")
    assert Envelope.from_json(event.to_json()) == event
    document = orjson.loads(event.to_json())
    assert document["specversion"] == "1.0"
    assert document["partitionkey"] == document["subject"] == "thing-1"
    headers = dict(event.headers())
    assert headers["ce_id"] == event.id.encode()
    assert headers["ce_sequence"] == b"7"


def test_attributes_that_a_later_version_adds_are_ignored() -> None:
    document = orjson.loads(make_envelope("thing-1", 1).to_json()) | {"shardkey": "x"}
    assert Envelope.from_json(orjson.dumps(document)).subject == "thing-1"


@pytest.mark.parametrize("body", [b"", b"\xff", b"[]", b"null", b"7", b'{"id":"1"}'])
def test_what_is_no_event_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the contract is the class
        Envelope.from_json(body)


def test_a_sequence_that_is_no_number_is_refused() -> None:
    document = orjson.loads(make_envelope("thing-1", 1).to_json()) | {"sequence": "first"}
    with pytest.raises(ValueError, match="first"):
        Envelope.from_json(orjson.dumps(document))
