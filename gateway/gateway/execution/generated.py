"""Python made at run time: readable source with a name of its own, shown by tracebacks and debuggers.

The namespace of what is made carries a loader (PEP 302) that knows the text. `linecache` asks it when a traceback
needs a line, so nothing is registered beforehand and nothing stays when an operation leaves the cache.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..planner.conditions import Condition


class Unusual(Exception):
    """The data are not what generated code is made for; the interpreter knows what to say about them."""


UNUSUAL = (Unusual, AttributeError, KeyError, TypeError)  # what generated code raises for such data


class _Loader:
    def __init__(self, text: str):
        self._text = text

    def get_source(self, _name: str) -> str:
        return self._text


class Source:
    """Lines of a module under construction, and the objects that they name."""

    def __init__(self, title: str):
        self._title = title
        self._lines = [f'"""{title}"""']
        self._names: dict[str, Any] = {"Unusual": Unusual}

    def add(self, indent: int, *lines: str) -> None:
        self._lines.extend("    " * indent + line for line in lines)

    def give(self, name: str, value: Any) -> None:
        self._names[name] = value

    def name(self, prefix: str, value: Any = None) -> str:
        """A new name, for `value` or for a function that the source will define."""
        name = f"{identifier(prefix)}_{len(self._names)}"
        self._names[name] = value
        return name

    @property
    def text(self) -> str:
        return "\n".join((*self._lines, ""))

    def functions(self) -> Mapping[str, Any]:
        """What the source defines, compiled, by name."""
        file = f"generated/{identifier(self._title)}.py"
        namespace = {**self._names, "__name__": file, "__loader__": _Loader(self.text)}
        exec(compile(self.text, file, "exec"), namespace)  # our own text; names of clients only as repr
        return namespace


def identifier(text: str) -> str:
    return "".join(one if one.isascii() and one.isalnum() else "_" for one in text)


def condition_text(condition: Condition, variables: str) -> str:
    """A condition as an expression over the name of the coerced variables."""
    alternatives = [
        " and ".join(f"{variables}.get({name!r}) is {wanted}" for name, wanted in sorted(one)) or "True"
        for one in sorted(condition, key=sorted)
    ]
    return " or ".join(f"({one})" for one in alternatives) or "False"


def source_of(function: Callable[..., Any]) -> str:
    """The text that a generated function was compiled from."""
    namespace: Mapping[str, Any] = function.__globals__
    return str(namespace["__loader__"].get_source(""))
