"""W3C trace context: the trace that a request belongs to, and the header that carries it on."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

_TRACEPARENT = re.compile(rb"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?")


@dataclass(frozen=True, slots=True)
class Trace:
    """`trace_id` is the caller's or a new one; `span_id` is this request's own."""

    trace_id: str
    span_id: str
    flags: str = "01"

    @property
    def traceparent(self) -> bytes:
        return f"00-{self.trace_id}-{self.span_id}-{self.flags}".encode()


def trace_from(header: bytes | None) -> Trace:
    """The caller's trace continued; a new one when the header is missing or not valid (W3C Trace Context, 3.2)."""
    span_id = os.urandom(8).hex()
    match = _TRACEPARENT.fullmatch(header or b"")
    if match:
        version, trace_id, parent, flags = (part.decode() for part in match.groups())
        if version != "ff" and trace_id != "0" * 32 and parent != "0" * 16:
            return Trace(trace_id, span_id, flags)
    return Trace(os.urandom(16).hex(), span_id)
