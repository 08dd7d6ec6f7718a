"""Small files of the run directory, which several processes may make at once."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write(file: Path, content: bytes, *, mode: int = 0o600, only_if_missing: bool = False) -> None:
    """Readers see all of it or nothing; with `only_if_missing`, of two that write at once the first one wins."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, scratch = tempfile.mkstemp(dir=file.parent)
    try:
        os.fchmod(descriptor, mode)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
        if only_if_missing:
            os.link(scratch, file)
        else:
            os.replace(scratch, file)
    except FileExistsError:
        pass
    finally:
        Path(scratch).unlink(missing_ok=True)
