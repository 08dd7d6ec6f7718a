"""When a bearer token ends, as it says itself. Not verified here: it can only shorten a subscription."""

from __future__ import annotations

import math

import jwt

from ..guards.identity import MALFORMED
from ..routing.request import GraphQLRequest


def expiry(request: GraphQLRequest) -> float | None:
    """Seconds since 1970; None without a token, or when it says nothing."""
    for name, value in request.headers:
        scheme, _, token = value.decode("latin-1").partition(" ")
        if name == b"authorization" and scheme.lower() == "bearer":
            try:
                ends = float(jwt.decode(token.strip(), options={"verify_signature": False})["exp"])
            except (KeyError, *MALFORMED):
                return None
            return ends if math.isfinite(ends) else None
    return None
