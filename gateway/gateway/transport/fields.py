"""Header fields as they may stand in a request (RFC 9110, 5.1 and 5.5).

Whoever writes a line break into a name or a value writes lines, and requests, of his own. So every field that is put
on a connection passes here, wherever it came from: from a client's message, from a span, from a setting.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

Pairs = Iterable[tuple[bytes, bytes]]

_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# Visible characters, space, tab and what is beyond ASCII; control characters never.
_VALUE = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")


class UnsafeField(ValueError):
    """A name or value that cannot be a header field; the message names neither."""


def is_field_value(value: bytes) -> bool:
    return _VALUE.fullmatch(value) is not None


def lines(pairs: Pairs) -> bytes:
    """The fields, a line each. Raises `UnsafeField`."""
    for name, value in pairs:
        if not _NAME.fullmatch(name) or not is_field_value(value):
            raise UnsafeField("a header field with control characters, or without a proper name")
    return b"".join(b"%b: %b\r\n" % pair for pair in pairs)
