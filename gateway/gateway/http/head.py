"""The head of a request as it may be, whatever the server in front lets through (RFC 9110, 5.5 and 7.2)."""

from __future__ import annotations

from ..errors import RequestError
from ..transport import is_field_value
from .responses import Scope

# Of which there may be one: who reads the first and who reads the last would otherwise see different requests.
SINGLE = frozenset({b"authorization", b"content-type", b"host", b"last-event-id", b"origin"})


def check_head(scope: Scope) -> None:
    """Raises `RequestError` (400).

    INVALID_HEADER for control characters, or a field twice that may be there once; INVALID_HOST for two hosts or none.
    """
    seen = set()
    for name, value in scope["headers"]:
        if not is_field_value(value):
            raise RequestError.of("INVALID_HEADER", "A header holds control characters.")
        if name in SINGLE:
            if name in seen:
                raise _no_host() if name == b"host" else RequestError.of("INVALID_HEADER", "A header is there twice.")
            seen.add(name)
    if b"host" not in seen and scope.get("http_version") != "1.0":
        raise _no_host()


def _no_host() -> RequestError:
    return RequestError.of("INVALID_HOST", "A request names one Host.")
