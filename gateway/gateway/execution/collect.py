"""Collecting representations as generated code: nested loops over each place of an ``_entities`` call.

    def products_author(o0, known, targets, new):
        v = o0.get('products')
        for o1 in v if v.__class__ is list else (v,):
            if o1.__class__ is dict:
                v = o1.get('author')
                for o2 in v if v.__class__ is list else (v,):
                    if o2.__class__ is dict:
                        k0 = o2.get('id', MISSING)
                        if k0.__class__ is not str: k0 = key_of(k0)
                        key = k0
                        index = known.get(key, -1)
                        if index == -1: known[key] = new(o2)
                        elif index is not None: targets[index].append(o2)
                    elif o2.__class__ is list: raise Unusual
            elif o1.__class__ is list: raise Unusual

`batch.Batch.collect` without it is the reference, and serves lists of lists and nested representations.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..planner import Source as Place
from ..planner.inputs import PathElement
from ..planner.selection import TYPENAME
from .data import MISSING, key_of
from .generated import Source, identifier

Known = dict[Any, int | None]
Targets = list[list[dict[str, Any]]]
Collector = Callable[[dict[str, Any], Known, Targets, Callable[[dict[str, Any]], int | None]], None]


def collectors(title: str, places: Sequence[Place]) -> list[Collector | None]:
    """For each place its function, None where a representation has fields of fields."""
    source = Source(title)
    source.give("MISSING", MISSING)
    source.give("key_of", key_of)
    names = [None if one.slots is None else _write(source, one.path, one.slots) for one in places]
    functions = source.functions()
    return [None if name is None else functions[name] for name in names]


def _write(source: Source, path: tuple[PathElement, ...], slots: tuple[str, ...]) -> str:
    name = source.name("_".join(identifier(one) for one in path if isinstance(one, str)) or "root")
    source.add(0, "", "", f"def {name}(o0, known, targets, new):")
    _level(source, path, slots, depth=0, indent=1)
    return name


def _level(source: Source, path: tuple[PathElement, ...], slots: tuple[str, ...], depth: int, indent: int) -> None:
    one, inner = f"o{depth}", f"o{depth + 1}"
    if not path:
        names = [f"k{index}" for index in range(len(slots))]
        for name, slot in zip(names, slots, strict=True):
            source.add(indent, f"{name} = {one}.get({slot!r}, MISSING)")
            source.add(indent, f"if {name}.__class__ is not str: {name} = key_of({name})")
        source.add(
            indent,
            f"key = {names[0] if len(names) == 1 else '(' + ', '.join(names) + ')'}",
            "index = known.get(key, -1)",
            f"if index == -1: known[key] = new({one})",
            f"elif index is not None: targets[index].append({one})",
        )
    elif isinstance(path[0], str):
        source.add(indent, f"v = {one}.get({path[0]!r})", f"for {inner} in v if v.__class__ is list else (v,):")
        source.add(indent + 1, f"if {inner}.__class__ is dict:")
        _level(source, path[1:], slots, depth + 1, indent + 2)
        source.add(indent + 1, f"elif {inner}.__class__ is list: raise Unusual")
    else:
        source.add(indent, f"if {one}.get({TYPENAME!r}) in {source.name('types', path[0])}:")
        _level(source, path[1:], slots, depth, indent + 1)
