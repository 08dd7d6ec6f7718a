"""What a field means, said once on the domain class and read by everything derived from it.

    phone: Annotated[str, Doc("联系电话 Contact phone"), Privacy.P2]
    community_id: Annotated[Id, Doc("所属社区 Community"), Ref("Community")]

From these annotations the kit derives the stored document, the GraphQL type and inputs, the list's filters and sorts,
and the JSON Schema of events. `fields_of(cls)` is the only reader.
"""

import re
import types
from dataclasses import MISSING, dataclass, fields
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Annotated, Any, ClassVar, TypeVar, Union, get_args, get_origin, get_type_hints


@dataclass(frozen=True)
class Doc:
    """Meaning of a field, "中文 English". `example`: a value as it occurs, for samples of events."""

    text: str
    example: str | None = None


class Privacy(Enum):
    """Classes of personal data after PIPL (domain reference 3.0). P1 and above never enter events, filters or sorts."""

    P0 = "公开 Public"
    P1 = "一般个人信息 Ordinary"
    P2 = "联系方式 Contact"
    P3 = "敏感个人信息 Sensitive"


@dataclass(frozen=True)
class Ref:
    """The field holds the `key` of another entity, in this service or another. Derives an edge to that type.

    The edge is named like the field without `_id`, `_ids` or `_code`, unless `edge` names it. `inverse` names the field
    that the other type gets for the way back: a connection, or with `single` the one record.
    """

    type_name: str
    key: str = "id"
    edge: str | None = None
    inverse: str | None = None
    single: bool = False


@dataclass(frozen=True)
class MaxLength:
    characters: int


@dataclass(frozen=True)
class Pattern:
    """The whole text fits `regex`, in which digits and letters are those of ASCII."""

    regex: str
    example: str

    def fits(self, text: str) -> bool:
        return re.fullmatch(self.regex, text, re.ASCII) is not None


@dataclass(frozen=True)
class Range:
    low: float
    high: float


@dataclass(frozen=True)
class Kind:
    """What a plain Python type stands for: ID, CODE (a string of a closed vocabulary, allowed in events) or GEOJSON."""

    name: str


class Managed:
    """Set by the system only: never part of a register's create or update input."""


class Hidden:
    """Stored, never shown in GraphQL."""


class Lines:
    """A text that may hold line breaks. Every other text is one line, without what nobody can see."""


class Nulled:
    """A list whose events were published as one that may be null; in records a list is never null."""


class Added:
    """New in events that were published before without it: older ones lack it, so no schema may require it."""


T = TypeVar("T")

Id = Annotated[str, Kind("ID")]
Code = Annotated[str, Kind("CODE"), MaxLength(64)]
Name = Annotated[str, MaxLength(120)]
Text = Annotated[str, MaxLength(4000), Lines]
GeoJson = Annotated[dict[str, Any], Kind("GEOJSON")]
Month = Annotated[str, Kind("CODE"), Pattern(r"\d{4}-(0[1-9]|1[0-2])", "2023-07")]
Phone = Annotated[str, Pattern(r"\+?[0-9][0-9 -]{4,19}", "13800138000")]
CreditCode = Annotated[str, Kind("CODE"), Pattern(r"[0-9A-HJ-NPQRTUWXY]{18}", "91371324MA3C0A0011")]


def refuse_aliases(cls: type[Enum]) -> None:
    if aliases := sorted(set(cls.__members__) - {member.name for member in cls}):
        raise TypeError(f"{cls.__name__}: the value of another member: {', '.join(aliases)}")


