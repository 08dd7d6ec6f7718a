"""The HTTP application of a service: `/graphql`, `/livez`, `/readyz`, `/metrics`, and its background tasks."""

import asyncio
import re
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, NoReturn, Protocol

import orjson
import structlog
import uvicorn
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from govkit.domain.errors import Gen, GovError
from govkit.runtime import metrics
from govkit.runtime.body import MAX_BODY_BYTES, Check, Refused, read_graphql_request
from govkit.runtime.logs import get_logger
from govkit.runtime.settings import ServiceSettings
from govkit.runtime.tracing import Kind, Span, current_trace_id, parse_traceparent

_CHECK_SECONDS = 2.0
_DRAIN_SECONDS = 20
# That a connection may be idle. Longer than any router keeps one (Node's default 5 s, our gateway's 4 s, Hive Router's
# 50 s, Go's and hyper's 90 s): whoever closes must be the client. Where the server closes, as uvicorn does after 5 s, a
# request may be under way to it at that moment; it is lost, and a router may not send a mutation again.
IDLE_SECONDS = 120
START_FAILED = 3  # the code that uvicorn itself uses
_JSON = "application/json"
_REQUEST: dict[str, str | int] = {"http.request.method": "POST", "http.route": "/graphql"}
_NAME = re.compile(r"[_A-Za-z][_0-9A-Za-z]{0,79}")

log = get_logger(__name__)


