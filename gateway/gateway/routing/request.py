"""What a client asks, whichever transport brought it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..guards.authorisation import NOBODY, Credentials
from ..telemetry.trace import Trace


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """What a client asks. `headers` are the allowed ones, to be sent on."""

    query: str
    variables: dict[str, Any]
    operation_name: str | None
    headers: tuple[tuple[bytes, bytes], ...]
    trace: Trace
    only_queries: bool = False
    reports_cost: bool = False
    caller: Credentials = NOBODY
