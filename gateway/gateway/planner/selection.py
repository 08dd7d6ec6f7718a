"""The normalised form of a selection set, which every later pass reads.

All fragments are gone. A field that applies only to some object types of an abstract parent names them in ``on``::

    node { id ... on Product { price } ... on Node { id } }   →   id on=None · price on={Product}

Fields keep document order, which is the order of the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from graphql import TypeNode

from .conditions import Condition

TYPENAME = "__typename"

Written = tuple[int, ...]  # a place in the document: in the operation's selection set, in that of the field there, …


@dataclass(frozen=True, slots=True, eq=False)
class ContextValue:
    """The value of a field's argument: what ``selections`` says of the object ``up`` levels above the field's own."""

    argument: str
    type: str
    up: int
    selections: Selections


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One field to answer.

    ``key`` is the response key, ``arguments`` the printed argument list with its parentheses ("" for none),
    ``variables`` the variables it uses, ``on`` the object types it applies to (None: every possible type of the
    parent). ``is_denied`` marks, in the shape of an answer only, what the caller may not see.

    After pass `contexts`: ``contexts`` has, by subgraph, the arguments that come from objects above, and
    ``is_internal`` marks fields that are asked for only because of that.
    """

    key: str
    name: str
    type: TypeNode
    type_name: str
    arguments: str
    variables: frozenset[str]
    condition: Condition
    on: frozenset[str] | None
    selections: Selections | None
    is_denied: bool = False
    contexts: Mapping[str, tuple[ContextValue, ...]] = field(default_factory=dict)
    is_internal: bool = False

    @property
    def slot(self) -> str:
        """Where its value lies while an answer is gathered: the response key, but for an alias like the meta field."""
        return f"_{TYPENAME}" if self.key == TYPENAME and not self.is_meta else self.key

    @property
    def is_meta(self) -> bool:
        """Whether the gateway answers the field itself (``__typename`` and introspection)."""
        return self.name.startswith("__")

    def applies_to(self, object_type: str) -> bool:
        return self.on is None or object_type in self.on


@dataclass(frozen=True, slots=True, eq=False)
class Selections:
    """Fields asked of one (object or abstract) type. Compared by identity: passes memoise on it.

    ``order`` tells for an answer's order every place at which the client wrote a field: its index in ``fields``, the
    condition at that place, and the place. A field that is skipped at its first place comes where it is written next.
    Where one object gets the fields of several selections, their places say which comes first.
    """

    type_name: str
    fields: tuple[Field, ...]
    order: tuple[tuple[int, Condition, Written], ...] = ()

    def __iter__(self) -> Iterator[Field]:
        return iter(self.fields)

    def lines(self, indent: str = "") -> Iterator[str]:
        """A readable tree, for `inspect` and for plan snapshots."""
        for one in self.fields:
            on = f"[{'|'.join(sorted(one.on))}] " if one.on is not None else ""
            alias = f"{one.key}: " if one.key != one.name else ""
            when = f"  if {describe(one.condition)}" if frozenset() not in one.condition else ""
            yield f"{indent}{on}{alias}{one.name}{one.arguments}{when}"
            if one.selections:
                yield from one.selections.lines(indent + "  ")


def describe(condition: Condition) -> str:
    alternatives = [
        " and ".join(f"{'' if wanted else '!'}${name}" for name, wanted in sorted(one)) for one in condition
    ]
    return " or ".join(sorted(alternatives))
