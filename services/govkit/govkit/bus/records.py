"""A record from the broker as an event of the service whose topic it is, or the rule that it breaks.

What is checked here holds for every event that effects see: attributes present and of their type, the subject as the
key, the topic's own service as the source. Unknown types and newer versions are events like others: nobody consumes
them, but they are counted.
"""

from datetime import datetime
from typing import Any

import orjson

from govkit.bus.envelope import Envelope
from govkit.bus.failures import Reason
from govkit.bus.kafka import MAX_EVENT_BYTES

_TEXTS = ("id", "source", "type", "subject", "time", "correlationid", "causationid", "traceparent")
_NUMBERS = ("sequence", "aggregateversion")


class BadRecord(ValueError):
    """The record is no event of ours."""

    def __init__(self, reason: Reason, what: str = ""):
        super().__init__(f"{reason.value}: {what}" if what else reason.value)
        self.reason = reason


def read_record(record: Any, source: str) -> Envelope:
    """The event in a record of the topic of the service `source`. Raises BadRecord."""
    event = _json_object(record.value)
    if event.get("specversion") != "1.0":
        raise BadRecord(Reason.NOT_CLOUDEVENT, "specversion")
    if event.get("source", source) != source:
        raise BadRecord(Reason.FOREIGN)
    attributes = {name: _text(event, name) for name in _TEXTS} | {name: _number(event, name) for name in _NUMBERS}
    data = _attribute(event, "data")
    if not isinstance(data, dict):
        raise BadRecord(Reason.ATTRIBUTE_WRONG, "data")
    _check_time(attributes["time"])
    if record.key != attributes["subject"].encode():
        raise BadRecord(Reason.WRONG_KEY)
    return Envelope(**attributes, data=data)


def _json_object(body: bytes | None) -> dict[str, Any]:
    if not body:
        raise BadRecord(Reason.EMPTY)
    if len(body) > MAX_EVENT_BYTES:
        raise BadRecord(Reason.TOO_LARGE)
    try:
        event = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRecord(Reason.UNREADABLE) from error
    if not isinstance(event, dict):
        raise BadRecord(Reason.NOT_CLOUDEVENT, "no object")
    return event


def _attribute(event: dict[str, Any], name: str) -> Any:
    if event.get(name) is None:
        raise BadRecord(Reason.ATTRIBUTE_MISSING, name)
    return event[name]


def _text(event: dict[str, Any], name: str) -> Any:
    value = _attribute(event, name)
    if not isinstance(value, str) or not value:
        raise BadRecord(Reason.ATTRIBUTE_WRONG, name)
    return value


def _number(event: dict[str, Any], name: str) -> Any:
    """A count from 1; CloudEvents' sequence is a string."""
    value = _attribute(event, name)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18:
        value = int(value)
    if type(value) is not int or not 0 < value < 10**18:
        raise BadRecord(Reason.ATTRIBUTE_WRONG, name)
    return value


def _check_time(text: str) -> None:
    try:
        zone = datetime.fromisoformat(text).tzinfo
    except ValueError as error:
        raise BadRecord(Reason.ATTRIBUTE_WRONG, "time") from error
    if zone is None:
        raise BadRecord(Reason.ATTRIBUTE_WRONG, "time")
