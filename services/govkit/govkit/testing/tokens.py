"""Tokens signed by a key of the test's own, with the JWKS document that verifies them."""

import time
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm

from govkit.domain.identity import Role

ISSUER = "https://issuer.test"
AUDIENCE = "lanling"


class Issuer:
    """An OIDC issuer in a file: `jwks_path` holds the public keys, `token` signs with the newest key.

    Give `jwks_url`, `ISSUER` and `AUDIENCE` to the service under test.
    """

    def __init__(self, directory: Path):
        directory.mkdir(parents=True, exist_ok=True)
        self.jwks_path = directory / "jwks.json"
        self.rotate()

    @property
    def jwks_url(self) -> str:
        return self.jwks_path.resolve().as_uri()

    def rotate(self) -> None:
        """Replace the key; tokens of the old key stop being valid once a verifier has the new document."""
        self._key = Ed25519PrivateKey.generate()
        self.key_id = uuid.uuid4().hex
        public: dict[str, Any] = OKPAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        self.jwks_path.write_bytes(
            orjson.dumps({"keys": [public | {"kid": self.key_id, "use": "sig", "alg": "EdDSA"}]})
        )

    def token(
        self, *roles: Role | str, sub: str = "test-user", scope: dict[str, Any] | None = None, **claims: Any
    ) -> str:
        """A bearer token for `roles`. `scope` uses the claim's names (countyWide, communityIds, …), the county when it
        is None; `claims` replace others."""
        now = int(time.time())
        body = {
            "sub": sub,
            "roles": list(_names(roles)),
            "scope": {"countyWide": True} if scope is None else scope,
            "iss": ISSUER,
            "aud": AUDIENCE,
            "iat": now,
            "exp": now + 3600,
        }
        return jwt.encode(body | claims, self._key, algorithm="EdDSA", headers={"kid": self.key_id})

    def headers(
        self, *roles: Role | str, sub: str = "test-user", scope: dict[str, Any] | None = None
    ) -> dict[str, str]:
        """HTTP headers with `token(…)`."""
        return {"authorization": f"Bearer {self.token(*roles, sub=sub, scope=scope)}"}


def _names(roles: Iterable[Role | str]) -> Iterable[str]:
    return (role.name if isinstance(role, Role) else role for role in roles)
