"""Who asks: bearer tokens, verified by the keys of a JWKS document.

Only for supergraphs whose schema says who may see what, or to refuse bad tokens early; subgraphs get the header as it
came and verify it themselves.
"""

from __future__ import annotations

import asyncio
import time
import urllib.request
from collections import OrderedDict
from typing import Any

import jwt

from ..errors import RequestError
from .authorisation import NOBODY, Credentials, credentials

ALGORITHMS = ("EdDSA", "RS256", "ES256")
LEEWAY_SECONDS = 30
KEYS_SECONDS = 600.0
UNKNOWN_KEY_SECONDS = 30.0  # between two fetches for keys that the document does not have
FETCH_SECONDS = 5.0
MAX_JWKS = 1024 * 1024
MAX_TOKEN = 16_384
MAX_KNOWN = 2_000
MALFORMED = (jwt.PyJWTError, RecursionError, ValueError, TypeError, OverflowError)
"""What reading a token raises that somebody made up: JSON nested without end, numbers that are no moment."""


class Identity:
    """`jwks` is a URL (http, https, file)."""

    def __init__(self, jwks: str, issuer: str | None, audience: str | None):
        self._jwks = jwks
        self._issuer = issuer
        self._audience = audience
        self._keys: list[jwt.PyJWK] = []
        self._fetched_at = float("-inf")
        self._fetching = asyncio.Lock()
        self._known: OrderedDict[str, tuple[float, Credentials]] = OrderedDict()

    async def credentials(self, authorization: str | None) -> Credentials:
        """Raises `RequestError` (INVALID_TOKEN, 401) for a token that is not good."""
        if not authorization:
            return NOBODY
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token or len(token) > MAX_TOKEN:
            raise _refused()
        known = self._known.get(token)
        if known and time.time() < known[0] and time.monotonic() - self._fetched_at < KEYS_SECONDS:
            return known[1]
        try:
            claims = self._claims(token, await self._key(jwt.get_unverified_header(token)))
            ends = float(claims["exp"])
        except MALFORMED:
            raise _refused() from None
        granted = credentials(claims)
        self._known[token] = (ends, granted)
        if len(self._known) > MAX_KNOWN:
            self._known.popitem(last=False)
        return granted

    def _claims(self, token: str, key: jwt.PyJWK) -> dict[str, Any]:
        return jwt.decode(
            token,
            key,
            algorithms=ALGORITHMS,
            issuer=self._issuer,
            audience=self._audience,
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp"], "verify_aud": self._audience is not None},
        )

    async def _key(self, header: dict[str, Any]) -> jwt.PyJWK:
        """The one key that fits; keys that are no longer in the document stop working when it is next read."""
        await self._refresh(KEYS_SECONDS if _fitting(self._keys, header) else UNKNOWN_KEY_SECONDS)
        key = _fitting(self._keys, header)
        if key is None:
            raise _refused()
        return key

    async def _refresh(self, age: float) -> None:
        async with self._fetching:
            if time.monotonic() - self._fetched_at < age:
                return
            try:
                keys = await asyncio.to_thread(_fetch, self._jwks)
            except (OSError, ValueError, jwt.PyJWTError) as error:
                if not self._keys:
                    raise RequestError.of(
                        "IDENTITY_UNAVAILABLE", "The keys of the issuer cannot be read.", 503, retryable=True
                    ) from error
            else:
                self._keys = keys
                self._known.clear()
            self._fetched_at = time.monotonic()


def _fetch(url: str) -> list[jwt.PyJWK]:
    """The signing keys. Raises OSError, ValueError or PyJWTError."""
    with urllib.request.urlopen(url, timeout=FETCH_SECONDS) as response:
        listed = jwt.PyJWKSet.from_json(response.read(MAX_JWKS).decode("utf-8")).keys
    return [one for one in listed if one.public_key_use in ("sig", None)]


def _fitting(keys: list[jwt.PyJWK], header: dict[str, Any]) -> jwt.PyJWK | None:
    """The key of the token's algorithm and `kid`; without a `kid` the only one of its algorithm (RFC 7515, 4.1.4)."""
    named = header.get("kid")
    fitting = [
        one for one in keys if one.algorithm_name == header.get("alg") and (named is None or one.key_id == named)
    ]
    return fitting[0] if len(fitting) == 1 else None


def _refused() -> RequestError:
    error = {"message": "The token is not valid.", "extensions": {"code": "INVALID_TOKEN"}}
    return RequestError(401, [error], headers=((b"www-authenticate", b'Bearer error="invalid_token"'),))
