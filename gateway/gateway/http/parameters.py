"""The parameters of a GraphQL request, out of a body or a query string. Every refusal has its own code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from ..errors import RequestError
from ..json_text import loads


@dataclass(frozen=True, slots=True)
class Parameters:
    """`query` is absent when the document is meant by `document_id` (of a manifest) or `sha256` (sent before)."""

    query: str | None
    variables: dict[str, Any]
    operation_name: str | None
    document_id: str | None = None
    sha256: str | None = None
    last_event_id: str | None = None


def from_body(body: bytes) -> Parameters:
    try:
        values = loads(body)
    except (ValueError, RecursionError):
        raise _unreadable(body) from None
    if isinstance(values, list):
        raise RequestError.of("BAD_REQUEST", "Batched requests are not accepted.")
    if not isinstance(values, dict):
        raise RequestError.of("BAD_REQUEST", "The body must be a JSON object.")
    return _checked(values)


def from_payload(values: dict[str, Any]) -> Parameters:
    """The payload of a message that subscribes."""
    return _checked(values)


def from_query_string(query_string: bytes) -> Parameters:
    try:
        values: dict[str, Any] = dict(parse_qsl(query_string.decode("ascii"), keep_blank_values=True, errors="strict"))
    except (UnicodeDecodeError, ValueError):
        raise RequestError.of("INVALID_UTF8", "The query string is not valid UTF-8.") from None
    for name in ("variables", "extensions"):
        if name in values:
            try:
                values[name] = loads(values[name].encode()) if values[name] else None
            except ValueError:
                raise RequestError.of("INVALID_JSON", f"{name} is not valid JSON.") from None
    return _checked(values)


def _unreadable(body: bytes) -> RequestError:
    try:
        body.decode()
    except UnicodeDecodeError:
        return RequestError.of("INVALID_UTF8", "The body is not valid UTF-8.")
    return RequestError.of("INVALID_JSON", "The body is not valid JSON.")


def _checked(values: dict[str, Any]) -> Parameters:
    extensions: dict[str, Any] = _typed(values, "extensions", dict, "an object") or {}
    parameters = Parameters(
        query=_typed(values, "query", str, "a string") or None,
        variables=_typed(values, "variables", dict, "an object") or {},
        operation_name=_typed(values, "operationName", str, "a string") or None,
        document_id=_typed(values, "documentId", str, "a string") or None,
        sha256=_sha256(extensions),
        last_event_id=_typed(extensions, "lastEventId", str, "a string"),
    )
    if parameters.query is None and parameters.document_id is None and parameters.sha256 is None:
        raise RequestError.of("BAD_REQUEST", "The parameter query is missing.")
    return parameters


def _typed(values: dict[str, Any], name: str, kind: type, what: str) -> Any:
    value = values.get(name)
    if value is not None and not isinstance(value, kind):
        raise RequestError.of("BAD_REQUEST", f"The parameter {name} must be {what}.")
    return value


def _sha256(extensions: dict[str, Any]) -> str | None:
    persisted = extensions.get("persistedQuery")
    if persisted is None:
        return None
    if not isinstance(persisted, dict) or persisted.get("version") != 1:
        raise RequestError.of("BAD_REQUEST", "The only version of persistedQuery is 1.")
    sha256 = persisted.get("sha256Hash")
    if not isinstance(sha256, str) or not sha256:
        raise RequestError.of("BAD_REQUEST", "persistedQuery must have a sha256Hash.")
    return sha256
