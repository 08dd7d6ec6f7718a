"""Answering nobody but the gateway: each call carries its signature (RFC 9421 with HMAC-SHA256, in one fixed form).

    content-digest: sha-256=:8w4X…:
    signature-input: gateway=("@method" "@path" "content-digest" "authorization");created=1790000000;keyid="…";alg="hmac-sha256"
    signature: gateway=:cRj1…:

It covers the body and the bearer token, so that neither can be put into another call. A call as it is may be repeated for
a minute; commands are told by their receipts that they were there before.
"""  # noqa: E501 - a header is one line

import hashlib
import hmac
import re
import time
from base64 import b64encode
from collections.abc import Callable, Mapping

from govkit.runtime.body import Refused

SECONDS = 60  # between the clocks of gateway and service

_INPUT = re.compile(
    r'gateway=(\("@method" "@path" "content-digest"( "authorization")?\);'
    r'created=(\d{1,12});keyid="([0-9a-f]{8})";alg="hmac-sha256")'
)


class GatewaySignature:
    """`keys` are shared secrets, one a line: while they change there are two."""

    def __init__(self, keys: str, now: Callable[[], float] = time.time):
        self._keys = {hashlib.sha256(key).hexdigest()[:8]: key for key in keys.encode().split()}
        self._now = now

    def check(self, path: str, headers: Mapping[str, str], body: bytes) -> None:
        """Of a call that POSTs to `path`. Raises Refused (401 GATEWAY_SIGNATURE_INVALID)."""
        token = headers.get("authorization")
        digest = f"sha-256=:{b64encode(hashlib.sha256(body).digest()).decode()}:"
        form = _INPUT.fullmatch(headers.get("signature-input", ""))
        if form is None or (form[2] is None) != (token is None) or headers.get("content-digest") != digest:
            raise _refused()
        key = self._keys.get(form[4])
        if key is None or abs(self._now() - int(form[3])) > SECONDS:
            raise _refused()
        lines = ['"@method": POST', f'"@path": {path}', f'"content-digest": {digest}']
        if token is not None:
            lines.append(f'"authorization": {token.strip()}')
        text = "\n".join([*lines, f'"@signature-params": {form[1]}'])
        signature = b64encode(hmac.digest(key, text.encode("latin-1"), "sha256")).decode()
        if not hmac.compare_digest(headers.get("signature", "").encode("latin-1"), f"gateway=:{signature}:".encode()):
            raise _refused()


def _refused() -> Refused:
    return Refused(
        401, "GATEWAY_SIGNATURE_INVALID", "只接受网关签名的请求 Only calls signed by the gateway are answered"
    )
