"""The parameters of a GraphQL request, out of a body or a query string. Every refusal has its own code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from ..errors import RequestError
from ..json_text import loads


@dataclass(frozen=True, slots=True)
class Parameters:
    query: str
    variables: dict[str, Any]
    operation_name: str | None


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
    query, variables = values.get("query"), values.get("variables")
    name, extensions = values.get("operationName"), values.get("extensions")
    if query is None or query == "":
        raise RequestError.of("BAD_REQUEST", "The parameter query is missing.")
    if not isinstance(query, str):
        raise RequestError.of("BAD_REQUEST", "The parameter query must be a string.")
    if variables is not None and not isinstance(variables, dict):
        raise RequestError.of("BAD_REQUEST", "The parameter variables must be an object.")
    if name is not None and not isinstance(name, str):
        raise RequestError.of("BAD_REQUEST", "The parameter operationName must be a string.")
    if extensions is not None and not isinstance(extensions, dict):
        raise RequestError.of("BAD_REQUEST", "The parameter extensions must be an object.")
    return Parameters(query, variables or {}, name or None)
