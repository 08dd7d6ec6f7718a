"""GraphiQL's browser files, taken out of their locked jars: what the gateway needs to serve it without the internet."""

from __future__ import annotations

import shutil
import tempfile
import time
import zipfile
from contextlib import suppress
from pathlib import Path

from lanling_local.errors import StackError
from lanling_local.jars import Report, fetched
from lanling_local.processes import Pause

LOCK_FILE = Path(__file__).parents[1] / "graphiql.lock"
FILES = ("graphiql.min.js", "graphiql.min.css", "react.production.min.js", "react-dom.production.min.js")


def graphiql(report: Report, pause: Pause = time.sleep) -> Path | None:
    """The directory with FILES. None, and a line that says why, when they cannot be had: the county runs without."""
    try:
        jars = fetched(report, pause, LOCK_FILE)
    except StackError as error:
        report(f"no GraphiQL, the gateway shows its own explorer: {error}")
        return None
    directory = jars[0].parent / "files"
    if not directory.is_dir():
        _extract(jars, directory)
    return directory


def _extract(jars: list[Path], directory: Path) -> None:
    with tempfile.TemporaryDirectory(dir=directory.parent) as scratch:
        complete = Path(scratch, "complete")
        complete.mkdir()
        for jar in jars:
            with zipfile.ZipFile(jar) as archive:
                for entry in archive.infolist():
                    name = entry.filename.rsplit("/", 1)[-1]
                    if name in FILES:
                        with archive.open(entry) as source, (complete / name).open("wb") as target:
                            shutil.copyfileobj(source, target)
        with suppress(OSError):  # another process was quicker
            complete.rename(directory)
