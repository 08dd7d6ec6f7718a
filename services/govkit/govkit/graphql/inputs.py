"""Input types and their checks, derived from the same annotated fields as outputs.

A value reaches a handler only when it keeps the field's constraints: length, pattern, range, no control characters. The
first violation is GEN_VALIDATION with the path of the field and the rule.
"""

import re
from datetime import UTC, date, datetime
from typing import Any

import strawberry
from strawberry import UNSET

from govkit.domain.errors import Gen
from govkit.domain.fields import Field, fields_of
from govkit.graphql.types import many, meaning, output
from govkit.memo import memoized

DEFAULT_LENGTH = 200
DEEPEST_GEOJSON = 8
"""A MultiPolygon has five levels, in a GeometryCollection seven."""
# Ids and codes enter events, so no text that somebody wrote may pass for one.
_OPAQUE = re.compile(r"[!-~]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def make_input(name: str, doc: str, members: list[tuple[str, Any, str, bool]]) -> Any:
    """An input type of (camel name, type, description, required) members."""
    annotations: dict[str, Any] = {}
    namespace: dict[str, Any] = {"__annotations__": annotations}
    for member, type_, description, required in members:
        python_name = f"{member}_" if member in ("in",) else member
        annotations[python_name] = type_ if required else type_ | None
        default = {} if required else {"default": UNSET}
        namespace[python_name] = strawberry.field(name=member, description=description, **default)
    return strawberry.input(type(name, (), namespace), name=name, description=doc)


def command_input(name: str, doc: str, described: tuple[Field, ...], required: frozenset[str]) -> Any:
    """A mutation's input: its own fields and the two that every mutation has."""
    members = [(item.camel, input_type(item), item.doc, item.name in required) for item in described]
    members.append(("expectedVersion", int, "期望版本 Refuse unless the record is at this version", False))
    members.append(
        ("clientMutationId", str, "请求编号 Same id and same input: the stored result again (kept 30 days)", False)
    )
    return make_input(name, doc, members)


@memoized
def value_input(cls: Any) -> Any:
    """A plain dataclass as an input type named `…Input`."""
    name = cls.__name__ if cls.__name__.endswith("Input") else f"{cls.__name__}Input"
    members = [(item.camel, input_type(item), item.doc, not item.has_default) for item in fields_of(cls)]
    return make_input(name, meaning(cls), members)


def input_type(item: Field) -> Any:
    """The input type of a field, before nullability."""
    core = output(item.item, item.kind) if item.is_scalar or item.kind else value_input(item.item)
    return many(core) if item.many else core


def input_field_type(item: Field, required: bool) -> Any:
    return input_type(item) if required and not item.optional else input_type(item) | None


def read_input(described: tuple[Field, ...], given: Any, path: str = "") -> dict[str, Any]:
    """The values that were given, by Python name, checked. Raises GEN_VALIDATION."""
    values = {}
    for item in described:
        value = from_input(item, getattr(given, item.camel), f"{path}{item.camel}")
        if value is not UNSET:
            values[item.name] = value
    return values


def from_input(item: Field, value: Any, path: str) -> Any:
    if value is UNSET:
        return UNSET
    if value is None:
        if not item.optional:
            raise Gen.VALIDATION(field=path, rule="not null")
        return None
    if item.many:
        return [_one(item, part, f"{path}[{index}]") for index, part in enumerate(value)]
    return _one(item, value, path)


def _one(item: Field, value: Any, path: str) -> Any:
    if isinstance(value, str) and item.kind != "GEOJSON":
        return _text(item, value, path)
    outside = (
        item.range is not None and isinstance(value, int | float) and not item.range.low <= value <= item.range.high
    )
    if item.range and outside:
        raise Gen.VALIDATION(field=path, rule="range", low=item.range.low, high=item.range.high, given=value)
    if isinstance(value, datetime):
        return _moment(value, path)
    if item.kind == "GEOJSON" and not (isinstance(value, dict) and {"type", "coordinates"} <= value.keys()):
        raise Gen.VALIDATION(field=path, rule="GeoJSON geometry with type and coordinates")
    if item.kind == "GEOJSON" and _deeper_than(value, DEEPEST_GEOJSON):
        raise Gen.VALIDATION(field=path, rule="depth", deepest=DEEPEST_GEOJSON)
    if item.is_scalar or isinstance(value, date) or item.kind:
        return value
    return item.item(**read_input(fields_of(item.item), value, f"{path}."))


def _moment(value: datetime, path: str) -> datetime:
    """The moment as documents keep it: UTC, whole milliseconds."""
    if value.tzinfo is None:
        raise Gen.VALIDATION(field=path, rule="time with offset, for example 2023-10-16T09:00:00+08:00")
    try:
        moment = value.astimezone(UTC)
    except OverflowError:
        raise Gen.VALIDATION(field=path, rule="range") from None
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _deeper_than(value: Any, levels: int) -> bool:
    """Whether objects and lists are nested deeper than that; what copies or hashes them recurses, this does not."""
    layer = [value]
    for _ in range(levels):
        nested = (part.values() if isinstance(part, dict) else part for part in layer if isinstance(part, dict | list))
        layer = [part for parts in nested for part in parts]
    return any(isinstance(part, dict | list) for part in layer)


def _text(item: Field, value: str, path: str) -> str:
    text = value.strip()
    longest = item.max_length or DEFAULT_LENGTH
    if not text:
        raise Gen.VALIDATION(field=path, rule="not empty")
    if len(text) > longest:
        raise Gen.VALIDATION(field=path, rule="length", longest=longest, given=len(text))
    if _CONTROL.search(text):
        raise Gen.VALIDATION(field=path, rule="no control characters")
    if item.kind in ("ID", "CODE") and not _OPAQUE.fullmatch(text):
        raise Gen.VALIDATION(field=path, rule="pattern", pattern=_OPAQUE.pattern)
    if item.pattern and not re.fullmatch(item.pattern.regex, text):
        raise Gen.VALIDATION(field=path, rule="pattern", pattern=item.pattern.regex, example=item.pattern.example)
    return text
