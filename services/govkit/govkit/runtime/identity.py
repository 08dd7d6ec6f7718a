"""Bearer tokens: JWT signed with EdDSA or RS256, keys from a JWKS document that may rotate at any time."""

import asyncio
import time
import urllib.request
from collections.abc import Iterable, Mapping
from typing import Any

import jwt
import orjson

from govkit.domain.errors import Auth, GovError
from govkit.domain.identity import ANONYMOUS, Actor, Role, Scope

ALGORITHMS = ("EdDSA", "RS256")
_KEY_TYPES = {"OKP": "EdDSA", "RSA": "RS256"}
_SCHEMES = ("http://", "https://", "file://")
_REFETCH_SECONDS = 30.0
_FIRST_FETCH_SECONDS = 1.0
_MAX_AGE_SECONDS = 600.0
_LEEWAY_SECONDS = 30
_FETCH_TIMEOUT_SECONDS = 5.0
_MAX_JWKS_BYTES = 1 << 20
_MAX_TOKEN_LENGTH = 16_384
_CACHED_TOKENS = 2_000
# What reading a token raises that somebody made up: JSON nested without end, numbers that are no moment.
_MALFORMED = (jwt.InvalidTokenError, RecursionError, ValueError, TypeError, OverflowError)
_ROLES = Role.__members__


