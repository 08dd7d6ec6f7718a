import base64
import hmac
import json
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from jwt.algorithms import RSAAlgorithm

from govkit.domain.errors import GovError
from govkit.domain.identity import ANONYMOUS, Role
from govkit.runtime import identity
from govkit.runtime.identity import Verifier
from govkit.testing.tokens import AUDIENCE, ISSUER, Issuer


@pytest.fixture
def issuer(tmp_path: Path) -> Issuer:
    return Issuer(tmp_path)


@pytest.fixture
def verifier(issuer: Issuer) -> Verifier:
    return Verifier(issuer.jwks_url, ISSUER, AUDIENCE)


async def refusal(verifier: Verifier, token: str) -> str:
    with pytest.raises(GovError) as refused:
        await verifier.verify(f"Bearer {token}")
    assert refused.value.code == "AUTH_UNAUTHENTICATED"
    return str(refused.value.details["reason"])


async def test_claims_become_the_actor(issuer: Issuer, verifier: Verifier) -> None:
    scope = {"communityIds": ["com_1", "com_2"], "departmentId": "dep_1", "unionIds": ["uni_1"]}
    actor = await verifier.verify("bearer " + issuer.token(Role.GRID_WORKER, "FUTURE_ROLE", sub="res_9", scope=scope))
    assert actor.id == "res_9"
    assert actor.roles == {Role.GRID_WORKER}
    assert actor.scope.community_ids == {"com_1", "com_2"}
    assert actor.scope.department_id == "dep_1"
    assert actor.scope.union_ids == {"uni_1"}
    assert actor.scope.county_wide is False
    assert actor.authenticated


def signed_by_text(secret: bytes, claims: dict[str, Any], key_id: str) -> str:
    """HS256 by hand: the library refuses to sign with a public key."""
    parts = [{"alg": "HS256", "typ": "JWT", "kid": key_id}, claims]
    signed = b".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts)
    signature = hmac.digest(secret, signed, "sha256")
    return (signed + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()


async def test_no_header_is_anonymous(verifier: Verifier) -> None:
    assert await verifier.verify(None) is ANONYMOUS
    assert await verifier.verify("") is ANONYMOUS


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"exp": int(time.time()) - 60}, "EXPIRED"),
        ({"iss": "https://other.test"}, "ISSUER"),
        ({"aud": "other"}, "AUDIENCE"),
        ({"nbf": int(time.time()) + 600}, "CLAIMS"),
        ({"roles": "ADMIN"}, "CLAIMS"),
        ({"scope": "county"}, "CLAIMS"),
        ({"scope": {"gridIds": [1]}}, "CLAIMS"),
        ({"sub": 7}, "MALFORMED"),
    ],
)
async def test_refused_claims(issuer: Issuer, verifier: Verifier, claims: dict[str, Any], reason: str) -> None:
    assert await refusal(verifier, issuer.token(Role.ADMIN, **claims)) == reason


async def test_leeway_of_thirty_seconds(issuer: Issuer, verifier: Verifier) -> None:
    assert (await verifier.verify("Bearer " + issuer.token(exp=int(time.time()) - 10))).authenticated


async def test_forged_signature_and_claims(issuer: Issuer, verifier: Verifier) -> None:
    header, body, signature = issuer.token(Role.RESIDENT).split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    raised = base64.urlsafe_b64encode(json.dumps(claims | {"roles": ["ADMIN"]}).encode()).rstrip(b"=").decode()
    assert await refusal(verifier, f"{header}.{raised}.{signature}") == "SIGNATURE"


async def test_other_key_under_the_known_id(issuer: Issuer, verifier: Verifier, tmp_path: Path) -> None:
    forger = Issuer(tmp_path / "forger")
    forger.key_id = issuer.key_id
    assert await refusal(verifier, forger.token(Role.ADMIN)) == "SIGNATURE"


async def test_algorithms_outside_the_list(issuer: Issuer, verifier: Verifier) -> None:
    await verifier.verify("Bearer " + issuer.token())
    claims = {"sub": "x", "iss": ISSUER, "aud": AUDIENCE, "iat": int(time.time()), "exp": int(time.time()) + 60}
    unsigned = jwt.encode(claims, "", algorithm="none", headers={"kid": issuer.key_id})
    # The classic confusion: the public key, which everybody has, used as the secret of a symmetric algorithm.
    confused = signed_by_text(issuer.jwks_path.read_bytes(), claims, issuer.key_id)
    assert await refusal(verifier, unsigned) == "ALGORITHM"
    assert await refusal(verifier, confused) == "ALGORITHM"


