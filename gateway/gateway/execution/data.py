"""The gathered data.

One tree of dicts and lists, keyed by slot, that every fetch reads its inputs from and writes to.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..json_text import dumps
from ..planner.clashes import Rename
from ..planner.inputs import Input, PathElement
from ..planner.selection import TYPENAME

Path = tuple[str | int, ...]
MISSING = object()


def key_of(value: Any) -> Any:
    """A key that is equal for what JSON writes alike, and only then: to Python `true`, `1` and `1.0` are one key."""
    return value if value.__class__ is str or value is MISSING else dumps(value)


def objects_at(root: dict[str, Any], path: tuple[PathElement, ...]) -> list[dict[str, Any]]:
    """Every object at `path`, lists flattened; nulls and values of other types left out."""
    level = [root]
    for element in path:
        if isinstance(element, str):
            found: list[dict[str, Any]] = []
            for one in level:
                value = one.get(element)
                if value.__class__ is dict:
                    found.append(value)
                elif value.__class__ is list:
                    _flatten(value, found)
            level = found
        else:
            level = [one for one in level if _is_of(one, element)]
    return level


def _is_of(value: dict[str, Any], types: frozenset[str]) -> bool:
    name = value.get(TYPENAME)
    return name.__class__ is str and name in types


def _flatten(values: list[Any], into: list[dict[str, Any]]) -> None:
    for value in values:
        if value.__class__ is dict:
            into.append(value)
        elif value.__class__ is list:
            _flatten(value, into)


def places_at(value: Any, path: tuple[PathElement, ...], at: Path = ()) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Like `objects_at` but with the path of every object: slower, for errors."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from places_at(item, path, (*at, index))
    elif isinstance(value, dict):
        if not path:
            yield at, value
        elif isinstance(path[0], str):
            yield from places_at(value.get(path[0]), path[1:], (*at, path[0]))
        elif _is_of(value, path[0]):
            yield from places_at(value, path[1:], at)


def merge(target: dict[str, Any], source: dict[str, Any]) -> None:
    """Adds `source` to `target`, deeply. Where both have a leaf, the one that came first stays unless it is null."""
    if target.keys().isdisjoint(source):
        target.update(source)
        return
    for key, value in source.items():
        known = target.get(key)
        if known is None:
            target[key] = value
        elif known.__class__ is dict and value.__class__ is dict:
            merge(known, value)
        elif known.__class__ is list and value.__class__ is list:
            _merge_lists(known, value)


def _merge_lists(target: list[Any], source: list[Any]) -> None:
    for index, (known, value) in enumerate(zip(target, source, strict=False)):
        if known is None:
            target[index] = value
        elif known.__class__ is dict and value.__class__ is dict:
            merge(known, value)
        elif known.__class__ is list and value.__class__ is list:
            _merge_lists(known, value)


def copied(value: Any) -> Any:
    """JSON that shares no object with `value`."""
    if value.__class__ is dict:
        return {key: copied(one) for key, one in value.items()}
    if value.__class__ is list:
        return [copied(one) for one in value]
    return value


def rename(root: dict[str, Any], prefix: tuple[str, ...], renames: tuple[Rename, ...]) -> None:
    """Moves values from the aliases that a subgraph was given to the slots that they are meant for.

    An object type may be asked for more of a field than its interface: then the slot has a part already.
    """
    for one in renames:
        for target in objects_at(root, (*prefix, *one.path)):
            if one.alias in target:
                merge(target, {one.slot: target.pop(one.alias)})


def representation(type_name: str, inputs: tuple[Input, ...], source: dict[str, Any]) -> dict[str, Any] | None:
    """The representation of an entity, or None when it must not be sent.

    A null key identifies nothing, and a field that is missing could not be fetched. A required field that is null
    because its subgraph says so is sent as null.
    """
    found = _fields(inputs, source)
    return None if found is None else {TYPENAME: type_name, **found}


def _fields(inputs: tuple[Input, ...], source: dict[str, Any]) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    for one in inputs:
        if one.on is not None and source.get(TYPENAME) != one.on:
            continue
        value = source.get(one.slot, MISSING)
        if value is MISSING or (value is None and one.is_key):
            return None
        if one.inputs is not None and value is not None:
            value = _nested(one, one.inputs, value)
            if value is None:
                return None
        if one.name in found:  # two requirements ask for parts of one field
            merge(found, {one.name: value})
        else:
            found[one.name] = value
    return found


def _nested(one: Input, inputs: tuple[Input, ...], value: Any) -> Any:
    if isinstance(value, list):
        items = [None if item is None else _nested(one, inputs, item) for item in value]
        return None if any(new is None and old is not None for new, old in zip(items, value, strict=True)) else items
    if not isinstance(value, dict):
        return None
    found = _fields(inputs, value)
    if found is not None and one.needs_typename:
        found = {TYPENAME: value.get(TYPENAME), **found}
    return found
