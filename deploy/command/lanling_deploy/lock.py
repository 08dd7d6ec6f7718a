"""One command at a time. The kernel frees the lock when its process dies, however that happens."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lanling_deploy.errors import DeployError


@contextmanager
def only_one(file: Path, what: str) -> Iterator[None]:
    """Raises DeployError that says what the other one does, and its pid."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        stream = file.open("a+")
    except OSError as error:
        raise DeployError(f"cannot write {file}: {error.strerror or error}") from error
    with stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            stream.seek(0)
            other = stream.read().strip() or "another command"
            raise DeployError(f"refused: {other} is at work; wait for it") from None
        stream.truncate(0)
        stream.write(f"{what} (pid {os.getpid()})")
        stream.flush()
        yield
