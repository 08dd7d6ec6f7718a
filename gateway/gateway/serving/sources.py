"""Where the supergraph comes from: a file, or a URL that is asked with its last ETag."""

from __future__ import annotations

import gzip
import urllib.error
import urllib.request
import zlib
from pathlib import Path
from typing import Protocol

from ..errors import SupergraphError

FETCH_SECONDS = 10.0
MAX_BYTES = 64 * 1024 * 1024


class Source(Protocol):
    """`read` blocks; call it beside the event loop."""

    def read(self) -> str:
        """The supergraph as it is now. Raises `SupergraphError` with one line when it cannot be had."""
        ...


class FileSource:
    def __init__(self, path: Path):
        self._path = path

    def read(self) -> str:
        try:
            content = self._path.read_bytes()
            # Packed, it fits where the whole does not: into a ConfigMap of Kubernetes.
            return (gzip.decompress(content) if self._path.suffix == ".gz" else content).decode("utf-8")
        except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
            raise SupergraphError(f"cannot read {self._path}: {error}") from error


class UrlSource:
    """Keeps the last text: a server that answers 304 is asked for nothing else."""

    def __init__(self, url: str):
        self._url = url
        self._etag: str | None = None
        self._text = ""

    def read(self) -> str:
        request = urllib.request.Request(self._url)
        if self._etag:
            request.add_header("If-None-Match", self._etag)
        try:
            with urllib.request.urlopen(request, timeout=FETCH_SECONDS) as response:
                body = response.read(MAX_BYTES + 1)
                if len(body) > MAX_BYTES:
                    raise SupergraphError(f"{self._url} answers more than {MAX_BYTES} bytes")
                self._text, self._etag = body.decode("utf-8"), response.headers.get("ETag")
        except urllib.error.HTTPError as error:
            error.close()
            if error.code != 304:
                raise SupergraphError(f"{self._url} answers {error.code}") from error
        except (OSError, ValueError) as error:
            raise SupergraphError(f"cannot read {self._url}: {error}") from error
        return self._text


def source_of(place: str) -> Source:
    """The source at a path or an http(s) URL."""
    return UrlSource(place) if place.startswith(("http://", "https://")) else FileSource(Path(place))
