"""Whether two routers have answered the same.

Data are equal, field for field and in the order of the operation, and each error of a field is at the same path with
the same code. A request that one refuses (no data: it was not executed) the other refuses, too.

What may differ: the texts of messages, the order of errors, extensions beside the code, and the code of a refusal: the
specification names none, and Hive Gateway gives none for variables.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any


def difference(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> str | None:
    """One line; None when they say the same."""
    if is_refused(ours) and is_refused(theirs):
        return None
    if (at := data_difference(ours, theirs)) is not None:
        return at
    our_errors, their_errors = _errors(ours), _errors(theirs)
    if our_errors == their_errors:
        return None
    only_ours, only_theirs = our_errors - their_errors, their_errors - our_errors
    return f"errors: only ours {_listed(only_ours)}; only theirs {_listed(only_theirs)}"


def data_difference(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> str | None:
    """One line with the first place; None when the data are equal."""
    return _first_difference(ours.get("data"), theirs.get("data"))


def is_refused(answer: Mapping[str, Any]) -> bool:
    """Whether the request was not executed: the specification's request error."""
    return answer.get("data") is None and not any(one.get("path") for one in answer["errors"])


def _errors(answer: Mapping[str, Any]) -> Counter[tuple[Any, ...]]:
    return Counter((code(one), *one.get("path", ())) for one in answer.get("errors", ()))


def _listed(errors: Counter[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(errors.elements(), key=str)


def code(error: Mapping[str, Any]) -> str:
    return str(error.get("extensions", {}).get("code", ""))


def _first_difference(ours: Any, theirs: Any, at: str = "data") -> str | None:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        if list(ours) != list(theirs):
            return f"{at}: fields {list(ours)} and {list(theirs)}"
        pairs = [(f"{at}.{key}", ours[key], theirs[key]) for key in ours]
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        pairs = [(f"{at}[{index}]", *both) for index, both in enumerate(zip(ours, theirs, strict=True))]
    else:
        return None if ours == theirs else f"{at}: {ours!r:.200} and {theirs!r:.200}"
    return next((found for path, one, other in pairs if (found := _first_difference(one, other, path))), None)
