"""What is read of the gathered data for a step: the fields of its representations, and values from further up."""

from __future__ import annotations

from dataclasses import dataclass

PathElement = str | frozenset[str]  # a slot, or the object types that a value must have


@dataclass(frozen=True, slots=True)
class Input:
    """One field of a representation: its name there, the slot its value is read from, and its own fields."""

    name: str
    slot: str
    on: str | None = None
    inputs: tuple[Input, ...] | None = None
    needs_typename: bool = False
    is_key: bool = True


@dataclass(frozen=True, slots=True)
class Context:
    """The value of an argument: what ``inputs`` read of the object at the first ``depth`` elements of a step's path."""

    depth: int
    inputs: tuple[Input, ...]
    type: str
