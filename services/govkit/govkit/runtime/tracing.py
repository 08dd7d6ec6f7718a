"""W3C trace context: parse, create, and keep the current one of a request or an event.

`traceparent` is `00-<32 hex trace id>-<16 hex span id>-<2 hex flags>` (https://www.w3.org/TR/trace-context/).
"""

import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import structlog

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


def new_trace() -> Trace:
    return Trace(_random_hex(16), _random_hex(8))


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


@contextmanager
def continue_trace(traceparent: str | None) -> Iterator[Trace]:
    """Make a child of `traceparent` (or a new trace) current, and bind its id to the logs, inside the block."""
    parent = parse_traceparent(traceparent)
    trace = parent.child() if parent else new_trace()
    token = _current.set(trace)
    try:
        with structlog.contextvars.bound_contextvars(trace_id=trace.trace_id):
            yield trace
    finally:
        _current.reset(token)