@pytest.mark.parametrize("header", ["Bearer", "Basic dXNlcg==", "Bearer a.b", "Bearer ....", "Bearer " + "a" * 20_000])
async def test_malformed_headers(verifier: Verifier, header: str) -> None:
    with pytest.raises(GovError) as refused:
        await verifier.verify(header)
    assert refused.value.details == {"reason": "MALFORMED"}


async def test_rs256(tmp_path: Path) -> None:
    key = generate_private_key(65537, 2048)
    public = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True) | {"kid": "rsa-1"}
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "symmetric"}, public]}))
    now = int(time.time())
    claims = {"sub": "res_1", "iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + 60}
    verifier = Verifier(path.as_uri(), ISSUER, AUDIENCE)
    token = jwt.encode(claims, key, algorithm="RS256", headers={"kid": "rsa-1"})
    assert (await verifier.verify(f"Bearer {token}")).id == "res_1"


async def test_rotation(issuer: Issuer, verifier: Verifier, monkeypatch: pytest.MonkeyPatch) -> None:
    old = issuer.token()
    await verifier.verify(f"Bearer {old}")
    issuer.rotate()
    # Within 30 s of the last fetch an unknown key does not cause another one.
    assert await refusal(verifier, issuer.token()) == "KEY_UNKNOWN"
    monkeypatch.setattr(identity, "_REFETCH_SECONDS", 0.0)
    assert (await verifier.verify("Bearer " + issuer.token())).authenticated
    assert await refusal(verifier, old) == "KEY_UNKNOWN"


async def test_withdrawn_key_stops_working_with_age(
    issuer: Issuer, verifier: Verifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = issuer.token()
    await verifier.verify(f"Bearer {old}")
    issuer.rotate()
    assert (await verifier.verify(f"Bearer {old}")).authenticated
    monkeypatch.setattr(identity, "_MAX_AGE_SECONDS", 0.0)
    assert await refusal(verifier, old) == "KEY_UNKNOWN"


async def test_known_keys_stay_while_the_issuer_is_away(
    issuer: Issuer, verifier: Verifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    await verifier.verify("Bearer " + issuer.token())
    issuer.jwks_path.unlink()
    monkeypatch.setattr(identity, "_MAX_AGE_SECONDS", 0.0)
    assert (await verifier.verify("Bearer " + issuer.token(sub="other"))).id == "other"


async def test_issuer_never_reached(tmp_path: Path, issuer: Issuer) -> None:
    verifier = Verifier((tmp_path / "missing.json").as_uri(), ISSUER, AUDIENCE)
    with pytest.raises(GovError) as refused:
        await verifier.verify("Bearer " + issuer.token())
    assert (refused.value.code, refused.value.retryable) == ("GEN_DEPENDENCY_UNAVAILABLE", True)


async def test_a_token_without_a_key_id_has_the_only_fitting_key(tmp_path: Path) -> None:
    keys = [generate_private_key(65537, 2048) for _ in range(2)]
    public = [RSAAlgorithm.to_jwk(key.public_key(), as_dict=True) for key in keys]
    path = tmp_path / "jwks.json"
    now = int(time.time())
    claims = {"sub": "x", "iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + 60}
    token = jwt.encode(claims, keys[0], algorithm="RS256")

    path.write_text(json.dumps({"keys": [{"kty": "oct", "k": "c2VjcmV0"}, public[0]]}))
    assert (await Verifier(path.as_uri(), ISSUER, AUDIENCE).verify(f"Bearer {token}")).id == "x"
    assert await refusal(Verifier(path.as_uri(), ISSUER, AUDIENCE), jwt.encode(claims, keys[1], "RS256")) == "SIGNATURE"

    path.write_text(json.dumps({"keys": [{**public[0], "kid": "1"}, {**public[1], "kid": "2"}]}))
    assert await refusal(Verifier(path.as_uri(), ISSUER, AUDIENCE), token) == "KEY_UNKNOWN"


@pytest.mark.parametrize("header", ["[" * 6000, "7", '{"alg": ["EdDSA"]}', '{"alg": "EdDSA", "kid": ["1"]}'])
async def test_a_header_that_nobody_signs_is_refused(verifier: Verifier, header: str) -> None:
    made_up = ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (header.encode(), b"{}", b"x"))
    assert await refusal(verifier, made_up) in ("MALFORMED", "ALGORITHM")
