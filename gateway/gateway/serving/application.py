"""The gateway as an ASGI application: routes, lifespan, CORS.

``/graphql`` the API (and, for browsers, GraphiQL or the explorer) · ``/livez`` the process runs · ``/readyz`` requests
are welcome · ``/metrics`` Prometheus.
"""

from __future__ import annotations

import logging
import os
from functools import partial

from ..guards.documents import Documents
from ..guards.identity import Identity
from ..http.connections import Connections
from ..http.endpoint import Endpoint, Guard
from ..http.explorer import explorer_page, page_headers, read_examples
from ..http.graphiql import GraphiQL
from ..http.head import check_head
from ..http.origin import check_origin
from ..http.rate import RateLimit
from ..http.responses import HeaderPairs, Receive, Scope, Send, send_whole, text_header
from ..routing.override_labels import LabelsBySetting
from ..routing.router import Router, load_snapshot
from ..settings import Settings, subgraph_urls
from ..subscriptions.broker import BrokerSettings
from ..subscriptions.hub import Bounds, Subscriptions
from ..telemetry.metrics import Metrics
from ..telemetry.sibling_metrics import Siblings
from .reload import Reloader, Watch
from .sources import source_of

logger = logging.getLogger(__name__)

# What pages may send beside the headers that subgraphs get, and read of an answer.
OFFERED = ("content-type", "traceparent", "last-event-id", "x-report-cost")
EXPOSED = b"x-trace-id, retry-after"
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Application:
    """Raises `SupergraphError` when made with a supergraph that cannot be served."""

    def __init__(
        self,
        settings: Settings,
        urls: dict[str, str] | None = None,
        broker: BrokerSettings | None = None,
        siblings: Siblings | None = None,
    ):
        self.settings = settings
        self._siblings = siblings
        self.metrics = Metrics()
        overrides = subgraph_urls(os.environ) if urls is None else urls
        source = source_of(str(settings.supergraph))
        text = source.read()
        snapshot = load_snapshot(text, settings, overrides, self.metrics)
        rule = LabelsBySetting(settings.override_labels)
        timeout, shares = settings.request_timeout, settings.share_requests
        self.router = Router(snapshot, self.metrics, settings.limits, timeout, rule, shares)
        bounds = Bounds(settings.subscriptions, settings.subscription_queue)
        self.subscriptions = Subscriptions(self.router, broker or BrokerSettings(), bounds)
        documents = Documents(settings.documents, settings.documents_mode, settings.apq)
        self.reloader = Reloader(self.router, source, text, settings, overrides)
        self._watch = Watch(settings.supergraph_poll, self.reloader.look, documents.look)
        page, headers = None, []
        examples = read_examples(settings.examples)
        self._graphiql = GraphiQL(settings.graphiql, examples) if settings.explorer and settings.graphiql else None
        if self._graphiql:
            page, headers = self._graphiql.page, self._graphiql.headers
        elif settings.explorer:
            page = explorer_page(examples)
            headers = page_headers(page)
        self._endpoint = Endpoint(
            self.router,
            documents,
            identity_of(settings),
            guards_of(settings),
            settings.forward_headers,
            page,
            headers,
            self.subscriptions,
            Connections(settings.connections_per_client, settings.client_header),
        )
        offered = ", ".join(dict.fromkeys((*OFFERED, *(name.lower() for name in settings.forward_headers))))
        self._preflight: HeaderPairs = [
            (b"access-control-allow-methods", b"GET, POST"),
            (b"access-control-allow-headers", offered.encode()),
            (b"access-control-max-age", b"600"),
        ]
        self.is_ready = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self._route(scope, receive, self._with_cors(scope, send))

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/graphql":
            await self._endpoint.websocket(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _route(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path == "/graphql":
            if scope["method"] == "OPTIONS":
                await send_whole(send, 204, b"", "text/plain", [(b"allow", b"GET, POST, OPTIONS")])
            else:
                await self._endpoint(scope, receive, send)
        elif path == "/livez":
            await send_whole(send, 200, b'{"status":"alive"}', "application/json")
        elif path == "/readyz":
            body = b'{"status":"ready"}' if self.is_ready else b'{"status":"draining"}'
            await send_whole(send, 200 if self.is_ready else 503, body, "application/json")
        elif path == "/metrics":
            text = self._metrics_text()
            text = await self._siblings.text(text) if self._siblings else text
            await send_whole(send, 200, text, METRICS_TYPE)
        elif self._graphiql and scope["method"] == "GET" and (file := self._graphiql.file(path)):
            await send_whole(send, 200, *file, [(b"cache-control", b"max-age=86400")])
        elif path == "/" and scope["method"] == "GET":
            await send_whole(send, 307, b"", "text/plain", [(b"location", b"/graphql")])
        else:
            await send_whole(send, 404, b'{"error":"not found"}', "application/json")

    def _metrics_text(self) -> bytes:
        self.metrics.cached.set(len(self.router.snapshot.operations))
        self.metrics.subscriptions.set(len(self.subscriptions))
        return self.metrics.text()

    def _with_cors(self, scope: Scope, send: Send) -> Send:
        """`send` that adds CORS headers for the origins in the settings; none of them by default.

        Where there are some, every answer says that it depends on `Origin`: a cache must not give to a page what it
        keeps of a request without one.
        """
        allowed = self.settings.cors_origins
        if not allowed:
            return send
        pairs: HeaderPairs = [(b"vary", b"origin")]
        origin = text_header(scope, b"origin")
        if origin is not None and {origin, "*"} & set(allowed):
            pairs.append((b"access-control-allow-origin", origin.encode("latin-1")))
            if scope["method"] == "OPTIONS":
                pairs += self._preflight
            else:
                pairs.append((b"access-control-expose-headers", EXPOSED))

        async def with_headers(message: Scope) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *pairs]
            await send(message)

        return with_headers

    def drain(self) -> None:
        """Take no new subscriptions and end those that are open, so that the server can stop."""
        self.is_ready = False
        self.subscriptions.end_all()

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._watch.start()
                if self._siblings:
                    await self._siblings.start(self._metrics_text)
                await send({"type": "lifespan.startup.complete"})
            else:
                self.drain()
                await self._watch.stop()
                if self._siblings:
                    await self._siblings.stop()
                await self.subscriptions.stop()
                self.reloader.close()
                self.router.snapshot.close()
                await send({"type": "lifespan.shutdown.complete"})
                return


def guards_of(settings: Settings) -> list[Guard]:
    guards: list[Guard] = [check_head, partial(check_origin, allowed=settings.cors_origins)]
    if settings.rate:
        guards.append(RateLimit(settings.rate, settings.rate_burst, settings.client_header).take)
    return guards


def identity_of(settings: Settings) -> Identity | None:
    return Identity(settings.jwks, settings.jwt_issuer, settings.jwt_audience) if settings.jwks else None
