"""W3C trace context: parse, create, and keep the current one; the steps of a trace as spans.

    with Span("POST /graphql", Kind.SERVER, parse_traceparent(header)) as span:   the current trace inside
        with Span("command adoptSuggestion", Kind.INTERNAL, current_trace()):     … and its child

`traceparent` is `00-<32 hex trace id>-<16 hex span id>-<2 hex flags>` (https://www.w3.org/TR/trace-context/).
"""

import random
import re
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum, auto

from govkit.domain.errors import GovError

_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_NO_TRACE = "0" * 32
_NO_SPAN = "0" * 16
_SAMPLED = 1


@dataclass(frozen=True, slots=True)
class Trace:
    """One span of a trace. Ids are lower-case hexadecimal: 32 digits for the trace, 16 for the span."""

    trace_id: str
    span_id: str
    sampled: bool = True

    @property
    def traceparent(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-{int(self.sampled):02x}"

    def child(self) -> "Trace":
        """A new span of the same trace."""
        return Trace(self.trace_id, _random_hex(8), self.sampled)


def new_trace(*, sampled: bool = True) -> Trace:
    return Trace(_random_hex(16), _random_hex(8), sampled)


def _random_hex(size: int) -> str:
    """Unique, not secret: the system's generator would hand the interpreter over to another thread each time."""
    return random.randbytes(size).hex()


def parse_traceparent(header: str | None) -> Trace | None:
    """The trace of a header, or None when it is missing or not valid (the standard: then start a new one)."""
    match = _TRACEPARENT.fullmatch(header or "")
    if match is None:
        return None
    version, trace_id, span_id, flags, rest = match.groups()
    if version == "ff" or (version == "00" and rest) or trace_id == _NO_TRACE or span_id == _NO_SPAN:
        return None
    return Trace(trace_id, span_id, bool(int(flags, 16) & _SAMPLED))


_current: ContextVar[Trace | None] = ContextVar("trace", default=None)


def current_trace() -> Trace | None:
    return _current.get()


def current_trace_id() -> str | None:
    trace = _current.get()
    return trace.trace_id if trace else None


class Kind(Enum):
    """A span's part in a conversation, as OpenTelemetry names it."""

    INTERNAL = auto()
    SERVER = auto()
    PRODUCER = auto()
    CONSUMER = auto()


class Span:
    """A step of a trace: a child of `parent`, else the first of a new trace, current inside its block.

    It always has its ids, for logs, errors and events; an exporter, if there is one, gets it when it ends. `attributes`
    are named by OpenTelemetry's semantic conventions and hold no personal data and no free text, no more than `error`:
    the type of an exception or a code, of what failed. A rule that refused did not fail.
    """

    __slots__ = ("_token", "attributes", "ended", "error", "kind", "name", "parent", "started", "trace")

    def __init__(self, name: str, kind: Kind, parent: Trace | None):
        self.name = name
        self.kind = kind
        self.parent = parent
        self.trace = parent.child() if parent else _root()
        self.attributes: dict[str, str | int] = {}
        self.error: str | None = None
        self.started = self.ended = 0

    def __enter__(self) -> "Span":
        self._token = _current.set(self.trace)
        if _export is not None:
            self.started = time.time_ns()
        return self

    def __exit__(self, _type: type[BaseException] | None, error: BaseException | None, _traceback: object) -> None:
        _current.reset(self._token)
        if _export is None or not self.trace.sampled or not self.started:
            return
        if isinstance(error, GovError):
            self.attributes["error.type"] = error.code
        elif error is not None:
            self.error = type(error).__name__
        self.ended = time.time_ns()
        _export(self)


Export = Callable[[Span], None]
_export: Export | None = None
_ratio = 1.0


def export_spans(export: Export | None, ratio: float = 1.0) -> None:
    """Hand each sampled span to `export` when it ends; None: to nobody. `ratio` of new traces are sampled."""
    global _export, _ratio
    _export, _ratio = export, ratio


def is_exporting() -> bool:
    return _export is not None


def _root() -> Trace:
    return new_trace(sampled=_ratio >= 1 or random.random() < _ratio)


def record(name: str, kind: Kind, parent: Trace | None, started: int, attributes: dict[str, str | int]) -> None:
    """A span that ends now, began at `started` (nanoseconds of the Unix epoch) and was current for nobody."""
    span = Span(name, kind, parent)
    span.attributes, span.started, span.ended = attributes, started, time.time_ns()
    if _export is not None and span.trace.sampled:
        _export(span)
