"""Runs a plan: sends each fetch as soon as what it needs is there, and gathers the answers into one tree.

Nothing a subgraph answers, or fails to answer, raises out of here: it becomes errors and missing values, which
completion turns into nulls.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson

from ..errors import SubgraphError
from ..json_text import dumps, loads
from ..planner import Entities, Fetch, Plan, Stage
from ..planner.conditions import ALWAYS, holds
from ..planner.selection import Selections
from ..transport import CircuitOpen, Response
from .batch import Batch
from .cache_control import CachePolicy, joined, policy_of
from .contextual import contextual
from .data import Path, copied, merge, objects_at, places_at, rename
from .operation_code import OperationCode, head_of
from .subgraph_errors import invalid_answer, subgraph_path, translated, unavailable, visible

logger = logging.getLogger(__name__)

Headers = list[tuple[bytes, bytes]]


class Client(Protocol):
    """What the executor needs of a subgraph's client."""

    name: str

    async def post(self, body: bytes, headers: Headers, *, is_safe: bool) -> Response: ...


@dataclass(slots=True)
class Gathered:
    """The outcome of a plan: data by slot, errors ready to send, and the subgraphs that gave no answer.

    `cache` says how long what was answered may be kept; None: not at all.
    """

    data: dict[str, Any] = field(default_factory=dict)
    errors: list[dict[str, Any]] = field(default_factory=list)
    failed: set[str] = field(default_factory=set)
    requests: int = 0
    answers: int = 0
    cache: CachePolicy | None = None


class Execution:
    """One run of one plan.

    `code` is the operation's, `variables` are the client's as sent, `coerced` those with defaults applied, `root` the
    client's selections (for the paths of errors), `headers` what every subgraph request carries.
    """

    def __init__(
        self,
        clients: Mapping[str, Client],
        code: OperationCode,
        variables: Mapping[str, Any],
        coerced: Mapping[str, Any],
        root: Selections,
        headers: Headers,
    ):
        self._clients = clients
        self._code = code
        self._variables = variables
        self._coerced = coerced
        self._root = root
        self._headers = headers
        self.gathered = Gathered()

    async def run(self, plan: Plan) -> Gathered:
        for stage in plan.stages:
            await _StageRun(self, stage).run()
        return self.gathered

    async def fetch(self, fetch: Fetch) -> None:
        """Sends one fetch, unless its conditions or a lack of representations make it needless, and merges its
        answer.
        """
        if fetch.condition is not ALWAYS and not holds(fetch.condition, self._coerced):
            return
        batches = [batch for index, one in enumerate(fetch.entities) for batch in self._batches(fetch, index, one)]
        if fetch.entities and not any(batch.targets for batch in batches):
            return
        if fetch.path and not objects_at(self.gathered.data, fetch.path):
            return
        client = self._clients[fetch.subgraph]
        gathered = self.gathered
        gathered.requests += 1
        try:
            response = await client.post(self._body(fetch, batches), self._headers, is_safe=not fetch.is_mutation)
            answer = read_answer(response)
        except SubgraphError as error:
            self._failed(fetch, batches, client.name, error)
            return
        policy = policy_of(response.headers.get(b"cache-control"))
        gathered.cache = joined(gathered.cache, policy) if gathered.answers else policy
        gathered.answers += 1
        errors = answer.get("errors")
        if errors:
            self._report(fetch, batches, client.name, errors if isinstance(errors, list) else [errors])
        data = answer.get("data")
        if isinstance(data, dict):
            self._merge(fetch, batches, data, client.name, has_errors=bool(errors))

    def _batches(self, fetch: Fetch, index: int, one: Entities) -> list[Batch]:
        """What is asked in a call of ``_entities``: as often as its contexts have other values."""
        is_wanted = one.condition is ALWAYS or holds(one.condition, self._coerced)
        if one.contexts:
            return contextual(one, self.gathered.data) if is_wanted else []
        if not is_wanted:
            return [Batch(one)]
        return [Batch.collect(one, self.gathered.data, self._code.collectors(fetch, index))]

    def _body(self, fetch: Fetch, batches: list[Batch]) -> bytes:
        variables = [
            b"%b:%b" % (orjson.dumps(name), dumps(self._variables[name]))
            for name in fetch.variables
            if name in self._variables
        ]
        for batch in batches:
            variables.append(b'"%b":[%b]' % (batch.entities.variable.encode(), b",".join(batch.texts)))
            for name, value in zip(batch.entities.contexts, batch.values, strict=False):
                variables.append(b'"%b":%b' % (name.encode(), value))
        calls = [batch.entities for batch in batches]
        is_usual = [one.key for one in calls] == [one.key for one in fetch.entities]
        head = self._code.head(fetch) if is_usual else head_of(fetch.with_calls(calls))
        return b"%b%b}}" % (head, b",".join(variables))

    def _merge(
        self, fetch: Fetch, batches: list[Batch], data: dict[str, Any], service: str, *, has_errors: bool
    ) -> None:
        if fetch.renames:
            rename(data, (), fetch.renames)
        for batch in batches:
            if batch.entities.renames:
                rename(data, (batch.entities.key,), batch.entities.renames)
            values = data.get(batch.entities.key)
            if values is None and has_errors:
                continue
            if not isinstance(values, list) or len(values) != len(batch.targets):
                self._add(invalid_answer(service, self._first_place(fetch, batches)))
                self.gathered.failed.add(service)
                continue
            for index, value in enumerate(values):
                if value.__class__ is dict:
                    batch.give(index, value)
        if not fetch.entities:
            for target in objects_at(self.gathered.data, fetch.path):
                merge(target, copied(data) if fetch.is_own else data)

    def _failed(self, fetch: Fetch, batches: list[Batch], service: str, error: SubgraphError) -> None:
        """One error a service and request, however many of its fetches failed."""
        trace_id = next((value.split(b"-")[1].decode() for name, value in self._headers if name == b"traceparent"), "")
        logger.warning(
            "subgraph request failed", extra={"subgraph": service, "reason": error.reason, "trace_id": trace_id}
        )
        if service not in self.gathered.failed:
            self.gathered.failed.add(service)
            place = self._first_place(fetch, batches)
            if error.unavailable:
                self._add(unavailable(service, place, is_circuit_open=isinstance(error, CircuitOpen)))
            else:
                self._add(invalid_answer(service, place))

    def _first_place(self, fetch: Fetch, batches: list[Batch]) -> Path:
        for batch in batches:
            if batch.targets:
                for source in batch.entities.sources:
                    for path, one in places_at(self.gathered.data, source.path):
                        if one is batch.targets[0][0]:
                            return visible(path, self._root)
        return visible(fetch.root_keys[:1] if not fetch.path else (), self._root)

    def _report(self, fetch: Fetch, batches: list[Batch], service: str, errors: list[Any]) -> None:
        renames = (*fetch.renames, *(one for batch in batches for one in batch.entities.renames))
        slots: dict[str | int, str] = {one.alias: one.slot for one in renames}
        for error in errors:
            path = tuple(slots.get(element, element) for element in subgraph_path(error))
            paths = self._entity_paths(batches, path) if batches else self._root_paths(fetch, path)
            for one in translated(error, service, [visible(place, self._root) for place in paths]):
                self._add(one)

    def _root_paths(self, fetch: Fetch, path: Path) -> list[Path]:
        if not fetch.path:
            return [path]
        return [(*place, *path) for place, _ in places_at(self.gathered.data, fetch.path)]

    def _entity_paths(self, batches: list[Batch], path: Path) -> list[Path]:
        """Every place of the representation that the error is about; of the first one when it names none."""
        for batch in batches:
            if not batch.targets or (path and path[0] != batch.entities.key):
                continue
            index = path[1] if len(path) > 1 and isinstance(path[1], int) else len(batch.targets)
            is_known = 0 <= index < len(batch.targets)
            wanted = {id(one) for one in (batch.targets[index] if is_known else batch.targets[0][:1])}
            rest = path[2:] if is_known else ()
            return [
                (*place, *rest)
                for source in batch.entities.sources
                for place, one in places_at(self.gathered.data, source.path)
                if id(one) in wanted
            ]
        return []

    def _add(self, error: dict[str, Any]) -> None:
        if len(self.gathered.errors) < 100:
            self.gathered.errors.append(error)