class Verifier:
    """Turns an `Authorization` header into an `Actor`.

    Keys are fetched at the first token, again when a token names an unknown key (at most every 30 s) and when they are
    older than 10 minutes, so that a withdrawn key stops working. While the issuer is away the known keys stay in use.
    """

    def __init__(self, jwks_url: str, issuer: str, audience: str):
        if not jwks_url.startswith(_SCHEMES):
            raise ValueError(f"JWKS_URL must start with one of {', '.join(_SCHEMES)}")
        self._jwks_url = jwks_url
        self._issuer = issuer
        self._audience = audience
        self._keys: list[jwt.PyJWK] = []
        self._tried_at = float("-inf")
        self._fetching = asyncio.Lock()
        # A gateway sends one token to many services many times: remember the verdict until the token or the keys end.
        self._verified: dict[str, tuple[float, Actor]] = {}

    async def verify(self, authorization: str | None) -> Actor:
        """The actor of a header; ANONYMOUS when there is none.

        Raises AUTH_UNAUTHENTICATED with details `reason`: MALFORMED, ALGORITHM, KEY_UNKNOWN, SIGNATURE, EXPIRED,
        ISSUER, AUDIENCE or CLAIMS; GEN_DEPENDENCY_UNAVAILABLE (retryable) when no key could ever be fetched.
        """
        if not authorization:
            return ANONYMOUS
        scheme, _, token = authorization.partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token or len(token) > _MAX_TOKEN_LENGTH:
            raise _refused("MALFORMED")
        known = self._verified.get(token)
        if known is not None and time.time() < known[0] and not self._stale(_MAX_AGE_SECONDS):
            return known[1]
        key = await self._key(_header(token))
        claims = self._claims(token, key)
        actor = actor_of(claims)
        if len(self._verified) >= _CACHED_TOKENS:
            self._verified.clear()
        self._verified[token] = (float(claims["exp"]) + _LEEWAY_SECONDS, actor)
        return actor

    def _claims(self, token: str, key: jwt.PyJWK) -> dict[str, Any]:
        try:
            return jwt.decode(
                token,
                key,
                algorithms=ALGORITHMS,
                issuer=self._issuer,
                audience=self._audience,
                leeway=_LEEWAY_SECONDS,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
        except _MALFORMED as error:
            raise _refused(_reason(error)) from None

    async def _key(self, header: dict[str, Any]) -> jwt.PyJWK:
        if _fitting(self._keys, header):
            await self._refresh(_MAX_AGE_SECONDS)
        else:
            await self._refresh(_REFETCH_SECONDS if self._keys else _FIRST_FETCH_SECONDS)
        if not self._keys:
            raise GovError(
                "GEN_DEPENDENCY_UNAVAILABLE", "身份服务不可用 The issuer's keys cannot be read", retryable=True
            )
        key = _fitting(self._keys, header)
        if key is None:
            raise _refused("KEY_UNKNOWN")
        return key

    def _stale(self, age: float) -> bool:
        return time.monotonic() - self._tried_at >= age

    async def _refresh(self, age: float) -> None:
        if not self._stale(age):
            return
        async with self._fetching:
            if not self._stale(age):
                return
            try:
                keys = await asyncio.to_thread(_fetch, self._jwks_url)
            except (OSError, ValueError):
                keys = []
            # Only now: callers that come while the fetch runs wait for its result instead of missing the key.
            self._tried_at = time.monotonic()
            if keys:
                self._keys = keys
                self._verified.clear()


def actor_of(claims: Mapping[str, Any]) -> Actor:
    """The actor of verified claims. Roles that this version does not know are ignored; a malformed claim is refused."""
    roles = _strings(claims.get("roles"), "roles")
    scope = claims.get("scope") or {}
    if not isinstance(scope, Mapping):
        raise _refused("CLAIMS", claim="scope")
    return Actor(
        id=claims["sub"],
        roles=frozenset(_ROLES[name] for name in roles if name in _ROLES),
        scope=Scope(
            county_wide=scope.get("countyWide") is True,
            street_ids=_strings(scope.get("streetIds"), "scope.streetIds"),
            community_ids=_strings(scope.get("communityIds"), "scope.communityIds"),
            grid_ids=_strings(scope.get("gridIds"), "scope.gridIds"),
            department_id=_string(scope.get("departmentId"), "scope.departmentId"),
            partner_id=_string(scope.get("partnerId"), "scope.partnerId"),
            enterprise_id=_string(scope.get("enterpriseId"), "scope.enterpriseId"),
            supermarket_ids=_strings(scope.get("supermarketIds"), "scope.supermarketIds"),
            union_ids=_strings(scope.get("unionIds"), "scope.unionIds"),
        ),
    )


def _strings(value: object, claim: str) -> frozenset[str]:
    if value is None:
        return frozenset()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _refused("CLAIMS", claim=claim)
    return frozenset(value)


def _string(value: object, claim: str) -> str | None:
    if value is None or isinstance(value, str):
        return value or None
    raise _refused("CLAIMS", claim=claim)


def _header(token: str) -> dict[str, Any]:
    try:
        header: dict[str, Any] = jwt.get_unverified_header(token)
    except _MALFORMED:
        raise _refused("MALFORMED") from None
    if header.get("alg") not in ALGORITHMS:
        raise _refused("ALGORITHM")
    return header


def _fitting(keys: list[jwt.PyJWK], header: dict[str, Any]) -> jwt.PyJWK | None:
    """The key of the token's algorithm and `kid`; without a `kid` the only one of its algorithm (RFC 7515, 4.1.4)."""
    named = header.get("kid")
    fitting = [one for one in keys if one.algorithm_name == header["alg"] and (named is None or one.key_id == named)]
    return fitting[0] if len(fitting) == 1 else None


def _fetch(url: str) -> list[jwt.PyJWK]:
    """Signing keys; none when it is no JWKS document. Raises OSError (unreachable) or ValueError (no JSON)."""
    with urllib.request.urlopen(url, timeout=_FETCH_TIMEOUT_SECONDS) as response:
        document = orjson.loads(response.read(_MAX_JWKS_BYTES))
    listed = document.get("keys") if isinstance(document, dict) else None
    return list(_usable(listed)) if isinstance(listed, list) else []


def _usable(listed: list[Any]) -> Iterable[jwt.PyJWK]:
    for item in listed:
        if not isinstance(item, dict) or item.get("use", "sig") != "sig":
            continue
        algorithm = _KEY_TYPES.get(str(item.get("kty")))
        if algorithm is None or item.get("alg", algorithm) != algorithm:
            continue
        try:
            yield jwt.PyJWK(item, algorithm)
        except jwt.PyJWTError:
            continue


def _reason(error: Exception) -> str:
    match error:
        case jwt.ExpiredSignatureError():
            return "EXPIRED"
        case jwt.InvalidIssuerError():
            return "ISSUER"
        case jwt.InvalidAudienceError():
            return "AUDIENCE"
        case jwt.InvalidSignatureError():
            return "SIGNATURE"
        case jwt.InvalidAlgorithmError():
            return "ALGORITHM"
        case jwt.MissingRequiredClaimError() | jwt.ImmatureSignatureError() | jwt.InvalidIssuedAtError():
            return "CLAIMS"
        case _:
            return "MALFORMED"


def _refused(reason: str, **details: str) -> GovError:
    return Auth.UNAUTHENTICATED(reason=reason, **details)
