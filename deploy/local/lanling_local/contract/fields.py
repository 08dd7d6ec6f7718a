"""The fields of a schema as rows of a table for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lanling_local.contract.promises import NULL

JsonObject = dict[str, Any]
ALWAYS = "是 yes"
ADDED = "后增 added later"
NAMES = {"date-time": "date and time, UTC"}


def field_rows(schema: JsonObject) -> Iterator[list[str]]:
    """Path, type, whether it is always there, meaning with the members of an enum. Parts of a value follow it."""
    yield from _rows(schema, "")


def _rows(schema: JsonObject, prefix: str) -> Iterator[list[str]]:
    for name, value in schema.get("properties", {}).items():
        (form,) = [form for form in value.get("anyOf", [value]) if form != NULL]
        items = form.get("items", form)
        path = f"{prefix}{name}" + ("[]" if items is not form else "")
        always = ALWAYS if name in schema["required"] else ADDED
        meaning = value["description"] + _members(items)
        yield [f"`{path}`", _type(items, form, value), always, meaning]
        yield from _rows(items, f"{path}.")


def _type(items: JsonObject, form: JsonObject, value: JsonObject) -> str:
    name = "enum" if "enum" in items else items.get("format") or items["type"]
    if items.get("required") == ["type", "coordinates"]:
        name = "GeoJSON"
    text = NAMES.get(name, name)
    if items is not form:
        text = f"list of {text}"
    return f"{text} or null" if "anyOf" in value else text


def _members(schema: JsonObject) -> str:
    labels = schema.get("x-labels", {})
    members = [f"<br>`{member}` {labels.get(member, '')}".rstrip() for member in schema.get("enum", [])]
    return "".join(members)
