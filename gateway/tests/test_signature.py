"""Requests to subgraphs are signed where a key is set."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.settings import SettingsError, load_settings
from gateway.transport.signature import Signer

from .federation import FIXTURES, federation
from .worlds import shop as shop_world

KEY = b"0123456789abcdef0123456789abcdef"
SHOP = FIXTURES / "shop" / "supergraph.graphql"


def test_the_form_of_a_signature() -> None:
    """Made by hand with `openssl dgst -sha256 -hmac` over the signature base of RFC 9421, 2.5."""
    lines = Signer(KEY, b"/graphql", lambda: 1790000000.9).lines(b'{"query":"{a}"}', [(b"authorization", b"Bearer t")])
    assert lines.decode().split("\r\n") == [
        "content-digest: sha-256=:Y5OQssUyJq45RKhbt3hA7ap60MCa2lmNYFSiwv4j9H8=:",
        'signature-input: gateway=("@method" "@path" "content-digest" "authorization")'
        ';created=1790000000;keyid="3eb1bd43";alg="hmac-sha256"',
        "signature: gateway=:ObQBLJ30EFMxM73uSy42894BmUM3tIV7DriJjfyL8VU=:",
        "",
    ]


async def test_subgraphs_get_it(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_bytes(KEY + b"\nthe one before it\n")
    async with federation("shop", shop_world(), key_file=file) as shop:
        await shop.outcome("{ products { name inStock } }", headers=((b"authorization", b"Bearer t"),))
        for name in ("catalog", "stock"):
            [headers] = shop.subgraphs[name].headers
            assert headers[b"signature"].startswith(b"gateway=:")
            assert b'"authorization"' in headers[b"signature-input"]
        await shop.ask("{ products { name } }")
        assert b'"authorization"' not in shop.subgraphs["catalog"].headers[0][b"signature-input"]


@pytest.mark.parametrize("text", [b"", b"  \n", b"short", b"two words that are long enough only together"])
def test_a_key_that_is_none_stops_the_start(text: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "key"
    file.write_bytes(text)
    monkeypatch.setenv("GATEWAY_KEY_FILE", str(file))
    with pytest.raises(SettingsError, match=r"GATEWAY_KEY_FILE: .*32 characters"):
        load_settings(supergraph=SHOP)
