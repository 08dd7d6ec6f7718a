"""The head of a request as it may be, whatever the server in front lets through (RFC 9110, 5.5 and 7.2)."""

from __future__ import annotations

from ..errors import RequestError
from ..transport import is_field_value
from .responses import Scope


def check_head(scope: Scope) -> None:
    """Raises `RequestError` (400): INVALID_HEADER for control characters, INVALID_HOST for two hosts or none."""
    hosts = 0
    for name, value in scope["headers"]:
        if not is_field_value(value):
            raise RequestError.of("INVALID_HEADER", "A header holds control characters.")
        hosts += name == b"host"
    if hosts != 1 and (hosts or scope.get("http_version") != "1.0"):
        raise RequestError.of("INVALID_HOST", "A request names one Host.")
