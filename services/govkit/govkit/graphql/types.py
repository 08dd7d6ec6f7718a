"""Domain classes as GraphQL types: enums, value objects and aggregates, derived from their annotated fields.

Resolvers answer domain objects themselves; the derived types only describe how to read them. `output(annotation)` is
the one mapping from Python annotations to GraphQL types, used for fields, commands and queries alike.
"""

from collections.abc import Callable
from dataclasses import is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any, NewType, get_args, get_origin

import strawberry
from strawberry.federation.schema_directives import Key
from strawberry.federation.types import FieldSet
from strawberry.schema.config import StrawberryConfig
from strawberry.types.enum import EnumValue, StrawberryEnumDefinition
from strawberry.types.field import StrawberryField

from govkit.domain.aggregate import Aggregate
from govkit.domain.fields import Field, Kind, Privacy, camel, fields_of
from govkit.memo import memoized

GeoJSON = NewType("GeoJSON", dict)  # type: ignore[type-arg]
SCALARS = {
    GeoJSON: strawberry.scalar(
        name="GeoJSON",
        description="GeoJSON 几何 GeoJSON geometry (RFC 7946), WGS-84, longitude before latitude",
        serialize=lambda value: value,
        parse_value=lambda value: value,
    )
}
CONFIG = StrawberryConfig(auto_camel_case=True, scalar_map=SCALARS)  # type: ignore[arg-type]


def meaning(cls: type) -> str:
    """The description of a type: its docstring, as one paragraph."""
    return " ".join((cls.__doc__ or cls.__name__).split())


@memoized
def enum_type(cls: Any) -> Any:
    """A labelled enum as GraphQL enum: names as values, labels as descriptions."""
    if "__strawberry_definition__" not in cls.__dict__:
        values = [EnumValue(member.name, member.value, description=str(member.value)) for member in cls]
        cls.__strawberry_definition__ = StrawberryEnumDefinition(
            wrapped_cls=cls, name=cls.__name__, values=values, description=meaning(cls)
        )
    return cls


def _enum(name: str, members: dict[str, str]) -> Any:
    return Enum(name, members)


def choices(name: str, members: dict[str, str], doc: str) -> Any:
    """An enum made here: names with their descriptions; the value of a member is its name in lower case."""
    made = _enum(name, {member: member.lower() for member in members})
    made.__strawberry_definition__ = StrawberryEnumDefinition(
        wrapped_cls=made,
        name=name,
        values=[EnumValue(member, member.lower(), description=text) for member, text in members.items()],
        description=doc,
    )
    return made


@memoized
def value_type(cls: Any) -> Any:
    """A value object (a plain dataclass) as an object type. Shared between services when they declare it alike."""
    annotations: dict[str, Any] = {}
    namespace: dict[str, Any] = {"__annotations__": annotations}
    for item in fields_of(cls):
        add_plain_field(namespace, item)
    return strawberry.federation.type(
        type(cls.__name__, (), namespace), name=cls.__name__, description=meaning(cls), shareable=True
    )


def add_plain_field(namespace: dict[str, Any], item: Field) -> None:
    """One declared field: personal text becomes `…Masked`, other personal data stays out, the rest is read as it is."""
    if item.hidden:
        return
    if item.privacy is not Privacy.P0:
        if item.item is str and not item.many:
            name = f"{item.name}_masked"
            namespace["__annotations__"][name] = str | None
            namespace[name] = masked_field(item)
        return
    namespace["__annotations__"][item.name] = field_type(item)
    namespace[item.name] = strawberry.field(name=item.camel, description=item.doc)


def masked_field(item: Field) -> StrawberryField:
    def resolver(root: strawberry.Parent[Any]) -> str | None:
        return mask(getattr(root, item.name))

    field: Any = strawberry.field(
        resolver=resolver, name=f"{item.camel}Masked", description=f"{item.doc} (脱敏 masked)"
    )
    return field  # type: ignore[no-any-return]


def mask(text: str | None) -> str | None:
    """`13812348000` → `138****8000`, a long number keeps six and four, a name keeps its first character."""
    if not text:
        return text
    if len(text) >= 15:
        return text[:6] + "*" * (len(text) - 10) + text[-4:]
    if len(text) >= 11:
        return text[:3] + "*" * (len(text) - 7) + text[-4:]
    return text[0] + "**"


def field_type(item: Field) -> Any:
    """The output type of a declared field."""
    core = output(item.item, item.kind)
    if item.many:
        core = many(core)
    return core | None if item.optional else core


def many(core: Any) -> Any:
    return list[core]


def output(annotation: Any, kind: str | None = None) -> Any:
    """The GraphQL type for a Python annotation. Raises TypeError for one that has none."""
    if kind == "ID":
        return strawberry.ID
    if kind == "GEOJSON":
        return GeoJSON
    if get_origin(annotation) is list:
        return list[output(get_args(annotation)[0])]  # type: ignore[misc]
    arguments = get_args(annotation)
    if type(None) in arguments:
        return output(next(part for part in arguments if part is not type(None))) | None
    if hasattr(annotation, "__metadata__"):
        mark = next((mark.name for mark in annotation.__metadata__ if isinstance(mark, Kind)), None)
        return output(annotation.__origin__, mark)
    if annotation in (str, int, float, bool, date, datetime, strawberry.ID):
        return annotation
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return enum_type(annotation)
    if isinstance(annotation, type) and issubclass(annotation, Aggregate):
        return entity_type(annotation)
    if hasattr(annotation, "__strawberry_definition__"):
        return annotation
    if is_dataclass(annotation):
        return value_type(annotation)
    raise TypeError(f"no GraphQL type for {annotation!r}")


class Shape:
    """An object type while it grows: the class exists at once, so that types can refer to each other; fields follow."""

    def __init__(self, name: str, doc: str, keys: tuple[str, ...], accepts: Callable[[Any], bool]):
        self.name, self.doc, self.keys = name, doc, keys
        self.namespace: dict[str, Any] = {
            "__annotations__": {},
            "is_type_of": staticmethod(lambda value, _info: accepts(value)),
        }
        self.cls: Any = type(name, (), {})

    def add(self, name: str, field: StrawberryField) -> None:
        """Raises ValueError when two declarations give the type the same field."""
        if name in self.namespace:
            raise ValueError(f"{self.name}.{name} is declared twice")
        self.namespace[name] = field

    def finish(self, resolvable: bool = True) -> Any:
        """Turn the class into the federation type with all fields added so far."""
        for name, value in self.namespace.items():
            if name == "__annotations__":
                self.cls.__annotations__ = value
            else:
                setattr(self.cls, name, value)
        keys = [Key(fields=FieldSet(key), resolvable=resolvable) for key in self.keys]
        return strawberry.federation.type(self.cls, name=self.name, description=self.doc, keys=keys)


ENTITY_SHAPES: dict[type[Aggregate], Shape] = {}


def entity_shape(cls: type[Aggregate]) -> Shape:
    """The shape of an owned entity with its declared fields; edges and computed fields are added by the schema."""
    if cls not in ENTITY_SHAPES:
        shape = Shape(cls.__name__, meaning(cls), ("id", *map(camel, cls.KEYS)), lambda value: isinstance(value, cls))
        for item in fields_of(cls):
            add_plain_field(shape.namespace, item)
        ENTITY_SHAPES[cls] = shape
    return ENTITY_SHAPES[cls]


def entity_type(cls: type[Aggregate]) -> Any:
    return entity_shape(cls).cls
