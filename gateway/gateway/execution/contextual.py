"""Entities that are asked about with values of objects above them: a call of ``_entities`` for each set of values.

For ``users { accounts { balance } }``, where `Account.balance(in:)` takes the currency of whose account it is, accounts
of users with CNY and those of users with USD go as two calls in one request::

    _e0: _entities(representations: $r0) { ... on Account { balance(in: $context0_0) } }
    _e0_1: _entities(representations: $r0_1) { ... on Account { balance(in: $context0_0_1) } }

An object whose value is not known, or null where the argument must not be, is not asked about.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..json_text import dumps
from ..planner import Entities, Source
from ..planner.inputs import Context, Input
from ..planner.selection import TYPENAME
from .batch import Batch
from .data import MISSING, objects_at


def contextual(entities: Entities, data: dict[str, Any]) -> list[Batch]:
    """A batch for each set of values; none when there is nothing to ask about."""
    batches: dict[tuple[bytes, ...], Batch] = {}
    for source in entities.sources:
        for one, found in _objects(data, source, 0, sorted({context.depth for context in source.contexts}), {}):
            values = _values(source, found)
            if values is None:
                continue
            batch = batches.get(values)
            if batch is None:
                batch = batches[values] = Batch(entities.copy(len(batches)), values)
            batch.add(source, one)
        if entities.is_apart:
            for batch in batches.values():
                batch.ends.append([len(one) for one in batch.targets])
    return list(batches.values())


def _objects(
    start: dict[str, Any], source: Source, at: int, depths: list[int], found: Mapping[Context, Any]
) -> Iterator[tuple[dict[str, Any], Mapping[Context, Any]]]:
    """The objects of a place below `start`, which is at depth `at`, each with what its contexts are."""
    if not depths:
        yield from ((one, found) for one in objects_at(start, source.path[at:]))
        return
    depth = depths[0]
    for one in objects_at(start, source.path[at:depth]):
        here = {context: value_of(context.inputs, one) for context in source.contexts if context.depth == depth}
        yield from _objects(one, source, depth, depths[1:], {**found, **here})


def _values(source: Source, found: Mapping[Context, Any]) -> tuple[bytes, ...] | None:
    values = []
    for context in source.contexts:
        value = found[context]
        if value is MISSING or (value is None and context.type.endswith("!")):
            return None
        values.append(dumps(value))
    return tuple(values)


def value_of(inputs: tuple[Input, ...], source: Any) -> Any:
    """The one value that a context selects of an object; `MISSING` when it was not answered."""
    if source is None:
        return None
    if source.__class__ is list:
        values = [value_of(inputs, one) for one in source]
        return MISSING if any(one is MISSING for one in values) else values
    if source.__class__ is not dict:
        return MISSING
    for one in inputs:
        if one.on is None or source.get(TYPENAME) == one.on:
            value = source.get(one.slot, MISSING)
            return value if one.inputs is None else value_of(one.inputs, value)
    return MISSING