class _StageRun:
    """Runs the fetches of a stage as a graph: each starts when the last one it needs is done."""

    def __init__(self, execution: Execution, stage: Stage):
        self._execution = execution
        self._stage = stage
        self._waiting = {fetch.id: len(fetch.after) for fetch in stage.fetches}
        self._followers: dict[int, list[Fetch]] = {}
        for fetch in stage.fetches:
            for one in fetch.after:
                self._followers.setdefault(one, []).append(fetch)

    async def run(self) -> None:
        await self._all([fetch for fetch in self._stage.fetches if not fetch.after])

    async def _all(self, fetches: list[Fetch]) -> None:
        if len(fetches) == 1:
            await self._one(fetches[0])
        elif fetches:
            async with asyncio.TaskGroup() as group:
                for fetch in fetches:
                    group.create_task(self._one(fetch))

    async def _one(self, fetch: Fetch) -> None:
        await self._execution.fetch(fetch)
        ready = []
        for follower in self._followers.get(fetch.id, ()):
            self._waiting[follower.id] -= 1
            if not self._waiting[follower.id]:
                ready.append(follower)
        await self._all(ready)


def read_answer(response: Response) -> dict[str, Any]:
    """The GraphQL answer in an HTTP answer. Raises `SubgraphError` when there is none."""
    try:
        answer = loads(response.body)
    except ValueError:
        answer = None
    if isinstance(answer, dict) and (isinstance(answer.get("data"), dict) or answer.get("errors")):
        return answer
    raise SubgraphError(
        # Not what it says: that may be about people, and the reason is logged.
        f"HTTP {response.status} without a GraphQL answer, {len(response.body)} bytes",
        unavailable=response.status >= 500,
    )
