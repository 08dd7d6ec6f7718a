"""Reading a GraphQL request from HTTP: bounded, and refused with a GraphQL-shaped error when it is not one.

Rules: GraphQL over HTTP, POST with JSON `{query, variables, operationName, extensions}`.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request

MAX_BODY_BYTES = 1 << 20
# A client that is still sending misses an early answer, so the rest of a body that is too large is read and dropped.
_DISCARD_BYTES = 64 << 20
_DISCARD_SECONDS = 10.0


class Refused(Exception):
    """The request is not a GraphQL request; `status` and `code` say why."""

    def __init__(self, status: int, code: str, message: str):
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    query: str
    variables: dict[str, Any] | None
    operation_name: str | None


# Of the path, the headers and the body; raises Refused.
Check = Callable[[str, Mapping[str, str], bytes], None]


async def read_graphql_request(
    request: Request, limit: int = MAX_BODY_BYTES, check: Check | None = None
) -> GraphQLRequest:
    """Raises Refused: 413 PAYLOAD_TOO_LARGE, 415 UNSUPPORTED_MEDIA_TYPE, 400 BAD_REQUEST, and what `check` raises."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await _read(request, limit)
    if check is not None:
        check(request.url.path, request.headers, body)
    if media_type != "application/json":
        raise Refused(415, "UNSUPPORTED_MEDIA_TYPE", "请求须为JSON Send the request as application/json")
    return parse_graphql_request(body)


def parse_graphql_request(body: bytes) -> GraphQLRequest:
    """Raises Refused (400 BAD_REQUEST) for invalid UTF-8, invalid JSON or a wrong type."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise _bad("请求体不是有效的UTF-8 JSON The body is not valid UTF-8 JSON") from None
    if not isinstance(document, dict):
        raise _bad("请求体须为JSON对象 The body must be a JSON object")
    query, variables, name = document.get("query"), document.get("variables"), document.get("operationName")
    if not isinstance(query, str) or not query.strip():
        raise _bad("缺少查询 The field `query` must be a text with an operation")
    if variables is not None and not isinstance(variables, dict):
        raise _bad("变量须为对象 The field `variables` must be an object")
    if name is not None and not isinstance(name, str):
        raise _bad("操作名须为文本 The field `operationName` must be a text")
    return GraphQLRequest(query, variables, name)


async def _read(request: Request, limit: int) -> bytes:
    declared = request.headers.get("content-length", "0")
    chunks: list[bytes] = []
    size = 0
    too_large = declared.isdigit() and int(declared) > limit
    if too_large and "100-continue" in request.headers.get("expect", "").lower():
        raise _too_large(limit)
    try:
        async with asyncio.timeout(_DISCARD_SECONDS) as deadline:
            async for chunk in request.stream():
                size += len(chunk)
                if size > limit:
                    too_large = True
                    chunks.clear()
                if size > _DISCARD_BYTES:
                    break
                if not too_large:
                    chunks.append(chunk)
    except ClientDisconnect:
        raise _bad("请求中断 The client left before the end of the body") from None
    except TimeoutError:
        if not deadline.expired():
            raise
        raise Refused(408, "REQUEST_TIMEOUT", "请求体接收超时 The body did not arrive in time") from None
    if too_large:
        raise _too_large(limit)
    return b"".join(chunks)


def _bad(message: str) -> Refused:
    return Refused(400, "BAD_REQUEST", message)


def _too_large(limit: int) -> Refused:
    return Refused(413, "PAYLOAD_TOO_LARGE", f"请求体过大 The body is larger than {limit} bytes")
