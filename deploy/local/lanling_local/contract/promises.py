"""What a schema promises to its readers, one promise a field, so that two editions can be compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

NULL = {"type": "null"}


@dataclass(frozen=True)
class Promise:
    """`kind`: a type or format of JSON Schema, `enum` or `array`. `added`: older events of the version lack it."""

    kind: str
    nullable: bool = False
    added: bool = False
    members: tuple[str, ...] = ()


Promises = dict[str, Promise]
"""By path: `rating`, `rating.satisfaction`; `steps[]` are the items of `steps`, `steps[].at` a field of each."""


def promises_of(schema: dict[str, Any]) -> Promises:
    """Raises KeyError for a form of schema that no event class makes."""
    return dict(_object(schema, ""))


def _object(schema: dict[str, Any], prefix: str) -> Iterator[tuple[str, Promise]]:
    required = set(schema["required"])
    for name, value in schema.get("properties", {}).items():
        yield from _value(value, f"{prefix}{name}", added=name not in required)


def _value(schema: dict[str, Any], path: str, added: bool) -> Iterator[tuple[str, Promise]]:
    forms = schema.get("anyOf", [schema])
    (form,) = [form for form in forms if form != NULL]
    kind = "enum" if "enum" in form else form.get("format") or form["type"]
    yield path, Promise(kind, len(forms) > 1, added, tuple(form.get("enum", ())))
    if kind == "array":
        yield from _value(form["items"], f"{path}[]", added=False)
    if kind == "object":
        yield from _object(form, f"{path}.")
