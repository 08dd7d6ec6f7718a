"""JSON with integers beyond 64 bits, wherever they lie."""

from __future__ import annotations

import json

import pytest

from gateway.json_text import dumps, loads


@pytest.mark.parametrize("blanks", range(9))
@pytest.mark.parametrize("number", [2**63, 2**64, -(2**64) - 1, 10**18, 10**19 + 1, 3**90])
def test_integers_of_any_size_stay_exact(blanks: int, number: int) -> None:
    text = b" " * blanks + b'{"a":"text","b":[1.5,%d],"c":null}' % number
    assert loads(text) == json.loads(text)
    assert loads(dumps(loads(text)))["b"][1] == number


def test_long_digits_in_a_text_are_a_text() -> None:
    assert loads(b'{"a":"12345678901234567890123","b":2.5}') == {"a": "12345678901234567890123", "b": 2.5}
