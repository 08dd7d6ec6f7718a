"""The development issuer: signs tokens with a key of this clone, and publishes the JWKS document that verifies them.

    from lanling_local.issuer import issue
    token = issue(["COMMUNITY_SECRETARY"], scope={"communityIds": ["com_…"]})

Services that shall accept them get `environment()`. Never use it where real data are: whoever reads the key file is
anybody he likes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from lanling_local.errors import StackError
from lanling_local.files import write
from lanling_local.paths import run_directory

ISSUER = "lanling-development"
AUDIENCE = "lanling"
DEFAULT_HOURS = 12.0

# Their work is the whole county (domain reference 3.0), so a token that says no scope gets it.
COUNTY_WIDE_ROLES = frozenset(
    {
        "ADMIN",
        "AUDITOR",
        "COUNTY_DISPATCHER",
        "COUNTY_LEADER",
        "DPO",
        "HOUSING_AUTHORITY",
        "ORG_ADMIN",
        "POINTS_REVIEWER",
        "SYSTEM",
    }
)


def issue(
    roles: Iterable[str],
    *,
    subject: str = "developer",
    scope: Mapping[str, Any] | None = None,
    hours: float = DEFAULT_HOURS,
    directory: Path | None = None,
) -> str:
    """A signed token. `scope` uses the names of the claim (countyWide, communityIds, …).

    Without a scope the token reaches the county when one of its roles works county-wide, else nothing. `hours` may be
    negative: then it has expired. `directory` holds the key; it is made on first use.
    """
    roles = list(roles)
    key = _key(directory)
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": subject,
        "roles": roles,
        "scope": dict(scope) if scope else {"countyWide": not COUNTY_WIDE_ROLES.isdisjoint(roles)},
        "iat": min(now, now + int(hours * 3600)),
        "exp": now + int(hours * 3600),
    }
    return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": _public_jwk(key)["kid"]})


def environment(directory: Path | None = None) -> dict[str, str]:
    """What a service needs to verify these tokens; makes key and JWKS document when they are missing."""
    directory = directory or default_directory()
    document = directory / "jwks.json"
    content = json.dumps({"keys": [_public_jwk(_key(directory))]}, indent=2) + "\n"
    if not document.exists() or document.read_text() != content:
        write(document, content.encode(), mode=0o644)
    return {"JWKS_URL": document.as_uri(), "JWT_ISSUER": ISSUER, "JWT_AUDIENCE": AUDIENCE}


def default_directory() -> Path:
    return run_directory() / "issuer"


def _key(directory: Path | None) -> Ed25519PrivateKey:
    file = (directory or default_directory()).absolute() / "key.pem"
    if not file.exists():
        pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write(file, pem, only_if_missing=True)
    key = load_pem_private_key(file.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise StackError(f"{file} is not an Ed25519 key: remove it, a new one is made")
    return key


def _public_jwk(key: Ed25519PrivateKey) -> dict[str, str]:
    """RFC 8037 key; its id is the RFC 7638 thumbprint, so it changes with the key."""
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    members = {"crv": "Ed25519", "kty": "OKP", "x": _base64url(public)}
    thumbprint = hashlib.sha256(json.dumps(members, separators=(",", ":"), sort_keys=True).encode()).digest()
    return {**members, "kid": _base64url(thumbprint), "use": "sig", "alg": "EdDSA"}


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
