"""Errors of subgraphs, told in the client's terms.

A subgraph reports ``path: ["_entities", 3, "stock"]``; the client must read ``["products", 7, "stock"]``, once for
every place where representation 3 came from. Extensions stay; ``service`` and ``code`` are added where missing.
Locations point into the subgraph's own document and are dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..planner.selection import Selections
from .data import Path

UNAVAILABLE = "GEN_DEPENDENCY_UNAVAILABLE"
INVALID_ANSWER = "SUBGRAPH_INVALID_RESPONSE"
UNSPECIFIED = "DOWNSTREAM_SERVICE_ERROR"


def translated(error: Any, service: str, paths: Iterable[Path]) -> Iterable[dict[str, Any]]:
    """The error at each of `paths`; without any, once and without a path."""
    given = error if isinstance(error, dict) else {}
    message = given.get("message")
    extensions = given.get("extensions")
    extensions = dict(extensions) if isinstance(extensions, dict) else {}
    if not isinstance(extensions.get("code"), str):
        extensions["code"] = UNSPECIFIED
    extensions.setdefault("service", service)
    base = {"message": message if isinstance(message, str) else "The service reported an error."}
    placed = [{**base, "path": list(path), "extensions": extensions} for path in paths if path]
    return placed or [{**base, "extensions": extensions}]


def unavailable(service: str, path: Path, *, is_circuit_open: bool = False) -> dict[str, Any]:
    """The service did not answer, or was not asked because it has not answered for a while; asking later may help."""
    extensions: dict[str, Any] = {"code": UNAVAILABLE, "service": service, "retryable": True}
    if is_circuit_open:
        extensions["circuit"] = "open"
    return _at(f"The service {service} is not available.", path, extensions)


def invalid_answer(service: str, path: Path) -> dict[str, Any]:
    """The service answered with something that is not a GraphQL answer to what was asked."""
    return _at(f"The service {service} gave no valid answer.", path, {"code": INVALID_ANSWER, "service": service})


def _at(message: str, path: Path, extensions: dict[str, Any]) -> dict[str, Any]:
    return {"message": message, "path": list(path), "extensions": extensions}


def subgraph_path(error: Any) -> Path:
    """The path of a subgraph's error, as far as it is one."""
    path = error.get("path") if isinstance(error, dict) else None
    seen: list[str | int] = []
    for element in path if isinstance(path, list) else ():
        if not isinstance(element, str | int) or isinstance(element, bool):
            break
        seen.append(element)
    return tuple(seen)


def visible(path: Sequence[Any], root: Selections) -> Path:
    """`path` as far as the client can see it: cut at the first field that only the gateway asked for."""
    seen: list[str | int] = []
    level = [root]
    for element in path:
        if isinstance(element, str):
            fields = [one for selections in level for one in selections if one.slot == element]
            if not fields:
                break
            level = [one.selections for one in fields if one.selections]
            seen.append(fields[0].key)
        elif isinstance(element, int):
            seen.append(element)
        else:
            break
    return tuple(seen)
