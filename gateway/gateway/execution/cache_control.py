"""`Cache-Control` of an answer, from those of the subgraphs' answers that it is made of (RFC 9111).

An answer may be kept as long as the part that may be kept shortest, by shared caches only if each part says so. One
part that says nothing, or forbids it, forbids it for the whole; so do errors, which may be gone the next time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

NO_STORE = b"no-store"

_DIRECTIVE = re.compile(r'\s*([a-z-]+)(?:="?([^",]*)"?)?\s*(?:,|$)')
_FORBIDS = frozenset({"no-store", "no-cache"})
_DIGITS = 9  # of a number of seconds that is read: thirty years


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """`max_age` seconds. `is_public` and `is_private` say what the subgraph did; neither is the usual case."""

    max_age: int
    is_public: bool = False
    is_private: bool = False

    def header(self) -> bytes:
        scope = "private, " if self.is_private else "public, " if self.is_public else ""
        return f"{scope}max-age={self.max_age}".encode()

    def private(self) -> CachePolicy:
        return CachePolicy(self.max_age, is_private=True)


@lru_cache(256)
def policy_of(header: bytes | None) -> CachePolicy | None:
    """None when nothing may be kept."""
    directives = dict(_DIRECTIVE.findall((header or b"").decode("latin-1").lower()))
    ages = [directives[name].strip() for name in ("max-age", "s-maxage") if name in directives]
    if directives.keys() & _FORBIDS or not ages or not all(_is_age(one) for one in ages):
        return None
    is_private = "private" in directives
    shortest = min(map(int, ages))
    return CachePolicy(shortest, "public" in directives and not is_private, is_private) if shortest else None


def _is_age(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _DIGITS


def joined(one: CachePolicy | None, other: CachePolicy | None) -> CachePolicy | None:
    """Of an answer made of two parts."""
    if one is None or other is None:
        return None
    return CachePolicy(
        min(one.max_age, other.max_age), one.is_public and other.is_public, one.is_private or other.is_private
    )
