"""W3C trace context: the trace that a request belongs to, and the header that carries it on."""

from __future__ import annotations

import os
import random
import re
from dataclasses import dataclass

_TRACEPARENT = re.compile(rb"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?")

new_sampled = 1.0  # the part of new traces that are sampled; those of callers say so themselves


@dataclass(frozen=True, slots=True)
class Trace:
    """`trace_id` is the caller's or a new one; `span_id` is this request's own, `parent` the caller's."""

    trace_id: str
    span_id: str
    flags: str = "01"
    parent: str | None = None

    @property
    def traceparent(self) -> bytes:
        return f"00-{self.trace_id}-{self.span_id}-{self.flags}".encode()

    @property
    def sampled(self) -> bool:
        return bool(int(self.flags, 16) & 1)

    def child(self) -> Trace:
        """A step of its own within this one."""
        return Trace(self.trace_id, os.urandom(8).hex(), self.flags, self.span_id)


def trace_from(header: bytes | None) -> Trace:
    """The caller's trace continued; a new one when the header is missing or not valid (W3C Trace Context, 3.2)."""
    caller = parse(header)
    if caller is not None:
        return caller.child()
    is_sampled = new_sampled >= 1 or random.random() < new_sampled
    return Trace(os.urandom(16).hex(), os.urandom(8).hex(), "01" if is_sampled else "00")


def parse(header: bytes | None) -> Trace | None:
    """The sender's own place in its trace; None when the header is not valid."""
    match = _TRACEPARENT.fullmatch(header or b"")
    if match is None:
        return None
    version, trace_id, span_id, flags = (part.decode() for part in match.groups())
    if version == "ff" or trace_id == "0" * 32 or span_id == "0" * 16:
        return None
    return Trace(trace_id, span_id, flags)
