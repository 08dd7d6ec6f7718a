"""The file of a backup: BSON documents one after another, compressed, complete or refused.

    header   {format, service, database, made_at, migrations: {name: kind}, group: [place], own: [place]}
    rows     {in: collection, rows: [document, …]}                        about a megabyte each
    end      {end: {collection: number of rows}, sha256: of everything before, uncompressed}

A place is `{topic, partition, offset}`: `group` is where the service's group stood, `own` where its own topic ended,
both before the rows were read.
"""

import gzip
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

import bson
from bson.raw_bson import DEFAULT_RAW_BSON_OPTIONS, RawBSONDocument

from govkit.operations.target import OperationError

FORMAT = "lanling-backup/1"
CHUNK_BYTES = 1 << 20
LENGTH = struct.Struct("<i")

Row = dict[str, Any]


class ArchiveWriter:
    """Rows go in by collection; `close` makes the file whole."""

    def __init__(self, file: IO[bytes], header: Row):
        self._file = file
        self._digest = sha256()
        self._chunk: list[RawBSONDocument] = []
        self._bytes = 0
        self.rows: dict[str, int] = {}
        self._write({"format": FORMAT, **header})

    def add(self, collection: str, row: RawBSONDocument) -> None:
        self._chunk.append(row)
        self._bytes += len(row.raw)
        if self._bytes >= CHUNK_BYTES:
            self.flush(collection)

    def flush(self, collection: str) -> None:
        """To be called at the end of each collection."""
        self.rows[collection] = self.rows.get(collection, 0) + len(self._chunk)
        if self._chunk:
            self._write({"in": collection, "rows": self._chunk})
        self._chunk, self._bytes = [], 0

    def close(self) -> None:
        self._file.write(bson.encode({"end": self.rows, "sha256": self._digest.hexdigest()}))

    def _write(self, document: Row) -> None:
        body = bson.encode(document)
        self._digest.update(body)
        self._file.write(body)


@contextmanager
def new_archive(path: Path, header: Row) -> Iterator[ArchiveWriter]:
    """Readable by its owner alone, and under its name only when it is whole and on the disk.

    Raises OperationError when the file is there already or cannot be written.
    """
    part = path.with_name(path.name + ".part")
    try:
        if path.exists():
            raise OperationError(f"{path} is there already")
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=3, mtime=0) as packed:
                writer = ArchiveWriter(packed, header)  # type: ignore[arg-type]
                yield writer
                writer.close()
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    except OSError as error:
        raise OperationError(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)


class Archive:
    """A file that was found whole. `header`, and `rows` by collection; `sha256` names its content."""

    def __init__(self, path: Path):
        """Reads all of it. Raises OperationError when it is no backup, cut off or changed."""
        self._path = path
        digest = sha256()
        last: RawBSONDocument | None = None
        first: RawBSONDocument | None = None
        for document in self._documents():
            if last is not None:
                digest.update(last.raw)
            first, last = first or document, document
        if first is None or last is None or first.get("format") != FORMAT:
            raise OperationError(f"{path} is no backup of this kind")
        if last.get("sha256") != digest.hexdigest():
            raise OperationError(f"{path} is cut off or was changed")
        self.header: Row = bson.decode(first.raw, _aware())
        self.rows: dict[str, int] = bson.decode(last.raw)["end"]
        self.sha256 = digest.hexdigest()

    def chunks(self) -> Iterator[tuple[str, list[RawBSONDocument]]]:
        for document in self._documents():
            if "in" in document:
                yield document["in"], document["rows"]

    def _documents(self) -> Iterator[RawBSONDocument]:
        try:
            with gzip.open(self._path, "rb") as file:
                while head := file.read(LENGTH.size):
                    (length,) = LENGTH.unpack(head)
                    body = head + file.read(length - LENGTH.size)
                    yield RawBSONDocument(body, DEFAULT_RAW_BSON_OPTIONS)
        except FileNotFoundError as error:
            raise OperationError(f"{self._path} does not exist") from error
        except (OSError, EOFError, ValueError, struct.error, bson.errors.BSONError) as error:
            raise OperationError(f"{self._path} cannot be read as a backup: {type(error).__name__}") from error


def _aware() -> Any:
    return bson.CodecOptions(tz_aware=True)
