"""From what a client sends to a document's text: whole texts, hashes of texts sent before, ids of a manifest.

Automatic persisted queries: a client sends the SHA-256 of its document first, and the text only when told
`PERSISTED_QUERY_NOT_FOUND`; the texts are kept here, the ones used last, up to `APQ_BYTES`.

A manifest (made when a front end is built) lists the documents that exist. They can be asked for by id; and mode
`log` tells of documents that are not in it, `only` refuses them. Two forms are read:

    {"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"id": …, "body": …}, …]}
    {"<id>": "<text>", …}
"""

from __future__ import annotations

import hashlib
import logging
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from ..errors import GatewayError, RequestError
from ..json_text import loads

logger = logging.getLogger(__name__)

APQ_BYTES = 16 * 1024 * 1024


class Mode(StrEnum):
    """What happens to a document that is not in the manifest."""

    OPEN = "open"
    LOG = "log"
    ONLY = "only"


class ManifestError(GatewayError):
    """The manifest cannot be used; the message says why in one line."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """Texts by id."""

    texts: Mapping[str, str] = field(default_factory=dict)
    known: frozenset[str] = frozenset()

    @classmethod
    def read(cls, path: Path) -> Manifest:
        """Raises `ManifestError`."""
        try:
            texts = _texts(loads(path.read_bytes()))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ManifestError(f"cannot read the manifest {path}: {error}") from error
        return cls(texts, frozenset(texts.values()))


def _texts(content: Any) -> dict[str, str]:
    if isinstance(content, dict) and "operations" in content:
        content = {one["id"]: one["body"] for one in content["operations"]}
    if not isinstance(content, dict) or not all(isinstance(text, str) for text in content.values()):
        raise ValueError("neither a map of ids to texts nor a list of operations")
    return content


class Documents:
    """Looks up texts. `path` is the manifest's; `is_automatic`: automatic persisted queries are taken."""

    def __init__(self, path: Path | None, mode: Mode, is_automatic: bool):
        if mode is not Mode.OPEN and path is None:
            raise ManifestError(f"mode {mode} needs a manifest of documents")
        self._path = path
        self._mode = mode
        # A client that may only ask what is in the manifest need not send texts.
        self._is_automatic = is_automatic and mode is not Mode.ONLY
        self._manifest = Manifest.read(path) if path else Manifest()
        self._stamp = _stamp(path)
        self._sent: OrderedDict[str, str] = OrderedDict()
        self._size = 0

    async def look(self) -> bool:
        """Take over a manifest that has changed. One that cannot be read is told of, and the old one stays."""
        if self._path is None or (stamp := _stamp(self._path)) == self._stamp:
            return False
        self._stamp = stamp
        try:
            self._manifest = Manifest.read(self._path)
        except ManifestError as error:
            logger.error("the new manifest is refused; the last one stays", extra={"reason": str(error)})
            return False
        logger.info("the new manifest serves", extra={"documents": len(self._manifest.texts)})
        return True

    def text(self, query: str | None, id: str | None, sha256: str | None) -> str:
        """The document that a request means. Raises `RequestError`."""
        known = self._manifest.texts.get(id or sha256 or "")
        if known is not None and query in (None, known):
            return known
        if id is not None:
            raise RequestError.of("PERSISTED_QUERY_NOT_IN_LIST", "No document has this id.")
        if sha256 is not None:
            query = self._automatic(query, sha256)
        assert query is not None, "a request has a text, an id or a hash"
        if self._mode is not Mode.OPEN and query not in self._manifest.known:
            self._stranger(query)
        return query

    def _automatic(self, query: str | None, sha256: str) -> str:
        if not self._is_automatic:
            raise RequestError.of("PERSISTED_QUERY_NOT_SUPPORTED", "PersistedQueryNotSupported")
        if query is None:
            if sha256 not in self._sent:
                raise RequestError.of("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
            self._sent.move_to_end(sha256)
            return self._sent[sha256]
        if _hash(query) != sha256.lower():
            raise RequestError.of("PERSISTED_QUERY_HASH_MISMATCH", "The SHA-256 is not that of the query.")
        self._keep(sha256, query)
        return query

    def _keep(self, sha256: str, query: str) -> None:
        if sha256 in self._sent:
            self._sent.move_to_end(sha256)
            return
        self._sent[sha256] = query
        self._size += len(query)
        while self._size > APQ_BYTES:
            _, dropped = self._sent.popitem(last=False)
            self._size -= len(dropped)

    def _stranger(self, query: str) -> None:
        if self._mode is Mode.ONLY:
            raise RequestError.of("QUERY_NOT_IN_SAFELIST", "Only documents of the manifest may be sent.")
        # The hash and no text: people write values into documents.
        logger.warning("a document is not in the manifest", extra={"hash": _hash(query)[:16]})


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _stamp(path: Path | None) -> tuple[int, int] | None:
    try:
        status = path.stat() if path else None
    except OSError:
        return None
    return (status.st_mtime_ns, status.st_size) if status else None
