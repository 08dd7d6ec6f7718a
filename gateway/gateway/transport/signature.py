"""What only this gateway can say: a signature on each request to a subgraph (RFC 9421, HTTP Message Signatures).

    content-digest: sha-256=:8w4X…:
    signature-input: gateway=("@method" "@path" "content-digest" "authorization");created=1790000000;keyid="…";alg="hmac-sha256"
    signature: gateway=:cRj1…:

`authorization` is signed when it is sent. A subgraph that shares the key answers nobody else; whoever sees a request can
send it again as it is, for as long as the subgraph takes `created` for now.
"""  # noqa: E501 - a header is one line

from __future__ import annotations

import hashlib
import hmac
import time
from base64 import b64encode
from collections.abc import Callable

AUTHORIZATION = b"authorization"


class Signer:
    """Signs by HMAC-SHA256 with a shared `key`, for requests that POST to `path`."""

    def __init__(self, key: bytes, path: bytes, now: Callable[[], float] = time.time):
        self._key = key
        self._now = now
        self._key_id = hashlib.sha256(key).hexdigest()[:8].encode()
        self._begin = b'"@method": POST\n"@path": %b\n"content-digest": ' % path

    def lines(self, body: bytes, headers: list[tuple[bytes, bytes]]) -> bytes:
        """The header lines to send beside `headers`."""
        digest = b"sha-256=:%b:" % b64encode(hashlib.sha256(body).digest())
        token = next((value for name, value in headers if name == AUTHORIZATION), None)
        names, signed = b'"@method" "@path" "content-digest"', self._begin + digest + b"\n"
        if token is not None:
            names += b' "authorization"'
            signed += b'"authorization": %b\n' % token.strip()
        covered = b'(%b);created=%d;keyid="%b";alg="hmac-sha256"' % (names, self._now(), self._key_id)
        signature = b64encode(hmac.digest(self._key, b'%b"@signature-params": %b' % (signed, covered), "sha256"))
        return b"content-digest: %b\r\nsignature-input: gateway=%b\r\nsignature: gateway=:%b:\r\n" % (
            digest,
            covered,
            signature,
        )