class LabelEnum(Enum):
    """An enum whose values are its labels ("中文 English"); names are stored and sent.

    Raises TypeError when two members share a label: Python would make the second another name of the first.
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        refuse_aliases(cls)

    @property
    def label(self) -> str:
        """The Chinese label."""
        return str(self.value).split(" ", 1)[0]

    @property
    def description(self) -> str:
        return str(self.value)


@dataclass(frozen=True)
class Field:
    """One declared field, with its annotation taken apart."""

    name: str
    type: Any
    item: Any
    optional: bool
    many: bool
    has_default: bool
    doc: str
    privacy: Privacy
    kind: str | None
    ref: Ref | None
    max_length: int | None
    pattern: Pattern | None
    range: Range | None
    managed: bool
    hidden: bool
    example: str | None
    added: bool
    lines: bool
    nulled: bool

    SCALARS: ClassVar = (str, int, float, bool, date, datetime)

    @property
    def camel(self) -> str:
        return camel(self.name)

    @property
    def edge(self) -> str:
        """Python name of the edge that the reference derives."""
        assert self.ref is not None
        if self.ref.edge:
            return self.ref.edge
        for ending in ("_id", "_code"):
            if self.name.endswith(ending):
                return self.name.removesuffix(ending)
        if self.name.endswith("_ids"):
            return plural(self.name.removesuffix("_ids"))
        raise TypeError(f"{self.name}: name the edge of this reference")

    @property
    def is_code(self) -> bool:
        """An id, a code or a number in text: what is compared by its characters, not read as prose."""
        return self.kind in ("ID", "CODE") or self.pattern is not None

    @property
    def is_enum(self) -> bool:
        return isinstance(self.item, type) and issubclass(self.item, Enum)

    @property
    def is_scalar(self) -> bool:
        return self.kind != "GEOJSON" and (self.item in self.SCALARS or self.is_enum)

    @property
    def event_safe(self) -> bool:
        """Ids, codes, enums, numbers, dates and shapes may enter events; free text and personal data never."""
        if self.privacy is not Privacy.P0:
            return False
        if self.kind is not None:
            return True
        if self.item is str:
            return False
        return self.is_scalar or all(part.event_safe for part in fields_of(self.item))


@cache
def camel(name: str) -> str:
    """`party_organization_id` → `partyOrganizationId`."""
    head, *tail = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in tail)


def plural(name: str) -> str:
    """`community` → `communities`, `branch` → `branches`, `street` → `streets`."""
    if name.endswith("y") and name[-2:-1] not in "aeiou":
        return f"{name[:-1]}ies"
    return f"{name}es" if name.endswith(("s", "x", "ch", "sh")) else f"{name}s"


@cache
def snake(name: str) -> str:
    """`PartyOrganization` → `party_organization`."""
    return "".join(f"_{c.lower()}" if c.isupper() and i else c.lower() for i, c in enumerate(name))


def fields_of(cls: Any) -> tuple[Field, ...]:
    """The declared fields of a dataclass, in order, without private ones. Raises TypeError when one lacks a `Doc`."""
    return _fields_of(cls)


@cache
def _fields_of(cls: Any) -> tuple[Field, ...]:
    hints = get_type_hints(cls, include_extras=True)
    return tuple(
        describe(item.name, hints[item.name], item.default is not MISSING or item.default_factory is not MISSING, cls)
        for item in fields(cls)
        if not item.name.startswith("_")
    )


def describe(name: str, annotation: Any, has_default: bool = False, owner: object = None) -> Field:
    """Take one annotation apart. Shapes: T, T | None, list[T], each possibly inside Annotated."""
    marks: list[Any] = []
    core = _strip(annotation, marks)
    optional = False
    if get_origin(core) in (Union, types.UnionType):
        parts = [part for part in get_args(core) if part is not type(None)]
        if len(parts) != 1:
            raise TypeError(f"{owner}.{name}: unions other than T | None are not supported")
        optional = True
        core = _strip(parts[0], marks)
    many = get_origin(core) is list
    item = _strip(get_args(core)[0], marks) if many else core
    meaning = _first(marks, Doc)
    if meaning is None or not meaning.text:
        raise TypeError(f"{owner}.{name} has no Doc")
    doc = meaning.text
    pattern = _first(marks, Pattern)
    if pattern:
        doc = f"{doc} (例 e.g. {pattern.example})"
    return Field(
        name=name,
        type=core,
        item=item,
        optional=optional,
        many=many,
        has_default=has_default,
        doc=doc,
        privacy=_first(marks, Privacy) or Privacy.P0,
        kind=kind.name if (kind := _first(marks, Kind)) else None,
        ref=_first(marks, Ref),
        max_length=length.characters if (length := _first(marks, MaxLength)) else None,
        pattern=pattern,
        range=_first(marks, Range),
        managed=Managed in marks,
        hidden=Hidden in marks,
        example=pattern.example if pattern else meaning.example,
        added=Added in marks,
        lines=Lines in marks,
        nulled=Nulled in marks,
    )


def _strip(annotation: Any, marks: list[Any]) -> Any:
    if get_origin(annotation) is Annotated:
        core, *extra = get_args(annotation)
        # Outer marks win over those of an alias inside.
        inner: list[Any] = []
        core = _strip(core, inner)
        marks.extend(reversed(extra))
        marks.extend(inner)
        return core
    return annotation


def _first(marks: list[Any], kind: type[T]) -> T | None:
    return next((mark for mark in marks if isinstance(mark, kind)), None)
