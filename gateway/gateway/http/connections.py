"""How many streams and WebSockets one client may hold open: an idle one costs memory, so no client gets all of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import RequestError
from .responses import Scope, text_header


class Connections:
    """`limit` for each client, which its address names, or a header that a trusted proxy sets."""

    def __init__(self, limit: int, header: str | None):
        self._limit = limit
        self._header = header.lower().encode() if header else None
        self._open: dict[str, int] = {}

    def __len__(self) -> int:
        return sum(self._open.values())

    @contextmanager
    def one_more(self, scope: Scope) -> Iterator[None]:
        """Raises `RequestError` (TOO_MANY_CONNECTIONS, 429)."""
        named = text_header(scope, self._header) if self._header else None
        client = named or (scope["client"][0] if scope.get("client") else "")
        count = self._open.get(client, 0)
        if count >= self._limit:
            raise RequestError.of("TOO_MANY_CONNECTIONS", f"No more than {self._limit} at a time.", 429)
        self._open[client] = count + 1
        try:
            yield
        finally:
            self._open[client] -= 1
            if not self._open[client]:
                del self._open[client]