class BackgroundTask(Protocol):
    """Work beside the requests. `start` returns at once, also when the broker or the database is away: the task keeps
    trying by itself. `stop` returns when nothing runs any more."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


class ExecutableSchema(Protocol):
    """What the application needs of a Strawberry schema."""

    async def execute(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = ...,
        context_value: Any | None = ...,
        root_value: Any | None = ...,
        operation_name: str | None = ...,
    ) -> Any: ...


ContextGetter = Callable[[Request], Awaitable[object]]
ReadinessCheck = Callable[[], Awaitable[bool]]


def create_app(
    name: str,
    schema: ExecutableSchema,
    context: ContextGetter,
    *,
    background: Sequence[BackgroundTask] = (),
    readiness: Mapping[str, ReadinessCheck] | None = None,
    body_limit: int = MAX_BODY_BYTES,
    check: Check | None = None,
) -> FastAPI:
    """The application of the service `name`.

    `context` makes the context value of an operation; a `GovError` that it raises (a refused token) becomes the answer.
    `background` starts in order and stops in reverse, after the last request. `readiness` names what must work before
    the service takes traffic; a check answers False or raises when it does not. `check` refuses calls of `/graphql`.
    """
    app = FastAPI(title=name, docs_url=None, redoc_url=None, openapi_url=None, lifespan=_lifespan(background))
    endpoint = _GraphQLEndpoint(name, schema, context, body_limit, check)
    app.add_route("/graphql", endpoint.post, methods=["POST"])
    app.add_route("/graphql", _post_only, methods=["GET", "PUT", "PATCH", "DELETE"])
    app.add_route("/livez", _livez, methods=["GET"])
    app.add_route("/readyz", _readyz(readiness or {}), methods=["GET"])
    app.add_route("/metrics", _metrics, methods=["GET"])
    return app


def serve(app: FastAPI, settings: ServiceSettings) -> None:
    """Serve until SIGTERM or SIGINT: then accept nothing new, finish the running requests, stop the background tasks.

    Returns after a clean end; exits with 3 when the port is taken or a background task cannot start.
    """
    # uvicorn raises the signal again after its drain; a drained service has ended well.
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, _exit)
    config = uvicorn.Config(
        app,
        host=settings.service_host,
        port=settings.service_port,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
    )
    server = uvicorn.Server(config)
    # The address first: the background tasks take over from whoever ran here before, so nobody may still run here.
    server.run(sockets=[config.bind_socket()])
    if not server.started:
        raise SystemExit(START_FAILED)


def _exit(_signum: int, _frame: object) -> NoReturn:
    raise SystemExit(0)


class _GraphQLEndpoint:
    def __init__(
        self, name: str, schema: ExecutableSchema, context: ContextGetter, body_limit: int, check: Check | None
    ):
        self._name = name
        self._schema = schema
        self._context = context
        self._body_limit = body_limit
        self._check = check

    async def post(self, request: Request) -> Response:
        with Span("POST /graphql", Kind.SERVER, parse_traceparent(request.headers.get("traceparent"))) as span:
            response = await self._answer(request, span)
            span.attributes |= _REQUEST | {"http.response.status_code": response.status_code}
            if response.status_code >= 500:
                span.error = str(response.status_code)
            return response

    async def _answer(self, request: Request, span: Span) -> Response:
        try:
            return await self._execute(request, span)
        except Refused as refused:
            return self._refuse(refused)
        except GovError as error:
            metrics.GRAPHQL_REFUSED.labels(error.code).inc()
            return _json({"data": None, "errors": [self._error(error)]})
        except Exception as error:
            log.error("unexpected failure", exc_info=error)
            metrics.GRAPHQL_ERRORS.labels(Gen.INTERNAL.code).inc()
            return _json({"data": None, "errors": [self._error(Gen.INTERNAL())]}, 500)

    async def _execute(self, request: Request, span: Span) -> Response:
        started = time.perf_counter()
        asked = await read_graphql_request(request, self._body_limit, self._check)
        name = asked.operation_name if _NAME.fullmatch(asked.operation_name or "") else None
        if name:
            span.attributes["graphql.operation.name"] = name
        with structlog.contextvars.bound_contextvars(operation=name):
            result = await self._schema.execute(
                asked.query,
                variable_values=asked.variables,
                context_value=await self._context(request),
                operation_name=asked.operation_name,
            )
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = [error.formatted for error in result.errors]
            for error in result.errors:
                metrics.GRAPHQL_ERRORS.labels((error.extensions or {}).get("code", "")).inc()
        if result.extensions:
            answer["extensions"] = result.extensions
        outcome = "errors" if result.errors else "ok"
        metrics.GRAPHQL_SECONDS.labels(outcome).observe(time.perf_counter() - started)
        return _json(answer)

    def _refuse(self, refused: Refused) -> Response:
        metrics.GRAPHQL_REFUSED.labels(refused.code).inc()
        response = _json({"errors": [self._error(GovError(refused.code, refused.message))]}, refused.status)
        if refused.status in (408, 413):
            response.headers["connection"] = "close"
        return response

    def _error(self, error: GovError) -> dict[str, Any]:
        extensions = {
            "code": error.code,
            "service": self._name,
            "retryable": error.retryable,
            "traceId": current_trace_id(),
        }
        if error.details:
            extensions["details"] = error.details
        return {"message": error.message, "extensions": extensions}


def _json(document: object, status: int = 200) -> Response:
    return Response(orjson.dumps(document, default=str), status, media_type=_JSON)


async def _post_only(_request: Request) -> Response:
    error = {"message": "请用POST Send the operation by POST", "extensions": {"code": "METHOD_NOT_ALLOWED"}}
    response = _json({"errors": [error]}, 405)
    response.headers["allow"] = "POST"
    return response


async def _livez(_request: Request) -> Response:
    return _json({"status": "live"})


async def _metrics(_request: Request) -> Response:
    return Response(metrics.exposition(), media_type=metrics.CONTENT_TYPE)


def _readyz(checks: Mapping[str, ReadinessCheck]) -> Callable[[Request], Awaitable[Response]]:
    async def readyz(_request: Request) -> Response:
        results = await asyncio.gather(*(_passes(check) for check in checks.values()))
        missing = [name for name, passed in zip(checks, results, strict=True) if not passed]
        if missing:
            return _json({"status": "not ready", "notReady": missing}, 503)
        return _json({"status": "ready"})

    return readyz


async def _passes(check: ReadinessCheck) -> bool:
    try:
        async with asyncio.timeout(_CHECK_SECONDS):
            return await check()
    except Exception:
        return False


def _lifespan(background: Sequence[BackgroundTask]) -> Callable[[FastAPI], Any]:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as running:
            for task in background:
                await task.start()
                running.push_async_callback(task.stop)
            log.info("service started")
            yield
            log.info("service drains")
        log.info("service stopped")

    return lifespan
