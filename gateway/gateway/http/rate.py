"""Rate limit: a token bucket for each client. `rate` tokens a second come in, up to `burst`; a request takes one.

A client is its address, or what a trusted proxy says of it in one header.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable

from ..errors import RequestError
from .responses import Scope, text_header

MAX_CLIENTS = 50_000  # those seen last; one that was forgotten has a full bucket again


class RateLimit:
    """`header` is the lower-case name of the header that names the client; without it the address does."""

    def __init__(self, rate: float, burst: int, header: str | None, now: Callable[[], float] = time.monotonic):
        self._rate = rate
        self._burst = burst
        self._header = header.lower().encode() if header else None
        self._now = now
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # tokens, and when they were counted

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, scope: Scope) -> None:
        """Raises `RequestError` (RATE_LIMITED, 429) with `Retry-After` in whole seconds."""
        client, now = self._client(scope), self._now()
        tokens, counted = self._buckets.pop(client, (float(self._burst), now))
        tokens = min(self._burst, tokens + (now - counted) * self._rate)
        is_refused = tokens < 1
        self._buckets[client] = (tokens if is_refused else tokens - 1, now)
        if len(self._buckets) > MAX_CLIENTS:
            self._buckets.popitem(last=False)
        if is_refused:
            raise self._refused(math.ceil((1 - tokens) / self._rate))

    def _client(self, scope: Scope) -> str:
        named = text_header(scope, self._header) if self._header else None
        return named or (scope["client"][0] if scope.get("client") else "")

    def _refused(self, seconds: int) -> RequestError:
        error = {
            "message": f"Too many requests; try again in {seconds} s.",
            "extensions": {"code": "RATE_LIMITED", "retryable": True, "retryAfter": seconds},
        }
        return RequestError(429, [error], headers=((b"retry-after", str(seconds).encode()),))
