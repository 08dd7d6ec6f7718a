"""Requests that a page of another site makes in its visitor's browser (CSRF).

Browsers say by `Sec-Fetch-Site` where a request comes from, and pages cannot change it; older ones send `Origin`.
What comes from another site is refused unless its origin is one of the settings' CORS origins. Clients that are no
browsers send neither header and are not concerned.
"""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from ..errors import RequestError
from .responses import Scope, text_header

OURS = ("same-origin", "none")  # none: typed into the address bar, or a bookmark


def check_origin(scope: Scope, allowed: Collection[str]) -> None:
    """Raises `RequestError` (CROSS_SITE_REQUEST, 403)."""
    origin = text_header(scope, b"origin")
    if "*" in allowed or (origin is not None and origin in allowed):
        return
    site = text_header(scope, b"sec-fetch-site")
    if site in OURS or (site is None and (origin is None or _is_own(origin, scope))):
        return
    raise RequestError.of("CROSS_SITE_REQUEST", "Pages of this site may not ask here.", 403)


def _is_own(origin: str, scope: Scope) -> bool:
    return urlsplit(origin).netloc == text_header(scope, b"host")
