"""Input types, derived from the same annotated fields as outputs, and how they are read.

A value reaches a handler only as `given.accept` lets it pass. The first violation is GEN_VALIDATION with the path of
the field and the rule.
"""

from typing import Annotated, Any

import strawberry
from strawberry import UNSET

from govkit.domain.fields import Doc, Field, MaxLength, describe, fields_of
from govkit.graphql.given import accept, few
from govkit.graphql.types import many, meaning, output
from govkit.memo import memoized

EXPECTED_VERSION = describe(
    "expected_version", Annotated[int, Doc("期望版本 Refuse unless the record is at this version")]
)
MUTATION_ID = describe(
    "client_mutation_id",
    Annotated[str, Doc("请求编号 Same id and same input: the stored result again (kept 30 days)"), MaxLength(100)],
)


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
    fields = (*described, EXPECTED_VERSION, MUTATION_ID)
    return make_input(name, doc, [(item.camel, input_type(item), item.doc, item.name in required) for item in fields])


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
    """The value as a record will keep it, UNSET for none. Raises GEN_VALIDATION.

    Null says as much as nothing, except for a single value that may be without: there it says that it is.
    """
    if value is UNSET:
        return UNSET
    if value is None:
        return None if item.optional and not item.many else UNSET
    if item.many:
        return [_one(item, part, f"{path}[{index}]") for index, part in enumerate(few(value, path))]
    return _one(item, value, path)


def _one(item: Field, value: Any, path: str) -> Any:
    if item.is_scalar or item.kind:
        return accept(item, value, path)
    return item.item(**read_input(fields_of(item.item), value, f"{path}."))
