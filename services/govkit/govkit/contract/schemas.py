"""JSON Schema 2020-12 of each event type, generated from the event classes."""

from datetime import date, datetime
from enum import Enum
from typing import Any

from govkit.contract.samples import sample_data
from govkit.domain.events import Event
from govkit.domain.fields import Field, LabelEnum, fields_of

Schema = dict[str, Any]
_SCALARS: dict[Any, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "format": "date-time"},
}


def event_schema(cls: type[Event]) -> Schema:
    """The schema of the event's `data`, with one example. Open for additions: consumers ignore names that they do not
    know.

    `x-labels` of an enum gives the meaning of each member; `x-until` of a deprecated type the last day on which it is
    published.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": cls.TYPE,
        "description": " ".join((cls.__doc__ or "").split()),
        **({"deprecated": True, "x-until": cls.UNTIL.isoformat()} if cls.UNTIL else {}),
        **_object(cls),
        "examples": [sample_data(cls)],
    }


def _object(cls: Any) -> Schema:
    described = fields_of(cls)
    return {
        "type": "object",
        "properties": {item.camel: _property(item) for item in described},
        "required": [item.camel for item in described if not item.added],
    }


def _property(item: Field) -> Schema:
    schema = _value(item)
    if item.many:
        schema = {"type": "array", "items": schema}
    if item.optional:
        schema = {"anyOf": [schema, {"type": "null"}]}
    return {"description": item.doc, **schema}


def _value(item: Field) -> Schema:
    if item.is_enum:
        return _enum(item.item)
    if item.kind == "GEOJSON":
        return {"type": "object", "required": ["type", "coordinates"]}
    return dict(_SCALARS[item.item]) if item.item in _SCALARS else _object(item.item)


def _enum(cls: type[Enum]) -> Schema:
    schema: Schema = {"enum": [member.name for member in cls]}
    if issubclass(cls, LabelEnum):
        schema["x-labels"] = {member.name: member.description for member in cls}
    return schema
