"""The generated functions of one operation, made when it comes back: one that is asked once is cheaper to interpret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from ..planner import Fetch, Plan
from .collect import Collector, collectors
from .complete import Completion, Shape
from .generated import UNUSUAL
from .project import Projection, projection

INTERPRETED = 1  # runs of an operation before code is generated for it


def head_of(operation: str) -> bytes:
    """The beginning of a request's body, up to its variables."""
    return b'{"query":%b,"variables":{' % orjson.dumps(operation)


class OperationCode:
    """Belongs to one cached operation. `title` names the generated modules."""

    def __init__(self, title: str, shape: Shape, plan: Plan):
        self._title = title
        self._shape = shape
        self._plan = plan
        self._runs = 0
        self._project: Projection | None = None
        self._collectors: dict[int, list[list[Collector | None]]] = {}
        self._heads: dict[int, bytes] = {}

    def begin(self) -> None:
        """Counts a run."""
        self._runs += 1
        if self._runs > INTERPRETED and self._project is None:
            self._project = projection(self._title, self._shape, self._shape.type_name)
            for fetch in self._plan.fetches:
                title = f"{self._title} fetch {fetch.id}"
                self._collectors[fetch.id] = [
                    [] if one.contexts else collectors(title, one.sources) for one in fetch.entities
                ]

    def head(self, fetch: Fetch) -> bytes:
        """The beginning of a fetch's body, up to its variables."""
        known = self._heads.get(fetch.id)
        if known is None:
            known = self._heads[fetch.id] = head_of(fetch.operation)
        return known

    def collectors(self, fetch: Fetch, entities: int) -> list[Collector | None] | None:
        """Of a fetch's call of ``_entities`` by its index; None while the operation is interpreted."""
        found = self._collectors.get(fetch.id)
        return found[entities] if found else None

    def complete(
        self, data: dict[str, Any], variables: Mapping[str, Any], errors: list[dict[str, Any]], *, is_explained: bool
    ) -> dict[str, Any] | None:
        """The answer's data; what is wrong with them is added to `errors`."""
        if self._project is not None:
            try:
                return self._project(data, variables)
            except UNUSUAL:
                pass
        return Completion(variables, errors, is_explained).root(self._shape, data)
