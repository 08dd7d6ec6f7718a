"""One sample of each event type, made from its class: the same on every machine and every day.

Values have the form of real ones: identifiers of UUIDv7, dates in the order of the fields, members of enums, codes from
`Doc(…, example=…)` or `Pattern`. A sample shows every field filled; it does not tell a story.
"""

import hashlib
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

import orjson

from govkit.bus.envelope import Envelope
from govkit.domain.events import Event
from govkit.domain.fields import Field, fields_of
from govkit.store.codec import to_event_data

MOMENT = datetime(2023, 7, 3, 1, 30, tzinfo=UTC)
LONGITUDE, LATITUDE, SIDE = 118.07, 34.85, 0.001  # degrees; the square at the county seat measures some 100 m
TEXT_OF_TIME = "0189195ef1c0"  # MOMENT in milliseconds, as UUIDv7 begins
COORDINATES = {"longitude": LONGITUDE, "latitude": LATITUDE, "west": LONGITUDE, "south": LATITUDE}
COORDINATES |= {"east": LONGITUDE + SIDE, "north": LATITUDE + SIDE}
AMOUNTS = {"year": MOMENT.year, "minutes": 90, "fen": 19_900, "m2": 9_200, "households": 620, "population": 1_850}
FEW = 3


def sample_data(cls: type[Event]) -> dict[str, Any]:
    """The `data` of the sample, as JSON has it."""
    return cast(dict[str, Any], orjson.loads(orjson.dumps(to_event_data(_filled(cls)))))


def sample(source: str, cls: type[Event]) -> dict[str, Any]:
    """The whole CloudEvent in structured JSON; its subject is the first identifier of the data."""
    data = sample_data(cls)
    subject = next((data[item.camel] for item in fields_of(cls) if item.kind == "ID" and not item.many), cls.TYPE)
    envelope = Envelope(
        id=sample_id(cls.TYPE),
        source=source,
        type=cls.TYPE,
        subject=subject,
        time=MOMENT.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        sequence=1,
        aggregateversion=1,
        correlationid=sample_id("correlation"),
        causationid=sample_id("causation"),
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        data=data,
    )
    return cast(dict[str, Any], orjson.loads(envelope.to_json()))


def sample_id(of: str) -> str:
    """A UUIDv7 that is always the same for the same thing, so that samples refer to each other."""
    digits = hashlib.sha256(of.encode()).hexdigest()
    return str(uuid.UUID(f"{TEXT_OF_TIME}7{digits[:3]}a{digits[3:18]}"))


def _filled(cls: Any) -> Any:
    """An instance with every field set."""
    return cls(**{item.name: _value(item, place) for place, item in enumerate(fields_of(cls))})


def _value(item: Field, place: int) -> Any:
    if not item.many:
        return _one(item, place)
    return list(item.item)[:2] if item.is_enum else [_one(item, place)]


def _one(item: Field, place: int) -> Any:
    """`place` counts the fields before it: what is declared later happens later."""
    if item.is_enum:
        return next(iter(item.item))
    if item.kind == "ID":
        return sample_id(item.ref.type_name if item.ref else _thing(item))
    if item.kind == "GEOJSON":
        return _square()
    if item.item is str:
        return item.example or f"{_thing(item).upper()}-1"
    if item.item is datetime:
        return MOMENT + timedelta(weeks=place)
    if item.item is date:
        return MOMENT.date() + timedelta(weeks=place)
    if item.item is bool:
        return True
    return _number(item) if item.item in (int, float) else _filled(item.item)


def _thing(item: Field) -> str:
    """What an identifier or code belongs to: `petition_id`, `petition_ids` → `Petition`."""
    name = item.name.removesuffix("s").removesuffix("_id").removesuffix("_code")
    return "".join(part.title() for part in name.split("_"))


def _number(item: Field) -> int | float:
    """Of the size that the last word of the name suggests, within the field's range."""
    if item.name in COORDINATES:
        return round(COORDINATES[item.name], 6)
    amount = AMOUNTS.get(item.name.rsplit("_", 1)[-1], FEW)
    if item.range:
        amount = int(min(max(amount, item.range.low), item.range.high))
    return float(amount) if item.item is float else amount


def _square() -> dict[str, Any]:
    """A closed ring, counter-clockwise as RFC 7946 has it."""
    west, south, east, north = (round(COORDINATES[name], 6) for name in ("west", "south", "east", "north"))
    return {
        "type": "Polygon",
        "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
    }
