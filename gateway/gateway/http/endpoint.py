"""The GraphQL endpoint: GraphQL over HTTP (GET and POST), errors for clients, the access log.

Status codes follow the answer's media type. In ``application/graphql-response+json`` a refused document is a 400; in
``application/json`` a well-formed request always gets 200, as old clients expect. What is not a GraphQL request at all
(body, method, media type) has its HTTP status in both.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from ..errors import RequestError
from ..execution.cache_control import NO_STORE
from ..guards.authorisation import NOBODY, Credentials
from ..guards.documents import Documents
from ..guards.identity import Identity
from ..json_text import dumps
from ..routing.request import GraphQLRequest
from ..routing.router import Outcome, Router
from ..subscriptions.hub import Subscriptions
from ..telemetry.trace import Trace, trace_from
from ..telemetry.tracing import is_exporting, record_request
from . import negotiation, sse, websocket
from .connections import Connections
from .parameters import Parameters, from_body, from_payload, from_query_string
from .responses import HeaderPairs, Receive, Scope, Send, header, list_header, send_whole, text_header

logger = logging.getLogger(__name__)
MAX_DISCARDED = 128 * 1024 * 1024  # bytes of a body that is too large which are read and dropped

access_log = logging.getLogger("gateway.access")
COST_HEADER = b"x-report-cost"  # with any value: `extensions.cost` of the answer has the estimate
Guard = Callable[[Scope], None]


class Endpoint:
    """An ASGI application for one path.

    `guards` refuse a request by its head, with a `RequestError`; `forward` are the lower-case names of headers that
    subgraphs get.
    """

    def __init__(
        self,
        router: Router,
        documents: Documents,
        identity: Identity | None,
        guards: Sequence[Guard],
        forward: tuple[str, ...],
        page: bytes | None,
        page_headers: HeaderPairs,
        subscriptions: Subscriptions,
        connections: Connections,
    ):
        self._router = router
        self._documents = documents
        self._identity = identity
        self._guards = guards
        self._forward = frozenset(name.lower().encode() for name in forward)
        self._vary = b", ".join(sorted({b"accept", *self._forward}))
        self._page = page
        self._page_headers = page_headers
        self._subscriptions = subscriptions
        self._connections = connections

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        accept = list_header(scope, b"accept")
        is_page = scope["method"] == "GET" and self._page is not None and negotiation.wants_page(accept)
        if is_page and b"query=" not in scope["query_string"]:
            assert self._page is not None
            await send_whole(send, 200, self._page, "text/html; charset=utf-8", self._page_headers)
            return
        if negotiation.wants_events(accept):
            await self._events(scope, receive, send)
            return
        started, arrived = time.perf_counter(), time.time_ns()
        trace = trace_from(header(scope, b"traceparent"))
        media = negotiation.answer_type(accept)
        extra: HeaderPairs = [(b"x-trace-id", trace.trace_id.encode())]
        try:
            if media is None:
                raise RequestError.of("NOT_ACCEPTABLE", "The answer is JSON; Accept excludes it.", 406)
            for guard in self._guards:
                guard(scope)
            caller = await self._caller(scope)
            parameters = await self._parameters(scope, receive)
        except RequestError as error:
            outcome = Outcome({"errors": error.errors}, error.status)
            status, body = error.status, dumps(outcome.answer)
            extra.extend(error.headers)
            if status in (408, 413):  # what is left of the body would be read as the next request
                extra.append((b"connection", b"close"))
        else:
            outcome, body = await self._answer(scope, parameters, caller, trace)
            status = 200 if media == negotiation.JSON and outcome.status == 400 else outcome.status
            if status == 405:
                extra.append((b"allow", b"POST"))
        if outcome.cache is None:
            extra.append((b"cache-control", NO_STORE))
        else:
            extra += ((b"cache-control", outcome.cache.header()), (b"vary", self._vary))
        content_type = f"{media or negotiation.JSON}; charset=utf-8"
        try:
            await send_whole(send, status, body, content_type, extra)
        finally:
            self._log(outcome, status, trace, arrived, time.perf_counter() - started, len(body))

    async def _answer(
        self, scope: Scope, parameters: Parameters, caller: Credentials, trace: Trace
    ) -> tuple[Outcome, bytes]:
        """The outcome and its text. What fails unexpectedly is logged whole and told as a code and the trace id."""
        try:
            text = self._documents.text(parameters.query, parameters.document_id, parameters.sha256)
        except RequestError as refusal:
            outcome = Outcome({"errors": refusal.errors}, refusal.status)
            return outcome, dumps(outcome.answer)
        request = self._request(scope, parameters, text, caller, trace)
        try:
            return await self._router.answer_text(request)
        except Exception:
            logger.exception("a request failed unexpectedly", extra={"trace_id": trace.trace_id})
            error = RequestError.of(
                "INTERNAL_SERVER_ERROR", "The gateway failed; its log has more.", 500, traceId=trace.trace_id
            )
            outcome = Outcome({"errors": error.errors}, 500)
            return outcome, dumps(outcome.answer)

    def _request(
        self, scope: Scope, parameters: Parameters, text: str, caller: Credentials, trace: Trace
    ) -> GraphQLRequest:
        return GraphQLRequest(
            query=text,
            variables=parameters.variables,
            operation_name=parameters.operation_name,
            headers=tuple((name, value) for name, value in scope["headers"] if name in self._forward),
            trace=trace,
            only_queries=scope["type"] == "http" and scope["method"] == "GET",
            reports_cost=header(scope, COST_HEADER) is not None,
            caller=caller,
        )

    async def _events(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One operation as a stream of events; queries and mutations have one."""
        trace = trace_from(header(scope, b"traceparent"))
        try:
            for guard in self._guards:
                guard(scope)
            caller = await self._caller(scope)
            parameters = await self._parameters(scope, receive)
            text = self._documents.text(parameters.query, parameters.document_id, parameters.sha256)
            request = self._request(scope, parameters, text, caller, trace)
            if not self._router.is_subscription(request):
                outcome, _ = await self._answer(scope, parameters, caller, trace)
                await sse.send_outcome(outcome, send)
                return
        except RequestError as error:
            body = dumps({"errors": error.errors})
            await send_whole(send, error.status, body, negotiation.JSON, error.headers)
            return
        last = text_header(scope, b"last-event-id") or parameters.last_event_id
        try:
            with self._connections.one_more(scope):
                await sse.serve(self._subscriptions, request, last, receive, send)
        except RequestError as error:
            body = dumps({"errors": error.errors})
            await send_whole(send, error.status, body, negotiation.JSON, error.headers)

    async def websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A connection that speaks graphql-transport-ws; the handshake is refused like any request."""
        await receive()
        try:
            for guard in self._guards:
                guard(scope)
            with self._connections.one_more(scope):
                if not websocket.subprotocol(scope):
                    await send({"type": "websocket.accept"})
                    await send({"type": "websocket.close", "code": 4406, "reason": "Subprotocol not acceptable"})
                    return
                await send({"type": "websocket.accept", "subprotocol": websocket.PROTOCOL})
                make = partial(self._message_request, scope)
                await websocket.Connection(self._subscriptions, self._router, make, receive, send).run()
        except RequestError:
            await send({"type": "websocket.close", "code": 1008})

    async def _message_request(
        self, scope: Scope, token: bytes | None, payload: dict[str, Any]
    ) -> tuple[GraphQLRequest, str | None]:
        """The request of a message. The token of the init payload takes the place of the handshake's."""
        if token is not None:
            others = [(name, value) for name, value in scope["headers"] if name != b"authorization"]
            scope = {**scope, "headers": [*others, (b"authorization", token)]}
        caller = await self._caller(scope)
        parameters = from_payload(payload)
        text = self._documents.text(parameters.query, parameters.document_id, parameters.sha256)
        trace = trace_from(header(scope, b"traceparent"))
        return self._request(scope, parameters, text, caller, trace), parameters.last_event_id

    async def _caller(self, scope: Scope) -> Credentials:
        return await self._identity.credentials(text_header(scope, b"authorization")) if self._identity else NOBODY

    async def _parameters(self, scope: Scope, receive: Receive) -> Parameters:
        method = scope["method"]
        if method == "GET":
            return from_query_string(scope["query_string"])
        if method != "POST":
            allow = ((b"allow", b"GET, POST"),)
            error = {"message": "Use GET or POST.", "extensions": {"code": "METHOD_NOT_ALLOWED"}}
            raise RequestError(405, [error], headers=allow)
        content_type = text_header(scope, b"content-type") or ""
        if not negotiation.is_json(content_type) or not negotiation.is_plain(list_header(scope, b"content-encoding")):
            raise RequestError.of("UNSUPPORTED_MEDIA_TYPE", "The body must be application/json in UTF-8.", 415)
        return from_body(await self._body(scope, receive))

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        limits = self._router.limits
        declared = header(scope, b"content-length") or b""
        expects_consent = b"100-continue" in (header(scope, b"expect") or b"").lower()
        if expects_consent and declared.isdigit() and int(declared) > limits.max_body:
            raise _too_large(limits.max_body)  # before the client sends any of it
        chunks: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(limits.body_timeout):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise RequestError.of("BAD_REQUEST", "The request ended early.")
                    chunk = message.get("body", b"")
                    size += len(chunk)
                    if size <= limits.max_body:
                        chunks.append(chunk)
                    else:  # read on, keeping nothing: a client that still sends would not see the answer
                        chunks.clear()
                    if size > max(limits.max_body, MAX_DISCARDED) or not message.get("more_body"):
                        break
        except TimeoutError:
            raise RequestError.of("REQUEST_TIMEOUT", "The body did not arrive in time.", 408) from None
        if size > limits.max_body:
            raise _too_large(limits.max_body)
        return b"".join(chunks)

    def _log(self, outcome: Outcome, status: int, trace: Trace, arrived: int, seconds: float, size: int) -> None:
        ready = outcome.ready
        kind = ready.kind.value if ready else "none"
        result = "refused" if "data" not in outcome.answer else "partial" if "errors" in outcome.answer else "ok"
        metrics = self._router.metrics
        metrics.requests.labels(kind, result).inc()
        metrics.duration.labels(kind).observe(seconds)
        if is_exporting():
            record_request(trace, ready, status, outcome.error_codes, arrived)
        if not access_log.isEnabledFor(logging.INFO):
            return
        fields: dict[str, Any] = {
            "operation": ready.name if ready else "",
            "kind": kind,
            "hash": ready.hash[:16] if ready else "",
            "status": status,
            "result": result,
            "duration_ms": round(seconds * 1000, 2),
            "bytes": size,
            "subgraph_requests": outcome.subgraph_requests,
            "trace_id": trace.trace_id,
        }
        if result != "ok":
            fields["codes"] = outcome.error_codes
        access_log.info("request", extra=fields)


def _too_large(limit: int) -> RequestError:
    return RequestError.of("BODY_TOO_LARGE", f"The body is larger than {limit} bytes.", 413, limit=limit)
