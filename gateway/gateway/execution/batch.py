"""Representations: what an ``_entities`` call is asked about, each once, with every object that it stands for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ..json_text import dumps
from ..planner import Entities, Source
from ..planner.inputs import Input
from .collect import Collector, Known
from .data import MISSING, copied, key_of, merge, objects_at, representation
from .generated import UNUSUAL


@dataclass(slots=True)
class Batch:
    """The representations of one ``_entities`` call, each with the objects that it stands for.

    ``ends`` has, when the places of the call must not share what is answered, the number of objects of each
    representation after each place. ``values`` are the JSON of the call's variables for contexts.
    """

    entities: Entities
    values: tuple[bytes, ...] = ()
    texts: dict[bytes, int] = field(default_factory=dict)
    targets: list[list[dict[str, Any]]] = field(default_factory=list)
    ends: list[list[int]] = field(default_factory=list)

    @classmethod
    def collect(
        cls, entities: Entities, data: dict[str, Any], collectors: Sequence[Collector | None] | None = None
    ) -> Batch:
        """The representations of everything in `data` that the call is about; by generated code where there is some."""
        if collectors is not None:
            try:
                return cls(entities)._collected(data, collectors)
            except UNUSUAL:
                pass  # half done; the interpreter begins again
        return cls(entities)._collected(data, [None] * len(entities.sources))

    def _collected(self, data: dict[str, Any], collectors: Sequence[Collector | None]) -> Batch:
        known: dict[tuple[str, tuple[Input, ...]], Known] = {}
        for source, collector in zip(self.entities.sources, collectors, strict=True):
            same = known.setdefault((source.type_name, source.inputs), {})
            if collector is not None:
                collector(data, same, self.targets, partial(self.add, source))
            elif source.slots is not None:
                self.add_flat(source, source.slots, objects_at(data, source.path), same)
            else:
                for one in objects_at(data, source.path):
                    self.add(source, one)
            if self.entities.is_apart:
                self.ends.append([len(one) for one in self.targets])
        return self

    def give(self, index: int, value: dict[str, Any]) -> None:
        """Merges the answer to a representation into every object that it stands for."""
        targets = self.targets[index]
        if self.entities.is_own:
            for target in targets:
                merge(target, copied(value))
            return
        start = 0
        for ends in self.ends:
            end = ends[index] if index < len(ends) else 0
            if end > start:
                part = copied(value) if start else value
                for target in targets[start:end]:
                    merge(target, part)
                start = end
        for target in targets[start:]:
            merge(target, value)

    def add(self, source: Source, one: dict[str, Any]) -> int | None:
        """The index of the object's representation; None when it has none to send."""
        found = representation(source.type_name, source.inputs, one)
        if found is None:
            return None
        text = dumps(found)
        index = self.texts.get(text)
        if index is None:
            index = self.texts[text] = len(self.targets)
            self.targets.append([one])
        else:
            self.targets[index].append(one)
        return index

    def add_flat(self, source: Source, slots: tuple[str, ...], objects: list[dict[str, Any]], known: Known) -> None:
        """As `add`, for representations of plain fields: equal ones are told by their values, before any is built."""
        for one in objects:
            values = tuple([key_of(one.get(slot, MISSING)) for slot in slots])
            index = known.get(values, -1)
            if index == -1:
                known[values] = self.add(source, one)
            elif index is not None:
                self.targets[index].append(one)
