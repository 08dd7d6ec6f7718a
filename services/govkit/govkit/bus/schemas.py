"""JSON Schema 2020-12 of each event type, generated from the event classes."""

from datetime import date, datetime
from typing import Any

import orjson

from govkit.domain.events import Event
from govkit.domain.fields import Field, fields_of

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
    """The schema of the event's `data`. Open for additions: consumers ignore names that they do not know."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": cls.TYPE,
        "description": " ".join((cls.__doc__ or "").split()),
        **_object(cls),
    }


def schema_file(cls: type[Event]) -> tuple[str, bytes]:
    """File name and text as committed under `schemas/events/<service>/`."""
    return f"{cls.TYPE}.json", orjson.dumps(event_schema(cls), option=orjson.OPT_INDENT_2) + b"\n"


def _object(cls: Any) -> Schema:
    described = fields_of(cls)
    return {
        "type": "object",
        "properties": {item.camel: _property(item) for item in described},
        "required": [item.camel for item in described],
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
        return {"enum": [member.name for member in item.item]}
    if item.kind == "GEOJSON":
        return {"type": "object", "required": ["type", "coordinates"]}
    return dict(_SCALARS[item.item]) if item.item in _SCALARS else _object(item.item)
