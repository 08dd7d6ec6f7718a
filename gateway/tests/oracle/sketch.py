"""A federation while it is made up: types in subgraphs, and how they print as SDL."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")

IMPORTS = ", ".join(
    f'"@{name}"'
    for name in ("key", "shareable", "external", "provides", "requires", "override", "interfaceObject", "inaccessible")
)
HEAD = f'extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: [{IMPORTS}])\n'


@dataclass
class FieldSketch:
    """A field as one subgraph has it. ``type`` is SDL; ``directives`` are in order and unique."""

    type: str
    arguments: str = ""
    directives: list[str] = field(default_factory=list)

    @property
    def named(self) -> str:
        return self.type.strip("[]!")

    @property
    def is_own(self) -> bool:
        return "@external" not in self.directives

    def mark(self, directive: str) -> None:
        if directive not in self.directives:
            self.directives.append(directive)

    def copy(self, *directives: str) -> FieldSketch:
        return FieldSketch(self.type, self.arguments, list(directives))


@dataclass
class TypeSketch:
    """An object or interface type as one subgraph has it."""

    kind: str = "type"
    interfaces: list[str] = field(default_factory=list)
    directives: list[str] = field(default_factory=list)
    fields: dict[str, FieldSketch] = field(default_factory=dict)

    @property
    def is_entity(self) -> bool:
        return any(one.startswith("@key") for one in self.directives)

    @property
    def is_resolvable(self) -> bool:
        return any(one.startswith("@key") and "resolvable" not in one for one in self.directives)

    def key(self, fields: str, *, resolvable: bool = True) -> None:
        off = "" if resolvable else ", resolvable: false"
        if not any(f'"{fields}"' in one for one in self.directives):
            self.directives.append(f'@key(fields: "{fields}"{off})')

    def print(self, name: str) -> str:
        implements = f" implements {' & '.join(self.interfaces)}" if self.interfaces else ""
        directives = "".join(f" {one}" for one in self.directives)
        fields = "\n".join(
            f"  {name}{one.arguments}: {one.type}{''.join(f' {it}' for it in one.directives)}"
            for name, one in self.fields.items()
        )
        return f"{self.kind} {name}{implements}{directives} {{\n{fields}\n}}"


@dataclass
class SubgraphSketch:
    types: dict[str, TypeSketch] = field(default_factory=dict)
    unions: dict[str, list[str]] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)  # enums, inputs and scalars, printed

    def print(self) -> str:
        unions = [f"union {name} = {' | '.join(members)}" for name, members in self.unions.items()]
        types = [one.print(name) for name, one in self.types.items() if one.fields]
        return HEAD + "\n".join([*types, *unions, *self.others]) + "\n"

    def knows(self, name: str) -> bool:
        return name in self.types or name in self.unions


class Choices:
    """What the makers ask of chance."""

    def __init__(self, source: random.Random):
        self._source = source

    def percent(self, share: int) -> bool:
        return self._source.randrange(100) >= 100 - share

    def between(self, low: int, high: int) -> int:
        return self._source.randint(low, high)

    def one(self, of: Sequence[T]) -> T:
        return of[self._source.randrange(len(of))]

    def some(self, of: Sequence[T], least: int = 1) -> list[T]:
        """At least `least`, in their order."""
        count = self._source.randint(min(least, len(of)), len(of))
        picked = sorted(self._source.sample(range(len(of)), count))
        return [of[index] for index in picked]


@dataclass
class Sketch:
    """All subgraphs, by name."""

    subgraphs: dict[str, SubgraphSketch]

    def print(self) -> dict[str, str]:
        return {name: one.print() for name, one in self.subgraphs.items()}

    def homes(self, type_name: str) -> list[str]:
        return [name for name, one in self.subgraphs.items() if one.knows(type_name)]

    def part(self, type_name: str, home: str) -> TypeSketch:
        return self.subgraphs[home].types[type_name]

    def owners(self, type_name: str, field_name: str) -> list[str]:
        """The subgraphs that resolve a field."""
        return [
            home
            for home, one in self.subgraphs.items()
            if type_name in one.types
            and field_name in one.types[type_name].fields
            and one.types[type_name].fields[field_name].is_own
        ]

    def field(self, type_name: str, field_name: str) -> FieldSketch:
        """The field as its first owner has it."""
        return self.part(type_name, self.owners(type_name, field_name)[0]).fields[field_name]

    def types(self, *, entities: bool) -> Iterator[str]:
        """The names of object types that are (no) entities; roots left out."""
        seen = set()
        for one in self.subgraphs.values():
            for name, part in one.types.items():
                is_plain = part.kind == "type" and name not in ("Query", "Mutation")
                if is_plain and name not in seen and "@interfaceObject" not in part.directives:
                    seen.add(name)
                    if self.is_entity(name) is entities:
                        yield name

    def is_entity(self, type_name: str) -> bool:
        return any(type_name in one.types and one.types[type_name].is_entity for one in self.subgraphs.values())
