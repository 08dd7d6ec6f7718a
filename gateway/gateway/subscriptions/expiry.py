"""When a bearer token ends, as it says itself. Not verified here: it can only shorten a subscription."""

from __future__ import annotations

import jwt

from ..request import GraphQLRequest


def expiry(request: GraphQLRequest) -> float | None:
    """Seconds since 1970; None without a token, or when it says nothing."""
    for name, value in request.headers:
        scheme, _, token = value.decode("latin-1").partition(" ")
        if name == b"authorization" and scheme.lower() == "bearer":
            try:
                ends = jwt.decode(token.strip(), options={"verify_signature": False}).get("exp")
            except jwt.PyJWTError:
                return None
            return float(ends) if isinstance(ends, int | float) else None
    return None
