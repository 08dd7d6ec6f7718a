"""Whether two answers say the same: equal data in equal order, and the same nulls explained by errors.

The texts and the number of errors may differ: a gateway asks subgraphs in parallel, and the specification lets an
executor stop at the first error below a null. What must agree is which nulls are there because something failed.
"""

from __future__ import annotations

from typing import Any

Path = tuple[str | int, ...]
MAX_ERRORS = 100  # the gateway tells no more


def difference(answer: dict[str, Any], expected: dict[str, Any]) -> str | None:
    """One line that says how the gateway's answer differs; None when it does not."""
    if "data" not in answer:
        return f"refused: {answer['errors'][0]}"
    if answer["data"] != expected["data"]:
        at, ours, theirs = _first_difference(answer["data"], expected["data"])
        return f"at {list(at)}: {_short(ours)} instead of {_short(theirs)}"
    if repr(answer["data"]) != repr(expected["data"]):
        return "the order of fields differs"
    if len(answer.get("errors", ())) >= MAX_ERRORS:
        return None
    ours, theirs = _nulls_by_error(answer), _nulls_by_error(expected)
    if ours != theirs:
        return f"nulls by errors: {sorted(ours - theirs, key=str)} too many, {sorted(theirs - ours, key=str)} missing"
    return None


def _nulls_by_error(answer: dict[str, Any]) -> set[Path]:
    return {_null_at(answer["data"], error.get("path") or ()) for error in answer.get("errors", ())}


def _null_at(data: Any, path: tuple[str | int, ...] | list[str | int]) -> Path:
    """The longest part of `path` that is in the data: the null that an error caused."""
    seen: list[str | int] = []
    for element in path:
        has_index = isinstance(data, list) and isinstance(element, int) and element < len(data)
        if not has_index and not (isinstance(data, dict) and element in data):
            break
        data = data[element]
        seen.append(element)
    return tuple(seen) if data is None else (*seen, "not null")


def _first_difference(ours: Any, theirs: Any, at: Path = ()) -> tuple[Path, Any, Any]:
    if isinstance(ours, dict) and isinstance(theirs, dict) and ours.keys() == theirs.keys():
        for key in ours:
            if ours[key] != theirs[key]:
                return _first_difference(ours[key], theirs[key], (*at, key))
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            if one != other:
                return _first_difference(one, other, (*at, index))
    return at, ours, theirs


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 200 else text[:200] + "…"
