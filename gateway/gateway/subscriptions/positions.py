"""Positions in a topic as texts for clients: the next offset of each partition, bound to the topic's name.

A client gives the last one that it got when it comes again (`Last-Event-ID`), and is told what it has missed.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Mapping

from ..errors import RequestError

Positions = Mapping[int, int]


def position_text(topic: str, positions: Positions) -> str:
    offsets = ".".join(f"{positions[one]:x}" for one in sorted(positions))
    return base64.urlsafe_b64encode(f"{_mark(topic)}.{offsets}".encode()).decode().rstrip("=")


def read_position(topic: str, text: str, partitions: int) -> dict[int, int]:
    """Raises `RequestError` (INVALID_LAST_EVENT_ID) for a text that is none of this topic's."""
    try:
        mark, *offsets = base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4)).decode().split(".")
        if mark == _mark(topic) and len(offsets) == partitions:
            return {partition: int(offset, 16) for partition, offset in enumerate(offsets)}
    except (binascii.Error, ValueError):
        pass
    raise RequestError.of("INVALID_LAST_EVENT_ID", "This is no event id of the subscription; subscribe without one.")


def _mark(topic: str) -> str:
    return f"{zlib.crc32(topic.encode()):08x}"
