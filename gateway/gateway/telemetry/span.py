"""One step of a trace, as it is told to a collector."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from enum import Enum, auto

from .trace import Trace

Attributes = dict[str, str | int]


class Kind(Enum):
    SERVER = auto()
    INTERNAL = auto()
    CLIENT = auto()


@dataclass(frozen=True, slots=True)
class Span:
    """A step that is over. `started` and `ended` are nanoseconds of the Unix epoch, `error` names a kind of failure."""

    name: str
    kind: Kind
    trace: Trace
    started: int
    attributes: Attributes
    error: str | None = None
    ended: int = field(default_factory=time.time_ns)
