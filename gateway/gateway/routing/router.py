"""The router: one supergraph loaded and ready, and the life of one request over it.

A `Snapshot` is all that belongs to one supergraph. A request takes the current one at its start and keeps it to its
end.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from graphql import GraphQLSchema, OperationType, value_from_ast_untyped

from ..errors import RequestError
from ..execution import Client, Execution, Gathered
from ..execution.cache_control import CachePolicy
from ..guards.authorisation import Credentials, Denied, Rules
from ..guards.cost import CostModel
from ..guards.limits import Limits
from ..json_text import dumps
from ..planner import Graph
from ..planner.conditions import holds
from ..settings import Settings
from ..supergraph import Supergraph, build_public_schema, read_supergraph
from ..supergraph.feeds import Feed, read_feeds
from ..telemetry.metrics import Metrics
from ..telemetry.tracing import record_plan
from ..transport import InFlight
from .operations import OperationCache, ReadyOperation
from .override_labels import LabelRule, LabelsBySetting
from .request import GraphQLRequest
from .subgraphs import MeasuredClient, clients_of

logger = logging.getLogger(__name__)

UNAUTHORIZED = "UNAUTHORIZED_FIELD_OR_TYPE"


@dataclass(slots=True)
class Outcome:
    """The answer and what the access log tells of it. `data` is absent (not null) when the request was refused.

    `cache` is for answers that may be kept.
    """

    answer: dict[str, Any]
    status: int = 200
    ready: ReadyOperation | None = None
    subgraph_requests: int = 0
    cache: CachePolicy | None = None

    @property
    def error_codes(self) -> list[str]:
        codes = (error.get("extensions", {}).get("code") for error in self.answer.get("errors", ()))
        return sorted({code for code in codes if isinstance(code, str)})


@dataclass(frozen=True, slots=True)
class Admitted:
    """A subscription that may run, as its caller may see it.

    `values` are those of the arguments that events are compared with; `identity` is equal for requests that are.
    """

    permitted: ReadyOperation
    coerced: Mapping[str, Any]
    feed: Feed
    key: str
    values: tuple[str, ...]
    identity: bytes


@dataclass(frozen=True, slots=True)
class Snapshot:
    supergraph: Supergraph
    schema: GraphQLSchema
    graph: Graph
    operations: OperationCache
    clients: Mapping[str, Client]

    def close(self, successor: Snapshot | None = None) -> None:
        """Close the connections, except those that the successor goes on using."""
        kept = {id(client) for client in successor.clients.values()} if successor else set()
        for client in self.clients.values():
            if isinstance(client, MeasuredClient) and id(client) not in kept:
                client.close()


def load_snapshot(
    sdl: str, settings: Settings, urls: Mapping[str, str], metrics: Metrics, running: Snapshot | None = None
) -> Snapshot:
    """Raises `SupergraphError` or `SubgraphError` when the supergraph cannot be served.

    Clients of subgraphs that are where they were are taken from the snapshot that is `running`.
    """
    supergraph = read_supergraph(sdl)
    schema = build_public_schema(supergraph)
    graph = Graph(supergraph)
    rules = Rules(supergraph)
    if rules.exist and not settings.jwks:
        logger.warning("the schema says who may see what, but JWKS_URL is not set: nobody sees what is under a rule")
    clients = dict(clients_of(supergraph, settings, urls, metrics, running.clients if running else {}))
    cache = OperationCache(
        schema,
        graph,
        CostModel(supergraph, settings.list_size),
        rules,
        settings.limits,
        settings.operation_cache_size,
        settings.introspection,
        read_feeds(supergraph, schema),
    )
    return Snapshot(supergraph, schema, graph, cache, clients)


class Router:
    """Answers GraphQL requests over the current snapshot."""

    def __init__(
        self,
        snapshot: Snapshot,
        metrics: Metrics,
        limits: Limits,
        request_timeout: float,
        label_rule: LabelRule | None = None,
        shares: bool = False,
    ):
        self.snapshot = snapshot
        self.label_rule = label_rule or LabelsBySetting()
        self.limits = limits
        self.metrics = metrics
        self._timeout = request_timeout
        self._in_flight: InFlight[tuple[Outcome, bytes]] | None = InFlight() if shares else None
        self._told_of_swaps: list[Callable[[Snapshot], None]] = []

    def on_swap(self, tell: Callable[[Snapshot], None]) -> None:
        self._told_of_swaps.append(tell)

    def swap(self, snapshot: Snapshot) -> None:
        """Serve new requests from `snapshot`; those that run keep theirs."""
        old, self.snapshot = self.snapshot, snapshot
        for tell in self._told_of_swaps:
            tell(snapshot)
        old.close(snapshot)

    async def answer_text(self, request: GraphQLRequest) -> tuple[Outcome, bytes]:
        """The outcome and its text. By setting, equal queries that are under way share both.

        What may be a mutation never does; nor does anything while the trace of a request decides who owns a field.
        """
        if self._in_flight is None or self.snapshot.supergraph.labels:
            return await self._as_text(request)
        if "mutation" in request.query:
            try:
                return await self._as_text(request)
            finally:
                self._in_flight.forget()
        variables = dumps(request.variables)
        rest = self.snapshot.operations, request.only_queries, request.reports_cost, request.caller
        key = (request.query, request.operation_name, variables, request.headers, *rest)
        return (await self._in_flight.share(key, lambda: self._as_text(request)))[0]

    async def _as_text(self, request: GraphQLRequest) -> tuple[Outcome, bytes]:
        outcome = await self.answer(request)
        return outcome, dumps(outcome.answer)

    async def answer(self, request: GraphQLRequest) -> Outcome:
        """Never raises for what a client or a subgraph did; anything else is a bug and is raised."""
        snapshot = self.snapshot
        ready: ReadyOperation | None = None
        try:
            labels = snapshot.supergraph.labels and self.label_rule(request, snapshot.supergraph.labels)
            started = time.time_ns()
            ready, known = snapshot.operations.get(request.query, request.operation_name, labels)
            self.metrics.plans.labels("cached" if known else "planned").inc()
            if not known:
                record_plan(request.trace, ready, started)
            if ready.subscribed is not None:
                message = "Subscriptions are answered as text/event-stream, or over a WebSocket."
                raise RequestError.of("SUBSCRIPTION_NOT_SUPPORTED", message)
            if request.only_queries and ready.kind.value != "query":
                raise RequestError(
                    405,
                    [{"message": "Only queries may be sent with GET.", "extensions": {"code": "METHOD_NOT_ALLOWED"}}],
                    headers=((b"allow", b"POST"),),
                )
            coerced = snapshot.operations.coerce(ready, request.variables)
            cost = self._check_cost(ready, coerced)
            permitted = self._permitted(snapshot, ready, request.caller, coerced)
            outcome = await self._execute(snapshot, permitted, request, coerced)
            if request.reports_cost:
                outcome.answer["extensions"] = {"cost": {"estimated": cost, "limit": self.limits.max_cost}}
            return outcome
        except RequestError as error:
            return Outcome({"errors": error.errors}, error.status, ready)

    def is_subscription(self, request: GraphQLRequest) -> bool:
        """Raises `RequestError` for a document that cannot run."""
        labels = self.snapshot.supergraph.labels and self.label_rule(request, self.snapshot.supergraph.labels)
        return self.snapshot.operations.get(request.query, request.operation_name, labels)[0].subscribed is not None

    def admit(self, snapshot: Snapshot, request: GraphQLRequest) -> Admitted:
        """The subscription that the request asks for. Raises `RequestError`, also when it asks for something else."""
        labels = snapshot.supergraph.labels and self.label_rule(request, snapshot.supergraph.labels)
        ready, _ = snapshot.operations.get(request.query, request.operation_name, labels)
        if ready.subscribed is None:
            raise RequestError.of("NOT_A_SUBSCRIPTION", "The operation is no subscription.")
        coerced = snapshot.operations.coerce(ready, request.variables)
        self._check_cost(ready, coerced)
        feed, field = ready.subscribed.feed, ready.subscribed.field
        arguments = {one.name.value: value_from_ast_untyped(one.value, {**coerced}) for one in field.arguments or ()}
        return Admitted(
            permitted=self._permitted(snapshot, ready, request.caller, coerced),
            coerced=coerced,
            feed=feed,
            key=ready.subscribed.key,
            values=tuple(str(arguments.get(name)) for name, _ in feed.where),
            identity=dumps([ready.hash, request.operation_name, request.variables])
            + b"".join(b"\n%b:%b" % pair for pair in sorted(request.headers)),
        )

    async def ask(
        self, snapshot: Snapshot, admitted: Admitted, request: GraphQLRequest, variables: Mapping[str, Any]
    ) -> Outcome:
        """The query of a subscription, with what an event says as `variables`."""
        request = replace(request, variables={**request.variables, **variables})
        return await self._execute(snapshot, admitted.permitted, request, admitted.coerced)

    def _permitted(
        self, snapshot: Snapshot, ready: ReadyOperation, caller: Credentials, coerced: Mapping[str, Any]
    ) -> ReadyOperation:
        unmet = frozenset(rule for rule in ready.rules if not rule.is_met(caller))
        if not unmet:
            return ready
        restricted = snapshot.operations.restricted(ready, unmet)
        is_denied = bool(unmet & ready.root_rules) or any(holds(one.condition, coerced) for one in restricted.denied)
        if is_denied and ready.kind is not OperationType.QUERY:
            message = f"The caller may not run this {ready.kind.value}, or not see all of its answer."
            raise RequestError.of(UNAUTHORIZED, message, 403 if caller.is_authenticated else 401)
        return restricted

    def _check_cost(self, ready: ReadyOperation, coerced: Mapping[str, Any]) -> int:
        cost, limit = ready.cost.of(coerced), self.limits.max_cost
        self.metrics.cost.observe(cost)
        if cost > limit:
            message = f"The operation may cost {cost}, more than {limit}: ask for fewer or smaller lists."
            raise RequestError.of("OPERATION_TOO_COSTLY", message, cost=cost, limit=limit)
        return cost

    async def _execute(
        self, snapshot: Snapshot, ready: ReadyOperation, request: GraphQLRequest, coerced: Mapping[str, Any]
    ) -> Outcome:
        headers = [*request.headers, (b"traceparent", request.trace.traceparent)]
        root = ready.operation.selections
        ready.code.begin()
        execution = Execution(snapshot.clients, ready.code, request.variables, coerced, root, headers)
        if ready.introspection is not None:
            execution.gathered.data.update(await snapshot.operations.introspect(ready, request.variables))
        try:
            async with asyncio.timeout(self._timeout):
                gathered = await execution.run(ready.plan)
        except TimeoutError:
            error = RequestError.of("REQUEST_TIMEOUT", f"No answer within {self._timeout:g} s.", 504, retryable=True)
            return Outcome({"errors": error.errors}, error.status, ready, execution.gathered.requests)
        errors = gathered.errors
        denied = [_unauthorized(one) for one in ready.denied if holds(one.condition, coerced)]
        errors += denied
        is_explained = bool(gathered.failed or denied)
        data = ready.code.complete(gathered.data, coerced, errors, is_explained=is_explained)
        answer: dict[str, Any] = {"data": data}
        if errors:
            answer = {"errors": errors, **answer}
        return Outcome(answer, 200, ready, gathered.requests, None if errors else _cache_of(ready, gathered))


def _unauthorized(denied: Denied) -> dict[str, Any]:
    extensions = {"code": UNAUTHORIZED, "field": ".".join(denied.place)}
    return {"message": "The caller may not see this field.", "path": list(denied.path), "extensions": extensions}


def _cache_of(ready: ReadyOperation, gathered: Gathered) -> CachePolicy | None:
    """What only some callers may see is not for the caches that callers share."""
    if gathered.cache is None or ready.kind is not OperationType.QUERY:
        return None
    return gathered.cache.private() if ready.rules else gathered.cache
